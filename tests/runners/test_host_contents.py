"""What is uploaded runs on the oldest Python that hosts may have, needs nothing but its library, and serves agents there."""

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from chainwright.runners import host_contents

HERE = Path(host_contents.__file__).parent
FILES = sorted(
    [*HERE.glob("host_*.py"), *(HERE / name for name in ("refused.py", "session_folder.py", "session_host.py"))]
)
COMMIT = "c" * 40
ROUND = """
import io, json, sys
sys.path.insert(0, sys.argv[1])
from chainwright.runners import host_contents as contents
home = sys.argv[2]
body = "caf\\u00e9".encode("utf-8")
entry = {"path": "d/caf\\u00e9", "kind": "program", "size": len(body)}
tree = json.dumps(entry).encode() + b"\\n" + body + json.dumps({"count": 1}).encode() + b"\\n"
asked = {"home": home, "run": "r1", "attempt": None, "commit": "c" * 40, "history": True}
before = contents.OPERATIONS["workspace"](**asked)
contents.TAKEN["put_tree"](stream=io.BytesIO(tree), home=home, commit="c" * 40)
after = contents.OPERATIONS["workspace"](**dict(asked, history=False))
file = {"home": home, "path": "d/caf\\u00e9", "folder": after["folder"], "roots": [after["folder"]], "limit": 100}
measured = contents.OPERATIONS["measure"](inline=0, **file)
given = b"".join(contents.GIVEN["file"](**file))
contents.TAKEN["put_content"](stream=io.BytesIO(given), home=home, sha256=measured["sha256"], size=measured["size"])
placed = contents.OPERATIONS["place"](
    home=home, folder=after["given_root"] + "/a", artifacts=[{"sha256": measured["sha256"], "name": "caf\\u00e9"}]
)
contents.OPERATIONS["link_events"](home=home, run="r1", attempt="a")
used, bounds = {"commits": [], "runs": []}, {"unused_s": -10, "ended_s": -10, "kept_runs": 0}
cleared = contents.OPERATIONS["clear"](home=home, now=9e9, used=used, bounds=bounds, dry=True)
released = contents.OPERATIONS["release"](home=home, run="r1", commit="c" * 40)
print(json.dumps([before["missing"], after["missing"], given == body, len(placed["paths"]), cleared["count"], released, contents.tools(home)]))
"""


@pytest.fixture
def uploaded(tmp_path: Path) -> Path:
    """The files as they lie on a host."""
    folder = tmp_path / "bin/digest"
    (folder / "chainwright/runners").mkdir(parents=True)
    for file in FILES:
        shutil.copy(file, folder / "chainwright/runners")
    (folder / "__main__.py").write_text(
        "import sys\nfrom chainwright.runners.session_host import main\nsys.exit(main(sys.argv[1:]))\n"
    )
    return folder


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_it_is_python_3_6(file: Path) -> None:
    ast.parse(file.read_text(), feature_version=(3, 6))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_it_needs_nothing_but_the_standard_library_and_what_lies_beside_it(file: Path) -> None:
    nodes = list(ast.walk(ast.parse(file.read_text())))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {f"{node.module}.{node.names[0].name}" for node in nodes if isinstance(node, ast.ImportFrom)}
    beside = {name for name in names if name.startswith("chainwright.runners.")}

    assert {name.split(".")[0] for name in names - beside} <= sys.stdlib_module_names
    assert {name.split(".")[2] for name in beside} <= {file.stem for file in FILES}


@pytest.mark.parametrize("python", ["python3.6", "python3.8", "python3.12"])
@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
def test_it_runs_on_other_pythons(python: str, locale: str, uploaded: Path, tmp_path: Path) -> None:
    """Also where the locale is C, in which the oldest of them take names as ASCII."""
    if shutil.which(python) is None or _run([python, "-c", ""]).returncode != 0:
        pytest.skip(f"CAPABILITY: no {python} on this machine")
    done = _run([python, "-I", "-S", "-c", ROUND, str(uploaded), str(tmp_path / "home")], LC_ALL=locale)
    assert done.returncode == 0, done.stderr

    assert json.loads(done.stdout) == [
        ["tree", "commit"] if shutil.which("git") else ["tree"],
        [],
        True,
        1,
        3,
        {"stay": []},
        str(tmp_path / "home/bin"),
    ]


def _run(command: list[str], **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False, env=dict(os.environ, **environment)
    )


# the agents' command


@pytest.fixture
def command(uploaded: Path, tmp_path: Path) -> list[str]:
    code = "import sys; sys.path.insert(0, sys.argv[1]); from chainwright.runners import host_contents; print(host_contents.tools(sys.argv[2]))"
    folder = _run([sys.executable, "-I", "-S", "-c", code, str(uploaded), str(tmp_path / "home")]).stdout.strip()
    return [f"{folder}/chainwright"]


def test_agents_emit_by_the_command(command: list[str], tmp_path: Path) -> None:
    for name in ("tmp", "new"):
        (tmp_path / "events" / name).mkdir(parents=True)
    done = _run([*command, "emit", "draft.ready", "--data", '{"a": 1}'], CHAINWRIGHT_EVENTS=str(tmp_path / "events"))
    (event,) = (tmp_path / "events/new").iterdir()

    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(event.read_text()) == {"event": "draft.ready", "data": {"a": 1}}


@pytest.mark.parametrize("verb", [["run", "x"], ["doctor"], []])
def test_other_verbs_are_for_the_daemons_machine(verb: list[str], command: list[str]) -> None:
    done = _run([*command, *verb])

    assert done.returncode == 2
    assert "the other verbs are for the daemon's machine" in done.stderr
    assert done.stdout == ""


def test_the_command_of_newer_files_takes_the_place_of_the_older_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    host_contents.tools(str(tmp_path))
    before: Any = (tmp_path / "bin/chainwright").read_text()
    monkeypatch.setattr(host_contents, "own_folder", lambda: "/elsewhere")
    host_contents.tools(str(tmp_path))
    after = tmp_path / "bin/chainwright"

    assert (after.read_text(), after.stat().st_mode & 0o777) == (
        before.replace(str(HERE.parents[1]), "/elsewhere"),
        0o755,
    )
    assert [path.name for path in (tmp_path / "bin").iterdir()] == ["chainwright"]
