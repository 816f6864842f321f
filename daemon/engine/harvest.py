"""What an ended session left behind: its outputs, and the line that says most about its end.

Outputs are written in GitHub's ``GITHUB_OUTPUT`` form (``name=value``, or ``name<<END`` with lines up to ``END``), or as one JSON
object.
"""

import json
import math
from typing import Any, Final, NoReturn

from pydantic_core import to_json

from chainwright.runners.port import Runner

OUTPUT_LIMIT_BYTES: Final = 1 << 20
_TAIL_BYTES: Final = 4096
_TAIL_LENGTH: Final = 300


class OutputError(Exception):
    """The output file cannot be read; the message is for the agent's author."""


async def outputs_of(runner: Runner, session_id: str) -> dict[str, Any]:
    """The session's outputs, as text or, when written as JSON, as they stand there. Raises :class:`OutputError`."""
    data = await runner.read(session_id, "files/output", limit=OUTPUT_LIMIT_BYTES + 1)
    return parse_outputs(data) if data else {}


def parse_outputs(data: bytes) -> dict[str, Any]:
    """The outputs that a file's bytes hold. Raises :class:`OutputError`."""
    if len(data) > OUTPUT_LIMIT_BYTES:
        raise OutputError(f"the output file is larger than {OUTPUT_LIMIT_BYTES} bytes")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise OutputError(f"the output file is not UTF-8 (byte {error.start})") from None
    whole = _as_object(text) if text.lstrip().startswith("{") else None
    return whole if whole is not None else _as_lines(text)


def _as_object(text: str) -> dict[str, Any] | None:
    """The object that the whole text is, or None. It has to be one that can be written as JSON again, so that it can be kept."""
    try:
        value: dict[str, Any] = json.loads(text, parse_constant=_no_json, parse_float=_finite)
    except (ValueError, RecursionError):
        return None
    try:
        to_json(value)
    except ValueError as error:
        raise OutputError(f"the output file's JSON cannot be kept: {error}") from None
    return value


def _no_json(word: str) -> NoReturn:
    raise OutputError(f"the output file holds {word}, which is not JSON")


def _finite(digits: str) -> float:
    """What no journal could hold, 1e999, would be nothing after a restart."""
    number = float(digits)
    return number if math.isfinite(number) else _no_json(digits)


def _as_lines(text: str) -> dict[str, Any]:
    outputs: dict[str, Any] = {}
    # Not `splitlines`: it also breaks at form feeds and at Unicode's separators, which may stand in a value.
    lines = iter(enumerate(text.split("\n"), start=1))
    for number, line in lines:
        if not line.strip():
            continue
        name, mark, rest = _split(number, line)
        outputs[name] = rest if mark == "=" else _until(rest, lines, name, number)
    return outputs


def _split(number: int, line: str) -> tuple[str, str, str]:
    marks = [(line.index(mark), mark) for mark in ("=", "<<") if mark in line]
    if not marks or not line[: min(marks)[0]].strip():
        raise OutputError(f"line {number} of the output file is neither `name=value` nor `name<<END`: {line[:80]!r}")
    at, mark = min(marks)
    return line[:at].strip(), mark, line[at + len(mark) :]


def _until(end: str, lines: Any, name: str, start: int) -> str:
    value: list[str] = []
    for _, line in lines:
        if line == end:
            return "\n".join(value)
        value.append(line)
    raise OutputError(f'output "{name}" begins in line {start} of the output file and its end mark {end!r} never comes')


async def last_line_of(runner: Runner, session_id: str, size: int, plain: Any) -> str:
    """The last line of the session's output that holds something, shortened."""
    data = await runner.read(session_id, "out.log", offset=max(size - _TAIL_BYTES, 0), limit=_TAIL_BYTES)
    lines = [line.strip() for line in plain(data).splitlines() if line.strip()]
    return lines[-1][-_TAIL_LENGTH:] if lines else ""
