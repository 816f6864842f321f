"""Documents that cannot rot: what they show is linted, what they name exists."""

import re
import shlex
from pathlib import Path
from textwrap import dedent
from typing import get_args

import pytest

from chainwright.daemon.cli.hosts import hosts
from chainwright.daemon.cli.main import main
from chainwright.daemon.core.plan.risks import WIDENINGS
from chainwright.daemon.definition.policy import read_policy
from chainwright.daemon.lint.examples import files
from chainwright.daemon.lint.folders import lint_paths
from chainwright.daemon.lint.formats.text import rendered
from chainwright.daemon.lint.linter import lint_repository
from chainwright.schemas.host_api import Condition
from chainwright.schemas.hosts import HostSettings

ROOT = Path(__file__).parents[1]
DOCUMENTS = (
    "README.md",
    "CONTRIBUTING.md",
    "docs/api.md",
    "docs/architecture.md",
    "docs/hosts.md",
    "docs/language.md",
    "docs/plan.md",
    "docs/schedules.md",
    "docs/sharing.md",
    "docs/triggers.md",
)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_chains_in_documents_lint_clean(document: str) -> None:
    """A reader may copy them."""
    for chain in re.findall(r"^```yaml\n(.*?)^```", (ROOT / document).read_text(), re.S | re.M):
        linted = lint_repository(files(f"\n{chain}"))

        assert rendered(linted) == ""


@pytest.mark.parametrize("document", DOCUMENTS)
def test_files_that_documents_name_exist(document: str) -> None:
    """Proofs that are pointed at are there."""
    named = re.findall(r"`((?:tests|daemon|runners|schemas|docs|workflows)/[\w./-]*)`", (ROOT / document).read_text())

    assert [path for path in named if not (ROOT / path).exists()] == []


def test_the_preview_that_the_document_shows_is_what_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    text = (ROOT / "docs" / "schedules.md").read_text()
    shown = re.search(r"^    \$ chainwright (.*)\n((?:    .*\n)+)", text, re.M)
    assert shown
    main(shlex.split(shown[1]))

    printed = capfd.readouterr().out
    assert [line.split() for line in shown[2].splitlines()] == [line.split() for line in printed.splitlines()]


CONVERSIONS = ("docs/coming-from-github-actions.md", "docs/coming-from-mentiko.md")


def conversion(document: str) -> tuple[list[str], str, str]:
    """The command that the document begins with, the file that it shows, and the chain that it says becomes of it."""
    text = (ROOT / document).read_text()
    command = re.search(r"^    chainwright (import .*)$", text, re.M)
    shown = re.search(r"^```(?:yml|json)\n(.*?)^```.*?^```yaml\n(.*?)^```", text, re.S | re.M)
    assert command and shown
    return command[1].split(), shown[1], shown[2]


def taken_back_in(chain: str) -> str:
    """The chain without comment signs: what is not supported yet stands behind one, until it is."""
    return re.sub(r"(?m)^( *)(?:# ?)+", r"\1", chain)


@pytest.mark.parametrize("document", CONVERSIONS)
def test_what_a_document_converts_becomes_what_it_shows(
    document: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The document's own commands are run: import, then lint."""
    command, theirs, ours = conversion(document)
    monkeypatch.chdir(tmp_path)
    source = tmp_path / command[2]
    source.parent.mkdir(parents=True)
    source.write_text(theirs)

    assert main(command) == 0
    became = (tmp_path / "workflows" / f"{source.stem}.yaml").read_text()
    assert taken_back_in(became) == taken_back_in(ours)
    assert main(["lint", "workflows"]) == 0


def test_shipped_chains_lint_clean() -> None:
    """The repository itself is a valid chain repository."""
    assert rendered(lint_paths([ROOT / "workflows"])) == ""


def test_every_dependency_has_its_reason() -> None:
    """CONTRIBUTING.md says why each is there."""
    project = (ROOT / "pyproject.toml").read_text()
    required = re.search(r"^dependencies = \[(.*?)^\]", project, re.S | re.M)
    assert required
    named = set(re.findall(r'"([a-z0-9-]+)', required[1]))
    explained = set(re.findall(r"^\| ([a-z0-9-]+) \|", (ROOT / "CONTRIBUTING.md").read_text(), re.M))

    assert named <= explained


def test_the_kinds_of_widening_stand_in_the_document_for_reviewers_with_their_risks() -> None:
    rows = re.findall(r"^\| (`[^|]+) \| (high|medium|low) \|", (ROOT / "docs/plan.md").read_text(), re.M)
    told = {kind: risk for kinds, risk in rows for kind in re.findall(r"`([\w-]+)`", kinds)}

    assert told == {kind: widening.risk.value for kind, widening in WIDENINGS.items()}


def test_the_policy_in_the_document_for_reviewers_can_be_read() -> None:
    text = re.search(r"^    approvals:.*?(?=^\S)", (ROOT / "docs/plan.md").read_text(), re.S | re.M)

    assert text is not None
    assert read_policy("policy.yaml", dedent(text[0]).encode(), "the document").diagnostics == ()


def test_every_setting_of_a_host_stands_in_its_document_with_its_option() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\S+)", (ROOT / "docs/hosts.md").read_text(), re.M)
    told = {name: option.strip("`") for name, option in rows if name in HostSettings.model_fields}
    options = {
        option.name: option.opts[0] for option in hosts.commands["add"].params if option.opts[0].startswith("--")
    }
    named = {"labels": "--label", "environment": "--env"}

    assert told.keys() == HostSettings.model_fields.keys()
    assert {name: told[name] for name in told if name != "address"} == {
        name: named.get(name, options.get(name)) for name in told if name != "address"
    }


def test_every_state_of_a_host_stands_in_its_document() -> None:
    text = (ROOT / "docs/hosts.md").read_text()

    assert [state for state in get_args(Condition) if f"| `{state}` |" not in text] == []
