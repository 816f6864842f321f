"""YAML is read by the 1.2 core schema, within bounds, with positions; what is wrong with it is found, never raised."""

import time
from typing import Any

import pytest
import yaml

from chainwright.daemon.definition.nodes import Mapping, Node, plain
from chainwright.daemon.definition.source import Findings, Source, decode
from chainwright.daemon.definition.yaml_reader import FASTEST, read_yaml
from chainwright.schemas.diagnostic import Span

LOADERS = [pytest.param(FASTEST, id="fastest"), pytest.param(yaml.SafeLoader, id="pure")]


def read(text: str, loader: Any = FASTEST) -> tuple[Node | None, list[tuple[str, int, int]]]:
    findings = Findings("a.yaml")
    root = read_yaml(Source("a.yaml", text), findings, loader)
    return root, [(one.rule, one.span.line, one.span.column) for one in findings.found]


def value(text: str, loader: Any = FASTEST) -> Any:
    root, found = read(text, loader)
    assert found == []
    return plain(root) if root else None


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("yes", "yes"),
        ("on", "on"),
        ("true", True),
        ("False", False),
        ("2001-12-14", "2001-12-14"),
        ("1:30", "1:30"),
        ("0o17", 15),
        ("017", 17),
        ("0x1F", 31),
        ("1_000", "1_000"),
        ("-1.5e3", -1500.0),
        (".5", 0.5),
        ("~", None),
        ("'~'", "~"),
        ("!!str 5", "5"),
        ("'5'", "5"),
        ("+", "+"),
        ("1.2.3", "1.2.3"),
    ],
)
def test_a_plain_scalar_is_what_the_core_schema_says(text: str, expected: object, loader: Any) -> None:
    found = value(f"a: {text}", loader)["a"]

    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize("loader", LOADERS)
def test_a_merge_gives_what_the_mapping_does_not_say_itself(loader: Any) -> None:
    text = "base: &b {x: 1, y: 1}\nmore: &m {y: 2, z: 2}\nboth: {<<: [*b, *m], x: 3}\n"

    assert value(text, loader)["both"] == {"x": 3, "y": 1, "z": 2}


@pytest.mark.parametrize("loader", LOADERS)
def test_every_value_and_key_knows_its_place(loader: Any) -> None:
    root, _ = read("one: x\ntwo:\n  - 'y z'\n  - {k: v}\nthree: |\n  text\n  more\nfour: 4\n", loader)
    assert isinstance(root, Mapping)
    places = {key: entry.value.span for key, entry in root.entries.items()}

    assert root.entries["two"].key.span == Span(line=2, column=1, end_line=2, end_column=4)
    assert places["one"] == Span(line=1, column=6, end_line=1, end_column=7)
    assert places["two"] == Span(line=3, column=3, end_line=4, end_column=11)


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb: 2\na: 3\n", [("yaml-dup-key", 3, 1)]),
        ("a: {b: 1, b: 2}\n", [("yaml-dup-key", 1, 11)]),
        ("a: 1\n---\nb: 2\n", [("yaml-syntax", 2, 1)]),
        ("a: !mine x\n", [("yaml-syntax", 1, 4)]),
        ("a: *b\n", [("yaml-syntax", 1, 4)]),
        ("a: &b [*b]\n", [("yaml-syntax", 1, 8)]),
        ("? [a]\n: b\n", [("yaml-syntax", 1, 3)]),
        ("~: b\n", [("yaml-syntax", 1, 1)]),
        ("a: {<<: 5}\n", [("yaml-syntax", 1, 9)]),
        ("a: .inf\nb: 1e999\n", [("yaml-syntax", 1, 4), ("yaml-syntax", 2, 4)]),
        (f"a: {'9' * 5000}\n", [("yaml-limits", 1, 4)]),
        (f"a: {'[' * 100_000}", [("yaml-limits", 1, 54)]),
        (f"a: [{'x, ' * 60_000}]", [("yaml-limits", 1, 149_996)]),
        ("a: &x 1\nb: [" + "*x, " * 101 + "]", [("yaml-limits", 2, 405)]),
    ],
)
def test_what_is_wrong_is_found_at_its_place(text: str, expected: list[tuple[str, int, int]], loader: Any) -> None:
    assert read(text, loader)[1] == expected


def test_reading_goes_on_after_a_key_given_twice() -> None:
    root, found = read("a: 1\na: 2\nb: &b {c: 1, c: 2}\n")

    assert len(found) == 2
    assert root is not None
    assert plain(root) == {"a": 1, "b": {"c": 1}}


def test_a_bomb_is_refused_in_less_than_a_tenth_of_a_second() -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n"
    bomb += "".join(
        f"{after}: &{after} [{', '.join([f'*{name}'] * 9)}]\n"
        for name, after in zip("abcdefgh", "bcdefghi", strict=True)
    )
    begun = time.perf_counter()
    root, found = read(bomb)

    assert time.perf_counter() - begun < 0.1
    assert (root, [rule for rule, _, _ in found]) == (None, ["yaml-limits"])


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"a: \xff", ("yaml-syntax", 1, 4)),
        (b"a: b\nc: \x00\n", ("yaml-syntax", 2, 4)),
        (b"\xef\xbb\xbfa: b\x07", ("yaml-syntax", 1, 5)),
        (b"x" * 300_000, ("yaml-limits", 1, 1)),
    ],
)
def test_what_is_no_text_is_found_before_it_is_read(data: bytes, expected: tuple[str, int, int]) -> None:
    findings = Findings("a.yaml")
    decode("a.yaml", data, findings)

    assert [(one.rule, one.span.line, one.span.column) for one in findings.found] == [expected]
