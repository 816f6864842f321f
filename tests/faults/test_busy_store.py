"""Somebody else holds the database while agents work: nothing fails that has begun, and what is new is told to come again."""

import sqlite3
from contextlib import closing
from typing import Any


async def test_a_held_database_holds_up_records_and_loses_none(faults: Any) -> None:
    """A reader all the time, and a writer for longer than the store waits: agents go on, and their ends are recorded later."""
    await faults.daemon.up()
    run = await faults.load.start("first", chain="patient")
    book = faults.books / f"{run}-wait-1-1"
    await faults.until(lambda: book.exists() and "ready" in book.read_text())
    with closing(sqlite3.connect(faults.daemon.home.database, isolation_level=None)) as reading:
        reading.execute("BEGIN")
        reading.execute("SELECT count(*) FROM journal").fetchone()
        await faults.load.type(f"{run}-wait-1-1", ["go"])
        with closing(sqlite3.connect(faults.daemon.home.database, isolation_level=None)) as writing:
            writing.execute("BEGIN IMMEDIATE")
            status, problem = await faults.daemon.ask(
                "POST", "/runs", {"chain": "patient", "inputs": faults.load.inputs}
            )
            assert (status, problem["code"]) == (503, "unavailable"), problem
            assert (await faults.daemon.run(run))["id"] == run
            writing.execute("ROLLBACK")
    detail = await faults.daemon.until(run)

    assert detail["outcome"] == "succeeded"
