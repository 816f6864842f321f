"""The daemon dies between keeping a file and recording it: nothing is lost, nothing is there twice (semantics 30)."""

from typing import Any

from chainwright.daemon.crash_points import EXIT_CODE


async def test_a_file_that_was_kept_and_not_recorded_is_kept_again_as_the_same(faults: Any) -> None:
    await faults.daemon.up(crash_at="exit.after-harvest")
    run = await faults.load.start("kept", chain="kept")

    assert await faults.daemon.ended() == EXIT_CODE, faults.daemon.said()
    before = contents(faults)
    await faults.daemon.up()
    detail = await faults.daemon.until(run)

    assert detail["outcome"] == "succeeded"
    assert contents(faults) == before
    assert list(before.values()) == [b"kept\n"]


def contents(faults: Any) -> dict[str, bytes]:
    """What is kept, by name; anything left aside would be among it."""
    files = faults.daemon.home.artifacts.rglob("*")
    return {path.name: path.read_bytes() for path in files if path.is_file()}
