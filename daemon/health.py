"""What an operator should know about a running daemon: `chainwright doctor`."""

import shutil
from typing import Any, Final

from chainwright.daemon.config import Home
from chainwright.daemon.deployments import Deployments
from chainwright.daemon.secrets.listing import SecretListing
from chainwright.runners.local import LocalRunner

LEAST_FREE_BYTES: Final = 200 * 1024 * 1024


class Health:
    """Looks at the parts of the daemon that can be unwell while it runs."""

    def __init__(self, home: Home, runner: LocalRunner, deployments: Deployments, secrets: SecretListing) -> None:
        self._home = home
        self._runner = runner
        self._deployments = deployments
        self._secrets = secrets

    async def checks(self) -> list[dict[str, Any]]:
        """``{check, ok, detail, hint}`` each."""
        return [
            await self._repository(),
            await self._newest_commit(),
            await self._asked_secrets(),
            self._disk(),
            self._fork_server(),
        ]

    async def _repository(self) -> dict[str, Any]:
        problem = self._deployments.problem
        current = self._deployments.current
        said = problem or (f"{self._deployments.name} at {current.commit[:12]}" if current else "nothing deployed yet")
        return _check("repository", not problem, said, "the last deployment stays in force; bring the repository back")

    async def _newest_commit(self) -> dict[str, Any]:
        described = await self._deployments.described()
        refused = described["refused"]
        if refused is None:
            return _check("newest commit", True, "in force", "")
        said = f"{refused['commit'][:12]} does not load: {refused['diagnostics'][0]}"
        return _check("newest commit", False, said, "chainwright lint, mend it, and push again")

    async def _asked_secrets(self) -> dict[str, Any]:
        found = await self._secrets.listed()
        missing = [one["name"] for one in found if one["problem"]]
        said = f"cannot be had: {', '.join(missing)}" if missing else f"{len(found)} asked for, all there"
        return _check(
            "secrets", not missing, said, "chainwright secrets says what is wrong; agents that list them fail"
        )

    def _disk(self) -> dict[str, Any]:
        free = shutil.disk_usage(self._home.root).free
        return _check("room", free >= LEAST_FREE_BYTES, f"{free >> 20} MiB", "free some: agents wait on a full disk")

    def _fork_server(self) -> dict[str, Any]:
        pid = self._runner.fork_server_pid
        said = f"pid {pid}" if pid else "not running"
        return _check("fork server", pid is not None, said, "sessions start all the same, each some 100 ms slower")


def _check(name: str, ok: bool, detail: str, hint: str) -> dict[str, Any]:
    return {"check": name, "ok": ok, "detail": detail, "hint": "" if ok else hint}
