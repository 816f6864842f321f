"""What a person or program is told when the store cannot take what they ask for just now (semantics 45)."""

from collections.abc import Iterator
from contextlib import contextmanager

from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.store.port import StoreUnavailable


@contextmanager
def recording() -> Iterator[None]:
    """A block that makes something durable; raises :class:`Refusal` (come again) when there is no room, or no access, for it."""
    try:
        yield
    except StoreUnavailable as error:
        raise Refusal(Code.UNAVAILABLE, "nothing can be recorded now", str(error)) from error
