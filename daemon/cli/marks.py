"""How states and outcomes look: a mark and a word each, never a colour alone."""

from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Mark:
    """``sign`` is one column wide; ``style`` is rich's and click's name of a colour."""

    sign: str
    style: str


MARKS: Final[dict[str, Mark]] = {
    "queued": Mark("·", "bright_black"),
    "waiting": Mark("◔", "yellow"),
    "starting": Mark("◌", "cyan"),
    "running": Mark("●", "cyan"),
    "stopping": Mark("◍", "yellow"),
    "finished": Mark("✓", "green"),
    "succeeded": Mark("✓", "green"),
    "success": Mark("✓", "green"),
    "failed": Mark("✗", "red"),
    "failure": Mark("✗", "red"),
    "timed_out": Mark("⧖", "red"),
    "cancelled": Mark("⊘", "yellow"),
    "skipped": Mark("↷", "bright_black"),
    "lost": Mark("?", "magenta"),
}
_UNKNOWN: Final = Mark("-", "white")


def word(thing: dict[str, Any]) -> str:
    """How a run, agent, turn or attempt stands: its outcome once it has one, else its state."""
    return str(thing["outcome"] or thing["state"])


def mark(thing: dict[str, Any]) -> Mark:
    """The mark of :func:`word`."""
    return MARKS.get(word(thing), _UNKNOWN)


def why(thing: dict[str, Any]) -> str:
    """Reason and detail in one line, as far as there are any."""
    kept = thing.get("adopted_from") and thing["reason"] is None and f"kept from run {thing['adopted_from']}"
    child = thing.get("child") and f"run {thing['child']}"
    return kept or (thing["reason"] is None and child) or ": ".join(filter(None, (thing["reason"], thing["detail"])))


def cause(run: dict[str, Any]) -> str:
    """Why it began, and the run that it comes from, if any."""
    kind = run["trigger"].get("kind", "")
    if run["retry_of"]:
        return f"{kind} of {run['retry_of']}"
    return f"{kind} of run {run['parent']}" if run["parent"] else kind


def place(agent: dict[str, Any]) -> str:
    """Which turn and attempt an agent is in, as far as it has begun any."""
    if not agent["turns"]:
        return ""
    turn = agent["turns"][-1]
    if not turn["attempts"]:
        return f"turn {turn['turn']}"
    attempt = turn["attempts"][-1]
    return f"turn {turn['turn']} attempt {attempt['attempt']}{_step(attempt)}"


def _step(attempt: dict[str, Any]) -> str:
    """The step that runs, if one does."""
    running = [step for step in attempt["steps"] if step["state"] != "finished"]
    return f" {step_name(running[-1])}" if running else ""


def step_name(step: dict[str, Any]) -> str:
    """What people call a step."""
    return f"step {step['step']}" + (f" {name}" if (name := step["name"] or step["id"]) else "")
