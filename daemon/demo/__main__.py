"""``make demo``."""

import argparse
import sys
from pathlib import Path

from rich.console import Console

from chainwright.daemon.cli.failures import Failure
from chainwright.daemon.demo.stage import fresh_home
from chainwright.daemon.demo.story import Demo


def main() -> int:
    """Tell the story in ``.demo`` below the present folder."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--picture", type=Path, help="draw the live view into this SVG file")
    try:
        return Demo(fresh_home(Path.cwd() / ".demo"), Console(), options.parse_args().picture).tell()
    except Failure as failure:
        print(f"the demo failed: {failure}", file=sys.stderr)  # noqa: T201  this is a command
        return 1


if __name__ == "__main__":
    sys.exit(main())
