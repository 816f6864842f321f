"""Secrets of a command: asked by name, bounded, and ended with all that it started."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from chainwright.daemon.secrets.command import CommandProvider
from chainwright.daemon.secrets.port import SecretUnavailable


@pytest.fixture
def provider() -> Callable[..., CommandProvider]:
    """A command that is a script."""
    return lambda script, timeout_s=20.0: CommandProvider(["sh", "-c", script], timeout_s)


async def test_it_is_told_the_names_and_gives_what_it_has(provider: Callable[..., CommandProvider]) -> None:
    given = await provider('[ "$(cat)" = \'{"names": ["A", "B"]}\' ] && echo \'{"A": "value-one", "C": 1}\'').read(
        ["A", "B"]
    )

    assert given == {"A": "value-one"}


async def test_it_need_not_read_the_names(provider: Callable[..., CommandProvider]) -> None:
    assert await provider("exec <&-; echo '{}'").read(["A"]) == {}


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo value-one; exit 3", "did not print a JSON object|failed with exit code 3"),
        ("echo '{}'; echo value-one >&2; exit 3", "failed with exit code 3"),
        ("echo '[\"value-one\"]'", "did not print a JSON object"),
        ('echo \'{"A": ["value-one"]}\'', 'gives no text for "A"'),
        ("head -c 3000000 /dev/zero", "printed more than"),
    ],
)
async def test_an_answer_that_is_none_is_told_and_not_quoted(
    provider: Callable[..., CommandProvider], script: str, said: str
) -> None:
    with pytest.raises(SecretUnavailable, match=said) as caught:
        await provider(script).read(["A"])

    assert "value-one" not in str(caught.value)


async def test_a_command_that_is_not_there_is_named() -> None:
    with pytest.raises(SecretUnavailable, match=r"/no/such/tool, cannot run: No such file"):
        await CommandProvider(["/no/such/tool"], 1.0).read(["A"])


async def test_one_that_gives_no_answer_is_ended_with_its_children(
    provider: Callable[..., CommandProvider], tmp_path: Path
) -> None:
    note = tmp_path / "child"

    with pytest.raises(SecretUnavailable, match=r"no answer within 0\.5 s"):
        await provider(f"sleep 600 & echo $! > {note}; wait", timeout_s=0.5).read(["A"])

    assert not _lives(int(note.read_text()))


def _lives(pid: int) -> bool:
    """Whether it is a process, and not one that only waits to be taken note of."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    except (FileNotFoundError, ProcessLookupError):
        return os.path.exists(f"/proc/{pid}")  # noqa: PTH110 - of a race with its end
