"""Whether an agent waits for a person, judged by its screen: a flag of a running attempt, raised and cleared as facts (semantics 3).

False alarms are worse than late ones: people stop looking. So nothing is judged while output goes on, a question counts only where the
cursor still stands behind it, and what a build prints (``Password: changed``, ``[y/n]`` in a help text, 45 %) is no question.
"""

import re
from dataclasses import dataclass
from typing import Final, Literal

Cause = Literal["prompt", "bell", "title", "idle", "disk-full"]
"""The last one is no look of a screen: its session host tells that nothing more can be written there."""

QUIET_S: Final = 2.0
"""Without output, before a question counts as one."""
IDLE_S: Final = 30.0
"""Without output behind a line that has not ended, whatever it says."""
HELD_S: Final = 10.0
"""After which more output says that a disk has room again; before, it may have been written while there was."""
EXCERPT_LINES: Final = 6
EXCERPT_CHARS: Final = 1_000

_QUESTION: Final = re.compile(
    r"""(?ix)
    ( (password|passphrase|passcode|pin|otp|one-time\ code|verification\ code|username|login)\b .{0,80} : \s*
    | [\[(] \s* ( y(es)? \s*/\s* n(o)? | n(o)? \s*/\s* y(es)? ) (\s*/\s*[\w!?]+)* \s* [\])] \s* [:?]? \s*
    | \(yes/no(/\[fingerprint\])?\)\?? \s*
    | (press|hit) \s .{0,40} \b (enter|return|any\ key|a\ key|key) \b .{0,40}
    | ( continue | proceed | overwrite | replace | are\ you\ sure | do\ you\ want\ to | would\ you\ like\ to | allow | approve )
      \b [^?]{0,120} \? \s* ([\[(].{0,20}[\])])? \s* :?
    | (enter|type|choose|select|pick) \b .{0,100} : \s*
    | (\#\?|--More--|\(END\)) \s*
    )$"""
)
"""What the line of the cursor ends with, when it asks something."""
_MENU: Final = re.compile(r"^\s*[│|]?\s*[❯›>]\s*(\d+[.)]\s+)?(yes|no|allow|approve|proceed|continue)\b", re.IGNORECASE)
"""The chosen line of a menu that a coding agent draws."""
_TITLE: Final = re.compile(
    r"\b(waiting|needs? (your )?(input|attention|approval)|permission|action required)\b|\?\s*$", re.I
)
_PROGRESS: Final = re.compile(
    r"%|\.{2,}\s*$|…\s*$|\d\s*/\s*\d|\b(eta|[kmg]i?b/s)\b|[⠁-⣿]|^\s*[-\\|/]\s*$", re.IGNORECASE
)
"""A line that has not ended because it is written over: a bar, a spinner, a count."""
_SHELL: Final = re.compile(r"^\s*\S*[#$%>❯]\s*$")
"""A bare prompt: it asks nothing that the line before did not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What a terminal shows that has been quiet for ``quiet_s``. ``lines`` are the screen's, without its empty end.

    ``asked`` is the line of the cursor up to it, ``bell`` whether it rang, and ``title`` what it was set to, since output came last.
    """

    quiet_s: float
    lines: tuple[str, ...]
    asked: str
    bell: bool = False
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attention:
    """Why an attempt waits for a person, since when, and the last lines of its screen."""

    cause: Cause
    since: float
    excerpt: str


def cause_of(signs: Signs) -> Cause | None:
    """Why a person is waited for, if so."""
    if signs.quiet_s < QUIET_S:
        return None
    asked = signs.asked.rstrip()
    if asked and _QUESTION.search(asked[-200:]) and not _PROGRESS.search(asked[-40:]):
        return "prompt"
    if any(_MENU.match(line) for line in signs.lines[-12:]):
        return "prompt"
    if signs.bell:
        return "bell"
    if _TITLE.search(signs.title):
        return "title"
    is_open = bool(asked) and not _PROGRESS.search(asked) and not _SHELL.match(asked)
    return "idle" if is_open and signs.quiet_s >= IDLE_S else None


def excerpt_of(lines: tuple[str, ...]) -> str:
    """The last lines of a screen that say something, for people."""
    said = [line.rstrip() for line in lines if line.strip()]
    return "\n".join(said[-EXCERPT_LINES:])[-EXCERPT_CHARS:]


def is_cleared_by_output(attention: Attention, now: float) -> bool:
    """Whether an agent that writes has gone on. That a disk has room again its session host tells, unless nobody listened then."""
    return attention.cause != "disk-full" or now - attention.since >= HELD_S
