"""Files that an agent names in its outputs and events: each becomes an artifact, or a sentence about what is wrong with it."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from chainwright.daemon.artifacts.port import BadFile
from chainwright.daemon.core.artifacts import Artifact
from chainwright.daemon.core.graph import ValueType
from chainwright.runners.port import RunnerError

Keep = Callable[[str], Awaitable[Artifact]]
"""Path → artifact. Raises BadFile and OSError."""


async def kept(
    types: Mapping[str, ValueType], values: Mapping[str, Any], keep: Keep
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The values with a reference in the place of each path, and the problems.

    Raises RunnerError when the files cannot be kept now: whoever asks again later may have room for them.
    """
    found, problems = dict(values), []
    for name in (name for name, kind in types.items() if kind == "file" and name in values):
        try:
            found[name] = (await _kept(values[name], keep)).as_json()
        except BadFile as error:
            problems.append(f'file "{name}": {error}')
        except OSError as error:
            raise RunnerError(f'the file "{name}" cannot be kept: {error}') from error
    return found, tuple(problems)


async def _kept(path: Any, keep: Keep) -> Artifact:
    """Only a path is taken: a reference in its place would open files that the agent was never given."""
    if not isinstance(path, str) or not path:
        raise BadFile("the path of a file is expected")
    return await keep(path)
