"""What an attempt's session is started with: the agent's whole environment and files (language.md §5)."""

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any, Final

from chainwright.daemon.core.artifacts import Artifact, with_paths
from chainwright.daemon.core.attempt_ids import check_id
from chainwright.daemon.core.commands import StartCheck
from chainwright.daemon.core.decisions import Piece, Resolved, ResolvedStep
from chainwright.daemon.core.graph import Step
from chainwright.daemon.core.host_labels import LOCAL
from chainwright.daemon.core.secret_texts import filled
from chainwright.daemon.core.state import AttemptState, RunState
from chainwright.daemon.engine.hosts import Surroundings
from chainwright.daemon.engine.ports import World, url_of
from chainwright.daemon.engine.workplaces import Workplace
from chainwright.daemon.secrets.port import Secret
from chainwright.runners.port import CannotStart
from chainwright.schemas.session import SessionLimits, SessionSpec, StepOrder

Paths = Mapping[Artifact, str]
"""Where the artifacts that the values name are on the session's host."""

_NO_PATHS: Final[Paths] = {}
DEFAULT_SHELLS: Final = (("bash", "-e"), ("sh", "-e"))
CHECK_TIMEOUT_S: Final = 600.0
_TITLE_LENGTH: Final = 80

_ALWAYS: Final = {
    "CHAINWRIGHT_EVENTS": "events",
    "CHAINWRIGHT_OUTPUT": "files/output",
    "CHAINWRIGHT_ENV": "files/env",
    "CHAINWRIGHT_SUMMARY": "files/summary",
    "CHAINWRIGHT_USAGE": "files/usage.json",
    "GITHUB_OUTPUT": "files/output",
    "GITHUB_ENV": "files/env",
    "GITHUB_STEP_SUMMARY": "files/summary",
}

_OF_STEP: Final = {
    "GITHUB_OUTPUT": "output",
    "GITHUB_ENV": "env",
    "GITHUB_PATH": "path",
    "CHAINWRIGHT_ENV": "env",
    "CHAINWRIGHT_PATH": "path",
}
"""Variable → beginning of the name of a step's own file. CHAINWRIGHT_OUTPUT is the agent's, one for all its steps."""

_FILES: Final = {
    "CHAINWRIGHT_INPUTS": "inputs.json",
    "CHAINWRIGHT_EVENT": "event.json",
    "CHAINWRIGHT_PROMPT": "prompt",
    "CHAINWRIGHT_FEEDBACK": "feedback",
}


def attempt_spec(
    world: World,
    state: RunState,
    attempt: AttemptState,
    place: Workplace,
    *,
    around: Surroundings,
    secrets: tuple[Secret, ...] = (),
    paths: Paths = _NO_PATHS,
) -> SessionSpec:
    """The session of an attempt. ``place`` is where it works, ``around`` what its host gives it, ``paths`` where the artifacts that its values name are.

    Raises CannotStart for a folder outside of the workspace.
    """
    agent = state.chain.agents[attempt.agent]
    resolved = _on_this_host(state.leg_of(attempt).resolved, paths)
    files = _files(resolved, attempt.feedback)
    return SessionSpec(
        id=attempt.id,
        token=world.token(attempt.id),
        epoch=world.store.epoch,
        interpreters=(resolved.shell,) if resolved.shell else DEFAULT_SHELLS,
        script=resolved.script,
        steps=bool(agent.steps),
        env=_environment(world, state, attempt, resolved, place, around=around, hidden=_hidden(resolved, secrets)),
        path_env=_ALWAYS | {name: f"files/{file}" for name, file in _FILES.items() if file in files},
        path_prefix=around.path_prefix,
        cwd=below(place.folder, resolved.working_directory),
        files=files,
        masks=_masks(secrets),
        secrets=_values(secrets) if agent.steps else {},
        limits=SessionLimits(timeout_s=agent.timeout_s, idle_timeout_s=agent.idle_timeout_s, grace_s=world.grace_s),
    )


