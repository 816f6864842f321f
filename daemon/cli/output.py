"""What a command prints: JSON when asked, a table on a terminal, tab-separated fields in a pipe."""

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import click

from chainwright.daemon.cli import marks

Row = dict[str, Any]

json_option: Final = click.option("--json", "as_json", is_flag=True, help="JSON; of a list, one object per line.")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: ``of`` gives the field for a pipe, ``seen`` what a person sees when that is something else."""

    title: str
    of: Callable[[Row], Any]
    seen: Callable[[Row], Any] | None = None
    style: Callable[[Row], str] | None = None


def field(name: str) -> Callable[[Row], Any]:
    """Reads one field of a row; what is null is an empty cell."""

    def read(row: Row) -> Any:
        return row[name]

    return read


def state_column() -> Column:
    """State or outcome: a word, with its mark in front for people."""
    return Column(
        "STATE", marks.word, lambda row: f"{marks.mark(row).sign} {marks.word(row)}", lambda row: marks.mark(row).style
    )


def show_json(value: Any) -> None:
    """One value, indented on a terminal, else on one line."""
    click.echo(json.dumps(value, indent=2 if sys.stdout.isatty() else None, ensure_ascii=False))


def show_rows(rows: Sequence[Row], columns: Sequence[Column], *, as_json: bool, empty: str) -> None:
    """A list. ``empty`` is told to a person when there is nothing, and what could be done about it."""
    if as_json:
        for row in rows:
            click.echo(json.dumps(row, ensure_ascii=False))
    elif not sys.stdout.isatty():
        for row in rows:
            click.echo("\t".join(_cell(column.of(row)) for column in columns))
    elif rows:
        _table(rows, columns)
    else:
        talk(empty)


def talk(text: str) -> None:
    """Say something to the person, on stderr."""
    click.echo(text, err=True)


def printable(text: str) -> str:
    """Without control characters: what agents and authors wrote must not move our cursor."""
    return "".join(character if character.isprintable() else " " for character in text)


def _cell(value: Any) -> str:
    return "" if value is None else printable(str(value))


def _table(rows: Iterable[Row], columns: Sequence[Column]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column.title, overflow="fold")
    for row in rows:
        cells = (
            (_cell((column.seen or column.of)(row)), column.style(row) if column.style else "") for column in columns
        )
        table.add_row(*(Text(text, style=style) for text, style in cells))
    Console().print(table)
