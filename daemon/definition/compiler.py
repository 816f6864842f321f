"""A chain file whose form is right → the chain as the run machine reads it: defaults filled in, reusable agents merged.

How a reusable agent and the one that uses it meet (semantics 33): maps merge, where both say the same key the user's value wins,
types of outputs and events must be equal; checks follow each other; the script is the reusable agent's. A shell goes with its
script, so ``defaults.shell`` is for the chain's own scripts.
"""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, Final, TypeVar

from chainwright.daemon.core import graph
from chainwright.daemon.core.cron_line import CronError, parse_cron
from chainwright.daemon.core.schedule import schedule_id
from chainwright.daemon.definition.all_needs import EVERYONE, with_all_needs
from chainwright.daemon.definition.check_schemas import json_outputs
from chainwright.daemon.definition.compiled_events import contracts, emitted, promised
from chainwright.daemon.definition.compiled_listening import lists, on_chain, on_event
from chainwright.daemon.definition.compiled_pushes import on_pull_request, on_push
from chainwright.daemon.definition.compiled_types import options_of, types_of
from chainwright.daemon.definition.compiled_waits import approval_of, concurrency_of, limits_of
from chainwright.daemon.definition.compiled_webhooks import webhooks_of
from chainwright.daemon.definition.conditions import bare
from chainwright.daemon.definition.schema_files import NO_FILES, SchemaFiles
from chainwright.schemas.agent import AgentFile
from chainwright.schemas.agent_events import Listen
from chainwright.schemas.chain import Agent, ChainFile, Defaults, Limits, Retry
from chainwright.schemas.checks import Check
from chainwright.schemas.parts import Step, Strategy
from chainwright.schemas.triggers import Schedule, Triggers
from chainwright.schemas.value_forms import Input

T = TypeVar("T")

FOLDER: Final = "workflows"
"""Where the chains of a repository stand."""

_SHELLS: Final = {"bash": ("bash", "-e"), "sh": ("sh", "-e")}
"""Shells that are meant to stop at the first error when they are named without flags."""

_NO_AGENT: Final = AgentFile.model_construct()


def compile_chain(
    file: ChainFile,
    path: str,
    agents: Mapping[str, AgentFile],
    folder: str = FOLDER,
    schemas: SchemaFiles = NO_FILES,
) -> graph.Chain:
    """The chain. ``path`` is its file's; ``agents`` are the reusable ones by reference.

    An agent that uses an unknown one is compiled without a script: the loader has reported it.
    """
    name = id_of(path, folder)
    chain_id = file.id or name
    events = contracts(file.events, schemas)
    return graph.Chain(
        id=chain_id,
        name=file.name or PurePosixPath(name).name,
        description=file.description,
        path=path,
        syntax=file.syntax,
        manual=lists(file, "manual"),
        callable=lists(file, "call"),
        schedules=_schedules(chain_id, file),
        webhooks=webhooks_of(file),
        on_event=on_event(file),
        on_chain=on_chain(file),
        on_push=on_push(file),
        on_pull_request=on_pull_request(file),
        inputs=declared_inputs(file.inputs),
        outputs=file.outputs,
        events=events,
        vars=file.vars,
        limits=_limits(file.limits),
        concurrency=concurrency_of(file.concurrency),
        agents=with_all_needs(
            file,
            {
                name: _agent(name, agent, file, agents.get(used_by(agent, file.defaults) or "", _NO_AGENT), events)
                for name, agent in file.agents.items()
            },
        ),
    )


def id_of(path: str, folder: str = FOLDER) -> str:
    """The id of the chain of a file: its path below the folder of chains without ending, or its bare name elsewhere."""
    whole = str(PurePosixPath(path).with_suffix(""))
    return whole.removeprefix(f"{folder}/") if whole.startswith(f"{folder}/") else whole.rpartition("/")[2]


def used_by(agent: Agent, defaults: Defaults) -> str | None:
    """The reusable agent that an agent is, by its reference; a prompt alone means the default one."""
    if agent.uses is not None:
        return agent.uses
    return defaults.uses if agent.prompt is not None else None


