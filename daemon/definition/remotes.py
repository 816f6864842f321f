"""References to agents of other repositories: ``git+<url>//<path>@<commit>``, where only a whole commit id pins what is meant.

What fetches and reads them is handed in; nothing here touches the network.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from chainwright.daemon.definition.named_files import Unusable

PREFIX: Final = "git+"
"""What such a reference begins with."""

_FORM: Final = "git+<url>//<path>@<40-digit commit>"
_COMMIT: Final = re.compile(r"[0-9a-fA-F]{40}")
_SHORT: Final = re.compile(r"[0-9a-f]{4,39}")
_HOSTED: Final = re.compile(r"(?:[A-Za-z0-9][A-Za-z0-9._~+-]*@)?[A-Za-z0-9\[][^@]*/.+")
"""A host and a path, perhaps a user."""
_PASSWORD: Final = re.compile(r"[^/@]*:[^/@]*@")
_LOCAL: Final = re.compile(r"/.+")
_ADDRESSES: Final = {"https": _HOSTED, "ssh": _HOSTED, "file": _LOCAL, "": _LOCAL}
_PATH: Final = re.compile(r"(?!-)(?!(?:.*/)?\.{0,2}(?:/|$))[^\\]{1,200}")


class BadReference(Exception):
    """No such reference can be followed. The text is a whole sentence, ``rule`` the diagnostic's, ``hint`` the fix."""

    def __init__(self, rule: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.rule = rule
        self.hint = hint


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """A file of another repository at a commit. ``path`` may lack the ending, and ``workflows/`` in front."""

    url: str
    path: str
    commit: str


class NotFetched(Unusable):
    """The repository is not in the cache, and was not to be fetched now."""


ReadRemote = Callable[[Remote], tuple[str, bytes]]
"""The whole path of the file and its content. Raises :class:`~.named_files.Unusable`."""


def nothing_fetched(remote: Remote) -> tuple[str, bytes]:
    """Reads nothing: for those who have no cache."""
    raise NotFetched(f"{remote.url} was not fetched")


def parsed(reference: str) -> Remote:
    """What a reference means. Raises :class:`BadReference`."""
    scheme, separator, rest = reference.removeprefix(PREFIX).partition("://")
    scheme, rest = (scheme, rest) if separator else ("", scheme)
    if scheme not in _ADDRESSES:
        message = f'nothing is fetched by "{scheme}"'
        raise BadReference("remote-unusable", message, "https://…, ssh://…, file:///… or an absolute path")
    where, _, inside = rest.partition("//")
    path, pinned, commit = inside.rpartition("@")
    path = path if pinned else inside
    if _PASSWORD.match(where):
        message = "a password stands in the address, and would be in every clone of this repository"
        raise BadReference("remote-unusable", message, "git's credential helpers and keys of ssh are used")
    if not _ADDRESSES[scheme].fullmatch(where) or not _PATH.fullmatch(path):
        raise BadReference("remote-unusable", f"{reference} names no file of a repository", _FORM)
    url = f"{scheme}{separator}{where}"
    if not _COMMIT.fullmatch(commit if pinned else ""):
        raise _unpinned(url, path, commit if pinned else "")
    return Remote(url=url, path=path, commit=commit.lower())


def _unpinned(url: str, path: str, named: str) -> BadReference:
    what = f'"{named}" may mean something else tomorrow' if named else "it says no commit"
    asked = f"git rev-parse {named} there" if _SHORT.fullmatch(named) else f"git ls-remote {url} {named or 'HEAD'}"
    hint = f"{PREFIX}{url}//{path}@<40-digit commit>, as {asked} prints it"
    return BadReference("unpinned-remote", f"an agent of another repository is used at a commit, and {what}", hint)
