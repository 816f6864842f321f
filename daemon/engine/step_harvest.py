"""What a step left for those that follow: its outputs, the environment file and the path file, in GitHub's forms."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from chainwright.daemon.engine.harvest import OUTPUT_LIMIT_BYTES, OutputError, last_line_of, parse_outputs
from chainwright.runners.port import Runner
from chainwright.schemas.session import StepLine

_VARIABLE: Final = re.compile(r"(?!CHAINWRIGHT(_|$)|GITHUB_)[A-Za-z_][A-Za-z0-9_]*")
"""What a step may set: not what Chainwright sets itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRemains:
    """What was read; ``problem`` is for the author of the step, and empty when all could be."""

    outputs: dict[str, Any] = field(default_factory=dict)
    env: dict[str, str] = field(default_factory=dict)
    path: tuple[str, ...] = ()
    problem: str = ""
    tail: str = ""


async def remains_of(runner: Runner, session_id: str, line: StepLine, plain: Callable[[bytes], str]) -> StepRemains:
    """Of a step that has ended; ``plain`` takes control sequences out of what it printed. Raises HostUnreachable."""

    async def read(file: str) -> bytes:
        return await runner.read(session_id, f"files/{file}.{line.n}", limit=OUTPUT_LIMIT_BYTES + 1)

    failed = line.code != 0 and not line.error
    tail = await last_line_of(runner, session_id, line.size, plain) if failed else ""
    output, env, path = [await read(file) for file in ("output", "env", "path")]
    try:
        return StepRemains(outputs=parse_outputs(output), env=_variables(env), path=_folders(path), tail=tail)
    except OutputError as error:
        return StepRemains(problem=str(error), tail=tail)


def _variables(data: bytes) -> dict[str, str]:
    try:
        values = parse_outputs(data)
    except OutputError as error:
        raise OutputError(f"GITHUB_ENV: {error}") from None
    for name, value in values.items():
        if not _VARIABLE.fullmatch(name):
            raise OutputError(f"GITHUB_ENV sets {name!r}, which a step cannot set")
        if not isinstance(value, str) or "\0" in value:
            raise OutputError(f"GITHUB_ENV gives {name} a value that is no text")
    return values


def _folders(data: bytes) -> tuple[str, ...]:
    try:
        return tuple(line.strip() for line in data.decode().splitlines() if line.strip())
    except UnicodeDecodeError as error:
        raise OutputError(f"GITHUB_PATH is not UTF-8 (byte {error.start})") from None
