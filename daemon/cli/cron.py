"""``cron``: what a cron line means and when it is due next, without a daemon and without a chain."""

import json
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import IO, Any, Final

import click

from chainwright.daemon.cli import times
from chainwright.daemon.cli.failures import Failure
from chainwright.daemon.cli.output import Column, field, json_option, printable, show_json, show_rows, talk
from chainwright.daemon.core.cron_line import MAX_CRON, CronError, parse_cron
from chainwright.daemon.core.forecast import Forecast, forecast, look_back
from chainwright.daemon.core.time_zones import UnknownZone, zone
from chainwright.daemon.web.codes import EXIT_DEFINITION, EXIT_OK, EXIT_USAGE

MOST: Final = 1_000
"""Due times at once."""
USUAL: Final = 5
YEARS: Final = range(1900, 9900)
"""In which a preview may begin: the calendar ends, and the zone database has little to say before."""

COLUMNS: Final = (
    Column("DUE", field("local"), lambda fire: f"{_weekday(fire)} {fire['local'][:16].replace('T', ' ')}"),
    Column("UTC", lambda fire: times.stamp(fire["at"])),
    Column("NOTE", field("note")),
)

_HOW: Final = "minute hour day-of-month month day-of-week, such as '0 7 * * 1', or an alias such as @daily"


class _Unfit(Exception):
    """A question that cannot be answered; ``kind`` is one word for programs."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


@click.command("cron", short_help="Say what a cron line means and when it is due.")
@click.argument("expression", metavar="EXPR", required=False)
@click.option("--timezone", default="UTC", metavar="ZONE", help="A name of the IANA database, such as Europe/Riga.")
@click.option("--from", "start", metavar="TIME", help="ISO 8601; without an offset it is the zone's. Now, by default.")
@click.option("-n", "count", type=click.IntRange(1, MOST), default=USUAL, show_default=True, help="How many due times.")
@click.option("--chain", default="", metavar="ID", help="The chain from which H takes its values.")
@click.option("--batch", is_flag=True, help='Answer every line of stdin: {"expr": …, "tz": …, "start": …, "n": …}.')
@json_option
def cron(
    expression: str | None, *, timezone: str, start: str | None, count: int, chain: str, batch: bool, as_json: bool
) -> int:
    """Say what EXPR means, and print its next due times with what changes of the clock do to them.

    Exit code 3 when it cannot be read or never fires. With --batch, {"next": [TIME…], "words": …, "notes": […]} or {"error": {"kind":
    …, "message": …}} answers each line of stdin; a null ends the times where there are no more, and "reverse": true asks for those
    before the start. Where neither the start nor the line says where, times have no offset.
    """
    if batch == (expression is not None):
        raise click.UsageError("give either a cron line or --batch")
    if batch:
        return _answer_lines(sys.stdin.buffer)
    asked = {"expr": expression, "timezone": timezone, "start": start, "n": count, "chain": chain}
    try:
        return _show(asked, as_json=as_json)
    except _Unfit as unfit:
        if as_json:
            show_json(_error(unfit))
            return EXIT_DEFINITION
        code = EXIT_USAGE if unfit.kind == "start" else EXIT_DEFINITION
        raise Failure(printable(str(unfit)), _HOW if unfit.kind == "cron" else "", code=code) from None


def answered(asked: Mapping[str, Any]) -> dict[str, Any]:
    """``{expr, cron, timezone, words, next, fires, notes}``, or ``{error: {kind, message}}``; both can be written as JSON."""
    try:
        return _answer(asked)
    except _Unfit as unfit:
        return _error(unfit)


def _show(asked: Mapping[str, Any], *, as_json: bool) -> int:
    answer = _answer(asked)
    if as_json:
        show_json(answer)
        return EXIT_OK if answer["fires"] else EXIT_DEFINITION
    click.echo(f"{answer['words']}, in {answer['timezone']}")
    show_rows(answer["fires"], COLUMNS, as_json=False, empty="")
    for note in answer["notes"]:
        if not any(fire["note"] and fire["note"] in note for fire in answer["fires"]):
            talk(note)
    if not answer["fires"]:
        raise _Unfit("never", f'"{asked["expr"]}" never fires: no day of the next fifty years fits')
    return EXIT_OK


def _answer(asked: Mapping[str, Any]) -> dict[str, Any]:
    written, name = _text(asked, "expr", ""), _text(asked, "timezone", "") or _text(asked, "tz", "")
    started = _text(asked, "from", "") or _text(asked, "start", "")
    timezone = name or "UTC"
    try:
        line = parse_cron(written, _text(asked, "chain", ""))
        begin, is_plain = _begin(started, timezone)
        look = look_back if asked.get("reverse") else forecast
        found = look(line.text, timezone, begin, _count(asked))
    except CronError as error:
        raise _Unfit("cron", f'"{_shortened(written)}" is no cron line: {error}') from None
    except UnknownZone as error:
        raise _Unfit("timezone", str(error)) from None
    return {
        "expr": written,
        "cron": line.text,
        "timezone": timezone,
        "words": line.words,
        "next": _times(found, _count(asked), without_offset=is_plain and not name),
        "fires": [{"at": fire.at, "local": fire.local, "note": fire.note} for fire in found.fires],
        "notes": list(found.notes),
    }


def _shortened(text: str) -> str:
    """At most as much as a line may have."""
    return text if len(text) <= MAX_CRON else f"{text[:MAX_CRON]}…"


def _begin(written: str, timezone: str) -> tuple[float, bool]:
    """Seconds since the epoch, and whether the time was written without an offset."""
    place = zone(timezone)
    if not written:
        return time.time(), False
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        raise _Unfit("start", f'"{written}" is no time; write 2026-03-29T00:00 or 2026-03-29T00:00:00+02:00') from None
    if moment.year not in YEARS:
        raise _Unfit("start", f"{written} is too far away; years from {YEARS[0]} to {YEARS[-1]} are known")
    here = moment if moment.tzinfo else moment.replace(tzinfo=place)
    return here.astimezone(UTC).timestamp(), moment.tzinfo is None


def _weekday(fire: Mapping[str, Any]) -> str:
    return f"{datetime.fromisoformat(fire['local']):%a}"


def _times(found: Forecast, wanted: int, *, without_offset: bool) -> list[str | None]:
    times: list[str | None] = [fire.local[:19] if without_offset else fire.local for fire in found.fires]
    return times if len(times) == wanted else [*times, None]


def _count(asked: Mapping[str, Any]) -> int:
    """As many as are asked for; a case that holds the expected times asks for as many."""
    expected = asked.get("next")
    count = asked.get("n", len(expected) if isinstance(expected, list) and expected else USUAL)
    if not isinstance(count, int) or isinstance(count, bool) or not 1 <= count <= MOST:
        raise _Unfit("request", f'"n" has to be a number between 1 and {MOST}')
    return count


def _text(asked: Mapping[str, Any], name: str, default: str) -> str:
    value = asked.get(name)
    if value is None:
        value = default
    if not isinstance(value, str):
        raise _Unfit("request", f'"{name}" has to be a text')
    return value


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
        return _error(_Unfit("request", f"the line is not JSON: {fault}"))
    if isinstance(case, str):
        case = {"expr": case}
    if not isinstance(case, dict) or "expr" not in case:
        return _error(_Unfit("request", 'a line has to be an object with a text "expr"'))
    return answered(case)


def _error(unfit: _Unfit) -> dict[str, Any]:
    return {"error": {"kind": unfit.kind, "message": str(unfit)}}
