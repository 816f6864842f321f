"""What a host is looked at for, by its own interpreter, before anything of ours is there."""

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from chainwright.runners import probe

SOURCE = Path(probe.__file__)
LIMIT_S = 20.0


def found(root: str, python: str = sys.executable) -> dict[str, Any]:
    """What the probe says when it comes on stdin, as on a host."""
    command = [python, "-I", "-S", "-", root]
    done = subprocess.run(command, input=SOURCE.read_bytes(), capture_output=True, timeout=LIMIT_S, check=True)
    said: dict[str, Any] = json.loads(done.stdout.decode().rpartition(probe.MARK)[2])
    return said


def test_it_is_python_3_6() -> None:
    ast.parse(SOURCE.read_text(), feature_version=(3, 6))


@pytest.mark.parametrize("python", ["python3.6", sys.executable])
def test_a_root_is_made_tried_and_left_empty(python: str, tmp_path: Path) -> None:
    try:
        said = found(str(tmp_path / "a" / "r"), python)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip(f"CAPABILITY: no {python} on this machine")

    assert (said["root"], said["made"], said["faults"]) == (str(tmp_path / "a" / "r"), True, {})
    assert (said["mode"], said["owner"]) == (0o700, said["user"])
    assert said["free_bytes"] > 0
    assert list((tmp_path / "a" / "r").iterdir()) == []


def test_a_root_that_is_there_is_not_made(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    said = found(str(tmp_path))

    assert (said["made"], said["mode"]) == (False, 0o755)


def test_what_cannot_be_made_is_told_with_what_the_system_says(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert found(str(tmp_path / "file" / "r"))["faults"]["root"] == "Not a directory"


def test_the_home_of_the_user_is_meant_by_its_sign() -> None:
    said = probe.probe("~")

    assert (said["root"], said["made"]) == (str(Path.home()), False)