def step_order(
    state: RunState,
    attempt: AttemptState,
    number: int,
    place: Workplace,
    *,
    around: Surroundings,
    paths: Paths = _NO_PATHS,
) -> StepOrder:
    """A step of an attempt that runs; otherwise as :func:`attempt_spec`."""
    agent, resolved = state.chain.agents[attempt.agent], state.leg_of(attempt).resolved
    declared, step = agent.steps[number - 1], attempt.steps[number - 1]
    assert step.resolved is not None
    shell = declared.shell
    return StepOrder(
        n=number,
        title=_title(declared, number, len(agent.steps)),
        script=step.resolved.script,
        interpreters=(shell,) if shell else DEFAULT_SHELLS,
        env=_without_nul(with_paths(step.resolved.env, paths)),
        secret_env={name: _told(_pieces(parts, paths)) for name, parts in step.resolved.secret_env.items()},
        path_env={name: f"files/{file}.{number}" for name, file in _OF_STEP.items()},
        path=(*step.resolved.path, around.path_prefix),
        cwd=below(place.folder, step.resolved.working_directory or resolved.working_directory),
        timeout_s=declared.timeout_s,
    )


def _title(step: Step, number: int, count: int) -> str:
    """The line by which people find the step in the log: its name, or how its script begins."""
    words = " ".join((step.name or step.id or step.script.strip().partition("\n")[0]).split())
    return f"▶ step {number}/{count}: {words[:_TITLE_LENGTH]}"


def check_spec(
    world: World,
    state: RunState,
    check: StartCheck,
    place: Workplace,
    *,
    around: Surroundings,
    secrets: tuple[Secret, ...] = (),
    paths: Paths = _NO_PATHS,
) -> SessionSpec:
    """The session of a check: same workspace and environment as the attempt, its outputs at hand, ten minutes.

    It gets none of the attempt's secrets; they are masked all the same, for the agent may have left them in the workspace.
    """
    attempt = state.attempts[check.attempt_id]
    session = check_id(attempt.id, check.index, check.again)
    resolved = _on_this_host(state.leg_of(attempt).resolved, paths)
    assert attempt.exit is not None
    declared = state.chain.agents[attempt.agent].checks[check.index]
    files = _files(resolved, attempt.feedback) | {"outputs.json": _json(with_paths(attempt.exit.outputs, paths))}
    shell = declared.shell or resolved.shell
    return SessionSpec(
        id=session,
        token=world.token(session),
        epoch=world.store.epoch,
        interpreters=(shell,) if shell else DEFAULT_SHELLS,
        script=declared.script,
        env=_environment(world, state, attempt, resolved, place, around=around, hidden={}),
        path_env={name: f"files/{file}" for name, file in _FILES.items() if file in files}
        | {"CHAINWRIGHT_OUTPUTS": "files/outputs.json"},
        path_prefix=around.path_prefix,
        cwd=below(place.folder, resolved.working_directory),
        files=files,
        masks=_masks(secrets),
        limits=SessionLimits(timeout_s=CHECK_TIMEOUT_S, grace_s=world.grace_s),
    )


def handed_values(resolved: Resolved) -> list[Any]:
    """All that a process with these values is handed and in which artifacts may be named."""
    texts = [_texts(resolved.secret_env), _texts(resolved.secret_inputs)]
    return [resolved.prompt, resolved.env, resolved.with_, resolved.event, texts]


def handed_to_step(resolved: ResolvedStep) -> list[Any]:
    """The same of a step."""
    return [resolved.env, _texts(resolved.secret_env)]


def _texts(hiding: Mapping[str, tuple[Piece, ...]]) -> list[str]:
    return [part.text for parts in hiding.values() for part in parts]


