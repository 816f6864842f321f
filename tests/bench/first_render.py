"""How heavy the dashboard's pages are and how soon they are seen, in a real browser; the floor is the page without scripts."""

import asyncio
import json
import os
import shutil
import statistics
import sys
from pathlib import Path
from typing import Any, Final

from figures import tell

HERE: Final = Path(__file__).parent
UI: Final = HERE.parents[1] / "daemon" / "web" / "ui"
ROUNDS: Final = 5
LIMIT_S: Final = 180.0


def built() -> bool:
    """Whether there are a browser and a dashboard of the sources that are here."""
    if chromium() is None or shutil.which("npm") is None:
        print("  no chromium or no npm here: nothing is said of the dashboard")
        return False
    sys.path.insert(0, str(UI))
    import dashboard_build  # noqa: PLC0415  # beside the sources, not installed

    dashboard_build.build()
    dashboard_build.install(dashboard_build.tools())
    return True


def chromium() -> str | None:
    """The program, under any of its names."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


async def first_render(address: str, token: str) -> None:
    """A line for each screen, of a browser that was never there and of one that was."""
    words = ("node", str(HERE / "first_render.mjs"), address, token, str(ROUNDS))
    environ = {**os.environ, "CHROMIUM": str(chromium()), "UI": str(UI)}
    process = await asyncio.create_subprocess_exec(*words, env=environ, stdout=asyncio.subprocess.PIPE)
    told, _ = await asyncio.wait_for(process.communicate(), LIMIT_S)
    visits: list[dict[str, Any]] = json.loads(told)
    for kind in ("cold", "warm"):
        floor = [one["painted"] for one in visits if one["address"] == "/plain" and one["is"] == kind]
        tell(f"/plain, {kind}: first paint", floor)
        for screen in ("/", "/runs"):
            found = [one for one in visits if one["address"] == screen and one["is"] == kind]
            size = statistics.median(one["bytes"] for one in found) / 1024
            requests = statistics.median(one["requests"] for one in found)
            print(f"  {f'{screen}, {kind}: over the wire':46} {size:14.0f} KiB in {requests:.0f} requests")
            tell(f"{screen}, {kind}: first paint", [one["painted"] for one in found], floor)
            tell(f"{screen}, {kind}: its content is there", [one["shown"] for one in found])
