"""Unix socket addresses longer than the kernel takes.

``sun_path`` ends at 107 bytes, a home may be deeper. Such a socket is reached through its folder's descriptor:
``/proc/self/fd/N/name``. Changing the working directory, the other known way, would change it for the whole process.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

LIMIT: Final = 107


@contextmanager
def usable(path: Path) -> Iterator[str]:
    """A name of ``path`` that ``bind`` and ``connect`` take, valid inside the block. Raises OSError without its folder."""
    if len(os.fsencode(path)) <= LIMIT:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
