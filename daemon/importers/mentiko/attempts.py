"""Time limits, retries and approvals of Mentiko's agents."""

from typing import Any, Final

from chainwright.daemon.definition.form_messages import near
from chainwright.daemon.definition.nodes import Mapping
from chainwright.daemon.importers.fields import Fields
from chainwright.daemon.importers.report import Report

NO_LIMIT: Final = "24h"
"""As long as a whole run may take: Mentiko's agents have no limit unless one is given."""

_BACKOFFS: Final = {
    "fixed": "fixed",
    "constant": "fixed",
    "linear": "linear",
    "exponential": "exponential",
    "exponential_jitter": "exponential",
    "exponential-jitter": "exponential",
}
_LONGEST_S: Final = 10 * 365 * 86_400.0
_MOST_RETRIES: Final = 1_000
_MOST_APPROVALS: Final = 100
_ALWAYS_DOUBLED: Final = 2.0


def duration(seconds: float) -> str:
    """As the chain language writes it; ten years stand for whatever is longer."""
    seconds = min(max(seconds, 0.001), _LONGEST_S)
    for unit, length in (("h", 3600), ("m", 60)):
        if seconds >= length and seconds % length == 0:
            return f"{int(seconds // length)}{unit}"
    return f"{seconds:.3f}".rstrip("0").rstrip(".") + "s"


def timeout_of(fields: Fields, key: str = "timeout") -> str | None:
    """The limit of an attempt; None where the chain's holds. In Mentiko, 0 is none and -1 the chain's."""
    seconds = fields.number(key)
    if seconds is None or seconds < 0:
        return None
    return duration(seconds) if seconds else NO_LIMIT


def retry_of(fields: Fields, report: Report, key: str = "retry") -> dict[str, Any] | None:
    """The options of ``retry``; None without further attempts."""
    retry = fields.below(key)
    further = _further(retry)
    options: dict[str, Any] = {"max": further}
    delay = _seconds(retry, "initial_delay", "initial_delay_ms", "base_delay_ms")
    longest = _seconds(retry, "max_delay", "max_delay_ms")
    options |= {} if delay is None else {"delay": duration(delay)}
    options |= {} if longest is None else {"max-delay": duration(longest)}
    options |= _backoff(retry, report)
    for name, span in retry.rest():
        report.warn(span, "mentiko-unused-key", f'"{name}" of retry is not converted', hint="it has no equal here")
    return options if further else None


def _further(retry: Fields) -> int:
    """``max_retries`` counts further attempts, ``max_attempts`` all of them."""
    if (retries := retry.number("max_retries")) is not None:
        return min(max(int(retries), 0), _MOST_RETRIES)
    return min(max(int(retry.number("max_attempts") or 1) - 1, 0), _MOST_RETRIES)


def _seconds(retry: Fields, *keys: str) -> float | None:
    found = [(key, retry.number(key)) for key in keys]
    return next((value / 1000 if key.endswith("_ms") else value for key, value in found if value is not None), None)


def _backoff(retry: Fields, report: Report) -> dict[str, Any]:
    key = "backoff" if "backoff" in retry else "strategy"
    named = retry.text(key).lower()
    multiplier = retry.number("backoff_multiplier")
    if multiplier not in (None, _ALWAYS_DOUBLED):
        message = f"delays grow by {multiplier:g} in Mentiko and are doubled here"
        report.warn(retry.span("backoff_multiplier"), "mentiko-backoff", message)
    if named and named not in _BACKOFFS:
        report.warn(retry.span(key), "mentiko-backoff", f'"{named}" is not a back-off', hint=near(named, _BACKOFFS))
    jitter = {"jitter": True} if "jitter" in named or retry.flag("jitter") else {}
    return {"backoff": _BACKOFFS.get(named, "exponential"), **jitter}


def approval_of(fields: Fields, report: Report) -> dict[str, Any] | None:
    """The options of ``approval``, from ``approval_gate`` and from what ``authorities`` must ask for; None when nobody is asked."""
    actions = [name for name, _ in fields.below("authorities").texts("needs_approval")]
    options = _gate(fields, report)
    if actions:
        options = {"message": f"It wants to: {', '.join(actions)}", **(options or {})}
    return options


def _gate(fields: Fields, report: Report) -> dict[str, Any] | None:
    if not isinstance(fields.get("approval_gate"), Mapping):
        return {} if fields.flag("approval_gate") else None
    gate = fields.below("approval_gate")
    if False in [gate.flag("enabled"), gate.flag("required")]:
        return None
    options = {"by": _approvers(gate), "count": _count(gate), "timeout": _patience(gate), "message": _question(gate)}
    for name, span in gate.rest():
        report.warn(
            span, "mentiko-unused-key", f'"{name}" of approval_gate is not converted', hint="it has no equal here"
        )
    return {key: value for key, value in options.items() if value}


def _approvers(gate: Fields) -> list[str]:
    return [name for key in ("approvers", "approver", "by") for name, _ in gate.texts(key)]


def _count(gate: Fields) -> int | None:
    count = gate.number("required_approvals") or gate.number("min_approvals")
    return min(int(count), _MOST_APPROVALS) if count and count > 1 else None


def _patience(gate: Fields) -> str | None:
    units = (("timeout", 1.0), ("timeout_ms", 0.001), ("timeout_minutes", 60.0))
    seconds = next((value * unit for key, unit in units if (value := gate.number(key))), None)
    return duration(seconds) if seconds else None


def _question(gate: Fields) -> str:
    return gate.text("message") or gate.text("prompt")
