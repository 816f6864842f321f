"""How far a thing has come, and how it ended: the one table of legal moves.

Two ideas, kept apart everywhere. A **state** says how far a run, a turn or an attempt has come; an **outcome** says how
it ended and exists only when the state is ``finished``. What waits for a person is neither: it is a flag of a running
attempt.

``MOVES`` is the whole truth about states: level × state → the states that may follow. No entry means an illegal move, and
:class:`IllegalMove` names both ends. The diagram in ``docs/states.md`` is drawn from this table by
``tests/daemon/core/test_states.py``, so it cannot lie.

What moves things on, and what a crash in the middle leads to:

``queued``    Accepted, nothing started. A run or turn leaves it when its concurrency group has a place for it, an attempt when
              a slot or a terminal is free; after a crash it is still queued.
``waiting``   Something must come first: a retry's delay, a person. Timers are part of the journal, so they survive.
``starting``  The attempt's row is durable and its session may or may not exist. After a crash the session is looked for
              first; only when it surely never ran is it started.
``running``   A session host holds it. After a crash the daemon attaches again.
``stopping``  It was told to end. Whatever it answers, the reason for the stop decides the outcome.
``finished``  Final: nothing leaves.
"""

from enum import StrEnum
from typing import Final, Literal


class Level(StrEnum):
    """What has a state."""

    RUN = "run"
    TURN = "turn"
    ATTEMPT = "attempt"


class State(StrEnum):
    """How far a run, turn or attempt has come."""

    QUEUED = "queued"
    WAITING = "waiting"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    FINISHED = "finished"


class Outcome(StrEnum):
    """How a run, turn or attempt ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"
    LOST = "lost"


class Result(StrEnum):
    """An outcome in GitHub's words, as expressions see it."""

    SUCCESS = "success"
    FAILURE = "failure"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"


RESULTS: Final = {
    Outcome.SUCCEEDED: Result.SUCCESS,
    Outcome.FAILED: Result.FAILURE,
    Outcome.TIMED_OUT: Result.FAILURE,
    Outcome.LOST: Result.FAILURE,
    Outcome.CANCELLED: Result.CANCELLED,
    Outcome.SKIPPED: Result.SKIPPED,
}


FAILURES: Final = frozenset(outcome for outcome, result in RESULTS.items() if result is Result.FAILURE)
"""Outcomes that fail a turn."""


class Reason(StrEnum):
    """Why something ended as it did, or is held: the closed list. ``detail`` beside it is for people."""

    # an attempt, and so its turn
    EXIT = "exit"  # ended with another code than 0, by a signal, or could not be executed
    TIMEOUT = "timeout"  # ran longer than its `timeout`
    STALL = "stall"  # wrote nothing for its `idle-timeout`
    CHECK = "check"  # a check said no
    NO_EVENT = "no-event"  # `finish: event`, and it ended without one
    OUTPUT = "output"  # declared outputs missing, unreadable or of another type
    PAYLOAD = "payload"  # an event's data does not fit its declaration
    LOST = "lost"  # its session host vanished
    SECRET = "secret"  # a secret that it lists cannot be had
    EXPRESSION = "expression"  # a value of the chain could not be evaluated
    CANCELLED = "cancelled"  # a person, the API, or the run's end took it away
    FAIL_FAST = "fail-fast"  # another leg of its matrix failed
    RACE_LOST = "race-lost"  # another event was `first`
    EVENT = "event"  # `finish: event`, and its event has come: ended as it should be
    # a turn that did not start
    QUEUE_FULL = "queue-full"  # so many wait for its concurrency group that no more may
    SUPERSEDED = "superseded"  # something newer of its concurrency group took its place
    REJECTED = "rejected"  # a person said no, or nobody said yes in time
    IF_FALSE = "if-false"
    NEEDS_FAILED = "needs-failed"
    NEEDS_SKIPPED = "needs-skipped"
    MATRIX_EMPTY = "matrix-empty"  # its matrix gave no leg
    NEVER_FED = "never-fed"  # nothing that could start it can happen any more
    RUN_STOPPED = "run-stopped"  # the run ended early, as asked
    RETRIED = "retried"  # done in an earlier run, and done again in this one under a later number
    RUN_ENDING = "run-ending"  # the run was already failing, being cancelled or over a limit
    # a run
    AGENT_FAILED = "agent-failed"
    EXHAUSTED = "exhausted"  # an agent ran out of turns, and nobody listened
    LIMIT_DURATION = "limit-duration"
    LIMIT_TURNS = "limit-turns"
    LIMIT_EVENTS = "limit-events"
    INTERNAL = "internal"  # a mistake of ours
    # held, not ended
    NO_PTY = "no-pty"  # the host has no terminal left; tried again
    NO_SLOT = "no-slot"  # as many sessions as allowed are running
    NO_HOST = "no-host"  # no host that takes sessions has all the labels
    HOST_AWAY = "host-away"  # its host does not answer
    RETRY_DELAY = "retry-delay"
    APPROVAL = "approval"  # people have to agree first
    CONCURRENCY = "concurrency"  # its concurrency group has no place free


LIMIT_REASONS: Final[dict[Literal["turns", "events", "duration"], Reason]] = {
    "turns": Reason.LIMIT_TURNS,
    "events": Reason.LIMIT_EVENTS,
    "duration": Reason.LIMIT_DURATION,
}


def outcome_of_taking_away(reason: Reason) -> Outcome:
    """How an attempt ends that was told to end for this: cancelled, unless it has reached a limit of its turn."""
    return _TAKEN_AWAY_AS.get(reason, Outcome.CANCELLED)


_TAKEN_AWAY_AS: Final = {Reason.LIMIT_DURATION: Outcome.TIMED_OUT, Reason.LIMIT_EVENTS: Outcome.FAILED}

_Q, _W, _ST, _R, _SP, _F = State.QUEUED, State.WAITING, State.STARTING, State.RUNNING, State.STOPPING, State.FINISHED

MOVES: Final[dict[Level, dict[State, frozenset[State]]]] = {
    Level.RUN: {
        _Q: frozenset({_R, _F}),
        _R: frozenset({_W, _SP, _F}),
        _W: frozenset({_R, _SP, _F}),
        _SP: frozenset({_F}),
        _F: frozenset(),
    },
    Level.TURN: {
        _Q: frozenset({_W, _R, _F}),
        _R: frozenset({_W, _SP, _F}),
        _W: frozenset({_Q, _R, _SP, _F}),
        _SP: frozenset({_F}),
        _F: frozenset(),
    },
    Level.ATTEMPT: {
        _W: frozenset({_ST, _F}),
        _ST: frozenset({_Q, _R, _SP, _F}),
        _Q: frozenset({_R, _SP, _F}),
        _R: frozenset({_SP, _F}),
        _SP: frozenset({_F}),
        _F: frozenset(),
    },
}


class IllegalMove(Exception):
    """A state was asked to become one that cannot follow it: a mistake of ours, and the message names both."""

    def __init__(self, level: Level, of: str, before: State, after: State) -> None:
        super().__init__(f"{level} {of}: {before} cannot become {after}")


def moved(level: Level, of: str, before: State, after: State) -> State:
    """``after``, when the table lets ``before`` become it; raises :class:`IllegalMove` otherwise."""
    if after not in MOVES[level][before]:
        raise IllegalMove(level, of, before, after)
    return after
