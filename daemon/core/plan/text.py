"""A plan for a terminal: what a pusher reads in the answer to a push. Plain lines, no colour, nothing that moves a cursor."""

from collections.abc import Iterator
from typing import Final

from chainwright.daemon.core.plan.report import (
    AgentChange,
    ChainChange,
    Cycle,
    Edges,
    Estimate,
    Finding,
    NeededApproval,
    Plan,
    RunInFlight,
    ScheduleChange,
    Side,
    WebhookChange,
)
from chainwright.daemon.core.plan.risks import Risk
from chainwright.daemon.core.plan.sentences import Sentence
from chainwright.schemas.diagnostic import Diagnostic

MAX_LISTED: Final = 50
"""Entries of a section; how many more there are is said."""

SIGNS: Final = {"added": "+", "removed": "-", "changed": "~", "renamed": ">", "kept": " "}


def as_text(plan: Plan) -> str:
    """The whole plan, with a line end; every character is printable, or the end of a line."""
    lines = [f"plan: {_side(plan.base)} .. {_side(plan.head)}", *_summary(plan)]
    for title, section in _sections(plan):
        lines += _section(title, section)
    return "".join(f"{line.rstrip()}\n" for line in lines)


def printable(text: str) -> str:
    """Without control characters, and without those that turn the direction of writing."""
    return "".join(one if one.isprintable() else " " for one in text)


def _side(side: Side) -> str:
    shown = printable(side.revision)
    return f"{shown} ({side.commit[:12]})" if side.commit and not side.commit.startswith(side.revision) else shown


def _summary(plan: Plan) -> Iterator[str]:
    if plan.is_empty:
        yield "nothing that is in force would be different"
    if plan.widening:
        yield f"widens: {counted(plan)}"
    if not plan.policies:
        yield "no policy: nobody has to agree"


def counted(plan: Plan) -> str:
    """How much it widens: ``2 high, 1 low``."""
    counts = ((risk, sum(one.risk is risk for one in plan.widening)) for risk in reversed(Risk))
    return ", ".join(f"{count} {risk.value}" for risk, count in counts if count)


def people(needed: NeededApproval) -> str:
    """Who has to agree, in words."""
    which = f"of {', '.join(needed.by)}" if needed.by else "who may approve"
    return f"{needed.count} {which}"


def _sections(plan: Plan) -> Iterator[tuple[str, list[str]]]:
    yield "forbidden by the policy", [f"  {_sentence(one)}" for one in plan.violations]
    yield "needs the agreement of", [line for one in plan.approvals for line in _approval(one)]
    yield "notes", [f"  {_sentence(one)}" for one in plan.notes]
    yield "diagnostics of the head", [f"  {located(one)}" for one in plan.diagnostics]
    yield "widening", [f"  {_finding(one)}" for one in plan.widening]
    yield "between chains", [f"  {_sentence(one)}" for one in plan.contracts]
    yield "chains", [line for one in plan.chains for line in _chain(one)]
    yield "runs in flight, which end as they began", [f"  {_run(one)}" for one in plan.runs]
    yield "estimates", [f"  {estimate(one)}" for one in plan.estimates]
    yield "files", [f"  {SIGNS[one.kind]} {printable(one.path)}" for one in plan.files]


