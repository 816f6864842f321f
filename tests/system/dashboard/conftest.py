"""The dashboard in a real browser, before a real daemon.

A scenario is a file of JavaScript that Node runs: it drives Chromium by playwright-core and holds the claims. What it cannot do from a
page it orders from its test with a line ``@order argument``: kill the daemon, start it, commit, start runs. The answer is a line of JSON.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
UI = HERE.parents[2] / "daemon" / "web" / "ui"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
LIMIT_S = 420.0
"""Of a scenario, on a machine that others keep busy."""

Orders = dict[str, Callable[[Any], Any]]


@pytest.fixture(scope="session")
def chromium() -> str:
    """The program; a loud skip without it."""
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None:
        pytest.skip("there is no chromium here: apt-get install chromium")
    return found


@pytest.fixture(scope="session")
def built() -> Path:
    """The dashboard's folder, built of the sources that are here, with its tools installed; a loud skip without npm."""
    if shutil.which("npm") is None:
        pytest.skip("there is no npm here: apt-get install npm")
    sys.path.insert(0, str(UI))
    try:
        import dashboard_build  # noqa: PLC0415  # beside the sources, not installed

        dashboard_build.build()
        dashboard_build.install(dashboard_build.tools())
    finally:
        sys.path.remove(str(UI))
    return UI


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def paged(
    built: Path, daemon_at: type, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Any]:
    """The daemon of this module, up on its files, at a port that stays when it is started again.

    With ``HOSTED`` it hosts their repository, and they came by a push: ``daemon.repository`` has it as its origin.
    """
    folder = Path(os.fspath(tmp_path_factory.mktemp("d", numbered=True)))
    is_hosted = getattr(request.module, "HOSTED", False)
    daemon = daemon_at(folder, *(["--hosted"] if is_hosted else []))
    daemon.port = free_port()
    daemon.repository.commit(request.module.FILES)
    daemon.start()
    if is_hosted:
        daemon.repository.git("remote", "add", "origin", daemon.client.items("/repositories")[0]["path"])
        daemon.repository.git("push", "--quiet", "origin", "HEAD:main")
    yield daemon
    daemon.close()


@pytest.fixture
def play(built: Path, chromium: str, paged: Any) -> Iterator[Callable[..., None]]:
    """Runs a scenario; fails with all that it said."""
    orders: Orders = {
        "link": lambda _: paged.client.post("/sign-in-links")["url"],
        "run": lambda asked: paged.run(asked["chain"], **asked.get("inputs", {})),
        "show": paged.show,
        "end": lambda run: paged.end(run, LIMIT_S)["state"],
        "log": lambda asked: paged.log(asked["run"], asked["agent"]),
        "commit": paged.repository.commit,
        "kill": lambda _: paged.stop(9),
        "start": lambda _: paged.start(),
    }

    def carry_out(scenario: str, *arguments: str, **more: Callable[[Any], Any]) -> None:
        with subprocess.Popen(
            ["node", "--test-reporter=spec", str(HERE / scenario), *arguments],
            cwd=HERE,
            env={**os.environ, "CHROMIUM": chromium, "UI": str(built), "NO_COLOR": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as process:
            alarm = threading.Timer(LIMIT_S, os.killpg, (process.pid, signal.SIGKILL))
            alarm.start()
            try:
                said = _conversed(process, {**orders, **more})
                assert process.wait(LIMIT_S) == 0, said
            finally:
                alarm.cancel()
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)

    yield carry_out


def _conversed(process: "subprocess.Popen[str]", orders: Orders) -> str:
    """What it said, its orders carried out meanwhile."""
    assert process.stdin is not None
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        if not line.startswith("@"):
            said.append(line)
            continue
        name, _, argument = line[1:].partition(" ")
        answer = orders[name.strip()](json.loads(argument))
        process.stdin.write(json.dumps(answer) + "\n")
        process.stdin.flush()
    return "".join(said)
