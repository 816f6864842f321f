"""What people install is what was tested: sdist → wheel → a fresh environment → the demo, without a glance at the checkout."""

import os
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UI = Path("daemon/web/ui")
LIMIT_S = 300.0
NOT_CODE = ("*.sql", "*.json", "*.yaml", "*.sh", "*.pl", "py.typed")
"""What a build loses when it is told only of modules."""


def called(*command: str | Path, cwd: Path, **env: str) -> str:
    """Its output; an error shows all of it. It sees nothing of ours but what is installed."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "CHAINWRIGHT"))}
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=inherited | env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}"
    return done.stdout


def tracked() -> list[Path]:
    """Files that a clone has, relative to its root."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, stdout=subprocess.PIPE, check=True, timeout=LIMIT_S)
    return [Path(name) for name in listed.stdout.decode().split("\0") if name]


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a clone holds, in a folder of its own: a build leaves things behind, and untracked files must not help it."""
    folder = tmp_path_factory.mktemp("clone")
    for path in tracked():
        if not os.path.lexists(ROOT / path):
            continue  # deleted, and not yet committed
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, target, follow_symlinks=False)
    return folder


@pytest.fixture(scope="module")
def built(clone: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an sdist, and of the wheel that was built from it alone."""
    folder = tmp_path_factory.mktemp("dist")
    called(sys.executable, "-m", "build", "--outdir", folder, clone, cwd=folder)
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    """The wheel."""
    (found,) = built.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment that has the wheel and what it requires, and nothing else.

    By the pip that is here, and compiled as it is imported: a pip of its own and modules that nobody asks for take half a minute.
    """
    folder = tmp_path_factory.mktemp("venv")
    venv.create(folder, with_pip=False, symlinks=True)
    pip = (sys.executable, "-m", "pip", "--python", folder, "install", "--quiet", "--disable-pip-version-check")
    called(*pip, "--no-compile", "--constraint", ROOT / "constraints.txt", wheel, cwd=folder)
    return folder / "bin"


def belonging() -> set[str]:
    """What has to be in the wheel: every tracked file of the four packages, but for the sources of the dashboard."""
    folders = ("daemon", "runners", "schemas", "workflows")
    files = [
        path for path in tracked() if path.parts[0] in folders and (ROOT / path).exists() and UI not in path.parents
    ]
    return {f"chainwright/{path}" for path in files} | {"chainwright/py.typed"}


def test_every_file_of_ours_is_in_the_wheel(wheel: Path) -> None:
    """Modules, migrations, schemas, chains and the scripts of the demo."""
    held = set(zipfile.ZipFile(wheel).namelist())

    assert belonging() - held == set()
    assert {kind for kind in NOT_CODE if any(Path(name).match(kind) for name in held)} == set(NOT_CODE)
    assert "chainwright/runners/session_host.py" in held


def test_nothing_else_is_in_the_wheel(wheel: Path) -> None:
    """No tests, no top-level module that could stand in another's way."""
    held = [Path(name) for name in zipfile.ZipFile(wheel).namelist()]
    tops = {path.parts[0] for path in held if not path.parts[0].endswith(".dist-info")}

    assert tops == {"chainwright"}


def of_dashboard(names: list[str]) -> set[str]:
    """The files of the built dashboard among those of an archive, from its folder on."""
    return {name.partition(f"{UI}/dist/")[2] for name in names if f"{UI}/dist/" in name} - {""}


def test_both_carry_the_built_dashboard(built: Path, wheel: Path) -> None:
    """The wheel was made of the sdist alone, which has the sources too."""
    if shutil.which("npm") is None:
        pytest.skip("there is no npm here: apt-get install npm")
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        packed = archive.getnames()
    held = zipfile.ZipFile(wheel).namelist()

    assert {"index.html", "favicon.svg", "built-from.txt"} < of_dashboard(held)
    assert of_dashboard(held) == of_dashboard([name for name in packed if not name.endswith("/assets")])
    assert any(name.endswith(f"{UI}/src/main.tsx") for name in packed)
    assert not any("node_modules" in name for name in (*packed, *held))


def test_the_licence_goes_with_both(built: Path, wheel: Path) -> None:
    """Named in the metadata, and there as a text."""
    names = zipfile.ZipFile(wheel).namelist()
    (metadata,) = [name for name in names if name.endswith(".dist-info/METADATA")]
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        packed = archive.getnames()

    assert any(name.endswith("/licenses/LICENSE") for name in names)
    assert any(name.count("/") == 1 and name.endswith("/LICENSE") for name in packed)
    assert "License-Expression: Apache-2.0" in zipfile.ZipFile(wheel).read(metadata).decode()


def test_the_installed_command_finds_its_files(installed: Path, tmp_path: Path) -> None:
    """Schemas, and the chains that a new repository begins with."""
    command = installed / "chainwright"
    called(command, "init", "mine", cwd=tmp_path, CHAINWRIGHT_HOME=str(tmp_path / "home"))

    assert '"$schema"' in called(command, "schema", "chain", cwd=tmp_path)
    called(command, "lint", "mine/workflows", cwd=tmp_path)


def test_the_installed_demo_ends_well(installed: Path, tmp_path: Path) -> None:
    """Its daemon is killed in the middle; it runs from any folder."""
    python = installed / "python"
    where = called(python, "-c", "import chainwright; print(chainwright.__file__)", cwd=tmp_path)
    assert Path(where.strip()).is_relative_to(installed.parent)

    called(python, "-m", "chainwright.daemon.demo", cwd=tmp_path, HOME=str(tmp_path))
