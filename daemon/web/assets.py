"""The dashboard's files, as its build has left them: an index of names that exist, so no request ever becomes a path.

``index.html`` answers every address that a page may have. Files below ``assets/`` have their content's hash in their names and never
change; beside one may lie its compressed forms (``.gz``, ``.br``), which aiohttp sends to browsers that take them.
"""

import mimetypes
from pathlib import Path
from typing import Final

from aiohttp import web

from chainwright.daemon.web.headers import OF_PAGES

BUILT: Final = Path(__file__).parent / "ui" / "dist"
INDEX: Final = "index.html"
FOREVER: Final = "public, max-age=31536000, immutable"
FRESH: Final = "no-cache"

_HASHED: Final = "assets/"
_PACKED: Final = (".gz", ".br")


class Assets:
    """What there is below a folder. Files are found when this is made, and read when they are asked for."""

    def __init__(self, folder: Path) -> None:
        found = (path for path in folder.rglob("*") if path.is_file() and path.suffix not in _PACKED)
        self._files = {path.relative_to(folder).as_posix(): path for path in found}

    @property
    def are_built(self) -> bool:
        """Whether there is a dashboard at all."""
        return INDEX in self._files

    def answer(self, path: str) -> web.FileResponse | None:
        """The file of an address, or ``index.html`` for one that is a page's; None for a file that is not there."""
        name = path.removeprefix("/")
        if name in self._files and name != INDEX:
            return _of_file(self._files[name], FOREVER if name.startswith(_HASHED) else FRESH)
        if name.startswith(_HASHED) or not self.are_built:
            return None
        response = _of_file(self._files[INDEX], FRESH)
        response.headers["Content-Security-Policy"] = OF_PAGES
        return response


def _of_file(path: Path, caching: str) -> web.FileResponse:
    media = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    charset = "; charset=utf-8" if media.startswith("text/") else ""
    return web.FileResponse(path, headers={"Cache-Control": caching, "Content-Type": media + charset})
