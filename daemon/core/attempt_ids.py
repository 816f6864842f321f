"""The id of an attempt: readable, the same after a rebuild, and the name of its session and of its folder."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptName:
    """What an attempt's id says."""

    run_id: str
    agent: str
    turn: int
    attempt: int
    leg: str | None = None


def attempt_id(run_id: str, agent: str, turn: int, attempt: int, leg: str | None = None) -> str:
    """``<run>-<agent>-<turn>-<attempt>``; of a leg ``<run>-<agent>-<turn>.<leg>-<attempt>``."""
    return f"{run_id}-{agent}-{turn}" + (f".{leg}" if leg is not None else "") + f"-{attempt}"


def check_id(attempt: str, index: int, again: int = 0) -> str:
    """The session of a check: its attempt's id with ``.c<index>``, and ``.<again>`` after lost ones; no agent's id holds a dot."""
    return f"{attempt}.c{index}" + (f".{again}" if again else "")


def turn_name(attempt: str) -> str:
    """What the attempts of a turn have in common: ``<run>-<agent>-<turn>``."""
    return attempt.rpartition("-")[0]


def branch_of(attempt: str) -> str:
    """The branch on which an attempt in a worktree works, as its turn's other attempts do."""
    return f"chainwright/{turn_name(attempt)}"


def run_of(session_id: str) -> str:
    """The run that a session's id names; the whole text, when it is no such id."""
    return session_id.partition("-")[0]


def attempt_of(session_id: str) -> str:
    """The attempt that a session belongs to: its own id, or that of the attempt which it checks."""
    return session_id.partition(".c")[0]


def parsed(session_id: str) -> AttemptName:
    """The parts of an attempt's id, or of the id of one of its checks. Raises ValueError for any other text."""
    run_id, _, rest = attempt_of(session_id).partition("-")
    agent, place, attempt = rest.rsplit("-", 2)
    turn, _, leg = place.partition(".")
    return AttemptName(run_id=run_id, agent=agent, turn=int(turn), attempt=int(attempt), leg=leg or None)
