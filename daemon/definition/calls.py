"""Chains as other chains call them: what they show to their callers, and whether a caller fits (semantics 27).

A called chain is read before any chain is compiled, so that its callers can be held against its inputs, outputs and events.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from chainwright.daemon.core import graph
from chainwright.daemon.definition.compiled_events import contract_misfits, contracts, emitted, promised
from chainwright.daemon.definition.form import Formed
from chainwright.daemon.definition.form_messages import near
from chainwright.daemon.definition.misfits import Misfit
from chainwright.daemon.definition.schema_files import NO_FILES, SchemaFiles
from chainwright.schemas.agent import AgentFile
from chainwright.schemas.chain import Agent, ChainFile
from chainwright.schemas.triggers import Triggers

PREFIX: Final = "chains/"
"""What a reference to a chain begins with."""

_MEANINGLESS: Final = ("prompt", "env", "shell", "working-directory", "finish", "idle-timeout", "secrets")
"""Fields of an agent that are about a process of its own."""

_UNREAD: Final = ChainFile.model_construct(agents={})


@dataclass(frozen=True, slots=True, kw_only=True)
class CalledChain:
    """A chain as its callers see it. ``form`` has no model when nothing of the file could be understood."""

    id: str
    path: str
    form: Formed[ChainFile]
    schemas: SchemaFiles = NO_FILES

    @property
    def reference(self) -> str:
        """As agents name it."""
        return PREFIX + self.id

    @property
    def as_agent(self) -> AgentFile:
        """Its inputs in the form in which reusable agents have theirs."""
        return AgentFile.model_construct(run="", inputs=self._model.inputs)

    def lost(self, field: str) -> bool:
        """Whether something of a field of the chain could not be understood."""
        return self.form.model is None or any(path[:1] in {(), (field,)} for path in self.form.lost)

    def calling(self, agent: graph.Agent) -> graph.Agent:
        """The compiled agent as a caller of this chain."""
        outputs: dict[str, graph.ValueType] = dict.fromkeys(self._model.outputs, "json")
        return replace(
            agent,
            script=None,
            calls=graph.Call(chain=self.id),
            outputs={**outputs, **agent.outputs},
            emits=promised(agent.emits, self._contracts),
        )

    def misfits(self, agent: Agent) -> Iterator[Misfit]:
        """Everything in which a caller does not fit; inputs apart."""
        if not self._is_callable:
            message = f'the chain "{self.id}" is not to be called'
            yield Misfit(("uses",), "call-refused", message, f"let {self.path} say so: on: call")
        yield from _meaningless(agent)
        if not self.lost("outputs"):
            yield from self._outputs(agent)
        if not self.lost("events"):
            yield from self._events(agent)

    @property
    def _model(self) -> ChainFile:
        return self.form.model or _UNREAD

    @property
    def _contracts(self) -> dict[str, graph.EventType]:
        return contracts(self._model.events, self.schemas)

    @property
    def _is_callable(self) -> bool:
        on = self._model.on
        listed = on.model_fields_set if isinstance(on, Triggers) else on
        return "call" in listed or self.lost("on")

    def _outputs(self, agent: Agent) -> Iterator[Misfit]:
        for name in agent.outputs:
            if name not in self._model.outputs:
                hint = near(name, self._model.outputs) or f"its outputs: {_listed(self._model.outputs)}"
                message = f'the chain "{self.id}" has no output "{name}"'
                yield Misfit(("outputs", name), "output-unknown", message, hint)

    def _events(self, agent: Agent) -> Iterator[Misfit]:
        emits = emitted(agent.emits)
        for name in emits:
            if name not in self._model.events:
                hint = near(name, self._model.events) or f"its events: {_listed(self._model.events)}"
                message = f'the chain "{self.id}" lets no event "{name}" out'
                yield Misfit(("emits", name), "event-never", message, hint)
        yield from contract_misfits(emits, self._contracts, f'the chain "{self.id}"', comes_up=True)


def _meaningless(agent: Agent) -> Iterator[Misfit]:
    written = {name.rstrip("_").replace("_", "-") for name in agent.model_fields_set}
    for field in _MEANINGLESS:
        if field in written:
            message = f'"{field}" is about a process, which a sub-chain is not'
            yield Misfit(
                (field,), "call-field", message, "give the chain an input for it, and the input a value: with: {…}"
            )


def _listed(names: Mapping[str, object]) -> str:
    return ", ".join(names) or "none"
