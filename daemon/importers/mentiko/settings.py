"""``config`` of a Mentiko chain → triggers of ours, and points about what has no equal."""

from typing import Any, Final

from chainwright.daemon.definition.form_messages import near
from chainwright.daemon.definition.nodes import Mapping, Node, Scalar, Sequence
from chainwright.daemon.importers.draft import Draft
from chainwright.daemon.importers.fields import Fields
from chainwright.daemon.importers.names import event_name
from chainwright.daemon.importers.report import Report
from chainwright.schemas.diagnostic import Span

_NO_EQUAL: Final = {
    "monitor": "the daemon watches every session by itself; attach shows it",
    "monitor_interval": "the daemon watches every session by itself; attach shows it",
    "session_prefix": "sessions are named by run, agent and attempt",
    "project_root": "an agent works in a checkout of the chain's repository",
    "workspace": "agents work in a checkout of the chain's repository, on this machine",
    "slack": "notifications are rules of the daemon, not of a chain",
    "email": "notifications are rules of the daemon, not of a chain",
    "webhooks": "notifications are rules of the daemon, not of a chain",
    "integrations": "let an agent do it: needs: '*' and if: failure()",
}
_CHAIN: Final = "chain:"
_ON_COMPLETE: Final = {
    "stop": "",
    "notify": "notifications are rules of the daemon, not of a chain",
    "webhook": "add an agent with needs: '*' that calls the address",
}


def add_triggers(draft: Draft, config: Fields, report: Report) -> None:
    """``on``: by hand, and whatever else starts the chain."""
    draft.put("on", "manual", value=None)
    if cron := config.text("schedule"):
        zone = config.text("timezone")
        line = {"cron": cron, **({"timezone": zone} if zone else {})}
        draft.put("on", "schedule", value=[line], origin=config.span("schedule"))
    elif zone := config.text("timezone"):
        report.note(config.key_span("timezone"), "mentiko-timezone", f'the zone "{zone}" is that of no schedule')
    if names := _events(config.get("event_triggers")):
        draft.put("on", "event", value=list(names), origin=config.key_span("event_triggers"))


def take_inputs_from_events(draft: Draft) -> None:
    """What an event carries fills the placeholders, as in Mentiko; what it does not carry is not given."""
    names, inputs = draft.root["on"].get("event"), draft.root.get("inputs", {})
    if names and inputs:
        given = {name: f"${{{{ event.data.{name} }}}}" for name in inputs}
        draft.put("on", "event", value={"names": names, "inputs": given}, origin=draft.origin(("on", "event")))


def _events(node: Node | None) -> dict[str, None]:
    """Names of events, however they are listed: texts, mappings with a name, or keys."""
    if isinstance(node, Scalar):
        names = [str(node.value)]
    elif isinstance(node, Mapping):
        names = list(node.entries)
    else:
        names = [_event(item) for item in node.items] if isinstance(node, Sequence) else []
    return dict.fromkeys(ours for name in names if (ours := event_name(name)))


def _event(item: Node) -> str:
    if isinstance(item, Mapping):
        named = [item.entries[key].value for key in ("event", "name") if key in item.entries]
        return str(named[0].value) if named and isinstance(named[0], Scalar) else ""
    return str(item.value) if isinstance(item, Scalar) else ""


def report_rest(config: Fields, chain: str, report: Report) -> None:
    """Points about everything of ``config`` that nobody asked for."""
    _on_complete(config, chain, report)
    for key, span in config.rest():
        hint = _NO_EQUAL.get(key, "it has no equal here")
        report.warn(span, "mentiko-unused-key", f'"{key}" is not converted', hint=hint)


def _on_complete(config: Fields, chain: str, report: Report) -> None:
    value, span = config.text("on_complete"), config.span("on_complete")
    if value.startswith(_CHAIN):
        other = value.removeprefix(_CHAIN)
        hint = f"write into {other}.yaml:\non:\n  chain: {{chains: [{chain}], outcomes: [succeeded]}}"
        report.warn(
            span, "mentiko-on-complete", f'"{other}" is not started by this chain, it listens for its end', hint=hint
        )
    elif value in _ON_COMPLETE:
        _told(report, span, value, config)
    elif value:
        hint = near(value, _ON_COMPLETE) or "there are stop, notify, webhook and chain:<name>"
        report.warn(span, "mentiko-on-complete", f'"{value}" is nothing that a chain does on completion', hint=hint)


def _told(report: Report, span: Span, value: str, config: Fields) -> None:
    address = config.text("webhook_url") if value == "webhook" else ""
    if hint := _ON_COMPLETE[value]:
        message = f'"{value}" on completion is not converted' + (f" ({address})" if address else "")
        report.warn(span, "mentiko-on-complete", message, hint=hint)


def declared_inputs(root: Fields) -> dict[str, dict[str, Any]]:
    """The inputs that the file declares under ``variables`` or ``inputs``: name → options of ours."""
    found: dict[str, dict[str, Any]] = {}
    for key in ("variables", "inputs"):
        for name, entry in root.below(key).entries():
            found[name] = _input(entry.value)
    return found


def _input(node: Node) -> dict[str, Any]:
    if not isinstance(node, Mapping):
        return (
            {"type": "string", "default": str(node.value)}
            if isinstance(node, Scalar) and node.value is not None
            else {"type": "string"}
        )
    kept = {key: entry.value for key, entry in node.entries.items() if key in ("default", "required", "description")}
    values = {key: value.value for key, value in kept.items() if isinstance(value, Scalar) and value.value is not None}
    return {"type": "string", **{key: value if key == "required" else str(value) for key, value in values.items()}}