def _section(title: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield ""
        yield f"{title}:"
        yield from lines[: MAX_LISTED if title != "chains" else None]
        if title != "chains" and len(lines) > MAX_LISTED:
            yield f"  and {len(lines) - MAX_LISTED} more"


def _sentence(sentence: Sentence) -> str:
    return sentence.quoted(lambda part: f'"{printable(part)}"')


def located(found: Diagnostic) -> str:
    """A diagnostic on a line: place, severity, reason, rule."""
    place = f"{found.path}:{found.span.line}:{found.span.column}"
    return printable(f"{place}: {found.severity}: {found.message} [{found.rule}]")


def _run(run: RunInFlight) -> str:
    return printable(f"{run.id} of {run.chain}, {run.state}, at {run.commit[:12]}")


def estimate(one: Estimate) -> str:
    """A chain's past and its schedules in a sentence."""
    took = f" took {_rough(one.median_s)} (median of {one.runs})" if one.median_s is not None else " has not run yet"
    weekly = f"; by its schedules {one.weekly_before} -> {one.weekly_after} runs a week"
    if one.weekly_before == one.weekly_after:
        weekly = f"; by its schedules {one.weekly_after} runs a week" if one.weekly_after else ""
    total = f", {_rough(one.median_s * one.weekly_after)} of work" if one.median_s and one.weekly_after else ""
    return printable(f"{one.chain}{took}{weekly}{total}")


def _rough(seconds: float) -> str:
    """Two figures are enough of an estimate."""
    for size, unit in ((86_400.0, "d"), (3_600.0, "h"), (60.0, "min")):
        if seconds >= size:
            return f"{seconds / size:.2g} {unit}"
    return f"{seconds:.2g} s"


def _approval(needed: NeededApproval) -> Iterator[str]:
    yield f"  {printable(people(needed))}"
    yield from (f"      {_sentence(one)}" for one in needed.because)


def _finding(found: Finding) -> str:
    about = ": ".join(filter(None, (found.chain, found.agent)))
    return f"{found.risk.value:<6}  {printable(about) + ': ' if about else ''}{_sentence(found.what)} [{found.rule}]"


def _chain(change: ChainChange) -> Iterator[str]:
    was = ", ".join(filter(None, (change.was, change.was_path)))
    yield f"  {SIGNS[change.kind]} {printable(change.id)} ({printable(change.path)}{', was ' + printable(was) if was else ''})"
    details = [
        *(f"{one.field}: {_change(one.before, one.after)}" for one in change.fields),
        *(line for one in change.agents for line in _agent(one)),
        *_edges(change.edges),
        *(f"{'! ' if one.breaks else ''}{_sentence(one.what)}" for one in change.interface),
        *(line for one in change.schedules for line in _schedule(one)),
        *(line for one in change.webhooks for line in _webhook(one)),
        *(f"event: {_sentence(one)}" for one in change.contracts),
        *(_cycle(one) for one in change.cycles),
    ]
    yield from _indented(details)


def _indented(lines: list[str]) -> Iterator[str]:
    yield from (f"      {line}" for line in lines[:MAX_LISTED])
    if len(lines) > MAX_LISTED:
        yield f"      and {len(lines) - MAX_LISTED} lines more"


def _change(before: str, after: str) -> str:
    return f"{printable(before) or 'nothing'} -> {printable(after) or 'nothing'}"


def _agent(change: AgentChange) -> Iterator[str]:
    yield f"{SIGNS[change.kind]} agent {printable(change.id)}"
    yield from (f"    {one.field}: {_change(one.before, one.after)}" for one in change.fields)


def _edges(edges: Edges) -> Iterator[str]:
    for sign, listed, count in (("+", edges.added, edges.added_count), ("-", edges.removed, edges.removed_count)):
        for one in listed:
            by = f" ({printable(one.event)})" if one.event else ""
            yield f"{sign} {printable(one.source)} -> {printable(one.target)}{by}"
        if count > len(listed):
            yield f"{sign} {count - len(listed)} edges more"


def _schedule(change: ScheduleChange) -> Iterator[str]:
    options = f" {change.options}" if change.options else ""
    yield printable(f"{SIGNS[change.kind]} schedule {change.cron} in {change.timezone}{options}")
    yield from (f"    {one.local}{': ' + printable(one.note) if one.note else ''}" for one in change.next)
    yield from (f"    {printable(note)}" for note in change.notes)


def _webhook(change: WebhookChange) -> Iterator[str]:
    yield f"{SIGNS[change.kind]} webhook /hooks/.../{printable(change.id)}"
    yield from (f"    {one.field}: {_change(one.before, one.after)}" for one in change.fields)


def _cycle(cycle: Cycle) -> str:
    bound = ", ".join(cycle.bounds)
    return printable(f"cycle: {cycle.way}: {bound or 'nothing bounds it'}")
