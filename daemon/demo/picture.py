"""The live view as a picture for the README, drawn by the same code that draws it on a terminal."""

from pathlib import Path
from typing import Any

from rich.console import Console

from chainwright.daemon.cli.live import picture
from chainwright.daemon.config import Home
from chainwright.runners.transcript import plain_text

WIDTH = 112
TAIL_BYTES = 2048


class LastLines:
    """What each attempt wrote last, read from the session folders: there may be no daemon to ask."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def of(self, attempt_id: str) -> str:
        """The last line that holds something."""
        log = self._home.sessions / attempt_id / "out.log"
        if not log.exists():
            return ""
        lines = [line.strip() for line in plain_text(log.read_bytes()[-TAIL_BYTES:]).splitlines() if line.strip()]
        return lines[-1] if lines else ""


def save_picture(path: Path, home: Home, detail: dict[str, Any], *, away: bool) -> None:
    """Write the live view of this run as SVG."""
    with Path("/dev/null").open("w") as nowhere:
        console = Console(record=True, width=WIDTH, file=nowhere, force_terminal=True, legacy_windows=False)
        console.print(picture(detail, LastLines(home), rows=len(detail["agents"]), away=away))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(console.export_svg(title="chainwright run demo --follow"))
