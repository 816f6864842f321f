"""What this version does not carry out yet becomes a comment with a point, and the chain can be started all the same."""

import pytest

from chainwright.daemon.importers import settling
from chainwright.daemon.importers.draft import Draft
from chainwright.daemon.importers.report import Report
from chainwright.schemas.diagnostic import Span

HERE = Span(line=3, column=2, end_line=3, end_column=6)


@pytest.fixture
def refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    """A version that knows neither pushes nor steps nor tokens."""
    refused = [("on", "push"), ("limits", "tokens"), ("agents", "a", "steps")]
    monkeypatch.setattr(settling, "refused_paths", lambda *_: [(path, f"{path[-1]} is to come") for path in refused])


@pytest.fixture
def draft() -> Draft:
    """A chain that says all three."""
    draft = Draft()
    draft.put("on", "push", value={"branches": ["main"]}, origin=HERE)
    draft.put("limits", "tokens", value=5)
    draft.put("agents", "a", "steps", value=[{"run": "true"}])
    return draft


def test_what_is_refused_is_a_comment(refuse: None, draft: Draft) -> None:
    text = settling.settle(draft, Report("x"))

    assert "  # push:\n  #   branches:\n  #     - main\n" in text
    assert "# limits:\n" in text


def test_each_is_a_warning_at_its_origin(refuse: None, draft: Draft) -> None:
    report = Report("x")

    settling.settle(draft, report)

    assert {(point.message, point.span) for point in report.points} >= {("push is to come", HERE)}


def test_a_chain_that_nothing_starts_any_more_is_started_by_hand(refuse: None, draft: Draft) -> None:
    assert "\n  manual:\n" in settling.settle(draft, Report("x"))


def test_what_an_agent_does_stays(refuse: None, draft: Draft) -> None:
    """Without it there would be no agent: the lint says what is to come."""
    assert "  a:\n    steps:\n" in settling.settle(draft, Report("x"))
