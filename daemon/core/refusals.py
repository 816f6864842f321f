"""Why a command was refused: one code each, the same in logs, in the API's problems and on the command line."""

from enum import StrEnum
from typing import Any


class Code(StrEnum):
    """The stable name of a refusal."""

    NOT_FOUND = "not-found"
    AMBIGUOUS = "ambiguous"  # a prefix that fits several
    INVALID_INPUT = "invalid-input"  # inputs of a run that do not fit the chain's declaration
    INVALID_DEFINITION = "invalid-definition"
    NOT_DEPLOYED = "not-deployed"  # nothing is in force yet
    CONFLICT = "conflict"  # it contradicts the state that the thing is in
    DENIED = "denied"
    UNAVAILABLE = "unavailable"  # for now: the disk is full, the host does not answer, the daemon is going down


class Refusal(Exception):
    """A command that will not be carried out; nothing was changed.

    ``detail`` says what to do about it. ``diagnostics`` are positions in files, where it is about files.
    """

    def __init__(self, code: Code, title: str, detail: str = "", diagnostics: tuple[dict[str, Any], ...] = ()) -> None:
        super().__init__(f"{title}: {detail}" if detail else title)
        self.code = code
        self.title = title
        self.detail = detail
        self.diagnostics = diagnostics
