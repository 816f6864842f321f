"""Who starts whom: triggers, joins, branches and error handlers of Mentiko → the events that agents emit and listen for."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

from chainwright.daemon.definition.form_messages import near
from chainwright.daemon.definition.nodes import Mapping, Node, Scalar, Sequence
from chainwright.daemon.importers.fields import Fields
from chainwright.daemon.importers.mentiko.source import SourceAgent
from chainwright.daemon.importers.names import event_name
from chainwright.daemon.importers.report import Report
from chainwright.schemas.diagnostic import Span

STARTS: Final = frozenset({"chain:start", "chain:started", "manual-start", "manual_start", "start"})
"""Triggers that mean the beginning of the run."""

STOP: Final = "stop"
"""The target of a branch that ends the chain."""

Mode = Literal["any", "all", "quorum"]
_MODES: Final[dict[str, Mode]] = {"any": "any", "all": "all", "quorum": "quorum"}


@dataclass(slots=True, kw_only=True)
class Route:
    """Of one agent: whether it starts with the run, the events that start it (name → where that was said), and what it may emit."""

    starts: bool = False
    listens: dict[str, Span] = field(default_factory=dict)
    joined: dict[str, Span] = field(default_factory=dict)
    mode: Mode = "any"
    count: int = 1
    emits: dict[str, Span] = field(default_factory=dict)
    never: bool = False
    """Whether it waits for something that never comes."""

    @property
    def heard(self) -> dict[str, Span]:
        """Every name that it waits for."""
        return {**self.listens, **self.joined}


@dataclass(slots=True, kw_only=True)
class Routes:
    """The routes by agent id, and the events whose arrival ends the chain."""

    agents: dict[str, Route]
    stops: dict[str, Span] = field(default_factory=dict)
    vain: set[str] = field(default_factory=set)
    """Events of branches that nobody can emit; that is said already."""


class Router:
    """Reads the routes of one chain, part by part; :meth:`settle` comes last."""

    def __init__(self, agents: list[SourceAgent], report: Report) -> None:
        self._agents = agents
        self._report = report
        self._ids = {agent.name: agent.id for agent in agents} | {agent.id: agent.id for agent in agents}
        self.routes = Routes(agents={agent.id: self._route(agent) for agent in agents})

    def _route(self, agent: SourceAgent) -> Route:
        fields, route = agent.fields, Route()
        route.emits = dict(self._named(fields.texts("emits")))
        triggers = fields.texts("triggers")
        route.starts = any(name in STARTS for name, _ in triggers)
        route.listens = dict(self._named((name, span) for name, span in triggers if name not in STARTS))
        self._join(fields, route)
        return route

    def _named(self, names: Iterable[tuple[str, Span]]) -> Iterator[tuple[str, Span]]:
        for name, span in names:
            ours = event_name(name)
            if ours != name:
                became = f'it is called "{ours}"' if ours else "it was left out"
                self._report.note(span, "mentiko-name", f'"{name}" cannot be the name of an event', hint=became)
            if ours:
                yield ours, span

    def _join(self, fields: Fields, route: Route) -> None:
        wait = fields.below("wait_for_events")
        names = dict(self._named(wait.texts("events")))
        mode = wait.text("wait_for") or "all"
        if not names:
            return
        if mode not in _MODES:
            hint = 'all of them are waited for; there are "all", "any" and "quorum"'
            self._report.warn(wait.span("wait_for"), "mentiko-wait-for", f'"{mode}" is not a way to wait', hint=hint)
        route.mode, route.joined = _MODES.get(mode, "all"), names
        route.count = int(wait.number("quorum") or len(names)) if route.mode == "quorum" else 1
        for name in [name for name in route.listens if name in names]:
            del route.listens[name]
        for name, span in route.listens.items():
            hint = f'the agent waits for the events of "wait_for_events"; add "{name}" there if it belongs to them'
            self._report.warn(
                span, "mentiko-two-triggers", f'"{name}" starts nothing beside "wait_for_events"', hint=hint
            )
        route.listens.clear()
        if timeout := wait.number("timeout"):
            message = f"waiting for events has no time limit of its own here ({timeout:g} s)"
            hint = "what can never come is noticed at once; limits.duration bounds the run"
            self._report.warn(wait.span("timeout"), "mentiko-wait-timeout", message, hint=hint)
        _report_rest(wait, "wait_for_events", self._report)

    # branches

    def add_branches(self, branches: Fields) -> None:
        """Each event of ``branches`` starts its targets, and may be emitted by the agents that decide."""
        for name, entry in branches.entries():
            for event, span in self._named([(name, entry.key.span)]):
                self._branch(event, span, entry.value)

    def _branch(self, event: str, span: Span, target: Node) -> None:
        self._declare(event, span)
        if isinstance(target, Mapping):
            self._spread(event, Fields(target, self._report))
        else:
            for node in target.items if isinstance(target, Sequence) else (target,):
                self._lead(event, node)

    def _lead(self, event: str, node: Node) -> str | None:
        """The id of the agent that the event now leads to."""
        name = str(node.value) if isinstance(node, Scalar) else ""
        if name == STOP:
            self.routes.stops[event] = node.span
        elif known := self._ids.get(name):
            self.routes.agents[known].listens.setdefault(event, node.span)
            return known
        else:
            message = f'the branch "{event}" leads to "{name}", which is no agent'
            self._report.warn(
                node.span, "mentiko-branch-target", message, hint=near(name, self._ids) or "it leads nowhere now"
            )
        return None

    def _spread(self, event: str, branch: Fields) -> None:
        """A branch that fans out, and perhaps in again."""
        fan_out = branch.get("fan_out")
        nodes = fan_out.items if isinstance(fan_out, Sequence) else (fan_out,) if fan_out else ()
        spread = [found for node in nodes if (found := self._lead(event, node))]
        if (default := branch.get("default")) is not None:
            self._lead(event, default)
        if (gather := self._ids.get(branch.text("fan_in"))) and spread:
            route = self.routes.agents[gather]
            mode = branch.text("wait_for") or "all"
            route.mode, route.count = _MODES.get(mode, "all"), int(branch.number("quorum") or len(spread))
            route.joined |= {f"{one}.succeeded": branch.span("fan_in") for one in spread}
        if handler := self._ids.get(branch.text("on_error")):
            self._on_failure(spread, handler, branch.span("on_error"))
        if branch.get("conditions") is not None:
            hint = 'give each agent of "then" an "if" that asks event.data'
            self._report.warn(
                branch.key_span("conditions"),
                "mentiko-conditions",
                "conditions of a branch are not converted",
                hint=hint,
            )
        _report_rest(branch, f'the branch "{event}"', self._report)

    def _declare(self, event: str, span: Span) -> None:
        """Somebody has to be able to emit it: who says so, else who is told about it."""
        if any(event in route.emits for route in self.routes.agents.values()):
            return
        told = [agent for agent in self._agents if _is_named(event, agent.fields.text("prompt"))]
        for agent in told:
            self.routes.agents[agent.id].emits[event] = span
        message = f'no agent declares the branch event "{event}"'
        if told:
            names = ", ".join(f'"{agent.id}"' for agent in told)
            self._report.note(span, "mentiko-branch-event", message, hint=f"{names} may emit it: the prompt names it")
        else:
            hint = 'add it to "emits" of the agent that decides; until then this branch is never taken'
            self._report.warn(span, "mentiko-branch-event", message, hint=hint)
            self.routes.vain.add(event)

    # failures

    def add_handlers(self, routing: Fields) -> None:
        """Agents that are started by the failure of others."""
        for agent in self._agents:
            for key in ("on_error", "on_timeout"):
                if name := agent.fields.text(key):
                    self._handler([agent.id], name, agent.fields, key)
        for key in ("error_handler", "timeout_handler", "timeout_agent"):
            if name := routing.text(key):
                self._handler([agent.id for agent in self._agents], name, routing, key)

    def _handler(self, of: list[str], name: str, fields: Fields, key: str) -> None:
        handler = self._ids.get(name)
        if handler is None:
            message = f'"{key}" names "{name}", which is no agent'
            self._report.warn(fields.span(key), "mentiko-handler", message, hint=near(name, self._ids))
            return
        self._on_failure([one for one in of if one != handler], handler, fields.span(key))
        if "timeout" in key:
            hint = "a time-out is a failure here: the handler is started by any"
            self._report.note(fields.span(key), "mentiko-handler", f'"{key}" listens for <agent>.failed', hint=hint)

    def _on_failure(self, of: list[str], handler: str, span: Span) -> None:
        for one in of:
            self.routes.agents[handler].listens.setdefault(f"{one}.failed", span)

    # what remains

    def settle(self) -> None:
        """Takes out what nobody emits and what nobody hears, each with its point."""
        self._without_dangling()
        heard = {name for route in self.routes.agents.values() for name in route.heard} | set(self.routes.stops)
        for id_, route in self.routes.agents.items():
            for name in [name for name in route.emits if name not in heard]:
                message = f'nobody listens for "{name}" of "{id_}"'
                hint = "it was left out: a run ends when nothing is left to do"
                self._report.note(route.emits.pop(name), "mentiko-unheard", message, hint=hint)

    def _without_dangling(self) -> None:
        emitted = {name for route in self.routes.agents.values() for name in route.emits}
        emitted |= {f"{id_}.{word}" for id_ in self.routes.agents for word in ("succeeded", "failed")}
        for event in [event for event in self.routes.stops if event not in emitted]:
            del self.routes.stops[event]
        for id_, route in self.routes.agents.items():
            lost = [name for name in route.heard if name not in emitted]
            for name in (name for name in lost if name not in self.routes.vain):
                self._report.warn(
                    route.heard[name],
                    "mentiko-dangling-trigger",
                    f'"{id_}" waits for "{name}", which nobody emits',
                    hint=near(name, emitted) or f'add "{name}" to the emits of an agent',
                )
            _take_out(route, lost)


def _is_named(event: str, prompt: str) -> bool:
    return re.search(rf"(?<![\w:./-]){re.escape(event)}(?![\w:/-])", prompt) is not None


def _take_out(route: Route, lost: list[str]) -> None:
    is_vain = bool(lost) and (
        (route.mode == "all" and any(name in route.joined for name in lost))
        or (route.mode == "quorum" and len([name for name in route.joined if name not in lost]) < route.count)
    )
    for name in lost:
        route.listens.pop(name, None)
        route.joined.pop(name, None)
    route.never = bool(lost) and not route.starts and (is_vain or not route.heard)


def _report_rest(fields: Fields, of: str, report: Report) -> None:
    for key, span in fields.rest():
        report.warn(span, "mentiko-unused-key", f'"{key}" of {of} is not converted', hint="it has no equal here")


def bounded(routes: Routes) -> list[str]:
    """The agents at which cycles are bounded: with them taken away, no cycle is left. In the order of the file."""
    emitters: dict[str, set[str]] = {}
    for id_, route in routes.agents.items():
        for name in (*route.emits, f"{id_}.succeeded", f"{id_}.failed"):
            emitters.setdefault(name, set()).add(id_)
    before = {
        id_: {one for name in route.heard for one in emitters.get(name, ())} for id_, route in routes.agents.items()
    }
    chosen: list[str] = []
    for id_ in routes.agents:
        if id_ in _feeding(id_, before, chosen):
            chosen.append(id_)
    return chosen


def _feeding(id_: str, before: dict[str, set[str]], without: list[str]) -> set[str]:
    """Every agent from which a way of events leads to this one, around those taken away."""
    found: set[str] = set()
    todo = [id_]
    while todo:
        new = before[todo.pop()] - found - set(without)
        found |= new
        todo += new
    return found
