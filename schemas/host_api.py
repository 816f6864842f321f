"""Hosts as the API tells of them, and what can be asked of them. Times are seconds since the epoch, UTC."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from chainwright.schemas.hosts import HOST_KEY, HostName, HostSettings

Condition = Literal["connected", "idle", "unreachable", "untrusted", "refused"]

Verdict = Literal["ok", "warning", "failed", "skipped"]


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DrainView(_Shape):
    """Who lets no new session go to a host, since when and why."""

    actor: str
    at: float
    reason: str


class HostView(_Shape):
    """A machine that agents run on; the first is the daemon's own."""

    name: str
    address: str = Field(description="as ssh says it: user@name:port; empty for the daemon's own machine")
    labels: list[str]
    slots: int
    sessions: int = Field(description="how many of this daemon's run there now")
    state: Condition = Field(
        description="idle: nothing was asked of it yet; untrusted: no key is pinned; refused: it answers, but not as it must"
    )
    since: float | None = Field(description="of this state, where that is known")
    why: str = Field(description="what is wrong")
    last_seen: float | None = Field(description="when it answered last")
    durable: bool | None = Field(
        description="whether its sessions outlive the connection; null while that is not known"
    )
    drained: DrainView | None
    origin: Literal["daemon", "configured", "added"]
    fingerprint: str | None = Field(description="of the key that is pinned")


class HostEntryView(_Shape):
    """What was done to a host by command."""

    at: float
    actor: str
    step: str
    detail: str


class HostDetail(HostView):
    """A host with its settings and its history."""

    settings: HostSettings | None = Field(description="null for the daemon's own machine")
    stands_in: str = Field(description="where its settings are: a file, or the daemon's database")
    entries: list[HostEntryView]


class AddHost(_Shape):
    """A host by its name. ``replace`` gives one that was added other settings."""

    name: HostName
    settings: HostSettings
    replace: bool = False


class DrainHost(_Shape):
    """Why no new session is to go there."""

    reason: str = Field(default="", max_length=1_000)


class ClearHost(_Shape):
    """``dry``: only tell."""

    dry: bool = False


class SurplusView(_Shape):
    """Something on a host that nobody needs any more."""

    kind: Literal["tree", "mirror", "history", "artifact", "run", "session", "tools"]
    name: str
    age_s: float = Field(description="since it was used or changed last")
    bytes: int = Field(description="on the disk")


class HostClearing(_Shape):
    """What went of a host, or would go, the oldest first, at most a thousand; never anything of a run that is open."""

    dry: bool
    items: list[SurplusView]


class RemoveHost(_Shape):
    """``force``: also while sessions run there."""

    force: bool = False


class TrustHost(_Shape):
    """The key to pin, as in known_hosts without the name. ``replace``: also in the place of another."""

    host_key: str = Field(pattern=HOST_KEY, max_length=16_384)
    replace: bool = False


class HostKeyView(_Shape):
    """The key that a host shows now, as known_hosts has it without the name, beside the one that is pinned."""

    host_key: str
    algorithm: str
    fingerprint: str
    pinned: str | None = Field(description="fingerprint of the key that is pinned")
    pinned_algorithm: str | None
    is_pinned: bool = Field(description="whether it is that one")


class HostCheck(_Shape):
    """What a trial of a host found of one thing; those after a failure that they would need are left out."""

    check: str
    verdict: Verdict
    detail: str
    hint: str = Field(description="what to do about it; empty where all is well")
    seconds: float
