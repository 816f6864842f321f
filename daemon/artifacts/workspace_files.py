"""Opens a file that an agent names: within its workspace, and never through a link (``runners.host_files``)."""

from chainwright.daemon.artifacts.port import BadFile
from chainwright.runners.host_files import Unfit, open_named


def opened(path: str, *, folder: str, roots: tuple[str, ...], limit_bytes: int) -> int:
    """A descriptor of the file, which the caller closes. Raises :class:`BadFile`."""
    try:
        return open_named(path, folder, roots, limit_bytes)
    except Unfit as reason:
        raise BadFile(str(reason)) from None
