"""Agents of other repositories are read once, and what is missing is told where it is named."""

import pytest

from chainwright.daemon.definition.named_files import Unusable
from chainwright.daemon.definition.remote_agents import MAX_REMOTES
from chainwright.daemon.definition.remotes import Remote
from chainwright.daemon.lint.linted import Linted
from chainwright.daemon.lint.linter import lint_repository
from chainwright.schemas.diagnostic import Severity

COMMIT = "0123456789abcdef0123456789abcdef01234567"
ONE = f"git+https://git.example.org/a//x@{COMMIT}"
AGENT = b"run: ./x.sh\ninputs: {topic: {type: string, required: true}}\noutputs: {score: number}"


def linted(chain: str, content: bytes = AGENT) -> Linted:
    return lint_repository({"workflows/a.yaml": chain.encode()}, remotes=lambda remote: ("x.yaml", content))


def test_it_is_compiled_into_the_chain() -> None:
    agent = linted(f"agents: {{a: {{uses: '{ONE}', with: {{topic: t}}}}}}").chains["a"].agents["a"]

    assert (agent.script, agent.outputs, agent.uses) == ("./x.sh", {"score": "number"}, ONE)


def test_its_use_is_checked_like_that_of_an_agent_of_this_repository() -> None:
    found = linted(f"agents: {{a: {{uses: '{ONE}', with: {{topics: t}}}}}}").diagnostics

    assert [one.rule for one in found] == ["input-missing", "input-type"]


def test_what_is_wrong_in_its_file_is_told_with_its_place() -> None:
    (found,) = linted(f"agents: {{a: {{uses: '{ONE}'}}}}", b"run: x\nruns: y").diagnostics

    assert (found.path, found.span.line) == (f"git+https://git.example.org/a@{COMMIT[:12]}//x.yaml", 2)


def test_a_check_by_a_schema_of_another_repository_is_refused() -> None:
    file = b"run: x\noutputs: {o: json}\nchecks: [{schema: schemas/o.json}]"
    (found,) = linted(f"agents: {{a: {{uses: '{ONE}'}}}}", file).diagnostics

    assert (found.rule, "read from no other repository" in found.message) == ("remote-unusable", True)


def test_the_default_agent_may_be_one() -> None:
    agents = (
        linted(f"defaults: {{uses: '{ONE}'}}\nagents: {{a: {{prompt: Go., with: {{topic: t}}}}}}").chains["a"].agents
    )

    assert agents["a"].script == "./x.sh"


def test_one_that_was_not_fetched_is_a_note_and_its_outputs_are_anybodys_guess() -> None:
    chain = f"agents:\n  a: {{uses: '{ONE}'}}\n  b: {{needs: a, run: x, env: {{S: '${{{{ needs.a.outputs.s }}}}'}}}}"
    (found,) = lint_repository({"workflows/a.yaml": chain.encode()}).diagnostics

    assert (found.rule, found.severity, found.span.line) == ("remote-unfetched", Severity.NOTE, 2)


def test_one_that_cannot_be_had_is_an_error_at_each_place() -> None:
    def gone(remote: Remote) -> tuple[str, bytes]:
        raise Unusable("no route", "look at the wire")

    chain = f"agents:\n  a: {{uses: '{ONE}'}}\n  b: {{uses: '{ONE}'}}"
    found = lint_repository({"workflows/a.yaml": chain.encode()}, remotes=gone).diagnostics

    assert [(one.rule, one.span.line, one.message, one.hint) for one in found] == [
        ("remote-unusable", line, "no route", "look at the wire") for line in (2, 3)
    ]


def test_each_is_read_once_and_only_so_many() -> None:
    asked: list[str] = []

    def read(remote: Remote) -> tuple[str, bytes]:
        asked.append(remote.path)
        return "x.yaml", b"run: x"

    names = [f"x{number}" for number in range(MAX_REMOTES + 1)] * 2
    agents = "\n".join(f"  a{at}: {{uses: '{ONE.replace('//x', f'//{name}')}'}}" for at, name in enumerate(names))
    found = lint_repository({"workflows/a.yaml": f"agents:\n{agents}".encode()}, remotes=read).diagnostics

    assert asked == names[:MAX_REMOTES]
    assert [one.message for one in found] == ["a repository may use 20 agents of others, this is one more"] * 2


@pytest.mark.parametrize("uses", ["git+", "git+ https://x//y"])
def test_what_is_no_word_is_refused_by_the_form(uses: str) -> None:
    assert [one.rule for one in linted(f"agents: {{a: {{uses: '{uses}'}}}}").diagnostics] == ["wrong-type"]
