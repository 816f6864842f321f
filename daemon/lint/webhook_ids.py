"""Addresses of webhooks that two would share: in one environment, each is there once (semantics 40)."""

from collections.abc import Iterable, Iterator

from chainwright.daemon.definition.load import Document
from chainwright.daemon.lint.rule import Finding
from chainwright.daemon.lint.webhooks import webhooks

DUPLICATE = "webhook-duplicate"


def shared_ids(documents: Iterable[Document]) -> Iterator[tuple[Document, Finding]]:
    """A finding for each webhook whose address is another's already."""
    first: dict[str, str] = {}
    for document in documents:
        for hook in webhooks(document.root):
            node = hook.node.entries.get("id")
            if node is None or hook.id not in first:
                first[hook.id] = document.source.path
                continue
            message = f'the address of the webhook "{hook.id}" is already one of {first[hook.id]}'
            yield document, Finding(span=node.value.span, message=message, hint="give one of them another id")
