"""``match``: how a filter of branches, tags or paths decides, without a daemon and without a chain."""

import json
import sys
from collections.abc import Sequence
from typing import IO, Any, Final, TypeGuard

import click

from chainwright.daemon.cli.failures import Failure
from chainwright.daemon.cli.output import Column, Row, field, show_json, show_rows, talk
from chainwright.daemon.core.filters import Decision, FilterError, ignored, included, lets_start, pattern
from chainwright.daemon.web.codes import EXIT_DEFINITION, EXIT_FAILED, EXIT_OK

_BETWEEN: Final = "--"


class _TwoLists(click.Command):
    """What stands before ``--`` are patterns, what stands behind it are names: either may begin with a dash."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """What stands before ``--`` as click reads it; the names are in ``ctx.meta``."""
        at = args.index(_BETWEEN) if _BETWEEN in args else len(args)
        ctx.meta["names"] = args[at + 1 :]
        return super().parse_args(ctx, args[:at])


@click.command(
    "match",
    cls=_TwoLists,
    short_help="Try a filter of branches, tags or paths.",
    options_metavar="[OPTIONS]",
    epilog="The names follow `--`.",
)
@click.argument("patterns", nargs=-1, metavar="PATTERN... -- NAME...")
@click.option("--ignore", is_flag=True, help="Read the patterns as branches-ignore, tags-ignore or paths-ignore.")
@click.option("--batch", is_flag=True, help='Answer every line of stdin: {"patterns": […], "inputs": […]}.')
@click.option("--json", "as_json", is_flag=True, help="What each name is answered, by which pattern.")
@click.pass_context
def match(ctx: click.Context, patterns: tuple[str, ...], ignore: bool, batch: bool, as_json: bool) -> int:
    """Say which of the names a filter includes, by which pattern, and whether a change of all of them starts a run.

    The patterns are those of `branches`, `tags` and `paths` of a trigger. Exit code 0 when a run starts, 1 when it does not, 3 when a
    pattern cannot be read.

    With --batch, a line {"include_filter_skips_run": …, "ignore_filter_skips_run": …} or {"error": {"pattern": …, "message": …,
    "position": …}} answers each line of stdin.
    """
    names: list[str] = ctx.meta["names"]
    if batch:
        if patterns or names or ignore:
            raise click.UsageError("--batch reads its patterns and names from stdin")
        return _answer_lines(sys.stdin.buffer)
    if not patterns or not names:
        raise click.UsageError("give patterns, then --, then names: chainwright match 'feature/**' -- feature/a")
    if wrong := _mistake(patterns):
        raise Failure(
            f'{wrong["message"]}, at character {wrong["position"]} of "{wrong["pattern"]}"', code=EXIT_DEFINITION
        )
    starts = lets_start((), patterns, names) if ignore else lets_start(patterns, (), names)
    decisions = (ignored if ignore else included)(patterns, names)
    if as_json:
        show_json({"starts": starts, "names": [_as_json(decision) for decision in decisions]})
    else:
        show_rows([_row(decision, ignore) for decision in decisions], _COLUMNS, as_json=False, empty="")
        talk(f"a change of {'this' if len(names) == 1 else 'these'} {'starts a' if starts else 'starts no'} run")
    return EXIT_OK if starts else EXIT_FAILED


_COLUMNS: Final = [Column("NAME", field("name")), Column("VERDICT", field("verdict")), Column("BY", field("by"))]


def _row(decision: Decision, ignore: bool) -> Row:
    verdicts = ("ignored", "kept") if ignore else ("not included", "included")
    return {
        "name": decision.name,
        "verdict": verdicts[decision.is_included],
        "by": decision.by or "no pattern speaks of it",
    }


def _as_json(decision: Decision) -> dict[str, Any]:
    return {"name": decision.name, "is_included": decision.is_included, "by": decision.by}


def _mistake(patterns: Sequence[str]) -> dict[str, Any] | None:
    """What is wrong with the first pattern that cannot be read; its place counts from 1."""
    for text in patterns:
        try:
            pattern(text)
        except FilterError as error:
            return {"pattern": text, "message": str(error), "position": error.offset + 1}
    return None


def _answer_lines(lines: IO[bytes]) -> int:
    """One answer for each line, at once: whoever asks may wait for it before the next."""
    for line in lines:
        if line.strip():
            sys.stdout.write(json.dumps(_answer_to(line)) + "\n")
            sys.stdout.flush()
    return EXIT_OK


def _answer_to(line: bytes) -> dict[str, Any]:
    try:
        case = json.loads(line)
    except (ValueError, RecursionError) as fault:
        return {"error": {"message": f"the line is not JSON: {fault}"}}
    patterns, names = (case.get("patterns"), case.get("inputs")) if isinstance(case, dict) else (None, None)
    if not _are_texts(patterns) or not _are_texts(names):
        return {"error": {"message": 'the line has to hold the lists of texts "patterns" and "inputs"'}}
    if wrong := _mistake(patterns):
        return {"error": wrong}
    return {
        "include_filter_skips_run": not lets_start(patterns, (), names),
        "ignore_filter_skips_run": not lets_start((), patterns, names),
    }


def _are_texts(value: Any) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)
