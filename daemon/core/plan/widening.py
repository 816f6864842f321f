"""What a change lets agents do that they could not before: one function for each concern, in a table.

An agent that is new is held against one that says nothing but its name, so whatever it asks for counts as asked for now.
"""

from collections.abc import Callable, Iterator
from typing import Final

from chainwright.daemon.core.graph import Agent, Approval, Concurrency, Listen, TurnLimits
from chainwright.daemon.core.host_labels import LOCAL
from chainwright.daemon.core.plan.commands import command_of
from chainwright.daemon.core.plan.fields import cut, duration
from chainwright.daemon.core.plan.sentences import Sentence, said

Widened = tuple[str, Sentence]
"""A kind of ``risks.WIDENINGS``, and what is widened."""

SOFTNESS: Final = ("fail", "pause", "notify")
"""What happens at a limit, the strictest first."""

_PINNED: Final = "@"
_COMMIT_LETTERS: Final = 40
_REMOTE: Final = "git+"


def widened(before: Agent | None, after: Agent) -> Iterator[Widened]:
    """Everything that the agent may do now and might not before."""
    base = before or Agent(id=after.id)
    for concern in CONCERNS:
        yield from concern(base, after)


def _secrets(before: Agent, after: Agent) -> Iterator[Widened]:
    for name in after.secrets:
        if name not in before.secrets:
            yield "secret-added", said("it gets the secret {}", name)


def _command(before: Agent, after: Agent) -> Iterator[Widened]:
    if _keeps_secrets(before, after):
        for part, was, now in command_of(before).differences(command_of(after)):
            kept = ", ".join(after.secrets)
            yield "command-changed", said(f"{part} is {{}}, not {{}}; it holds {{}}", cut(now), cut(was), kept)


def _gates(before: Agent, after: Agent) -> Iterator[Widened]:
    if _keeps_secrets(before, after):
        for need in before.needs:
            if need not in after.needs:
                yield "gate-removed", said("it does not wait for {} any more", need)
        if before.listens:
            yield from _ways_in(before.listens, after)


def _ways_in(old: Listen, after: Agent) -> Iterator[Widened]:
    """What starts an agent that waited for events."""
    new = after.listens
    if new is None:
        if not after.needs:
            yield "gate-removed", said("it starts with the run")
        return
    for event in new.names:
        if event not in old.names:
            yield "gate-removed", said("it starts on {} too", event)
    if (new.mode, new.count) != (old.mode, old.count):
        yield "gate-removed", said(f"it waits for {_joined(new)} of its events, not {_joined(old)}")
    elif new.mode == "all":
        for event in old.names:
            if event not in new.names:
                yield "gate-removed", said("it does not wait for {} any more", event)


def _joined(listens: Listen) -> str:
    return str(listens.count) if listens.mode == "quorum" else listens.mode


def _condition(before: Agent, after: Agent) -> Iterator[Widened]:
    if before.condition != after.condition and _keeps_secrets(before, after):
        yield "condition-changed", said("if is {}, not {}", cut(after.condition or ""), cut(before.condition or ""))


def _approval(before: Agent, after: Agent) -> Iterator[Widened]:
    old, new = before.approval, after.approval
    if old is None:
        return
    if new is None:
        yield "approval-removed", said("{} of {} had to agree", old.count, _people(old))
        return
    yield from _weaker(old, new)


def _weaker(old: Approval, new: Approval) -> Iterator[Widened]:
    if new.count < old.count:
        yield "approval-fewer", said("{} has to agree, not {}", new.count, old.count)
    others = [name for name in new.by if name not in old.by]
    if old.by and (others or not new.by):
        yield "approval-others", said("{} may agree, not only {}", ", ".join(others) or "anybody", _people(old))
    if new.on_timeout == "approve" and old.on_timeout != "approve" and new.timeout_s is not None:
        yield "approval-by-time", said(f"it starts after {duration(new.timeout_s)} without an answer")
    if _longer(old.timeout_s, new.timeout_s):
        yield "approval-longer", said(f"an answer is taken {_time(new.timeout_s)}, not {_time(old.timeout_s)}")
    if new.on_timeout == old.on_timeout == "approve" and (new.timeout_s or 0) < (old.timeout_s or 0):
        yield "approval-by-time", said(f"it starts after {duration(new.timeout_s or 0)} without an answer")


def _people(approval: Approval) -> str:
    return ", ".join(approval.by) or "anybody"


def _time(seconds: float | None) -> str:
    return "for ever" if seconds is None else f"for {duration(seconds)}"


def _longer(old: float | None, new: float | None) -> bool:
    """Of limits where None is none at all."""
    return old is not None and (new is None or new > old)


