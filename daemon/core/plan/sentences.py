"""Sentences about what others wrote: the words are ours, the quoted parts are not, and every form has its own way to quote.

A name of an agent, a command or a revision may hold anything that a pusher can think of: control sequences for terminals, markup for
forges. So no renderer ever meets a text in which the two are mixed.
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sentence:
    """``form`` is ours, with ``{}`` for each of the ``parts``, which are anybody's."""

    form: str
    parts: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.quoted(lambda part: f'"{part}"')

    def quoted(self, quote: Callable[[str], str]) -> str:
        """The sentence with each part as ``quote`` gives it."""
        pieces = self.form.split("{}")
        return "".join(
            piece + (quote(part) if part is not None else "")
            for piece, part in zip(pieces, (*self.parts, None), strict=True)
        )


def said(form: str, *parts: str | int) -> Sentence:
    """The sentence with these parts in place of ``{}``; a number needs no quotes, so it becomes part of the form."""
    texts = [part for part in parts if isinstance(part, str)]
    return Sentence(form.format(*("{}" if isinstance(part, str) else part for part in parts)), tuple(texts))
