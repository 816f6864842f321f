"""Documents that cannot rot: what they show is linted, what they name exists."""

import re
from pathlib import Path

import pytest

from chainwright.daemon.lint.folders import lint_paths
from chainwright.daemon.lint.formats.text import rendered
from chainwright.daemon.lint.linter import lint_repository

ROOT = Path(__file__).parents[1]
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "docs/architecture.md")


@pytest.mark.parametrize("document", DOCUMENTS)
def test_chains_in_documents_lint_clean(document: str) -> None:
    """A reader may copy them."""
    for number, chain in enumerate(re.findall(r"^```yaml\n(.*?)^```", (ROOT / document).read_text(), re.S | re.M)):
        linted = lint_repository({f"workflows/{number}.yaml": chain.encode()})

        assert rendered(linted) == ""


@pytest.mark.parametrize("document", DOCUMENTS)
def test_files_that_documents_name_exist(document: str) -> None:
    """Proofs that are pointed at are there."""
    named = re.findall(r"`((?:tests|daemon|runners|schemas|docs|workflows)/[\w./-]*)`", (ROOT / document).read_text())

    assert [path for path in named if not (ROOT / path).exists()] == []


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