def _time_outs(before: Agent, after: Agent) -> Iterator[Widened]:
    if after.timeout_s > before.timeout_s:
        yield "time-out-raised", said(f"timeout is {duration(after.timeout_s)}, not {duration(before.timeout_s)}")
    if _longer(before.idle_timeout_s, after.idle_timeout_s):
        now, was = _time(after.idle_timeout_s), _time(before.idle_timeout_s)
        yield "time-out-raised", said(f"it may be silent {now}, not {was}")


def _turns(before: Agent, after: Agent) -> Iterator[Widened]:
    if before.max_turns is not None and (after.max_turns is None or after.max_turns > before.max_turns):
        now = "unbounded" if after.max_turns is None else after.max_turns
        yield "turns-raised", said(f"max-turns is {now}, not {before.max_turns}")


def _retry(before: Agent, after: Agent) -> Iterator[Widened]:
    if after.retry.max > before.retry.max:
        yield "retry-raised", said("{} further attempts, not {}", after.retry.max, before.retry.max)


def _checks(before: Agent, after: Agent) -> Iterator[Widened]:
    kept = list(after.checks)
    for check in before.checks:
        if check in kept:
            kept.remove(check)
        else:
            yield (
                "check-removed",
                said("it is not held to {} any more", cut(check.script or check.assertion or check.schema_path)),
            )


def _limits(before: Agent, after: Agent) -> Iterator[Widened]:
    old, new = before.limits or TurnLimits(), after.limits or TurnLimits()
    if _longer(old.duration_s, new.duration_s):
        yield "budget-raised", said(f"a turn may take {_time(new.duration_s)}, not {_time(old.duration_s)}")
    if old.events is not None and (new.events is None or new.events > old.events):
        now = "any number of" if new.events is None else new.events
        yield "budget-raised", said(f"a turn may emit {now} events, not {old.events}")
    if before.limits and SOFTNESS.index(new.on_limit) > SOFTNESS.index(old.on_limit):
        yield "limit-softened", said(f"on-limit is {new.on_limit}, not {old.on_limit}")


def _failure(before: Agent, after: Agent) -> Iterator[Widened]:
    if after.continue_on_error and not before.continue_on_error:
        yield "failure-forgiven", said("continue-on-error is on")


def _concurrency(before: Agent, after: Agent) -> Iterator[Widened]:
    yield from loosened(before.concurrency, after.concurrency)


def loosened(old: Concurrency | None, new: Concurrency | None) -> Iterator[Widened]:
    """What a concurrency group held back and does not any more; None for an agent or chain that has none."""
    if old is not None and new is None:
        yield "concurrency-loosened", said("it is in no group any more")
    elif old is not None and new is not None:
        if new.max > old.max:
            yield "concurrency-loosened", said("{} may be at work at once, not {}", new.max, old.max)
        if new.group != old.group:
            yield "concurrency-loosened", said("its group is {}, not {}", cut(new.group or ""), cut(old.group or ""))
    elif new is not None and new.max > 1 and new.group is None:
        yield "concurrency-loosened", said("{} may be at work at once, not one", new.max)


def _remote(before: Agent, after: Agent) -> Iterator[Widened]:
    uses = after.uses or ""
    if uses == before.uses or not uses.startswith(_REMOTE):
        return
    yield "remote-added", said("it is {}", uses)
    if not is_pinned(uses):
        yield "remote-unpinned", said("{} names no commit", uses)


def is_pinned(reference: str) -> bool:
    """Whether what a remote reference names cannot change: a whole commit id follows the last ``@``."""
    _, at, commit = reference.rpartition(_PINNED)
    return bool(at) and len(commit) == _COMMIT_LETTERS and set(commit) <= set("0123456789abcdef")


def _hosts(before: Agent, after: Agent) -> Iterator[Widened]:
    """More labels than before narrow the choice; any other difference can bring another machine."""
    old, new = set(before.runs_on or (LOCAL,)), set(after.runs_on or (LOCAL,))
    if not old <= new:
        kind = "secrets-elsewhere" if _keeps_secrets(before, after) else "host-changed"
        yield kind, said("it runs on {}, not {}", _labels(after), _labels(before))


def _labels(agent: Agent) -> str:
    return cut(" ".join(agent.runs_on)) or LOCAL


def _keeps_secrets(before: Agent, after: Agent) -> bool:
    return any(name in before.secrets for name in after.secrets)


CONCERNS: Final[tuple[Callable[[Agent, Agent], Iterator[Widened]], ...]] = (
    _secrets,
    _command,
    _hosts,
    _gates,
    _condition,
    _approval,
    _time_outs,
    _turns,
    _retry,
    _checks,
    _limits,
    _failure,
    _concurrency,
    _remote,
)
