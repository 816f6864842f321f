"""What the sessions of a run are given: their workspace, their secrets, and the files that their values name.

Everything is had as late as it can be, when a session starts, and nothing of it is decided here: the values stand in the run's state.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from chainwright.daemon.artifacts.port import NoSuchArtifact
from chainwright.daemon.core.artifacts import Artifact, mentioned
from chainwright.daemon.core.commands import RunStep, StartCheck
from chainwright.daemon.core.facts import SecretsResolved
from chainwright.daemon.core.run_artifacts import known_to
from chainwright.daemon.core.state import AttemptState, RunState
from chainwright.daemon.engine.hosts import Host
from chainwright.daemon.engine.ports import World
from chainwright.daemon.engine.preparing import (
    attempt_spec,
    below,
    check_spec,
    handed_to_step,
    handed_values,
    step_order,
)
from chainwright.daemon.engine.sessions import Owner
from chainwright.daemon.engine.workplaces import Workplace, Workspaces
from chainwright.daemon.secrets.port import Secret, SecretUnavailable
from chainwright.runners.port import CannotStart, RunnerError
from chainwright.schemas.session import SessionSpec, StepOrder

_NO_PATHS: Final[dict[Artifact, str]] = {}


class Outfitter:
    """Belongs to one run's scope. ``state`` gives the run as it is now: it may be rebuilt while a session starts."""

    def __init__(self, world: World, owner: Owner, state: Callable[[], RunState]) -> None:
        self._world = world
        self._owner = owner
        self._state = state
        self._shared: dict[str, asyncio.Task[Workplace]] = {}
        """The run's workspace, by host."""
        self._has_own = False

    async def attempt_spec(self, attempt_id: str, secrets: tuple[Secret, ...]) -> SessionSpec:
        """The session of an attempt. Raises CannotStart, HostUnreachable and OSError."""
        place = await self._workplace_of(attempt_id, anew=True)
        state = self._state()
        attempt = state.attempts[attempt_id]
        paths = await self._paths(attempt, place, handed_values(state.leg_of(attempt).resolved))
        around = await self._host_of(attempt).surroundings()
        return attempt_spec(self._world, state, attempt, place, around=around, secrets=secrets, paths=paths)

    async def check_spec(self, check: StartCheck, secrets: tuple[Secret, ...]) -> SessionSpec:
        """The session of a check. Raises CannotStart, HostUnreachable and OSError."""
        place = await self._workplace_of(check.attempt_id)
        state = self._state()
        attempt = state.attempts[check.attempt_id]
        assert attempt.exit is not None
        own = frozenset(mentioned(attempt.exit.outputs))
        paths = await self._paths(
            attempt, place, [*handed_values(state.leg_of(attempt).resolved), attempt.exit.outputs], own
        )
        around = await self._host_of(attempt).surroundings()
        return check_spec(self._world, state, check, place, around=around, secrets=secrets, paths=paths)

    async def step_order(self, order: RunStep) -> StepOrder:
        """A step of an attempt. Raises CannotStart, HostUnreachable and OSError."""
        place = await self._workplace_of(order.attempt_id)
        state = self._state()
        attempt = state.attempts[order.attempt_id]
        resolved = attempt.steps[order.step - 1].resolved
        assert resolved is not None
        paths = await self._paths(attempt, place, handed_to_step(resolved))
        around = await self._host_of(attempt).surroundings()
        return step_order(state, attempt, order.step, place, around=around, paths=paths)

    async def secrets_of(self, attempt_id: str) -> tuple[Secret, ...]:
        """What the attempt lists, as it is now. Raises SecretUnavailable."""
        state = self._state()
        names = state.leg_of(state.attempts[attempt_id]).resolved.secrets
        assert state.request is not None
        if names and state.request.gets_no_secrets:
            raise SecretUnavailable(f'the secret "{names[0]}" is not given: a run of a pull request gets none')
        return await self._world.secrets.read(names) if names else ()

    async def recorded_secrets_of(self, attempt_id: str) -> tuple[Secret, ...]:
        """The same, on record before the process exists that gets them."""
        secrets = await self.secrets_of(attempt_id)
        if secrets:
            references = tuple(secret.reference for secret in secrets)
            self._owner.report(SecretsResolved(at=self._world.clock(), attempt_id=attempt_id, secrets=references))
            await self._owner.durable()
        return secrets

    async def keep(self, attempt_id: str, path: str) -> Artifact:
        """The artifact of a file that an attempt names: of its workspace, or one that it was given.

        Raises BadFile, HostUnreachable and OSError.
        """
        place = await self._workplace_of(attempt_id)
        state = self._state()
        attempt = state.attempts[attempt_id]
        resolved = state.leg_of(attempt).resolved
        roots = (place.folder, _given(place, attempt))
        folder = below(place.folder, resolved.working_directory)
        return await self._host_of(attempt).files.keep(path, folder=folder, roots=roots)

    async def release(self) -> None:
        """The run has ended: its workspaces may serve another one."""
        self._shared.clear()
        self._has_own = False
        state = self._state()
        request = state.request
        assert request is not None
        for name in {attempt.host for attempt in state.attempts.values()}:
            await self._world.hosts.named(name).workspaces.release(request.run_id, request.works_on)

    async def close(self) -> None:
        """Let go of what is being made."""
        for making in self._shared.values():
            making.cancel()
        await asyncio.gather(*self._shared.values(), return_exceptions=True)

    @property
    def has_workspace(self) -> bool:
        """Whether some session has asked for one."""
        return bool(self._shared) or self._has_own

    def _host_of(self, attempt: AttemptState) -> Host:
        return self._world.hosts.named(attempt.host)

    async def _paths(
        self, attempt: AttemptState, place: Workplace, values: object, own: frozenset[Artifact] = frozenset()
    ) -> dict[Artifact, str]:
        """The paths of the artifacts that the values name: copies for this attempt alone, which may write to them."""
        named = set(mentioned(values))
        if not named:
            return _NO_PATHS
        handed = named & (known_to(self._state()) | own)
        try:
            return await self._host_of(attempt).files.place(handed, _given(place, attempt))
        except NoSuchArtifact as error:
            raise CannotStart(str(error)) from error

    async def _workplace_of(self, attempt_id: str, *, anew: bool = False) -> Workplace:
        """Where the attempt works (semantics 31); ``anew`` for one whose session is about to begin: what is reset for it, is now."""
        state = self._state()
        request, attempt = state.request, state.attempts[attempt_id]
        assert request is not None
        workspaces = self._host_of(attempt).workspaces
        kind = state.chain.agents[attempt.agent].workspace
        if kind == "shared":
            return await self._shared_on(attempt.host, workspaces)
        self._has_own = True
        where = (request.run_id, attempt_id, request.repository, request.works_on)
        if kind == "worktree":
            return await workspaces.prepare_worktree(*where, anew=anew)
        return await workspaces.prepare_own(*where)

    async def _shared_on(self, host: str, workspaces: Workspaces) -> Workplace:
        """The run's workspace on a host, made once however many agents ask."""
        if host not in self._shared:
            request = self._state().request
            assert request is not None
            preparing = workspaces.prepare(request.run_id, request.repository, request.works_on)
            self._shared[host] = asyncio.create_task(preparing, name=f"run {request.run_id}: workspace")
        making = self._shared[host]
        try:
            return await asyncio.shield(making)
        except (OSError, RunnerError):
            if self._shared.get(host) is making:
                del self._shared[host]  # the disk may have room, or the host answer, when the next attempt asks
            raise


def _given(place: Workplace, attempt: AttemptState) -> str:
    """The folder in which the attempt finds the artifacts that it is given."""
    return f"{place.given_root}/{attempt.id}"
