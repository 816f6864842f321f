"""A pattern of branches, tags or paths that cannot be read, or a filter that lets nothing pass."""

from collections.abc import Iterator
from typing import Final

from chainwright.daemon.core.filters import FilterError, pattern
from chainwright.daemon.definition.nodes import Node, Path, Scalar, Sequence, at
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.subject import Subject

_OF_REFS: Final = ("branches", "tags", "paths")
_FILTERS: Final[tuple[Path, ...]] = (
    *(("on", "push", f"{kind}{ignore}") for kind in _OF_REFS for ignore in ("", "-ignore")),
    *(("on", "pull_request", f"{kind}{ignore}") for kind in ("branches", "paths") for ignore in ("", "-ignore")),
    ("on", "chain", "branches"),
)


class GlobInvalid(Rule):
    """``chainwright match`` tells how a filter decides."""

    name = "glob-invalid"
    doc = "A pattern of branches, tags or paths cannot be read, or a filter takes out only what nothing has let in."
    why = (
        "The trigger would start nothing. `*` stands for anything but `/`, `**` for anything, `?` and `+` repeat the character before them, "
        r"`[…]` holds letters, digits and ranges, and `\` takes the next character as it is. `!` takes out again what a pattern before it "
        "has let in. `chainwright match` tells how a filter decides."
    )
    bad = """
        on: {push: {branches: ['v[1-']}}
        agents: {a: {run: ./a.sh}}
    """
    good = """
        on: {push: {branches: ['v[1-9]']}}
        agents: {a: {run: ./a.sh}}
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each pattern that cannot be read, and each filter that is never passed."""
        for path in _FILTERS:
            written = list(_patterns(at(subject.root, *path)))
            unreadable = [finding for one in written for finding in _unreadable(subject, one)]
            yield from unreadable or _never_passed(subject, path, written)


def _patterns(written: Node | None) -> Iterator[Scalar]:
    for one in written.items if isinstance(written, Sequence) else [written]:
        if isinstance(one, Scalar) and isinstance(one.value, str):
            yield one


def _unreadable(subject: Subject, written: Scalar) -> Iterator[Finding]:
    text = str(written.value)
    try:
        pattern(text)
    except FilterError as error:
        yield Finding(
            span=subject.document.source.within(written, error.offset),
            message=f'"{text}" is no pattern: {error}',
            hint="chainwright match PATTERN… -- NAME… tries patterns out",
        )


def _never_passed(subject: Subject, path: Path, written: list[Scalar]) -> Iterator[Finding]:
    name = str(path[-1])
    if written and not name.endswith("-ignore") and all(str(one.value).startswith("!") for one in written):
        yield Finding(
            span=subject.key(*path),
            message=f'"{name}" lets nothing pass: it only takes out',
            hint="let something in first: ['**', '!…']",
        )
