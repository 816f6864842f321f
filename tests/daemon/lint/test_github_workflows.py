"""Real workflows of GitHub Actions are answered with what to write instead, and never with a crash."""

import os
from pathlib import Path

import pytest

from chainwright.daemon.lint.linter import lint_repository

BESIDE = Path(__file__).parents[4] / "shared" / "conformance"
SAMPLES = Path(os.environ.get("CHAINWRIGHT_CONFORMANCE", BESIDE)) / "gha-workflows" / "valid"
OF_FORM = {"gha-key", "not-supported", "unknown-key", "missing-key", "wrong-type"}
OF_EXPRESSIONS = {"expr-unknown-context", "expr-unknown-function", "expr-availability", "inject-shell"}
OF_SECRETS = {"secret-unlisted", "secret-literal"}


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="CONFORMANCE: the sample workflows are not on this machine")
def test_every_workflow_is_refused_with_words_of_its_own() -> None:
    for path in SAMPLES.iterdir():
        found = lint_repository({f"workflows/{path.name}": path.read_bytes()})
        rules = {one.rule for one in found.diagnostics}

        assert "gha-key" in rules, path.name
        assert rules <= OF_FORM | OF_EXPRESSIONS | OF_SECRETS, path.name
