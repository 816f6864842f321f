"""The documentation of the rules is what the rules say, and its examples are what they claim to be."""

import pytest

from chainwright.daemon.lint.examples import files
from chainwright.daemon.lint.formats.text import rendered as as_text
from chainwright.daemon.lint.linter import lint_repository
from chainwright.daemon.lint.reference import FILE, nearest, rendered
from chainwright.daemon.lint.registry import ENTRIES, RUN_SHELLCHECK
from chainwright.daemon.lint.rule import Entry

LINTED = [entry for entry in ENTRIES if entry.name != RUN_SHELLCHECK]
"""Those that the linter finds by itself; shellcheck has a test of its own."""


@pytest.mark.parametrize("entry", LINTED, ids=lambda entry: entry.name)
def test_the_wrong_example_breaks_that_rule_and_no_other(entry: Entry) -> None:
    found = lint_repository(files(entry.bad)).diagnostics

    assert {(one.rule, one.severity) for one in found} == {(entry.name, entry.severity)}


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_the_right_example_breaks_none(entry: Entry) -> None:
    linted = lint_repository(files(entry.good))

    assert (as_text(linted), bool(linted.chains)) == ("", True)


def test_the_committed_document_is_what_the_rules_say() -> None:
    """``make rules`` writes it anew."""
    assert FILE.read_text(encoding="utf-8") == rendered()


def test_an_unknown_rule_is_answered_with_the_nearest() -> None:
    assert (nearest("event-unherd"), nearest("xyz")) == ("event-unheard", None)