def _on_this_host(resolved: Resolved, paths: Paths) -> Resolved:
    """The same, with a path of this host in the place of each reference (semantics 30)."""
    if not paths:
        return resolved
    return replace(
        resolved,
        prompt=with_paths(resolved.prompt, paths),
        env=with_paths(resolved.env, paths),
        with_=with_paths(resolved.with_, paths),
        event=with_paths(resolved.event, paths),
        secret_env={name: _pieces(parts, paths) for name, parts in resolved.secret_env.items()},
        secret_inputs={name: _pieces(parts, paths) for name, parts in resolved.secret_inputs.items()},
    )


def _pieces(parts: tuple[Piece, ...], paths: Paths) -> tuple[Piece, ...]:
    return tuple(replace(part, text=with_paths(part.text, paths)) for part in parts)


def _files(resolved: Resolved, feedback: str) -> dict[str, str]:
    given = {
        "inputs.json": _json(resolved.with_),
        "event.json": None if resolved.event is None else _json(resolved.event),
        "prompt": resolved.prompt,
        "feedback": feedback or None,
    }
    return {name: text for name, text in given.items() if text is not None}


def _hidden(resolved: Resolved, secrets: tuple[Secret, ...]) -> dict[str, str]:
    """The variables that hold secrets: those of their names, and those in whose texts they stand."""
    values = _values(secrets)
    texts = resolved.secret_env | {_input(name): parts for name, parts in resolved.secret_inputs.items()}
    return values | {name: filled(parts, values) for name, parts in texts.items()}


def _values(secrets: tuple[Secret, ...]) -> dict[str, str]:
    return {secret.reference.name: secret.value for secret in secrets}


def _told(parts: tuple[Piece, ...]) -> tuple[tuple[str, str], ...]:
    """As the session host reads it, which puts the values in: those that it masks, whatever the secret is by now."""
    return tuple(("secret", part.secret) if part.secret else ("text", part.text) for part in parts)


def _masks(secrets: tuple[Secret, ...]) -> tuple[str, ...]:
    return tuple(mask for secret in secrets for mask in secret.masks)


def _environment(
    world: World,
    state: RunState,
    attempt: AttemptState,
    resolved: Resolved,
    place: Workplace,
    *,
    around: Surroundings,
    hidden: dict[str, str],
) -> dict[str, str]:
    request = state.request
    assert request is not None
    inputs = {_input(name): _text(value) for name, value in resolved.with_.items()}
    identity = {
        "CHAINWRIGHT": "1",
        "CHAINWRIGHT_RUN_ID": request.run_id,
        "CHAINWRIGHT_CHAIN": request.chain,
        "CHAINWRIGHT_AGENT": attempt.agent,
        "CHAINWRIGHT_TURN": str(attempt.turn),
        "CHAINWRIGHT_ATTEMPT": str(attempt.number),
        "CHAINWRIGHT_LEG": attempt.leg or "",
        "CHAINWRIGHT_HOST": attempt.host or LOCAL,
        "CHAINWRIGHT_COMMIT": request.works_on,
        "CHAINWRIGHT_URL": request.url or url_of(world, request.run_id),
        "CHAINWRIGHT_WORKSPACE": place.folder,
        "CHAINWRIGHT_REPOSITORY": place.repository,
        "CHAINWRIGHT_FEEDBACK": os.devnull,  # where there is some, its file takes the place: scripts can always read it
    }
    return _without_nul({**around.env, "TERM": "xterm-256color", **resolved.env, **inputs, **hidden, **identity})


def _without_nul(environment: dict[str, str]) -> dict[str, str]:
    """The same; a value that no process could be given is refused here, where its name is known."""
    for name, value in environment.items():
        if "\0" in value:
            raise CannotStart(f"the value of {name} holds a null character, which no environment can")
    return environment


def _input(name: str) -> str:
    return "INPUT_" + name.upper().replace("-", "_").replace(" ", "_")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else _json(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def below(workspace: str, folder: str) -> str:
    """The path of a folder of the workspace. Raises CannotStart for one that is outside of it."""
    parts = PurePosixPath(folder).parts
    if folder.startswith("/") or ".." in parts:
        raise CannotStart(f"working-directory {folder!r} leads out of the workspace")
    return "/".join((workspace, *parts))
