"""The scripts of chains and agents, looked at by shellcheck where that is installed: the rule ``run-shellcheck``.

For the command line only. A deployment must not depend on what is installed beside the daemon, so the linter itself never runs it.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from chainwright.daemon.definition.reading import read
from chainwright.daemon.definition.source import Findings, Source
from chainwright.daemon.lint.handover import shell_of
from chainwright.daemon.lint.ignores import is_ignored
from chainwright.daemon.lint.linter import is_agent_file
from chainwright.daemon.lint.registry import RUN_SHELLCHECK
from chainwright.daemon.lint.shell_text import EXPRESSION
from chainwright.daemon.lint.texts import Text, texts_of, texts_of_agent
from chainwright.schemas.diagnostic import Diagnostic, Severity

LIMIT_S: Final = 20.0
"""For all scripts of one dialect together."""

_DIALECTS: Final = frozenset({"sh", "bash", "dash", "ksh"})
_LEFT_OUT: Final = "SC1090,SC1091,SC2154"
"""Files that are not there to be followed, and variables that the environment brings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShellNotes:
    """``trouble`` says why scripts were not looked at; empty when they were."""

    found: tuple[Diagnostic, ...] = ()
    trouble: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Script:
    source: Source
    text: Text
    dialect: str

    @property
    def content(self) -> str:
        """With a word in place of each expression; what stands elsewhere keeps its place."""
        return EXPRESSION.sub(lambda found: re.sub(r"[^\n]", "x", found[0]), self.text.written)


def shell_notes(sources: Iterable[Source], program: str = "shellcheck") -> ShellNotes:
    """What shellcheck warns of in the scripts of these definitions. One process for each dialect, each within its time."""
    scripts = [script for source in sources for script in _scripts(source)]
    command = shutil.which(program)
    if command is None:
        return ShellNotes(trouble="shellcheck is not installed, so scripts are not checked" if scripts else "")
    found: list[Diagnostic] = []
    for dialect in sorted({script.dialect for script in scripts}):
        batch = [script for script in scripts if script.dialect == dialect]
        comments = _comments(command, dialect, [script.content for script in batch])
        if comments is None:
            return ShellNotes(
                found=tuple(found),
                trouble=f"shellcheck gave no answer within {LIMIT_S:.0f} s, or none that can be read",
            )
        found += (_diagnostic(batch[index], comment) for index, comment in comments)
    return ShellNotes(found=tuple(one for one in found if not _is_silenced(one, scripts)))


def _scripts(source: Source) -> Iterator[_Script]:
    _, root = read(source.path, source.text.encode(), Findings(source.path))
    if root is None:
        return
    texts = (
        texts_of_agent(root, None)
        if is_agent_file(source.path) or "agents" in Path(source.path).parts
        else texts_of(root)
    )
    for text in texts:
        dialect = shell_of(root, text, default="bash") if text.role == "run" else ""
        if dialect in _DIALECTS:
            yield _Script(source=source, text=text, dialect=dialect)


def _comments(command: str, dialect: str, contents: list[str]) -> list[tuple[int, dict[str, Any]]] | None:
    """Index of the script and shellcheck's comment on it; None without a usable answer."""
    with TemporaryDirectory(prefix="chainwright-") as folder:
        names = [f"{index}.sh" for index in range(len(contents))]
        for name, content in zip(names, contents, strict=True):
            Path(folder, name).write_text(content, encoding="utf-8")
        options = ("--norc", "--format=json1", "--severity=warning", f"--shell={dialect}", f"--exclude={_LEFT_OUT}")
        try:
            done = subprocess.run(
                [command, *options, *names], cwd=folder, capture_output=True, timeout=LIMIT_S, check=False
            )
            listed = json.loads(done.stdout)["comments"]
            return [(int(Path(one["file"]).stem), one) for one in listed]
        except (subprocess.TimeoutExpired, OSError, ValueError, KeyError, TypeError):
            return None


def _diagnostic(script: _Script, comment: dict[str, Any]) -> Diagnostic:
    lines = script.text.written.split("\n")
    offset = sum(len(line) + 1 for line in lines[: comment["line"] - 1]) + comment["column"] - 1
    is_one_line = comment["endLine"] == comment["line"]
    length = max(comment["endColumn"] - comment["column"], 1) if is_one_line else 1
    return Diagnostic(
        path=script.source.path,
        span=script.source.within(script.text.scalar, offset, length),
        severity=Severity.NOTE,
        rule=RUN_SHELLCHECK,
        message=f"SC{comment['code']}: {comment['message']}",
    )


def _is_silenced(finding: Diagnostic, scripts: Iterable[_Script]) -> bool:
    return any(script.source.path == finding.path and is_ignored(script.source, finding) for script in scripts)
