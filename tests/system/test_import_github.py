"""Imported workflows of ``run`` steps for bash on Linux run, and end as ``tests/importers/github/outcomes.yaml`` says.

``not-run.yaml`` beside it says of each of the other sample workflows why it cannot run as it is.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from chainwright.daemon.importers.github.workflow import convert
from chainwright.daemon.importers.report import Converted

OWN = Path(__file__).parents[1] / "importers" / "github"
CONFORMANCE = Path(os.environ.get("CHAINWRIGHT_CONFORMANCE") or Path(__file__).parents[3] / "shared" / "conformance")
WORKFLOWS = sorted((CONFORMANCE / "gha-workflows" / "valid").glob("*.y*ml"))
OUTCOMES = yaml.safe_load((OWN / "outcomes.yaml").read_text())
NOT_RUN = yaml.safe_load((OWN / "not-run.yaml").read_text())
NOT_HERE = f"CONFORMANCE: no sample workflows in {CONFORMANCE}: set CHAINWRIGHT_CONFORMANCE"

UNLIKE = {"gha-uses", "gha-container", "gha-services", "gha-called"}
"""Points about what is more than a script."""


def converted(file: Path) -> Converted:
    return convert(file.name, file.read_bytes())


def reasons(file: Path) -> Iterator[str]:
    """Why a workflow is not made only of ``run`` steps for bash on Linux."""
    result = converted(file)
    for point in result.points:
        if point.rule in UNLIKE and (point.severity != "note" or point.rule == "gha-called"):
            yield point.message
    chain = "".join(result.files.values())
    for other in ("runs-on:", "shell: pwsh"):
        yield from (line.strip("# ") for line in chain.splitlines() if other in line)


WHY_NOT = {file: next(reasons(file), "") for file in WORKFLOWS}
RUN = {file.stem: file for file in WORKFLOWS if not WHY_NOT[file]}
RUN |= {name: OWN / f"{name}.yml" for name in ("steps", "skips", "apart", "folders", "by-themselves")}


def chain_of(file: Path) -> dict[str, str]:
    """The chain by its path; one that only a schedule starts can be started by us too."""
    files = {f"workflows/{name}": text for name, text in converted(file).files.items()}
    by_hand = "on:\n  manual:\n"
    return {path: text if "\n  manual:" in text else text.replace("on:\n", by_hand, 1) for path, text in files.items()}


FILES = {path: text for file in RUN.values() for path, text in chain_of(file).items()}


@pytest.fixture(scope="module", autouse=True)
def secrets(daemon: Any) -> None:
    """What the workflows take from GitHub's store."""
    path = daemon.home.root / "secrets.yaml"
    path.touch(mode=0o600)
    path.write_text("MY_TOKEN: canary-of-an-import\n")


def test_the_table_has_every_workflow_that_can_run() -> None:
    if not WORKFLOWS:
        pytest.skip(NOT_HERE)

    assert set(OUTCOMES) == set(RUN)


def test_the_others_are_listed_with_why_they_cannot_run() -> None:
    if not WORKFLOWS:
        pytest.skip(NOT_HERE)

    assert {file.stem: why for file, why in WHY_NOT.items() if why} == NOT_RUN


@pytest.mark.parametrize("name", RUN)
def test_a_workflow_ends_as_the_table_says(daemon: Any, name: str) -> None:
    told = OUTCOMES[name]

    run = daemon.ended(name.replace(".", "-"), **told.get("inputs", {}))

    expected = told.get("agents") or dict.fromkeys(run["agents"], told["outcome"])
    ends = {id_: agent["turns"][-1]["outcome"] if agent["turns"] else "skipped" for id_, agent in run["agents"].items()}
    assert (run["outcome"], ends) == (told["outcome"], expected)
