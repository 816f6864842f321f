"""A push judged without a daemon: what the hook of a hosted repository runs when none answers and it was told to check by itself.

    python -m chainwright.daemon.static_push TOLD < pushed refs

The definition is held against everything that it says by itself. What only a daemon knows (hosts, secrets, runs in flight) is not
looked at; the reconciler of the next one does.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

from chainwright.daemon.loading import lint_tree, load_tree
from chainwright.daemon.pushing import push_of
from chainwright.daemon.sources.push import Judge, Verdict, branches
from chainwright.daemon.sources.repository import Repository
from chainwright.daemon.sources.source import Environment
from chainwright.daemon.sources.trees import SourceError


def main(told: Path, pushed: dict[str, Any]) -> int:
    """0 when git may take the push; why not is printed on stderr."""
    setting = json.loads(told.read_text())
    try:
        verdict = _verdict(setting, pushed)
    except SourceError as error:
        verdict = Verdict(accepted=False, lines=(f"refused: the push cannot be read: {error}",))
    for line in (*verdict.lines, "no daemon answers: checked by the hook alone"):
        sys.stderr.write(f"{line}\n")
    return 0 if verdict.accepted else 1


def _verdict(setting: dict[str, Any], pushed: dict[str, Any]) -> Verdict:
    push, quarantine = push_of(pushed)
    signers = Path(setting["signers"]) if setting["signers"] else None
    repository = Repository(Path(setting["path"]), quarantine, signers)
    try:
        environments = [Environment(**one) for one in setting["environments"]]
        judge = Judge(
            repository=repository,
            deployed=branches(environments, repository),
            load=load_tree,
            lint=lint_tree,
            now=time.time(),
        )
        return judge.verdict(push)
    finally:
        repository.close()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), json.load(sys.stdin)))
