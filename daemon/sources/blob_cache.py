"""Contents of git objects that were read before, by their ids."""

from collections import OrderedDict
from threading import Lock


class BlobCache:
    """The longest unused is forgotten first. Safe to use from several threads."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._held = 0
        self._blobs: OrderedDict[str, bytes] = OrderedDict()
        self._lock = Lock()

    def known(self, ids: set[str]) -> dict[str, bytes]:
        """Those that are remembered."""
        with self._lock:
            found = {one: self._blobs[one] for one in ids if one in self._blobs}
            for one in found:
                self._blobs.move_to_end(one)
            return found

    def keep(self, contents: dict[str, bytes]) -> None:
        """Remember these, as long as there is room; one that would take much of it is not."""
        with self._lock:
            for one, content in contents.items():
                if len(content) <= self._most // 8 and one not in self._blobs:
                    self._blobs[one] = content
                    self._held += len(content)
            while self._held > self._most:
                _, forgotten = self._blobs.popitem(last=False)
                self._held -= len(forgotten)
