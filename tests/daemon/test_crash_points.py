"""The labels at which a test can have the daemon die: off without the switch, one table, each reached in one place."""

import ast
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from chainwright.daemon.crash_points import EXIT_CODE, LABELS, SWITCH

DAEMON = Path(__file__).parents[2] / "daemon"
THREE_TIMES = (
    "from chainwright.daemon.crash_points import reach\nfor n in range(3): print(n, flush=True); reach('input.sent')"
)


def reached() -> Iterator[str]:
    """Every label that the daemon's code names in a call of ``reach``."""
    for path in DAEMON.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "reach":
                for part in ast.walk(node.args[0]):
                    if isinstance(part, ast.Constant) and isinstance(part.value, str):
                        yield part.value


def test_the_table_and_the_calls_agree() -> None:
    """Each label of the table is reached in exactly one place, and no other is."""
    assert Counter(reached()) == Counter(list(LABELS))


@pytest.mark.parametrize(
    ("switch", "lines", "code"),
    [
        (None, 3, 0),
        ("input.sent", 1, EXIT_CODE),
        ("input.sent:2", 2, EXIT_CODE),
        ("input.sent:4", 3, 0),
        ("input.stored", 3, 0),
    ],
)
def test_a_place_is_deadly_only_when_the_switch_names_it(switch: str | None, lines: int, code: int) -> None:
    """Nothing happens without the switch or at another label; with a number, the process dies that time."""
    env = {name: value for name, value in os.environ.items() if name != SWITCH} | ({SWITCH: switch} if switch else {})
    done = subprocess.run(
        [sys.executable, "-c", THREE_TIMES], env=env, capture_output=True, text=True, check=False, timeout=30
    )

    assert (len(done.stdout.split()), done.returncode) == (lines, code)
