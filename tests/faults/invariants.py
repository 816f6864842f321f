"""What must hold when everything has come to rest, whatever happened on the way (state.md, I1 to I10).

The state of a home whose daemon is down is held against the books that the agents kept themselves. Each ``_i…`` gives sentences
about what is wrong; none means that it holds. I8 concerns schedules and has its own test.
"""

import json
import os
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

from chainwright.daemon.config import Home
from chainwright.daemon.core.journal import Row, first_broken

FINAL = "finished"


@dataclass
class Book:
    """What one attempt says about itself."""

    path: Path

    @cached_property
    def lines(self) -> list[tuple[str, Any]]:
        return [tuple(json.loads(line)) for line in self.path.read_text().splitlines()]

    def all(self, what: str) -> list[Any]:
        return [value for kind, value in self.lines if kind == what]

    @property
    def output(self) -> bytes:
        """As the terminal gives it."""
        return "".join(self.all("wrote")).replace("\n", "\r\n").encode()


@dataclass
class Evidence:
    """Everything that is compared."""

    home: Home
    books: dict[str, Book]
    acknowledged: Mapping[str, str] = field(default_factory=dict)
    """Idempotency-Key → id of the run, of every start that was answered."""
    typed: Mapping[str, list[str]] = field(default_factory=dict)
    """Attempt → lines whose typing was acknowledged, in order."""
    hosts: Sequence[Path] = ()
    """The roots of other machines, on which sessions were too."""

    @property
    def sessions(self) -> list[Path]:
        """Folders with a folder for each session."""
        return [self.home.sessions, *(folder for root in self.hosts for folder in root.glob("*/s"))]

    @cached_property
    def store(self) -> sqlite3.Connection:
        opened = sqlite3.connect(f"file:{self.home.database}?mode=ro", uri=True)
        opened.row_factory = sqlite3.Row
        return opened

    def rows(self, statement: str) -> list[sqlite3.Row]:
        return self.store.execute(statement).fetchall()

    @cached_property
    def attempts(self) -> dict[str, sqlite3.Row]:
        return {row["id"]: row for row in self.rows("SELECT * FROM attempt")}

    @cached_property
    def journal(self) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.rows("SELECT * FROM journal ORDER BY run_id, seq"):
            found[row["run_id"]].append(
                Row(seq=row["seq"], at=row["at"], kind=row["kind"], body=row["body"], hash=row["hash"])
            )
        return found

    def entries(self, kind: str) -> Iterator[dict[str, Any]]:
        for rows in self.journal.values():
            yield from (json.loads(row.body) for row in rows if row.kind == kind)

    def log(self, attempt: str) -> bytes:
        (found,) = [path for folder in self.sessions if (path := folder / attempt / "out.log").exists()]
        return found.read_bytes()

    @property
    def exited(self) -> dict[str, Book]:
        """The books of attempts that came to their end by themselves, and whose session host lived to tell."""
        lost = {attempt for attempt, row in self.attempts.items() if row["outcome"] == "lost"}
        return {attempt: book for attempt, book in self.books.items() if book.all("exits") and attempt not in lost}


def broken(home: Home, books: Path, **known: Any) -> list[str]:
    """What does not hold, as sentences that begin with the invariant's number."""
    paths = books.iterdir() if books.is_dir() else ()
    evidence = Evidence(home, {path.name: Book(path) for path in paths}, **known)
    try:
        return [f"{check.__name__[1:].upper()}: {wrong}" for check in CHECKS for wrong in check(evidence)]
    finally:
        evidence.store.close()


def _i1(all_: Evidence) -> Iterator[str]:
    """Each start that was answered is one run, and there is no other but those that runs called."""
    known = {row["key"].partition("/")[2]: row["run_id"] for row in all_.rows("SELECT * FROM once WHERE scope = 'api'")}
    first = [(row["id"], json.loads(row["trigger"])) for row in all_.rows("SELECT * FROM run WHERE parent IS NULL")]
    runs = Counter(run for run, trigger in first if trigger["kind"] not in _BY_OTHERS)
    for key, run in all_.acknowledged.items():
        if known.get(key) != run or runs[run] != 1:
            yield f"start {key} was answered with run {run}; the store knows {known.get(key)}"
    numbers = Counter((row["chain"], row["number"]) for row in all_.rows("SELECT chain, number FROM run"))
    yield from (f"number {number} was given to {count} runs" for number, count in numbers.items() if count != 1)
    for row in all_.rows("SELECT id, run_id FROM hook_delivery WHERE fate = 'accepted'"):
        if runs[row["run_id"]] != 1:
            yield f"delivery {row['id']} was accepted as run {row['run_id']}, of which there are {runs[row['run_id']]}"
    if all_.acknowledged and len(runs) != len(set(all_.acknowledged.values())):
        yield f"{len(runs)} runs for {len(set(all_.acknowledged.values()))} that were answered"


