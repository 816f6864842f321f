"""What a trial of a host finds: a verdict on each thing that it looks at, and what to do about it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from chainwright.runners.port import RunnerError
from chainwright.runners.ssh.unreached import Kind, Unreached
from chainwright.schemas.host_api import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was found of one thing. A warning is nothing that keeps agents from running there."""

    detail: str
    hint: str = ""
    verdict: Verdict = "ok"


class Stop(Exception):
    """Something without which nothing after it can be looked at."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.detail)
        self.finding = finding


Look = Callable[[], Awaitable[Finding]]
"""Looks at one thing. Raises :class:`Stop`, and RunnerError for what a host says or does not say."""


def warning(detail: str, hint: str) -> Finding:
    """Agents run there, and somebody may miss something."""
    return Finding(detail=detail, hint=hint, verdict="warning")


def failed(detail: str, hint: str) -> Finding:
    """Agents do not run there as they should, though the next things can be looked at."""
    return Finding(detail=detail, hint=hint, verdict="failed")


def stop(detail: str, hint: str) -> Stop:
    """To be raised."""
    return Stop(failed(detail, hint))


def without_answer(error: RunnerError) -> Finding:
    """What a host that could not be asked tells of itself."""
    hint = HINTS[error.kind] if isinstance(error, Unreached) else "what it says is all that is known"
    return failed(str(error), hint)


HINTS: dict[Kind, str] = {
    "name": "give an address, or have the daemon's machine know the name (DNS, /etc/hosts)",
    "refused": "is sshd running there, and on this port? There: ss -ltnp",
    "silent": "a firewall drops what is sent there, or the machine is down or too busy",
    "dropped": "its sshd or a firewall (MaxStartups, fail2ban) turns us away; its log says why: journalctl -u ssh",
    "no-pin": "compare the key that it shows, and pin it: chainwright hosts trust",
    "host-key": "find out why it has changed before you trust another: chainwright hosts trust --replace",
    "no-key": "give the file of a private key without a passphrase (--key), or start the daemon where an ssh agent is",
    "denied": "append the public key to ~/.ssh/authorized_keys of the user there: its folder 0700, the file 0600, both the user's own",
    "channels": "raise MaxSessions in its sshd_config",
    "system": "what it says is all that is known; its sshd's log may say more",
}
