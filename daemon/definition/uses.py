"""Checks how the agents of a chain use reusable ones: that these exist, and that both fit together."""

from collections.abc import Mapping as AnyMapping
from typing import Any

from chainwright.daemon.core import graph
from chainwright.daemon.core.inputs import check_inputs
from chainwright.daemon.definition.calls import PREFIX, CalledChain
from chainwright.daemon.definition.compiled_events import contract_misfits, emitted
from chainwright.daemon.definition.form import Formed
from chainwright.daemon.definition.form_messages import near
from chainwright.daemon.definition.library import AgentDocument, AgentLibrary
from chainwright.daemon.definition.nodes import Node, at, key_span
from chainwright.daemon.definition.source import Findings
from chainwright.schemas.agent import AgentFile
from chainwright.schemas.chain import Agent, ChainFile
from chainwright.schemas.diagnostic import Span


def check_uses(form: Formed[ChainFile], chain: graph.Chain, library: AgentLibrary, findings: Findings) -> None:
    """Adds what is wrong with ``uses``, ``prompt`` and ``with`` of every agent that was understood."""
    for name, agent in form.model.agents.items() if form.model else ():
        use = _Use(form, name, agent, chain.agents[name], findings)
        use.check(library)
        use.check_contracts(chain.events, library)


class _Use:
    """One agent that is another."""

    def __init__(
        self, form: Formed[ChainFile], name: str, agent: Agent, compiled: graph.Agent, findings: Findings
    ) -> None:
        self._form = form
        self._root: Node = form.root
        self._path = ("agents", name)
        self._agent = agent
        self._compiled = compiled
        self._findings = findings

    def check(self, library: AgentLibrary) -> None:
        reference = self._compiled.uses
        if reference is None:
            self._check_has_default()
        elif reference in library.chains:
            self._check_call(library.chains[reference])
        elif reference in library.absent:
            return  # the reference itself is reported, once for each place
        elif reference not in library.documents:
            self._report_unknown(reference, library)
        elif (used := library.documents[reference].model) is not None:
            self._check_types(used, library.documents[reference])
            self._check_secrets(used, reference)
            self._check_inputs()

    def check_contracts(self, events: AnyMapping[str, graph.EventType], library: AgentLibrary) -> None:
        """Adds what the agent, or the one that it uses, emits in another form than the chain's events say."""
        used = library.model(self._compiled.uses or "")
        emits = (emitted(used.emits) if used else {}) | emitted(self._agent.emits)
        for misfit in contract_misfits(emits, events, "this chain"):
            self._findings.error(self._key(*misfit.path), misfit.rule, misfit.message, hint=misfit.hint)

    def _check_call(self, called: CalledChain) -> None:
        for misfit in called.misfits(self._agent):
            if not self._lost(misfit.path[0]):
                place = self._value("uses") if misfit.path == ("uses",) else self._key(*misfit.path)
                self._findings.error(place, misfit.rule, misfit.message, hint=misfit.hint)
        if not called.lost("inputs"):
            self._check_inputs()

    def _check_has_default(self) -> None:
        """A prompt alone is for the default agent."""
        is_lost = any(path[:2] == ("defaults", "uses") or path == ("defaults",) for path in self._form.lost)
        if self._agent.prompt is not None and not is_lost and not self._lost("uses"):
            message = '"prompt" is for a reusable agent, and the chain names none'
            hint = "name it here, uses: agents/<name>, or for all agents, defaults: {uses: agents/<name>}"
            self._findings.error(self._key("prompt"), "missing-key", message, hint=hint)

    def _report_unknown(self, reference: str, library: AgentLibrary) -> None:
        place = self._value("uses") if self._agent.uses is not None else self._default_span()
        kind, known = ("chain", library.chains) if reference.startswith(PREFIX) else ("agent", library.documents)
        file = reference.removeprefix(PREFIX)
        hint = near(reference, known) or f"write workflows/{file}.yaml"
        self._findings.error(place, "uses-unknown", f'there is no {kind} "{reference}"', hint=hint)

    def _default_span(self) -> Span:
        node = at(self._root, "defaults", "uses")
        return node.span if node else self._key("prompt")

    def _check_types(self, used: AgentFile, document: AgentDocument) -> None:
        self._check_equal("outputs", used.outputs, self._agent.outputs, document)
        self._check_equal("emits", emitted(used.emits), emitted(self._agent.emits), document)

    def _check_equal(
        self, field: str, theirs: AnyMapping[str, Any], ours: AnyMapping[str, Any], document: AgentDocument
    ) -> None:
        for name in ours:
            if name in theirs and theirs[name] != ours[name]:
                message = f'"{name}" is declared otherwise by {document.reference}'
                hint = "leave it out: what the used agent declares holds"
                self._findings.error(self._value(field, name), "uses-clash", message, hint=hint)

    def _check_secrets(self, used: AgentFile, reference: str) -> None:
        """What a reusable agent asks for is given by name, never by using it (semantics 33)."""
        missing = [name for name in used.secrets if name not in self._agent.secrets]
        if missing and not self._lost("secrets"):
            message = f'{reference} asks for the secret "{missing[0]}", which "{self._path[1]}" does not list'
            hint = f"secrets: [{', '.join((*self._agent.secrets, *missing))}]"
            self._findings.error(self._key("uses"), "secret-unlisted", message, hint=hint)

    def _check_inputs(self) -> None:
        """Texts with expressions are known only when the turn starts; everything else is checked now."""
        given = self._compiled.with_
        declared = {one.name for one in self._compiled.inputs}
        later = {name for name, value in given.items() if _has_expression(value) and name in declared}
        known = {name: value for name, value in given.items() if name not in later}
        for problem in check_inputs(self._compiled.inputs, known).problems:
            if problem.name not in later and not self._lost("with"):
                rule = "input-type" if problem.name in given else "input-missing"
                hint = problem.hint or (f"with: {{{problem.name}: …}}" if rule == "input-missing" else "")
                self._findings.error(self._key("with", problem.name), rule, problem.message, hint=hint)

    def _lost(self, field: str) -> bool:
        return any(path[:3] == (*self._path, field) for path in self._form.lost)

    def _key(self, *below: str) -> Span:
        """The key, else the nearest one above it that was written."""
        places = (key_span(self._root, *self._path, *below[:depth]) for depth in range(len(below), -1, -1))
        return next((place for place in places if place is not None), Span())

    def _value(self, *below: str) -> Span:
        node = at(self._root, *self._path, *below)
        return node.span if node else self._key(*below)


def _has_expression(value: Any) -> bool:
    if isinstance(value, str):
        return "${{" in value
    if isinstance(value, dict):
        return any(_has_expression(item) for item in value.values())
    return isinstance(value, list) and any(_has_expression(item) for item in value)