_BY_OTHERS = frozenset({"event", "chain", "push", "pull_request"})
"""Triggers of runs that other runs, or refs that moved, start."""


def _told(all_: Evidence) -> Iterator[str]:
    """What a run told others started one run, and every run that others started was told so."""
    found = Counter(row["started"] for row in all_.rows("SELECT started FROM announcement WHERE fate = 'started'"))
    begun = [row["id"] for row in all_.rows("SELECT * FROM run") if json.loads(row["trigger"])["kind"] in _BY_OTHERS]
    if found != Counter(begun):
        yield f"started by what was told: {sorted(found)}; on record are {sorted(begun)}"


def _i2(all_: Evidence) -> Iterator[str]:
    """Each attempt executed once at most, and only attempts that are on record did."""
    for attempt, book in all_.books.items():
        if len(book.all("started")) != 1:
            yield f"attempt {attempt} was executed {len(book.all('started'))} times"
        if attempt not in all_.attempts:
            yield f"attempt {attempt} was executed and is not on record"


def _i3(all_: Evidence) -> Iterator[str]:
    """Runs, turns and attempts have come to their end."""
    for table, name in (("run", "id"), ("turn", "run_id || '-' || agent || '-' || turn"), ("attempt", "id")):
        for row in all_.rows(f"SELECT {name} AS name, state, outcome FROM {table}"):
            if row["state"] != FINAL or row["outcome"] is None:
                yield f"{table} {row['name']} is {row['state']}, {row['outcome']}"


def _i4(all_: Evidence) -> Iterator[str]:
    """Not a byte of output is missing, doubled or changed."""
    for attempt, book in all_.exited.items():
        log = all_.log(attempt)
        if log != book.output:
            yield f"attempt {attempt} wrote {len(book.output)} bytes, its log has {len(log)}"
        if all_.attempts[attempt]["size"] != len(log):
            yield f"attempt {attempt}: {all_.attempts[attempt]['size']} bytes are on record, its log has {len(log)}"


def _i5(all_: Evidence) -> Iterator[str]:
    """Each end is recorded once, as it was."""
    ends = defaultdict(list)
    for entry in all_.entries("SessionExited"):
        ends[entry["attempt_id"]].append(entry["code"])
    for attempt, book in all_.exited.items():
        if ends[attempt] != book.all("exits") or all_.attempts[attempt]["exit_code"] != book.all("exits")[0]:
            yield f"attempt {attempt} ended with {book.all('exits')}; on record are {ends[attempt]}"
    yield from (f"the exit of {attempt} is on record twice" for attempt, codes in ends.items() if len(codes) != 1)


def _i6(all_: Evidence) -> Iterator[str]:
    """Each event is routed once, in its emitter's order, and reaches each listener once; a failed attempt's is not routed."""
    recorded = defaultdict(list)
    for row in all_.rows("SELECT * FROM event WHERE attempt_id IS NOT NULL ORDER BY run_id, number"):
        recorded[row["attempt_id"]].append(row)
    for attempt, book in all_.exited.items():
        emitted = [(name, key, data) for name, key, data in book.all("emitted")]
        found = [(row["name"], row["key"], json.loads(row["data"])) for row in recorded[attempt]]
        fate = "routed" if book.all("exits") == [0] else "discarded"
        if found != emitted:
            yield f"attempt {attempt} emitted {emitted}; on record are {found}"
        yield from (
            f"event {row['key']} of {attempt} is {row['fate']}" for row in recorded[attempt] if row["fate"] != fate
        )
    routed = Counter(
        (run, json.loads(row.body)["number"])
        for run, rows in all_.journal.items()
        for row in rows
        if row.kind == "EventRouted"
    )
    yield from (f"event {event} was routed {count} times" for event, count in routed.items() if count != 1)
    yield from _deliveries(all_)