def declared_inputs(inputs: Mapping[str, Input]) -> tuple[graph.Input, ...]:
    """The declared inputs of a chain or of a reusable agent."""
    return tuple(
        graph.Input(
            name=name,
            type=one.type,
            required=one.required,
            default=one.default,
            options=tuple(one.options or ()),
            pattern=one.pattern,
            min=one.min,
            max=one.max,
            description=one.description,
        )
        for name, one in inputs.items()
    )


def _schedules(chain_id: str, file: ChainFile) -> tuple[graph.Schedule, ...]:
    lines = file.on.schedule if isinstance(file.on, Triggers) else []
    return tuple(_schedule(chain_id, line) for line in lines)


def _schedule(chain_id: str, line: Schedule) -> graph.Schedule:
    try:
        identity = schedule_id(chain_id, line.cron, line.timezone, line.inputs)
        cron = parse_cron(line.cron, chain_id).text
    except CronError:  # the lint reports it, so this chain is never deployed
        identity, cron = "", line.cron
    written = "" if cron == line.cron else line.cron
    return graph.Schedule(
        id=identity,
        cron=cron,
        timezone=line.timezone,
        inputs=line.inputs,
        written=written,
        missed=line.missed,
        overlap=line.overlap,
        jitter_s=line.jitter,
    )


def _limits(limits: Limits) -> graph.Limits:
    usual = graph.Limits()
    return graph.Limits(
        duration_s=_first(limits.duration, usual.duration_s),
        turns=_first(limits.turns, usual.turns),
        events=_first(limits.events, usual.events),
        on_limit=limits.on_limit,
    )


def _agent(
    name: str, agent: Agent, file: ChainFile, used: AgentFile, events: Mapping[str, graph.EventType]
) -> graph.Agent:
    defaults, usual = file.defaults, graph.Agent(id="")
    return graph.Agent(
        id=name,
        name=agent.name or used.name,
        needs=() if agent.needs == EVERYONE else _listed(agent.needs),
        listens=_listens(agent),
        condition=bare(agent.if_),
        script=agent.run if agent.run is not None else used.run,
        steps=_steps(agent.steps or [], _words(_maybe(agent.shell, defaults.shell)))
        or _steps(used.steps or [], _words(_maybe(agent.shell, used.shell))),
        prompt=agent.prompt,
        shell=_shell(agent, used, defaults),
        working_directory=_first(agent.working_directory, used.working_directory, defaults.working_directory, ""),
        env=file.env | defaults.env | used.env | agent.env,
        workspace=_first(agent.workspace, defaults.workspace, usual.workspace),
        runs_on=_listed(_maybe(agent.runs_on, defaults.runs_on)),
        secrets=tuple(dict.fromkeys(agent.secrets)),
        inputs=declared_inputs(used.inputs),
        with_=_with(agent, used),
        uses=used_by(agent, defaults),
        outputs=types_of({**used.outputs, **agent.outputs}),
        output_options=options_of({**used.outputs, **agent.outputs}),
        emits=promised(emitted(used.emits) | emitted(agent.emits), events),
        finish=_first(agent.finish, used.finish, usual.finish),
        checks=(
            *_checks(used.checks, _words(used.shell), json_outputs(types_of(used.outputs))),
            *_checks(agent.checks, _words(_maybe(agent.shell, defaults.shell)), ()),
        ),
        retry=_retry(agent.retry, used.retry, defaults.retry),
        max_turns=agent.max_turns,
        timeout_s=_first(agent.timeout, used.timeout, defaults.timeout, usual.timeout_s),
        idle_timeout_s=_maybe(agent.idle_timeout, used.idle_timeout, defaults.idle_timeout),
        continue_on_error=agent.continue_on_error,
        strategy=_strategy(agent.strategy),
        approval=approval_of(agent.approval),
        concurrency=concurrency_of(agent.concurrency),
        limits=limits_of(agent.limits),
        priority=agent.priority,
    )


