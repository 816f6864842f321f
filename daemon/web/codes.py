"""What each refusal means outside: one table for the API's status and the command line's exit code.

Free of aiohttp, so that the command line can read it without paying for a server.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from chainwright.daemon.core.refusals import Code


class Misuse(StrEnum):
    """What can be wrong with a request before it reaches a use case, and the one fault that is ours."""

    BAD_REQUEST = "bad-request"
    UNAUTHORIZED = "unauthorized"
    NO_METHOD = "method-not-allowed"
    TOO_LARGE = "too-large"
    TOO_SLOW = "too-slow"
    UNSUPPORTED = "unsupported-media"
    UNFIT = "unfit"
    KEY_REUSED = "key-reused"  # an Idempotency-Key that belongs to another request
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Meaning:
    """The HTTP status and the exit code of a code."""

    status: int
    exit_code: int


EXIT_OK: Final = 0
EXIT_FAILED: Final = 1
EXIT_USAGE: Final = 2
EXIT_DEFINITION: Final = 3
EXIT_NOT_FOUND: Final = 4
EXIT_DENIED: Final = 5
EXIT_UNREACHABLE: Final = 6
EXIT_CONFLICT: Final = 7
EXIT_TIMEOUT: Final = 124
EXIT_INTERRUPTED: Final = 130

MEANINGS: Final[dict[str, Meaning]] = {
    Code.NOT_FOUND: Meaning(404, EXIT_NOT_FOUND),
    Code.AMBIGUOUS: Meaning(409, EXIT_USAGE),
    Code.INVALID_INPUT: Meaning(422, EXIT_USAGE),
    Code.INVALID_DEFINITION: Meaning(422, EXIT_DEFINITION),
    Code.NOT_DEPLOYED: Meaning(409, EXIT_CONFLICT),
    Code.CONFLICT: Meaning(409, EXIT_CONFLICT),
    Code.DENIED: Meaning(403, EXIT_DENIED),
    Code.UNAVAILABLE: Meaning(503, EXIT_UNREACHABLE),
    Misuse.BAD_REQUEST: Meaning(400, EXIT_USAGE),
    Misuse.UNAUTHORIZED: Meaning(401, EXIT_DENIED),
    Misuse.NO_METHOD: Meaning(405, EXIT_USAGE),
    Misuse.TOO_LARGE: Meaning(413, EXIT_USAGE),
    Misuse.TOO_SLOW: Meaning(408, EXIT_USAGE),
    Misuse.UNSUPPORTED: Meaning(415, EXIT_USAGE),
    Misuse.UNFIT: Meaning(422, EXIT_USAGE),
    Misuse.KEY_REUSED: Meaning(422, EXIT_USAGE),
    Misuse.INTERNAL: Meaning(500, EXIT_FAILED),
}


def exit_code(code: str) -> int:
    """Of the command line for a problem's code; 1 for one that only a newer daemon knows."""
    meaning = MEANINGS.get(code)
    return meaning.exit_code if meaning else EXIT_FAILED
