"""What the linter remembers of chain files, and what it must not."""

import pytest

from chainwright.daemon.lint.linted import Linted
from chainwright.daemon.lint.linter import lint_repository
from chainwright.daemon.lint.memory import LintMemory

GOOD = b"agents:\n  say:\n    run: echo one\n"
BAD = b"agents:\n  say:\n    runs: echo\n"
USES = b"agents:\n  say:\n    uses: agents/tool\n"
AGENT = b"run: echo tool\noutputs: {x: string}\n"
CALLS = b"agents:\n  say:\n    uses: chains/called\n    with: {a: one}\n"
HIDDEN_CALLS = CALLS.replace(b"chains/called", b'"chains\\/called"')
FOLDED_CALLS = CALLS.replace(b"chains/called", b'"chai\\\n      ns/called"')
CALLED = b"inputs:\n  a: {type: string}\nagents:\n  say:\n    run: echo called\n"


@pytest.fixture
def memory() -> LintMemory:
    return LintMemory()


def told(linted: Linted) -> tuple[list[str], list[str]]:
    return sorted(linted.chains), [f"{one.path}: {one.rule}" for one in linted.diagnostics]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"a.yaml": GOOD}, {"a.yaml": GOOD}),
        ({"a.yaml": GOOD}, {"a.yaml": BAD}),
        ({"a.yaml": BAD}, {"a.yaml": GOOD, "b.yaml": BAD}),
        ({"a.yaml": GOOD}, {"b.yaml": b"id: a\n" + GOOD, "a.yaml": GOOD}),
        ({"a.yaml": USES, "agents/tool.yaml": AGENT}, {"a.yaml": USES}),
        ({"a.yaml": USES}, {"a.yaml": USES, "agents/tool.yaml": AGENT}),
        ({"a.yaml": CALLS, "called.yaml": CALLED}, {"a.yaml": CALLS, "called.yaml": GOOD}),
        ({"a.yaml": HIDDEN_CALLS, "called.yaml": CALLED}, {"a.yaml": HIDDEN_CALLS, "called.yaml": GOOD}),
        ({"a.yaml": FOLDED_CALLS, "called.yaml": CALLED}, {"a.yaml": FOLDED_CALLS, "called.yaml": GOOD}),
    ],
)
def test_a_memory_changes_nothing_of_what_is_found(
    memory: LintMemory, before: dict[str, bytes], after: dict[str, bytes]
) -> None:
    for files in (before, after):
        placed = {f"workflows/{name}": data for name, data in files.items()}

        assert told(lint_repository(placed, memory=memory)) == told(lint_repository(placed))


def test_a_file_that_is_the_same_is_not_compiled_again(memory: LintMemory) -> None:
    files = {"workflows/a.yaml": GOOD, "workflows/b.yaml": GOOD}
    first = lint_repository(files, memory=memory)
    second = lint_repository({**files, "workflows/b.yaml": GOOD.replace(b"one", b"two")}, memory=memory)

    assert second.sources["workflows/a.yaml"] is first.sources["workflows/a.yaml"]
    assert second.sources["workflows/b.yaml"] is not first.sources["workflows/b.yaml"]


def test_a_repository_that_is_the_same_is_not_linted_again(memory: LintMemory) -> None:
    files = {"workflows/a.yaml": CALLS, "workflows/called.yaml": CALLED, "notes": b"1"}
    first = lint_repository(files, memory=memory)

    assert lint_repository({**files, "notes": b"2"}, memory=memory) is first
    assert lint_repository({**files, "workflows/called.yaml": GOOD}, memory=memory) is not first
    assert lint_repository(files, "elsewhere", memory=memory) is not first


@pytest.mark.parametrize(
    "lines", [b"schema: s.json", b'"sch\\x65ma": s.json', b'? "sche\\\n          ma"\n        : s.json']
)
def test_a_repository_that_names_other_files_is_linted_again(memory: LintMemory, lines: bytes) -> None:
    chain = b"agents:\n  say:\n    run: echo\n    checks:\n      - " + lines + b"\n"
    missing = lint_repository({"workflows/a.yaml": chain}, memory=memory)
    there = lint_repository({"workflows/a.yaml": chain, "s.json": b"{}"}, memory=memory)

    assert told(missing) == told(lint_repository({"workflows/a.yaml": chain}))
    assert told(there) == told(lint_repository({"workflows/a.yaml": chain, "s.json": b"{}"})) != told(missing)


def test_backslashes_of_scripts_keep_nothing_from_being_remembered(memory: LintMemory) -> None:
    script = b"agents:\n  say:\n    run: |\n      printf 'one\\n' \\\n        two\n"
    first = lint_repository({"workflows/a.yaml": script}, memory=memory)
    second = lint_repository({"workflows/a.yaml": script, "workflows/b.yaml": GOOD}, memory=memory)

    assert second.sources["workflows/a.yaml"] is first.sources["workflows/a.yaml"]


def test_what_is_unused_for_longest_is_forgotten() -> None:
    memory = LintMemory(most_bytes=len(GOOD), most_whole_bytes=0)
    first = lint_repository({"workflows/a.yaml": GOOD}, memory=memory)
    lint_repository({"workflows/b.yaml": GOOD}, memory=memory)
    again = lint_repository({"workflows/a.yaml": GOOD}, memory=memory)

    assert again.sources["workflows/a.yaml"] is not first.sources["workflows/a.yaml"]
