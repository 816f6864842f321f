"""Why a host could not be reached: a word for programs and a sentence for its operator."""

from typing import Literal

from chainwright.runners.port import HostUnreachable, RunnerError

Kind = Literal[
    "name",  # its name is not known
    "refused",  # nothing listens there
    "silent",  # no answer in time
    "dropped",  # the connection was closed before or after the login
    "no-pin",  # no host key is pinned
    "host-key",  # another host key was shown than is pinned
    "no-key",  # there is no key to log in with
    "denied",  # none of the keys was let in
    "channels",  # it opens no channel
    "system",  # anything else that the system or the protocol said
]

NEEDS_OPERATOR = frozenset[Kind](["no-pin", "host-key", "no-key", "denied"])
"""Trying again soon changes nothing; someone has to do something first."""


class Unreached(HostUnreachable):
    """The host was not reached; ``kind`` says how far one came."""

    def __init__(self, kind: Kind, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind


class ChannelRefused(Exception):
    """The server opened no further channel on this connection; the message is its reason."""


class NoInterpreter(RunnerError):
    """The host has no interpreter that could run the porter and session hosts."""


class PorterRefused(RunnerError):
    """An operation of the porter's refused; ``kind`` is a stable word of the operation's own."""

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