def _strategy(strategy: Strategy | None) -> graph.Strategy | None:
    if strategy is None:
        return None
    return graph.Strategy(
        matrix=strategy.matrix if strategy.matrix is not None else {},
        include=_combinations(strategy.include),
        exclude=_combinations(strategy.exclude),
        fail_fast=strategy.fail_fast,
        max_parallel=strategy.max_parallel,
    )


def _combinations(given: list[dict[str, Any]] | str | None) -> tuple[Any, ...] | str:
    return given if isinstance(given, str) else tuple(given or ())


def _steps(steps: list[Step], shell: tuple[str, ...]) -> tuple[graph.Step, ...]:
    """With the shell that they have where they say none."""
    return tuple(
        graph.Step(
            id=step.id or "",
            name=step.name,
            condition=bare(step.if_),
            script=step.run,
            shell=_words(step.shell) or shell,
            working_directory=step.working_directory or "",
            env=step.env,
            timeout_s=step.timeout,
            continue_on_error=step.continue_on_error,
        )
        for step in steps
    )


def _listed(names: Sequence[str] | None) -> tuple[str, ...]:
    """Each name once, in order."""
    if names is None:
        return ()
    return (names,) if isinstance(names, str) else tuple(dict.fromkeys(names))


def _listens(agent: Agent) -> graph.Listen | None:
    if not isinstance(agent.on, Listen):
        return graph.Listen(mode="any", names=_listed(agent.on)) if agent.on is not None else None
    if agent.on.quorum is not None:
        return graph.Listen(mode="quorum", names=_listed(agent.on.quorum.of), count=agent.on.quorum.count)
    if agent.on.first:
        return graph.Listen(mode="first", names=_listed(agent.on.first))
    if agent.on.all:
        return graph.Listen(mode="all", names=_listed(agent.on.all))
    return graph.Listen(mode="any", names=_listed(agent.on.any))


def _with(agent: Agent, used: AgentFile) -> dict[str, Any]:
    """The given inputs; a prompt is the input of that name too, where the used agent declares one."""
    if agent.prompt is not None and "prompt" in used.inputs:
        return {"prompt": agent.prompt} | agent.with_
    return dict(agent.with_)


def _shell(agent: Agent, used: AgentFile, defaults: Defaults) -> tuple[str, ...]:
    is_script = agent.run is not None or agent.steps is not None
    own = defaults.shell if is_script else used.shell
    return _words(_maybe(agent.shell, own))


def _words(command: str | None) -> tuple[str, ...]:
    """A command line as words. The script's file is always appended, so GitHub's ``{0}`` at the end says nothing new."""
    words = tuple(shlex.split(command)) if command is not None else ()
    return _SHELLS.get(" ".join(words), words[:-1] if words[-1:] == ("{0}",) else words)


def _checks(checks: list[Check], shell: tuple[str, ...], schema_outputs: tuple[str, ...]) -> tuple[graph.Check, ...]:
    """``schema_outputs`` are those of which the only one is meant where a check by schema names none."""
    return tuple(
        graph.Check(
            script=check.run or "",
            shell=shell if check.run is not None else (),
            assertion=bare(check.assert_),
            message=check.message or "",
            schema_path=check.schema_ or "",
            output=check.output or (schema_outputs[0] if check.schema_ and len(schema_outputs) == 1 else ""),
        )
        for check in checks
    )


def _retry(*given: Retry | None) -> graph.Retry:
    retry = next((one for one in given if one is not None), 0)
    if isinstance(retry, int):
        return graph.Retry(max=retry)
    return graph.Retry(
        max=retry.max,
        delay_s=retry.delay,
        max_delay_s=retry.max_delay,
        backoff=retry.backoff,
        jitter=retry.jitter,
        on=graph.RETRIED_BY_DEFAULT if retry.on is None else frozenset(retry.on),
        exit_codes=tuple(retry.exit_codes),
    )


def _maybe(*values: T | None) -> T | None:
    """The first that was given."""
    return next((value for value in values if value is not None), None)


def _first(*values: T | None) -> T:
    """The first that was given; the last one always is."""
    return next(value for value in values if value is not None)
