"""A plan for a forge: a comment under a pull request, or the page of a change.

Whatever others wrote stands in code: between backticks, in a block of code, or within HTML's ``code``. Nothing in there is markup, a
link, or a mention of somebody, on any forge. The first line is a hidden marker by which whoever keeps one comment up to date finds it.
"""

from collections.abc import Iterable, Iterator
from html import escape
from itertools import groupby
from re import findall
from typing import Final

from chainwright.daemon.core.plan.report import (
    AgentChange,
    ChainChange,
    Edges,
    FieldChange,
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
from chainwright.daemon.core.plan.text import MAX_LISTED, counted, estimate, located, people, printable

MARKER: Final = "<!-- chainwright:plan -->"
MAX_CHARACTERS: Final = 60_000
"""Of one comment: forges take 65,536. What does not fit is left out, the least important first, and the comment says so."""

_WHAT: Final = {"added": "new", "removed": "removed", "changed": "changed", "renamed": "renamed", "kept": "as before"}


def as_markdown(plan: Plan, *, marker: str = MARKER, limit: int = MAX_CHARACTERS) -> str:
    """The plan in GitHub's Markdown, at most ``limit`` characters, beginning with ``marker`` on a line of its own."""
    made = f"{marker}\n### Plan: {_side(plan.base)} → {_side(plan.head)}\n\n{_headline(plan)}\n"
    left_out = False
    for section in _sections(plan):
        if len(made) + len(section) + len(_LEFT_OUT) <= limit:
            made += section
        else:
            left_out = True
    return made + _LEFT_OUT if left_out else made


_LEFT_OUT: Final = "\n*Something did not fit here: `chainwright plan` shows all of it.*\n"


def code(text: str) -> str:
    """The text as a span of code on one line, whatever it holds; spaces at its ends and backticks are kept apart from the fence."""
    line = printable(text) or " "
    fence = "`" * (max((len(run) for run in findall("`+", line)), default=0) + 1)
    edge = " " if line.startswith(("`", " ")) or line.endswith(("`", " ")) else ""
    return f"{fence}{edge}{line}{edge}{fence}"


def _value(text: str) -> str:
    return code(text) if text else "nothing"


def _side(side: Side) -> str:
    return code(side.revision) + (f" ({code(side.commit[:12])})" if side.commit else "")


def _headline(plan: Plan) -> str:
    if not plan.head.is_valid:
        return "**This does not load, so it would change nothing.**"
    if plan.is_empty:
        return "Nothing that is in force would be different."
    return f"**Risk: {plan.risk.value}.** {counted(plan)}." if plan.risk else "It widens nothing."


def _sections(plan: Plan) -> Iterator[str]:
    """The most important first; each chain is one, so that a large plan loses chains and not its warnings."""
    yield _listed("Forbidden by the policy", map(_sentence, plan.violations))
    yield _listed("Needs the agreement of", map(_approval, plan.approvals))
    yield _listed("Notes", (_sentence(one) for one in plan.notes))
    yield _block("Diagnostics", "", [printable(located(one)) for one in plan.diagnostics])
    yield from (_listed(f"Widens: {risk.value}", map(_finding, found)) for risk, found in _by_risk(plan.widening))
    yield _listed("Between chains", map(_sentence, plan.contracts))
    yield from (_chain(one) for one in plan.chains)
    yield _listed("Runs in flight, which end as they began", map(_run, plan.runs))
    yield _listed("Estimates", (code(estimate(one)) for one in plan.estimates))
    yield _folded("Files", _items(f"{_WHAT[one.kind]}: {code(one.path)}" for one in plan.files))


def _by_risk(found: Iterable[Finding]) -> Iterator[tuple[Risk, list[Finding]]]:
    yield from ((risk, list(group)) for risk, group in groupby(found, key=lambda one: one.risk))


def _listed(title: str, lines: Iterable[str]) -> str:
    items = _items(lines)
    return f"\n#### {title}\n\n{items}" if items else ""


def _items(lines: Iterable[str]) -> str:
    every = list(lines)
    more = [f"*and {len(every) - MAX_LISTED} more*"] if len(every) > MAX_LISTED else []
    return "".join(f"- {line}\n" for line in [*every[:MAX_LISTED], *more])


def _block(title: str, language: str, lines: list[str]) -> str:
    """A block of code whose fence is longer than any that its lines hold."""
    if not lines:
        return ""
    text = "\n".join(lines[:MAX_LISTED])
    fence = "`" * max(3, max((len(run) for run in findall("`+", text)), default=0) + 1)
    heading = f"\n#### {title}\n" if title else ""
    return f"{heading}\n{fence}{language}\n{text}\n{fence}\n"


def _folded(title: str, content: str) -> str:
    return f"\n<details><summary>{title}</summary>\n\n{content}\n</details>\n" if content else ""


def _sentence(sentence: Sentence) -> str:
    return sentence.quoted(code)


def _finding(found: Finding) -> str:
    about = ": ".join(code(name) for name in (found.chain, found.agent) if name)
    return f"{about + ': ' if about else ''}{_sentence(found.what)}. *{found.why}* ({code(found.rule)})"


def _run(run: RunInFlight) -> str:
    return f"{code(run.id)} of {code(run.chain)}, {run.state}, at {code(run.commit[:12])}"


def _approval(needed: NeededApproval) -> str:
    return code(people(needed)) + "".join(f"\n  - {_sentence(one)}" for one in needed.because)


def _chain(change: ChainChange) -> str:
    title = f"<code>{escape(printable(change.id))}</code> is {_WHAT[change.kind]} (<code>{escape(printable(change.path))}</code>)"
    return _folded(title, _items(_details(change)) + _block("", "mermaid", change.graph.splitlines()))


def _details(change: ChainChange) -> Iterator[str]:
    if change.was or change.was_path:
        yield f"it was {', '.join(code(one) for one in (change.was, change.was_path) if one)}"
    yield from (f"**breaks**: {_sentence(one.what)}" for one in change.interface if one.breaks)
    yield from (f"**event**: {_sentence(one)}" for one in change.contracts)
    yield from (
        f"**cycle** {code(one.way)}: {', '.join(map(code, one.bounds)) or 'nothing bounds it'}" for one in change.cycles
    )
    yield from (f"{one.field}: {_value(one.before)} → {_value(one.after)}" for one in change.fields)
    yield from (_agent(one) for one in change.agents)
    yield from _edges(change.edges)
    yield from (_sentence(one.what) for one in change.interface if not one.breaks)
    yield from (_schedule(one) for one in change.schedules)
    yield from (_webhook(one) for one in change.webhooks)


def _agent(change: AgentChange) -> str:
    return f"agent {code(change.id)} is {_WHAT[change.kind]}{_fields(change.fields)}"


def _webhook(change: WebhookChange) -> str:
    return f"webhook {code(f'/hooks/…/{change.id}')} is {_WHAT[change.kind]}{_fields(change.fields)}"


def _fields(changes: Iterable[FieldChange]) -> str:
    return "".join(f"\n  - {one.field}: {_value(one.before)} → {_value(one.after)}" for one in changes)


def _edges(edges: Edges) -> Iterator[str]:
    for what, listed, count in (
        ("starts", edges.added, edges.added_count),
        ("no longer starts", edges.removed, edges.removed_count),
    ):
        for one in listed:
            yield f"{code(one.source)} {what} {code(one.target)}{' by ' + code(one.event) if one.event else ''}"
        if count > len(listed):
            yield f"and {count - len(listed)} edges more ({what})"


def _schedule(change: ScheduleChange) -> str:
    times = "".join(f"\n  - {one.local}{': ' + code(one.note) if one.note else ''}" for one in change.next)
    notes = "".join(f"\n  - {code(note)}" for note in change.notes)
    options = f" {code(change.options)}" if change.options else ""
    return f"schedule {_WHAT[change.kind]}: {code(change.cron)} in {code(change.timezone)}{options}{times}{notes}"
