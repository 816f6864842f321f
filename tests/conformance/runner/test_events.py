"""What every runner must do with the event files of a session (semantics.md 9, state.md "Event files")."""

from typing import Any

import pytest

from chainwright.runners.port import (
    Runner,
    Running,
)


async def test_events_come_in_order_and_before_the_end(sessions: Any) -> None:
    spec = sessions.spec(
        "for i in 1 2 3 4 5; do echo $i >$CHAINWRIGHT_EVENTS/tmp/e; "
        "mv $CHAINWRIGHT_EVENTS/tmp/e $CHAINWRIGHT_EVENTS/new/e$i; done"
    )
    told = await sessions.ran(spec)

    assert told.contents == ["1\n", "2\n", "3\n", "4\n", "5\n"]
    assert [found.line.n for found in told.events] == [1, 2, 3, 4, 5]
    assert told.exited.exit.events_size == told.events[-1].offset


async def test_an_event_is_told_while_the_agent_runs(runner: Runner, sessions: Any) -> None:
    spec = sessions.spec("cd $CHAINWRIGHT_EVENTS; echo early >tmp/e; mv tmp/e new/e; sleep 600")
    await runner.start(spec)

    assert (await sessions.first_event(spec)).line.content == "early\n"
    assert isinstance(await runner.poll(spec.id), Running)


async def test_following_goes_on_from_an_offset(sessions: Any) -> None:
    spec = sessions.spec("for i in 1 2 3; do echo $i >$CHAINWRIGHT_EVENTS/new/e$i; done")
    told = await sessions.ran(spec)
    rest = await sessions.life(spec, events_from=told.events[0].offset)

    assert rest.events == told.events[1:]
    assert (await sessions.life(spec, events_from=told.events[-1].offset)).events == []


async def test_an_event_written_just_before_the_end_is_told(sessions: Any) -> None:
    spec = sessions.spec("cd $CHAINWRIGHT_EVENTS; echo '{}' >tmp/e; mv tmp/e new/last; exit 0")

    assert (await sessions.ran(spec)).contents == ["{}\n"]


async def test_a_plain_write_counts_and_half_of_one_is_refused(sessions: Any) -> None:
    spec = sessions.spec(
        """cd $CHAINWRIGHT_EVENTS; echo '{"a": 1}' >whole.json; echo '{"a":' >half.json; echo x >.hidden"""
    )
    told = await sessions.ran(spec)
    seen = {found.line.file: found.line for found in told.events}

    assert sorted(seen) == ["half.json", "whole.json"]
    assert seen["whole.json"].content == '{"a": 1}\n'
    assert "not JSON" in (seen["half.json"].refused or "")


async def test_a_plain_write_is_told_while_the_agent_runs(runner: Runner, sessions: Any) -> None:
    spec = sessions.spec("echo '{}' >$CHAINWRIGHT_EVENTS/e.json; sleep 600", limits={"scan_s": 0.05})
    await runner.start(spec)

    assert (await sessions.first_event(spec)).line.content == "{}\n"


@pytest.mark.parametrize(
    ("make", "why"),
    [
        ("mkfifo new/odd", "named pipe"),
        ("ln -s /etc/hostname new/odd", "symbolic link"),
        ("echo x >tmp/x; ln tmp/x new/odd", "hard link"),
        ("mkdir new/odd", "folder"),
        ("head -c 300000 /dev/zero >tmp/x; mv tmp/x new/odd", "larger than 262144"),
        ("printf '\\377\\376' >tmp/x; mv tmp/x new/odd", "not UTF-8"),
        ("head -c 250000 /dev/zero >tmp/x; mv tmp/x new/odd", "too large once written"),
        ("mkfifo odd", "named pipe"),
        ("ln -s /etc/hostname odd", "symbolic link"),
    ],
)
async def test_what_is_no_event_is_refused_visibly_and_holds_nothing_up(sessions: Any, make: str, why: str) -> None:
    spec = sessions.spec(f"cd $CHAINWRIGHT_EVENTS; {make}; echo good >tmp/y; mv tmp/y new/z")
    told = await sessions.ran(spec)
    odd = next(found.line for found in told.events if found.line.file == "odd")

    assert why in (odd.refused or "")
    assert "good\n" in told.contents


@pytest.mark.parametrize(
    "harm",
    [
        "rm -rf $CHAINWRIGHT_EVENTS",
        "chmod 0 new done",
        "rm -r new; ln -s /etc new",
        "rm -r new; echo >new",
        "rm -r done; mkfifo done",
    ],
)
async def test_an_agent_that_breaks_its_folders_breaks_nothing_else(sessions: Any, harm: str) -> None:
    spec = sessions.spec(f"cd $CHAINWRIGHT_EVENTS; {harm}; sleep 0.2; exit 5", limits={"scan_s": 0.05})

    assert (await sessions.ran(spec)).exited.exit.code == 5


async def test_a_folder_of_events_that_was_replaced_is_found_again(sessions: Any) -> None:
    spec = sessions.spec("cd $CHAINWRIGHT_EVENTS; rm -r new; mkdir new; echo >new/a; rm -r done; exit 0")

    assert [found.line.file for found in (await sessions.ran(spec)).events] == ["a"]


async def test_a_burst_of_events_is_told_whole_and_in_order(runner: Runner, sessions: Any) -> None:
    count = (
        40_000 if runner.name == "local" else 4_000
    )  # the agent that drops them takes most of the time, everywhere the same
    program = (
        "import os\nos.chdir(os.environ['CHAINWRIGHT_EVENTS'])\n"
        f"for i in range({count}):\n"
        "    open('tmp/%05d' % i, 'w').write(str(i))\n"
        f"for i in range({count}):\n"
        "    os.rename('tmp/%05d' % i, 'new/%05d' % i)\n"
    )
    spec = sessions.spec(program, interpreters=(("python3", "-S", "-E"),))
    told = await sessions.ran(spec)

    assert told.contents == [str(number) for number in range(count)]
