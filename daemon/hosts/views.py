"""Hosts in the shapes of ``schemas.host_api``."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from chainwright.daemon.core.hosts import HostEntry, HostStep, KnownHost, Sighting, fingerprint
from chainwright.schemas.hosts import LOCAL, HostSettings

if TYPE_CHECKING:
    from chainwright.daemon.remote.clearing import Surplus


def local_view(
    labels: Sequence[str], slots: int, sessions: int, *, now: float, drained: HostEntry | None
) -> dict[str, Any]:
    """A HostView of the daemon's own machine."""
    return {
        "name": LOCAL,
        "address": "",
        "labels": [LOCAL, *labels],
        "slots": slots,
        "sessions": sessions,
        "state": "connected",
        "since": None,
        "why": "",
        "last_seen": now,
        "durable": True,
        "drained": _drain(drained),
        "origin": "daemon",
        "fingerprint": None,
    }


def host_view(known: KnownHost, sessions: int, sighting: Sighting) -> dict[str, Any]:
    """A HostView."""
    settings = known.settings
    seen = sighting if settings.host_key is not None else _untrusted(known, sighting)
    return {
        "name": known.name,
        "address": address(settings),
        "labels": list(known.labels),
        "slots": settings.slots,
        "sessions": sessions,
        "state": seen.state,
        "since": seen.since,
        "why": seen.why,
        "last_seen": seen.last_seen,
        "durable": seen.durable,
        "drained": _drain(known.drained),
        "origin": known.origin,
        "fingerprint": fingerprint(settings.host_key) if settings.host_key is not None else None,
    }


def _untrusted(known: KnownHost, sighting: Sighting) -> Sighting:
    why = f"no key is pinned: chainwright hosts trust {known.name}"
    return Sighting(state="untrusted", why=why, last_seen=sighting.last_seen)


def address(settings: HostSettings) -> str:
    """``user@name:port``; what is the default is left out."""
    user = f"{settings.user}@" if settings.user else ""
    port = f":{settings.port}" if settings.port != HostSettings.model_fields["port"].default else ""
    return f"{user}{settings.address}{port}"


def entry_view(entry: HostEntry) -> dict[str, Any]:
    """A HostEntryView."""
    return {"at": entry.at, "actor": entry.actor, "step": entry.step.value, "detail": _detail(entry)}


def _detail(entry: HostEntry) -> str:
    match entry.step:
        case HostStep.ADDED:
            assert entry.settings is not None
            return address(entry.settings)
        case HostStep.TRUSTED:
            return fingerprint(entry.host_key)
        case _:
            return entry.reason


def surplus_view(found: "Surplus") -> dict[str, Any]:
    """A SurplusView."""
    return {"kind": found.kind, "name": found.name, "age_s": found.age_s, "bytes": found.bytes}


def _drain(entry: HostEntry | None) -> dict[str, Any] | None:
    return {"actor": entry.actor, "at": entry.at, "reason": entry.reason} if entry is not None else None
