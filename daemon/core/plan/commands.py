"""What an agent would execute: the texts that decide it, and the files of the repository that they name.

Which file a shell command ends up in cannot be known without running it. So a name counts wherever it stands in the texts, and a
path counts by its last part: rather one file too many than one too few.
"""

import json
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from chainwright.daemon.core.graph import Agent

_WORD: Final = re.compile(r"[\w.+@/-]+")

_PROSE: Final = frozenset({".md", ".rst", ".txt", ".adoc", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".pdf"})
"""Endings of files that are read by people, not run; one that a command names is no prose, whatever its ending."""


@dataclass(frozen=True, slots=True)
class Command:
    """The parts of an agent that decide what runs, by the author's word for each."""

    parts: dict[str, str]

    def differences(self, other: "Command") -> Iterator[tuple[str, str, str]]:
        """(part, here, in the other) of each that is not the same."""
        for part, text in self.parts.items():
            if text != other.parts[part]:
                yield part, text, other.parts[part]


def command_of(agent: Agent) -> Command:
    """Its command."""
    return Command(
        {
            "run": agent.script or "",
            "steps": "\n".join(f"{' '.join(step.shell)} {step.script} {_json(step.env)}" for step in agent.steps),
            "uses": agent.uses or "",
            "prompt": agent.prompt or "",
            "with": _json(agent.with_),
            "env": _json(agent.env),
            "shell": " ".join(agent.shell),
            "working-directory": agent.working_directory,
        }
    )


def names_in(agent: Agent) -> frozenset[str]:
    """Every word of its command by which it may mean a file: whole, and without what comes before its last slash."""
    words = {word for text in command_of(agent).parts.values() for word in _WORD.findall(text)}
    return frozenset({*words, *(posixpath.basename(word) for word in words), *_modules(words)})


def ways_to_name(path: str) -> frozenset[str]:
    """The words by which a command may mean the file: its path, its name, or a folder that it is in, but no bare word."""
    folders = list(_folders(path))
    return frozenset(
        {
            path,
            posixpath.basename(path),
            *(f"{folder}/" for folder in folders),
            *(folder for folder in folders if "/" in folder),
        }
    )


def _folders(path: str) -> Iterator[str]:
    parts = path.split("/")
    return ("/".join(parts[:count]) for count in range(1, len(parts)))


def is_prose(path: str) -> bool:
    """Whether a file is for people to read, by its ending."""
    return posixpath.splitext(path)[1].lower() in _PROSE


def _modules(words: set[str]) -> Iterator[str]:
    """``python -m agents.publish`` means ``publish.py``."""
    return (f"{word.rpartition('.')[2]}.py" for word in words if "." in word and "/" not in word)


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False) if value else ""