def _deliveries(all_: Evidence) -> Iterator[str]:
    consumed = Counter()
    for row in all_.rows("SELECT run_id, agent, events FROM turn"):
        consumed.update((row["run_id"], number, row["agent"]) for number in json.loads(row["events"]))
    queued = Counter((row["run_id"], row["number"], row["agent"]) for row in all_.rows("SELECT * FROM delivery"))
    if consumed != queued:
        yield f"consumed and delivered differ: {list((consumed - queued) + (queued - consumed))[:5]}"
    emitted, heard = Counter(), Counter()
    unheard = {row["run_id"] for row in all_.attempts.values() if row["outcome"] == "lost"}
    for attempt, book in all_.exited.items():
        run = attempt.partition("-")[0]
        if run in unheard:
            continue  # whoever was to hear it may not have lived to write it down
        emitted.update((run, name, data["n"]) for name, _, data in book.all("emitted") if name in ("now", "end"))
        for event in filter(None, (files.get("CHAINWRIGHT_EVENT") for _, files in book.all("given"))):
            told = json.loads(event)
            if told["name"] in ("now", "end"):
                heard[run, told["name"], told["data"]["n"]] += 1
    if emitted != heard:
        yield f"emitted and heard differ: {list((emitted - heard) + (heard - emitted))[:5]}"


def _i7(all_: Evidence) -> Iterator[str]:
    """Every journal is whole, and its times ascend."""
    for run, rows in all_.journal.items():
        if (bad := first_broken(run, rows)) is not None:
            yield f"the journal of {run} breaks at {bad}"
        if any(later.at < earlier.at for earlier, later in pairwise(rows)):
            yield f"times run backwards in {run}"
    for row in all_.rows("SELECT id, seq FROM run"):
        if len(all_.journal[row["id"]]) != row["seq"]:
            yield f"the journal of {row['id']} has {len(all_.journal[row['id']])} rows of {row['seq']}"


def _i9(all_: Evidence) -> Iterator[str]:
    """No process, socket or session folder is left that nobody owns."""
    for root in (all_.home.root, *all_.hosts):
        yield from (f"process {pid} is left: {words}" for pid, words in processes_of(str(root)))
        yield from (f"{path} is left" for path in root.rglob("*.sock") if path.name == "ctl.sock")
    for folder in (folder for sessions in all_.sessions for folder in sessions.iterdir() if folder.is_dir()):
        if folder.name.partition(".c")[0] not in all_.attempts:
            yield f"the session folder {folder.name} belongs to no attempt"
        elif not (folder / "ack").exists():
            yield f"the session {folder.name} was never acknowledged"


def processes_of(root: str) -> Iterator[tuple[int, str]]:
    """Processes that work in a folder, or were told of it."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            words = (entry / "cmdline").read_bytes()
            told = words + (entry / "environ").read_bytes() + bytes((entry / "cwd").readlink())
        except OSError:
            continue  # it has just ended
        if root.encode() in told:
            yield int(entry.name), words.replace(b"\0", b" ").decode(errors="replace").strip()


def _i10(all_: Evidence) -> Iterator[str]:
    """Every attempt of a turn was given the same, byte for byte; and what was typed arrived once, in order."""
    first: dict[str, Any] = {}
    for attempt, book in sorted(all_.books.items()):
        turn = attempt.rpartition("-")[0]
        for variables, files in book.all("given"):
            given = {**variables, **files}
            before = first.setdefault(turn, given)
            differing = {name: (before.get(name), given.get(name)) for name in before.keys() | given.keys()}
            yield from (f"{name} of {attempt}: {a!r}, then {b!r}" for name, (a, b) in differing.items() if a != b)


def _input(all_: Evidence) -> Iterator[str]:
    """Each typed line that was acknowledged was read once, in order."""
    for attempt, lines in all_.typed.items():
        if (read := all_.books[attempt].all("read")) != lines:
            yield f"typed into {attempt}: {lines}; it read {read}"


CHECKS = (_i1, _told, _i2, _i3, _i4, _i5, _i6, _i7, _i9, _i10, _input)
