"""An agent of another repository is not in the cache, so nobody could look at it."""

from collections.abc import Iterator

from chainwright.daemon.definition.library import UNFETCHED
from chainwright.daemon.definition.remote_agents import remotes_of
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.subject import Subject
from chainwright.schemas.diagnostic import Severity


class RemoteUnfetched(Rule):
    """Only of ``lint``: a deployment fetches what it uses, or is refused."""

    name = UNFETCHED
    severity = Severity.NOTE
    doc = "An agent of another repository was not fetched, so its use is not checked."
    why = (
        "`chainwright lint` asks nobody on the network: it reads what a daemon or `chainwright lint --fetch` has fetched before, below "
        "the same home. Everything else about the chain is checked; inputs, outputs and events of that agent are not."
    )
    bad = """
        agents:
          review:
            uses: git+https://git.example.org/agents//review@0123456789012345678901234567890123456789
    """
    good = """
        agents:
          review: {uses: agents/review}
        # file: workflows/agents/review.yaml
        run: ./review.sh
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each place that names one."""
        form = subject.document.form
        for place, reference in remotes_of(form) if form else ():
            absent = subject.document.library.absent.get(reference)
            if absent is not None and absent.rule == UNFETCHED:
                yield Finding(
                    span=subject.value(*place),
                    message=f"{absent.message}, so what this agent takes and gives is not checked",
                    hint="chainwright lint --fetch fetches it",
                )
