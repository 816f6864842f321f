"""Whose sessions are on a host: the name of this daemon's folder below the roots there, which no other daemon touches."""

import hmac
from typing import Final

LENGTH: Final = 12
"""Short, for the path of a session's socket holds it."""


def owner_of(key: bytes) -> str:
    """The same for one home for ever, also after it moved or was restored elsewhere; ``key`` is that of the home.

    Its path and the machine's id were rejected: machines that were cloned from one image have both in common.
    """
    return hmac.digest(key, b"owner of sessions on hosts", "sha256").hex()[:LENGTH]
