"""The webhooks of a chain file with their places, for the rules about them."""

from collections.abc import Iterator
from dataclasses import dataclass

from chainwright.daemon.definition.nodes import Mapping, Node, Path, Scalar, Sequence, at
from chainwright.daemon.lint.texts import Text

PATH: Path = ("on", "webhook")


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenWebhook:
    """A webhook as it is written; ``id`` is empty where it is no text."""

    id: str
    path: Path
    node: Mapping

    def has(self, key: str) -> bool:
        """Whether it says something about this."""
        return key in self.node.entries

    def text(self, *path: str) -> str:
        """A text of it; empty where there is none."""
        found = at(self.node, *path)
        return found.value if isinstance(found, Scalar) and isinstance(found.value, str) else ""

    def owns(self, text: Text) -> bool:
        """Whether a text stands in it."""
        return text.path[: len(self.path)] == self.path


def webhooks(root: Node | None) -> Iterator[WrittenWebhook]:
    """Every webhook that is a mapping, in the order of the file."""
    written = at(root, *PATH)
    several = enumerate(written.items) if isinstance(written, Sequence) else ()
    places: list[tuple[Path, Node | None]] = [(PATH, written), *(((*PATH, index), item) for index, item in several)]
    for path, node in places:
        if isinstance(node, Mapping):
            found = at(node, "id")
            name = found.value if isinstance(found, Scalar) and isinstance(found.value, str) else ""
            yield WrittenWebhook(id=name, path=path, node=node)
