"""The promise over a link that is cut: an agent on another machine, sshd gone, the daemon killed, and nothing lost.

The other machine is this one, behind an sshd of our own: on loopback, with keys that are made for it and thrown away. Everything goes
through the command line as anybody would use it; only the cuts are ours.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from chainwright.daemon.cli.failures import Failure
from chainwright.daemon.cli.watching import Watch
from chainwright.daemon.config import Home
from chainwright.daemon.demo.stage import Stage, fresh_home
from chainwright.daemon.testing.sshd import BINARY, Sshd

CHAIN: Final = Path(__file__).with_name("over_ssh.yaml")
HOST: Final = "box"
AWAY_S: Final = 3.0
LIMIT_S: Final = 110.0
LINES: Final = 60


class DemoOverSsh(Stage):
    """One telling."""

    def __init__(self, home: Home, console: Console, sshd: Sshd) -> None:
        super().__init__(home, console)
        self.sshd = sshd

    def tell(self) -> int:
        """Exit code 0 when the run succeeded and every claim held."""
        repository = _repository(self.home.root / "chains")
        self.sshd.start()
        self.say(f"An sshd of our own listens on port {self.sshd.port}: that is host [bold]{HOST}[/].")
        self.up(repository)
        try:
            self._introduce()
            run = self.client.post("/runs", {"chain": "survey"})["id"]
            detail, grown = self._follow(run, repository)
            return 0 if self.tell_claims(self._claims(run, detail, grown)) else 1
        finally:
            self.chainwright("down")
            self.sshd.stop()

    def _introduce(self) -> None:
        port, key, user = str(self.sshd.port), str(self.sshd.user_key), self.sshd.user
        where = ("--port", port, "--user", user, "--key", key, "--root", str(self.sshd.folder / "r"))
        self.show("hosts", "add", HOST, self.sshd.address, *where)
        self.show("hosts", "trust", HOST, "--yes")
        self.show("hosts", "test", HOST)

    def _follow(self, run: str, repository: Path) -> tuple[dict[str, Any], int]:
        grown, detail = 0, {}
        with self.view(run) as view, Watch(self.client, run) as watch:
            for detail in watch.pictures(LIMIT_S):
                view.show(detail, away=watch.away_since is not None)
                if not grown and self._written() > 200:
                    grown = self._pull_the_plug(repository)
        return detail, grown

    def _pull_the_plug(self, repository: Path) -> int:
        """Bytes that the agent wrote while nobody could reach it."""
        before = self._written()
        pid = self.client.get("/status")["pid"]
        self.sshd.stop()
        os.kill(pid, signal.SIGKILL)
        self.say(f"[bold red]sshd and all its connections are gone, and so is the daemon[/] (kill -9 {pid}).")
        time.sleep(AWAY_S)  # what is shown is that the agent goes on meanwhile, so time has to pass
        grown = self._written() - before
        self.say(f"Nobody told the agent: it wrote {grown} bytes since. Sshd and the daemon again …")
        self.sshd.start()
        self.up(repository)
        return grown

    def _written(self) -> int:
        logs = (self.sshd.folder / "r").glob("*/s/*-survey-1-1/out.log")
        return sum(log.stat().st_size for log in logs)

    def _claims(self, run: str, detail: dict[str, Any], grown: int) -> list[tuple[bool, str]]:
        journal = self.client.items(f"/runs/{run}/journal")
        kinds = [row["kind"] for row in journal if "-survey-" in str(row)]
        heard = [
            event["data"] for event in self.client.items(f"/runs/{run}/events") if event["name"] == "survey.progress"
        ]
        lines = self.chainwright("logs", run, "survey").splitlines()
        told = [line for line in lines if line.startswith("measurement")]
        whole = [int(line.split()[1].rstrip(":")) for line in told] == list(range(1, LINES + 1))
        report = self.chainwright("logs", run, "report").strip()
        return [
            (detail["outcome"] == "succeeded", f"the run ended: {detail['outcome']}"),
            (grown > 0, f"the agent went on alone: {grown} bytes while nobody could reach it"),
            (whole, f"{len(told)} lines of {LINES} in its log, each once and in order"),
            (kinds.count("SessionStarted") == 1, f"it was started {kinds.count('SessionStarted')} time"),
            (kinds.count("SessionExited") == 1, f"its exit is on record {kinds.count('SessionExited')} time"),
            (heard == [20, 40, 60], f"its events came once each: {heard}"),
            (report.startswith(f"{LINES} measurements"), f"its file reached an agent here: {report}"),
        ]


def _repository(folder: Path) -> Path:
    chains = folder / "workflows"
    chains.mkdir(parents=True)
    shutil.copy(CHAIN, chains / "survey.yaml")
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    for command in (("init", "--quiet"), ("add", "."), (*who, "commit", "--quiet", "--no-gpg-sign", "-m", "A survey")):
        subprocess.run(["git", "-C", str(folder), *command], check=True, timeout=LIMIT_S)
    return folder


def main() -> int:
    """Tell the story in ``.demo-ssh`` below the present folder."""
    if BINARY is None:
        print("this demo needs sshd: install your system's openssh-server (it need not run)", file=sys.stderr)  # noqa: T201  as below
        return 1
    home = fresh_home(Path.cwd() / ".demo-ssh")
    try:
        return DemoOverSsh(home, Console(), Sshd(home.root / "box")).tell()
    except Failure as failure:
        print(f"the demo failed: {failure}", file=sys.stderr)  # noqa: T201  this is a command
        return 1


if __name__ == "__main__":
    sys.exit(main())
