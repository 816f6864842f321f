"""An expression names something that does not exist where it stands."""

from collections.abc import Iterator
from typing import Final

from chainwright.daemon.core.expressions import Expression
from chainwright.daemon.core.expressions.tree import Constant, StatusCall
from chainwright.daemon.core.secret_texts import parted
from chainwright.daemon.core.trigger_values import EVENT_OF_OTHERS, EVENT_OF_WEBHOOK, MEMBERS_OF_MOVES
from chainwright.daemon.definition.form_messages import near
from chainwright.daemon.lint.expressions import (
    RUN_VALUES,
    at_node,
    expressions_of,
    is_unknown,
    matrix_keys,
    may_stand_in_script,
    place,
    unreadable,
)
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.steps import unknown_step
from chainwright.daemon.lint.subject import Subject
from chainwright.daemon.lint.texts import Text

_EVENT: Final = ("name", "source", "data", "time")
_EVENT_OF: Final = {"webhook": EVENT_OF_WEBHOOK}
_KNOWN_BEFORE: Final = frozenset({"event", "vars", "secrets", "env"})
"""Contexts of triggers, and those whose own rules say that they are none."""
_SENT: Final = ("headers", "body")
_NEEDED: Final = ("result", "outputs")
_NEEDED_OF_MATRIX: Final = ("result", "legs", "succeeded", "failed")
_STRATEGY: Final = ("fail-fast", "max-parallel", "job-index", "job-total")
_BEFORE_LEGS: Final = ("if", "strategy", "outputs", "message", "group")
"""Roles of texts that are evaluated while there are no legs yet, or no more."""

Path = tuple[str, ...]
Problem = tuple[str, str]
"""Message and hint."""


class ExprUnknownContext(Rule):
    """Names are compared without regard to case, as the evaluator does. What a script must not name at all is ``inject-shell``'s."""

    name = "expr-unknown-context"
    doc = "An expression names a value that does not exist there."
    why = (
        "It would be null wherever it is read. An agent sees `inputs`, `vars`, `run`, the agents that it `needs`, and "
        "the event that started it."
    )
    bad = """
        agents:
          a: {run: ./a.sh}
          b: {needs: a, env: {COMMIT: '${{ github.sha }}'}, run: ./b.sh}
    """
    good = """
        agents:
          a: {run: ./a.sh}
          b: {needs: a, env: {COMMIT: '${{ run.commit }}'}, run: ./b.sh}
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each such path."""
        source = subject.document.source
        yield from unreadable(source, subject.texts, self.name)
        for text in subject.texts:
            for reference in text.references:
                if text.role == "run" and not may_stand_in_script(reference.path):
                    continue
                if problem := _problem(subject, text, reference.path):
                    yield Finding(span=place(source, text, reference), message=problem[0], hint=problem[1])
        for text, expression in expressions_of(subject.texts):
            for one, message, hint in _strange_ids(subject, text, expression):
                yield Finding(span=at_node(source, text, expression, one), message=message, hint=hint)


def _strange_ids(subject: Subject, text: Text, expression: Expression) -> Iterator[tuple[Constant, str, str]]:
    """The ids about which a status function is asked and that are no needs of the agent."""
    agent = subject.agents.get(text.agent or "")
    if text.role != "if" or agent is None or subject.lost(agent.id, "needs"):
        return
    for one in (one for node in expression.nodes if isinstance(node, StatusCall) for one in node.ids):
        if text.step is not None:
            yield one, "a step asks about all the steps before it", f"steps.{one.value}.outcome tells of one"
        elif is_unknown((one.value,), agent.needs):
            yield one, f'"{one.value}" is not among the needs of "{agent.id}"', near(one.value, agent.needs)


def _problem(subject: Subject, text: Text, path: Path) -> Problem | None:
    if text.trigger is not None:
        return _before_run(text.trigger, path)
    ask = _ASKED.get(path[0])
    return ask(subject, text, path) if ask else None


def _run(subject: Subject, text: Text, path: Path) -> Problem | None:
    return _unknown_member("run", path[1:2], RUN_VALUES)


def _before_run(trigger: str, path: Path) -> Problem | None:
    """What a trigger reads: there is no run yet, only what has happened."""
    if path[0] not in _KNOWN_BEFORE:
        return f'"{path[0]}" is not known before there is a run', "a trigger knows event and vars"
    if path[0] != "event":
        return None
    problem = _unknown_member("event", path[1:2], _EVENT_OF.get(trigger, EVENT_OF_OTHERS))
    known = MEMBERS_OF_MOVES.get(trigger, {}).get(path[1].lower()) if path[1:2] else None
    return problem or (_unknown_member(f"event.{path[1]}", path[2:3], known) if known else None)


