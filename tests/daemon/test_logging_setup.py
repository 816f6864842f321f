"""What the daemon says about itself, and that it works on when nobody can be told."""

import json
import os
import subprocess
import sys
from pathlib import Path

TALKS = """
import logging, sys
import structlog
from chainwright.daemon.logging_setup import log_to_stderr
log_to_stderr("info")
for number in range(1000):
    structlog.get_logger().info("works on", action="test.works", number=number)
    logging.getLogger("other").warning("and so does this")
print("done")
"""


def talked(errors: int) -> "subprocess.CompletedProcess[str]":
    """A process that logs a thousand times to this descriptor."""
    return subprocess.run(
        [sys.executable, "-c", TALKS], stdout=subprocess.PIPE, stderr=errors, text=True, timeout=60, check=False
    )


def test_lines_are_json_where_nobody_looks(tmp_path: Path) -> None:
    with (tmp_path / "log").open("w") as log:
        talked(log.fileno())
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines() if line.startswith("{")]

    assert [(line["action"], line["number"]) for line in lines] == [("test.works", number) for number in range(1000)]


def test_a_full_disk_under_the_log_stops_nothing() -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    try:
        assert talked(full).stdout == "done\n"
    finally:
        os.close(full)


def test_a_reader_that_has_gone_stops_nothing() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        assert talked(writing).stdout == "done\n"
    finally:
        os.close(writing)
