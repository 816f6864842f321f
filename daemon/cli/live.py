"""The live picture of a run: a tree of its agents with state, time, place and the last line that each wrote."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, Protocol

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from chainwright.daemon.cli import marks, times
from chainwright.daemon.cli.client import Client
from chainwright.daemon.cli.output import printable
from chainwright.daemon.cli.tails import Tails

_FRAME_LINES: Final = 4
"""Lines of the terminal that are not agents: head, sum, and room for the prompt."""
_FIRST: Final = {"running": 0, "starting": 0, "stopping": 0, "waiting": 1, "finished": 2, "queued": 3}
_CALM: Final = ("succeeded", "skipped", "queued")

Agents = dict[str, dict[str, Any]]


class Said(Protocol):
    """Knows what attempts wrote last."""

    def of(self, attempt_id: str) -> str:
        """The last line of an attempt, empty without one."""


class LiveView:
    """Draws pictures of a run over one another."""

    def __init__(self, live: Live, tails: Tails) -> None:
        self._live = live
        self._tails = tails
        self._spinner = Spinner("dots", style="cyan")

    def show(self, detail: dict[str, Any], *, away: bool) -> None:
        """Draw this picture in the place of the last one."""
        self._tails.follow(detail)
        rows = max(self._live.console.height - _FRAME_LINES, 3)
        self._live.update(picture(detail, self._tails, rows=rows, away=away, spinner=self._spinner), refresh=True)


@contextmanager
def live_view(client: Client, run_id: str, console: Console | None = None) -> Iterator[LiveView]:
    """A view on the terminal; its last picture stays when the block ends."""
    with (
        Tails(client, run_id) as tails,
        Live(console=console or Console(), auto_refresh=False, transient=False) as live,
    ):
        yield LiveView(live, tails)


def picture(
    detail: dict[str, Any], tails: Said, *, rows: int, away: bool = False, spinner: Spinner | None = None
) -> RenderableType:
    """One picture, at most ``rows`` agents high; what is left out is counted."""
    shown, left_out = fitting(detail["agents"], rows)
    tree = Table.grid(padding=(0, 1), expand=True)
    for width in (2, 1, None, 11, 7, None):
        tree.add_column(width=width, no_wrap=True)
    tree.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    names = list(shown)
    for name in names:
        guide = "└─" if name == names[-1] and not left_out else "├─"
        tree.add_row(*_row(guide, name, shown[name], tails, spinner))
    foot = [Text(f"└─ … {_count(left_out)}", style="bright_black")] if left_out else []
    return Group(_head(detail, away=away), tree, *foot)


def fitting(agents: Agents, rows: int) -> tuple[Agents, Agents]:
    """What is shown and what is not, each in the chain's order: what runs or went wrong stays, what is calm goes."""
    if len(agents) <= rows:
        return agents, {}
    urgent = sorted(agents, key=lambda name: (marks.word(agents[name]) in _CALM, _FIRST.get(agents[name]["state"], 3)))
    kept = set(urgent[: rows - 1])
    return (
        {name: agent for name, agent in agents.items() if name in kept},
        {name: agent for name, agent in agents.items() if name not in kept},
    )


def _count(agents: Agents) -> str:
    words = Counter(marks.word(agent) for agent in agents.values())
    return ", ".join(f"{count} {word}" for word, count in words.most_common())


def _head(run: dict[str, Any], *, away: bool) -> Text:
    sign = marks.mark(run)
    head = Text.assemble(
        (run["chain"], "bold"),
        (f" #{run['number']}", "bold"),
        (f"  {run['id']}", "bright_black"),
        (f"  {sign.sign} {marks.word(run)}", f"bold {sign.style}"),
        f"  {times.taken(run)}",
        (f"  commit {run['commit'][:10]}", "bright_black"),
    )
    if away:
        head.append("  the daemon is away, agents go on", "bold yellow")
    return head


def _row(guide: str, name: str, agent: dict[str, Any], tails: Said, spinner: Spinner | None) -> list[RenderableType]:
    sign = marks.mark(agent)
    attempt = _last_attempt(agent)
    moves = spinner is not None and agent["state"] == "running"
    return [
        Text(guide, "bright_black"),
        spinner if moves and spinner else Text(sign.sign, sign.style),
        Text(name, "bold" if agent["state"] == "running" else ""),
        Text(marks.word(agent), sign.style),
        Text(times.taken(attempt) if attempt else "", justify="right"),
        Text(marks.place(agent).replace(" attempt", " · attempt").replace(" step", " · step"), "bright_black"),
        _said(agent, attempt, tails),
    ]


def _said(agent: dict[str, Any], attempt: dict[str, Any] | None, tails: Said) -> Text:
    """Why it is not well, if so; else the last line that it wrote."""
    if marks.word(agent) not in ("running", "succeeded") and marks.why(agent):
        return Text(printable(marks.why(agent)), marks.mark(agent).style)
    return Text(tails.of(attempt["id"]) if attempt else "", "bright_black")


def _last_attempt(agent: dict[str, Any]) -> dict[str, Any] | None:
    attempts = [attempt for turn in agent["turns"] for attempt in turn["attempts"]]
    return attempts[-1] if attempts else None
