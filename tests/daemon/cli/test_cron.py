"""``cron``: a cron line is read and foretold without a daemon."""

import io
import json
import os
from pathlib import Path
from typing import Any

import pytest

CASES = (
    Path(os.environ.get("CHAINWRIGHT_CONFORMANCE", Path(__file__).parents[4] / "shared" / "conformance"))
    / "cron"
    / "cronsim.json"
)
needs_cases = pytest.mark.skipif(
    not CASES.is_file(), reason=f"CONFORMANCE: the cases are not beside the repository: {CASES}"
)
NIGHT = ("--timezone", "Europe/Riga", "--from", "2026-03-28T00:00")
SKIPPED = "when clocks go forward, 03:30 does not exist in Europe/Riga: it runs once, at 04:00"


def batch(run: Any, monkeypatch: pytest.MonkeyPatch, *lines: str) -> list[dict[str, Any]]:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO("".join(f"{line}\n" for line in lines).encode())))
    done = run("cron", "--batch")

    assert done.code == 0, done.err
    return [json.loads(line) for line in done.out.splitlines()]


def test_a_line_is_told_in_words_and_times_of_its_zone(run: Any) -> None:
    done = run("cron", "0 7 * * 1", "--timezone", "Europe/Riga", "--from", "2026-10-20T00:00", "-n", "2")

    assert done.out.splitlines() == [
        "At 07:00 on Monday, in Europe/Riga",
        "2026-10-26T07:00:00+02:00\t2026-10-26T05:00:00Z\t",
        "2026-11-02T07:00:00+02:00\t2026-11-02T05:00:00Z\t",
    ]


def test_a_change_of_the_clock_is_noted_where_it_happens(run: Any) -> None:
    done = run("cron", "30 3 * * *", *NIGHT, "-n", "3")

    assert [line.split("\t")[0] for line in done.out.splitlines()[1:]] == [
        "2026-03-28T03:30:00+02:00",
        "2026-03-29T04:00:00+03:00",
        "2026-03-30T03:30:00+03:00",
    ]
    assert done.out.splitlines()[2].endswith(SKIPPED)
    assert done.err == ""


def test_a_time_that_does_not_come_is_told_of(run: Any) -> None:
    assert "2026-03-29: when clocks go forward, 03:00 does not exist" in run("cron", "*/30 3 * * *", *NIGHT).err


def test_json_holds_all_of_it(run: Any) -> None:
    done = run("cron", "30 3 * * *", *NIGHT, "-n", "2", "--json")

    assert json.loads(done.out) == {
        "expr": "30 3 * * *",
        "cron": "30 3 * * *",
        "timezone": "Europe/Riga",
        "words": "At 03:30 every day",
        "next": ["2026-03-28T03:30:00+02:00", "2026-03-29T04:00:00+03:00"],
        "fires": [
            {"at": 1774661400.0, "local": "2026-03-28T03:30:00+02:00", "note": ""},
            {"at": 1774746000.0, "local": "2026-03-29T04:00:00+03:00", "note": SKIPPED},
        ],
        "notes": [f"2026-03-29: {SKIPPED}"],
    }


def test_h_takes_the_values_of_the_chain_that_is_named(run: Any) -> None:
    told = {json.loads(run("cron", "H H * * *", "--chain", chain, "--json").out)["cron"] for chain in ("a", "a", "b")}

    assert len(told) == 2


def test_both_days_of_a_line_are_told_as_cron_means_them(run: Any) -> None:
    assert "(either is enough)" in run("cron", "0 0 13 * 5").out
    assert "if it's on Friday" in run("cron", "0 0 */2 * 5").out


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("0 25 * * *",), 3, 'the hour cannot be "25"'),
        (("0 0 30 2 *",), 3, "it never fires: month 2 has no day 30"),
        (("0 0 LW * */7",), 3, "never fires: no day of the next fifty years fits"),
        (("@daily", "--timezone", "Mars/Olympus"), 3, "is not a time zone"),
        (("@daily", "--from", "noon"), 2, '"noon" is no time'),
        (("@daily", "--from", "0001-01-01"), 2, "too far away"),
        (("@daily", "-n", "0"), 2, "0 is not in the range"),
        ((), 2, "give either a cron line or --batch"),
        (("@daily", "--batch"), 2, "give either a cron line or --batch"),
        (("\udcff",), 3, "is no cron line"),
        (("*" * 100_000,), 3, '*…" is no cron line: longer than 200 characters'),
    ],
)
def test_what_cannot_be_answered_says_why(run: Any, arguments: tuple[str, ...], code: int, said: str) -> None:
    done = run("cron", *arguments)

    assert (done.code, said in done.err) == (code, True), done.err


def test_an_error_as_json_holds_kind_and_message(run: Any) -> None:
    done = run("cron", "* * * *", "--json")

    assert done.code == 3
    assert json.loads(done.out)["error"]["kind"] == "cron"


@needs_cases
def test_a_batch_answers_every_case_of_the_suite(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    suite = json.loads(CASES.read_text())
    lines = [*map(json.dumps, suite["cases"]), *(json.dumps({"expr": line}) for line in suite["invalid"])]
    answers = batch(run, monkeypatch, *lines)

    good, bad = answers[: len(suite["cases"])], answers[len(suite["cases"]) :]
    assert [answer["next"] for answer in good] == [case["next"] for case in suite["cases"]]
    assert {answer["error"]["kind"] for answer in bad} == {"cron"}


def test_each_line_of_a_batch_has_its_answer_whatever_it_holds(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = batch(
        run,
        monkeypatch,
        "nonsense",
        "[1]",
        '{"expr": 5}',
        '{"expr": "@daily", "n": true}',
        '{"expr": "@daily", "start": "noon"}',
        '{"expr": "@daily", "tz": "X"}',
        '"@daily"',
    )

    assert [answer.get("error", {}).get("kind") for answer in answers] == [
        *["request"] * 4,
        "start",
        "timezone",
        None,
    ]


def test_a_batch_writes_times_as_it_was_asked(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an offset where nobody said where; newest first where the past is asked for."""
    plain, past, zoned = batch(
        run,
        monkeypatch,
        '{"expr": "@daily", "start": "2026-01-01T00:00:00", "n": 1}',
        '{"expr": "@daily", "start": "2026-01-03T12:00:00", "n": 2, "reverse": true}',
        '{"expr": "@daily", "from": "2026-01-01T00:00:00", "timezone": "Europe/Riga", "n": 1}',
    )

    assert plain["next"] == ["2026-01-02T00:00:00"]
    assert past["next"] == ["2026-01-03T00:00:00", "2026-01-02T00:00:00"]
    assert zoned["next"] == ["2026-01-02T00:00:00+02:00"]
