"""`chainwright logs`: byte for byte when asked, readable otherwise, and up to the end while it grows."""

import shutil

FILES = {
    "workflows/bytes.yaml": r"""
agents:
  paint:
    run: |
      printf '\033[1mbold\033[0m\nplain\t\xc3\xa9\n\000\001\377end'
""",
    "workflows/many.yaml": "agents:\n  count:\n    run: seq 1 50000\n",
    "workflows/ask.yaml": "agents:\n  ask:\n    run: |\n      echo begun\n      read line\n      echo heard $line\n",
    "workflows/tries.yaml": "agents:\n  fall:\n    retry: {max: 1, delay: 0s}\n    run: |\n      echo try $CHAINWRIGHT_ATTEMPT\n      exit 1\n",
}
WRITTEN = b"\x1b[1mbold\x1b[0m\r\nplain\t\xc3\xa9\r\n\x00\x01\xffend"


def test_raw_is_what_the_terminal_got(daemon, chainwright):
    run = daemon.ended("bytes")["id"]

    assert chainwright("logs", run, "paint", "--raw").raw == WRITTEN


def test_without_raw_there_are_no_control_sequences(daemon, chainwright):
    run = daemon.ended("bytes")["id"]

    done = chainwright("logs", run, "paint")

    assert done.out.startswith("bold\nplain\té\n")
    assert "\x1b" not in done.out
    assert "\x00" not in done.out


def test_not_a_byte_of_a_long_log_is_missing(daemon, chainwright):
    run = daemon.ended("many")["id"]

    expected = b"".join(b"%d\r\n" % number for number in range(1, 50_001))

    assert chainwright("logs", run, "--raw").raw == expected


def test_an_attempt_is_chosen_by_number_and_the_latest_by_default(daemon, chainwright):
    run = daemon.ended("tries")["id"]

    assert chainwright("logs", run, "fall", "--attempt", "1").out == "try 1\n"
    assert chainwright("logs", run, "fall").out == "try 2\n"


def test_following_shows_what_comes_and_ends_with_the_agent(daemon, at_terminal, type_into):
    run = daemon.run("ask")
    daemon.begun(run, "ask", "begun")
    screen = at_terminal("logs", run, "ask", "--follow")
    screen.until(b"begun")
    type_into(run, "ask", b"tea\r")

    screen.until(b"heard tea")
    assert screen.end() == 0


def test_following_a_run_that_has_ended_gives_the_whole_log(daemon, chainwright):
    run = daemon.ended("bytes")["id"]

    assert chainwright("logs", run, "paint", "-f").out.startswith("bold\n")


def test_a_log_of_nobody_is_not_found(daemon, chainwright):
    run = daemon.ended("bytes")["id"]

    done = chainwright("logs", run, "painter")

    assert done.code == 4
    assert "paint" in done.err


def test_output_that_was_removed_where_it_was_is_said_to_be_gone(daemon, chainwright, by_and_by):
    """As on a host after a month; an agent that wrote nothing has an empty log, which is none of that."""
    run = daemon.ended("bytes")["id"]
    folder = daemon.home.root / "s" / f"{run}-paint-1-1"
    by_and_by((folder / "ack").exists)
    shutil.rmtree(folder)
    done = chainwright("logs", run, "paint")

    assert done.code == 4
    assert "is not kept any more\n  it was here, and was removed there" in done.err
