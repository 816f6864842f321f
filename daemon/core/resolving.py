"""The values that a turn's attempts get: every template of its agent, evaluated once, and for a matrix once for each leg."""

from typing import Final

from chainwright.daemon.core.contexts import Contexts, leg_contexts
from chainwright.daemon.core.decisions import Leg, Resolved
from chainwright.daemon.core.expressions import parse_template, plain, resolve, to_text
from chainwright.daemon.core.graph import Agent
from chainwright.daemon.core.host_labels import host_labels
from chainwright.daemon.core.matrix import Combination, label, spread
from chainwright.daemon.core.secret_texts import parted, pieces, shown

MAX_NAME: Final = 100
"""Characters of a leg's name; the rest of a longer one is left out, as on GitHub."""


def resolved_turn(agent: Agent, contexts: Contexts) -> Resolved:
    """What the turn's attempts get; of a matrix only its legs, none when it is empty. Raises ExpressionError, MatrixError."""
    if agent.strategy is None:
        return _resolved(agent, contexts)
    combinations = spread(agent.strategy, contexts)
    return Resolved(
        legs=tuple(
            _leg(agent, index, combination, leg_contexts(contexts, agent.strategy, combinations, index))
            for index, combination in enumerate(combinations)
        )
    )


def _leg(agent: Agent, index: int, combination: Combination, contexts: Contexts) -> Leg:
    template = parse_template(agent.name or agent.id)
    name = f"{template.text(contexts)} ({label(combination)})" if template.is_plain else template.text(contexts)
    return Leg(leg=str(index + 1), name=name[:MAX_NAME], matrix=combination, resolved=_resolved(agent, contexts))


def _resolved(agent: Agent, contexts: Contexts) -> Resolved:
    env, hiding_env = parted(agent.env)
    given, hiding_inputs = parted(agent.with_)
    values = {name: to_text(resolve(value, contexts)) for name, value in env.items()}
    contexts = {**contexts, "env": values}  # for what is told to the agent beside it; within env it would be a riddle
    secret_inputs = {name: pieces(text, agent.secrets, contexts) for name, text in hiding_inputs.items()}
    return Resolved(
        script=resolved_text(agent.script, contexts),
        prompt=resolved_text(agent.prompt, contexts),
        shell=agent.shell,
        working_directory=resolved_text(agent.working_directory, contexts) or "",
        runs_on=host_labels(agent.runs_on, contexts),
        env=values,
        with_=resolve(given, contexts) | {name: shown(parts) for name, parts in secret_inputs.items()},
        event=contexts["event"],
        needs=plain(contexts["needs"]) if _asks_later(agent) else None,
        secrets=agent.secrets,
        secret_env={name: pieces(text, agent.secrets, contexts) for name, text in hiding_env.items()},
        secret_inputs=secret_inputs,
    )


def _asks_later(agent: Agent) -> bool:
    """Whether it has expressions that are evaluated when its session is there, or over."""
    return bool(agent.steps) or any(check.assertion is not None for check in agent.checks)


def resolved_text(template: str | None, contexts: Contexts) -> str | None:
    """The template's text, or None without one. Raises ExpressionError."""
    return None if template is None else parse_template(template).text(contexts)
