"""What an operator should know about a running daemon: `chainwright doctor`."""

import shutil
from typing import Any, Final

from chainwright.daemon.config import Home
from chainwright.daemon.core.due import Pause
from chainwright.daemon.core.time_zones import stamp
from chainwright.daemon.deployments import Deployments
from chainwright.daemon.drift import check, drift_of
from chainwright.daemon.forges.all import Forges
from chainwright.daemon.hooks import Hooks
from chainwright.daemon.hosts.health import HostHealth
from chainwright.daemon.reconciler import Reconciler
from chainwright.daemon.scheduling import Scheduling
from chainwright.daemon.secrets.listing import SecretListing
from chainwright.runners.local import LocalRunner

LEAST_FREE_BYTES: Final = 200 * 1024 * 1024


class Health:
    """Looks at the parts of the daemon that can be unwell while it runs."""

    def __init__(
        self,
        home: Home,
        runner: LocalRunner,
        reconciler: Reconciler,
        *,
        scheduling: Scheduling,
        hooks: Hooks,
        secrets: SecretListing,
        forges: Forges,
        hosts: HostHealth,
    ) -> None:
        self._home = home
        self._runner = runner
        self._reconciler = reconciler
        self._scheduling = scheduling
        self._hooks = hooks
        self._secrets = secrets
        self._forges = forges
        self._hosts = hosts

    async def checks(self) -> list[dict[str, Any]]:
        """``{check, ok, detail, hint}`` each."""
        deployed = [one for every in self._reconciler.deployments() for one in every]
        of_each = [check for one in deployed for check in (_repository(one), await _newest_commit(one))]
        of_triggers = [self._schedules(), *await self._webhooks(), self._clock()]
        return [
            *of_each,
            *await drift_of(self._reconciler, self._home.socket),
            await self._asked_secrets(),
            *of_triggers,
            *self._hosts.checks(),
            *await self._outside(),
            self._disk(),
            self._fork_server(),
        ]

    async def _asked_secrets(self) -> dict[str, Any]:
        found = await self._secrets.listed()
        missing = [one["name"] for one in found if one["problem"]]
        said = f"cannot be had: {', '.join(missing)}" if missing else f"{len(found)} asked for, all there"
        return check("secrets", not missing, said, "chainwright secrets says what is wrong; agents that list them fail")

    async def _webhooks(self) -> list[dict[str, Any]]:
        """One for each webhook that could prove nobody."""
        problems = await self._hooks.problems()
        hint = "until then its deliveries are answered 503: put the secret where the daemon's secrets are"
        return [check(f"webhook {hook}", False, why, hint) for hook, why in problems.items()]

    async def _outside(self) -> list[dict[str, Any]]:
        """Forges, and what has not reached them."""
        hint = "what is to be told is kept, and sent for three days; a dead letter is made again when its pull request changes"
        return [check(what, not fault, fault or said, hint) for what, fault, said in await self._forges.checks()]

    def _schedules(self) -> dict[str, Any]:
        """What people have changed at run time and git knows nothing of."""
        told = "; ".join(_paused(chain, pause) for chain, pause in self._scheduling.paused().items())
        return check("schedules", not told, told or "as deployed", "chainwright schedules resume CHAIN")

    def _clock(self) -> dict[str, Any]:
        """A clock that was ahead and is set back leaves times on record that do not come again."""
        ahead = self._scheduling.ahead_until()
        said = f"times up to {stamp(ahead)} are on record: schedules start nothing before" if ahead else "goes forward"
        return check(
            "clock", ahead is None, said, "set this machine's clock right, or run schedules by hand until then"
        )

    def _disk(self) -> dict[str, Any]:
        free = shutil.disk_usage(self._home.root).free
        return check("room", free >= LEAST_FREE_BYTES, f"{free >> 20} MiB", "free some: agents wait on a full disk")

    def _fork_server(self) -> dict[str, Any]:
        pid = self._runner.fork_server_pid
        said = f"pid {pid}" if pid else "not running"
        return check("fork server", pid is not None, said, "sessions start all the same, each some 100 ms slower")


def _repository(deployments: Deployments) -> dict[str, Any]:
    problem, current = deployments.problem, deployments.current
    said = problem or (f"{deployments.address} at {current.commit[:12]}" if current else "nothing deployed yet")
    hint = "the last deployment stays in force; bring the repository back"
    return check(f"repository {deployments.address}", not problem, said, hint)


async def _newest_commit(deployments: Deployments) -> dict[str, Any]:
    refused = (await deployments.described())["refused"]
    name = f"newest commit of {deployments.address}"
    if refused is None:
        return check(name, True, "in force", "")
    said = f"{refused['commit'][:12]} does not load: {refused['diagnostics'][0]}"
    return check(name, False, said, "chainwright lint, mend it, and push again")


def _paused(chain: str, pause: Pause) -> str:
    until = f"until {stamp(pause.until)}" if pause.until is not None else "for good"
    return f"{chain} is paused by {pause.actor} since {stamp(pause.at)}, {until}"