def _event(subject: Subject, text: Text, path: Path) -> Problem | None:
    if text.agent is None:
        return '"event" is known only within an agent', ""
    agent = subject.agents.get(text.agent)
    if agent is None or subject.lost(text.agent, "on"):
        return None
    if agent.listens is None:
        return f'agent "{text.agent}" is not started by an event', "on: <event>"
    if path[1:2] and path[1].lower() in _SENT:
        hint = "hand it over as an input of the run: on: {webhook: {inputs: {…}}}"
        return f'"event.{path[1]}" is known only in the trigger', hint
    return _unknown_member("event", path[1:2], _EVENT)


def _needs(subject: Subject, text: Text, path: Path) -> Problem | None:
    if text.agent is None:
        hint = "use agents.<id>" if text.role == "outputs" else ""
        return '"needs" is known only within an agent', hint
    agent = subject.agents.get(text.agent)
    if agent is None or not path[1:] or subject.lost(text.agent, "needs"):
        return None
    if is_unknown(path[1:2], agent.needs):
        return f'"{path[1]}" is not among the needs of "{text.agent}"', near(path[1], agent.needs)
    return _unknown_of_agent(subject, f"needs.{path[1]}", path)


def _agents(subject: Subject, text: Text, path: Path) -> Problem | None:
    if text.role != "outputs":
        return '"agents" is known only in the outputs of the chain', "an agent sees those in its needs: needs.<id>"
    if is_unknown(path[1:2], subject.known_ids):
        return f'there is no agent "{path[1]}"', near(path[1], subject.known_ids)
    return _unknown_of_agent(subject, f"agents.{''.join(path[1:2])}", path)


def _unknown_of_agent(subject: Subject, of: str, path: Path) -> Problem | None:
    """A matrix has legs instead of outputs; both have a result."""
    named = {name.lower(): agent for name, agent in subject.agents.items()}
    agent = named.get("".join(path[1:2]).lower())
    if agent is None or subject.lost(agent.id, "strategy"):
        return None
    if agent.strategy is None:
        return _unknown_member(of, path[2:3], _NEEDED)
    if path[2:3] and path[2].lower() == "outputs":
        return f'"{agent.id}" is a matrix: each of its legs has outputs of its own', f"{of}.legs holds them"
    return _unknown_member(of, path[2:3], _NEEDED_OF_MATRIX)


def _of_leg(subject: Subject, text: Text, path: Path) -> Problem | None:
    """``matrix`` and ``strategy``: known where a leg's values are resolved."""
    if text.agent is None:
        return f'"{path[0]}" is known only within an agent', ""
    agent = subject.agents.get(text.agent)
    if agent is None or subject.lost(text.agent, "strategy"):
        return None
    if agent.strategy is None:
        return f'agent "{text.agent}" has no matrix', "strategy: {matrix: {…: […]}}"
    if text.role in _BEFORE_LEGS and text.step is None:
        return f'"{path[0]}" is not known in "{text.role}": it is asked before there are legs', ""
    known = _STRATEGY if path[0] == "strategy" else matrix_keys(agent.strategy)
    return _unknown_member(path[0], path[1:2], known) if known is not None else None


def _unknown_member(of: str, member: Path, known: tuple[str, ...]) -> Problem | None:
    if not is_unknown(member, known):
        return None
    hint = near(member[0], known) or (f"it has {', '.join(known)}" if known else "it is empty")
    return f'"{of}" has no "{member[0]}"', hint


def _steps(subject: Subject, text: Text, path: Path) -> Problem | None:
    agent = subject.agents.get(text.agent or "")
    if agent is not None and subject.lost(agent.id, "steps"):
        return None
    return unknown_step([step.id for step in agent.steps] if agent else (), text, path)


def _outputs(subject: Subject, text: Text, path: Path) -> Problem | None:
    """An undeclared one is ``output-unknown``'s."""
    if text.is_asked_afterwards:
        return None
    return (
        '"outputs" is known only in checks, by assert and message',
        "an agent sees those of its needs: needs.<id>.outputs",
    )


def _env(subject: Subject, text: Text, path: Path) -> Problem | None:
    """Steps may have set what nobody declares."""
    agent = subject.agents.get(text.agent or "")
    if agent is None or text.step is not None or subject.lost(agent.id, "env"):
        return None
    if agent.steps and text.is_asked_afterwards:
        return None
    if path[1:2] and path[1] in parted(agent.env)[1]:
        return f'"env.{path[1]}" holds a secret, whose value is not known here', "name the secret in its place"
    return _unknown_member("env", path[1:2], tuple(agent.env))


def _host(subject: Subject, text: Text, path: Path) -> Problem | None:
    """It is chosen when a turn's values are resolved already."""
    if text.step is not None or text.is_asked_afterwards:
        return _unknown_member("host", path[1:2], ("name",))
    return '"host" is known only in steps and checks', "a script has $CHAINWRIGHT_HOST"


_ASKED: Final = {
    "host": _host,
    "env": _env,
    "run": _run,
    "event": _event,
    "needs": _needs,
    "agents": _agents,
    "matrix": _of_leg,
    "strategy": _of_leg,
    "steps": _steps,
    "outputs": _outputs,
}
