"""The file of secrets: read anew, and only when nobody else can."""

import os
from pathlib import Path

import pytest

from chainwright.daemon.secrets.file import FileProvider
from chainwright.daemon.secrets.port import SecretUnavailable


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "secrets.yaml"


def write(path: Path, text: str, mode: int = 0o600) -> None:
    path.write_text(text)
    path.chmod(mode)


async def test_a_value_is_the_text_that_stands_there(path: Path) -> None:
    """Digits need no quotes, and ``no`` is no boolean."""
    write(path, "A: 012345\nB: 'no'\nC: |\n  two\n  lines\nUNASKED: x\n")

    assert await FileProvider(path).read(["A", "B", "C", "D"]) == {"A": "012345", "B": "no", "C": "two\nlines\n"}


async def test_no_file_has_no_secrets(path: Path) -> None:
    assert await FileProvider(path).read(["A"]) == {}


async def test_a_changed_file_is_read_again(path: Path) -> None:
    provider = FileProvider(path)
    write(path, "A: first-value")
    before = await provider.read(["A"])
    write(path, "A: second-value")

    assert (before, await provider.read(["A"])) == ({"A": "first-value"}, {"A": "second-value"})


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601])
async def test_a_file_that_is_open_to_others_is_refused_with_the_fix(path: Path, mode: int) -> None:
    write(path, "A: value-one", mode)

    with pytest.raises(SecretUnavailable, match=f"chmod 600 {path}"):
        await FileProvider(path).read(["A"])


@pytest.mark.parametrize("text", ["- a", "A: {deep: value-one}", "value-one"])
async def test_anything_but_names_and_texts_is_refused(path: Path, text: str) -> None:
    write(path, text)

    with pytest.raises(SecretUnavailable, match="has to map names to texts") as caught:
        await FileProvider(path).read(["A"])

    assert "value-one" not in str(caught.value)


async def test_a_file_that_is_no_yaml_is_told_by_its_line_and_not_quoted(path: Path) -> None:
    write(path, "A: fine-value\nB: 'value-one\n")

    with pytest.raises(SecretUnavailable, match=r"is not YAML \(line \d\)") as caught:
        await FileProvider(path).read(["A"])

    assert "value-one" not in str(caught.value)


async def test_a_link_a_folder_and_a_pipe_are_refused(tmp_path: Path) -> None:
    write(tmp_path / "real", "A: value-one")
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe", 0o600)

    for name in ("link", "folder", "pipe"):
        with pytest.raises(SecretUnavailable, match=f"{name} (cannot be read|is not a regular file)"):
            await FileProvider(tmp_path / name).read(["A"])
