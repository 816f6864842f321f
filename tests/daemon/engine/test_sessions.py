"""The life of one session: every way it can begin, be asked for, and end."""

import asyncio

import pytest

from chainwright.daemon.core.graph import Agent
from chainwright.daemon.engine import sessions as module
from chainwright.daemon.engine.placement import Placement
from chainwright.daemon.engine.sessions import Session, answered, unless
from chainwright.daemon.engine.tellers import AttemptTeller
from chainwright.daemon.testing import ScriptedRunner
from chainwright.daemon.testing.scripted_runner import within
from chainwright.runners.port import CannotStart, Fenced, HostUnreachable, Lost, NoTerminal
from chainwright.schemas.session import SessionSpec

SPEC = SessionSpec(id="s", token="token", epoch=0, interpreters=(("sh",),))


class Here:
    """On the daemon's own machine, as for every session that asks for no labels."""

    labels = ()
    host = ""

    async def choose(self, host):
        return True


HERE = Here()


class Life:
    """A session with its owner, on a scripted host."""

    def __init__(self, world, listener, *, fresh=True, events_from=0):
        self.runner = world.hosts.named("").runner
        self.owner = listener
        self.placement = Placement(world.hosts)
        self.made = 0
        self.trouble = None
        self.session = Session(
            world,
            self.placement,
            listener,
            "s",
            where=HERE,
            teller=AttemptTeller(world, "s", Agent(id="a"), run_id="r", host=lambda: world.hosts.named(""), keep=None),
            make_spec=self._spec,
            fresh=fresh,
            events_from=events_from,
        )
        self.task = None

    async def _spec(self, secrets=()):
        self.made += 1
        if self.trouble:
            raise self.trouble
        return SPEC

    def begins(self):
        self.task = asyncio.create_task(self.session.live(), name="life")
        return self

    async def lives(self):
        """Until it is over."""
        self.begins()
        await within(self.task, "the session's end")


@pytest.fixture
def life(world, listener, monkeypatch):
    """A session that has not begun; pauses are no longer than they must be."""
    monkeypatch.setattr(module, "PAUSES_S", (0.001,))

    def make(part=None, **options):
        return Life(world(ScriptedRunner(part), slots=1), listener, **options)

    return make


def kinds(life):
    return life.owner.kinds


# beginning


async def test_a_session_starts_lives_and_is_let_go(life):
    """Its end is durable before the host may forget it."""
    one = life(lambda session: session.exits(0))
    await one.lives()

    assert kinds(one) == ["SessionStarted", "SessionExited"]
    assert one.runner.lives["s"].acknowledged
    assert (one.owner.made_durable, one.placement.held) == (1, 0)


async def test_a_full_table_of_terminals_delays_and_never_fails(life):
    """sessions.md: queued with its reason, until there is room."""
    one = life(lambda session: session.exits(0))
    one.runner.fails("start", NoTerminal("4,095 in use"), NoTerminal("4,095 in use"))
    await one.lives()

    assert kinds(one) == ["SessionDelayed", "SessionDelayed", "SessionStarted", "SessionExited"]
    assert (one.owner.facts[0].reason, one.owner.facts[0].detail) == ("no-pty", "4,095 in use")


async def test_a_host_that_does_not_answer_a_start_is_asked_again(life):
    one = life(lambda session: session.exits(0))
    one.runner.fails("start", HostUnreachable("no answer"))
    await one.lives()

    assert one.runner.starts == ["s", "s"]
    assert kinds(one) == ["SessionDelayed", "SessionStarted", "SessionExited"]
    assert (one.owner.facts[0].reason, one.owner.facts[0].detail) == ("host-away", "no answer")


@pytest.mark.parametrize("method", ["follow", "forget"])
async def test_a_host_that_falls_silent_is_asked_again(life, method):
    one = life(lambda session: session.exits(0))
    one.runner.fails(method, HostUnreachable("no answer"), HostUnreachable("no answer"))
    await one.lives()

    assert kinds(one) == ["SessionStarted", "SessionExited"]
    assert one.runner.lives["s"].acknowledged


async def test_what_can_never_start_is_refused_in_the_hosts_words(life):
    one = life()
    one.runner.fails("start", CannotStart("no folder x"))
    await one.lives()

    assert kinds(one) == ["SessionRefused"]
    assert one.owner.facts[0].detail == "no folder x"
    assert one.placement.held == 0


async def test_a_workspace_that_cannot_be_made_refuses(life):
    one = life()
    one.trouble = OSError("no space left")
    await one.lives()

    assert kinds(one) == ["SessionRefused"]
    assert one.runner.starts == []


async def test_without_a_slot_it_waits_and_says_so(life):
    one = life(lambda session: session.exits(0))
    one.placement.claim("local")
    one.begins()
    await asyncio.sleep(0)
    assert kinds(one) == ["SessionDelayed"]

    one.placement.give_back("local")
    await within(one.task, "the end")
    assert kinds(one) == ["SessionDelayed", "SessionStarted", "SessionExited"]


async def test_a_full_disk_of_its_host_holds_it_and_that_is_told_once_and_taken_back_once(life):
    """Room that was never missed is no news."""
    one = life().begins()
    await one.runner.until(lambda: "s" in one.runner.lives, "the start")
    for full in (False, True, True, False, False):
        one.runner.lives["s"].fills_the_disk(full=full)
    one.runner.lives["s"].exits(0)
    await within(one.task, "the end")

    assert kinds(one) == ["SessionStarted", "AttentionRaised", "AttentionCleared", "SessionExited"]
    assert (one.owner.facts[1].cause, 'host "' in one.owner.facts[1].excerpt) == ("disk-full", True)


# after a restart


async def test_what_already_runs_is_attached_to_and_not_started(life):
    """Recovery order: attach first."""
    one = life(fresh=False)
    await one.runner.start(SPEC)
    one.begins()
    await one.runner.until(lambda: bool(one.owner.facts), "the word that it runs")
    assert (kinds(one), one.placement.held) == (["SessionStarted"], 1)

    one.runner.lives["s"].exits(3)
    await within(one.task, "the end")
    assert (one.runner.starts, one.owner.facts[-1].code) == (["s"], 3)


async def test_what_ended_meanwhile_is_told_in_full(life):
    one = life(fresh=False)
    await one.runner.start(SPEC)
    one.runner.lives["s"].emits("x")
    one.runner.lives["s"].exits(0)
    await one.lives()

    assert kinds(one) == ["SessionStarted", "EventEmitted", "SessionExited"]


async def test_what_surely_never_ran_is_started(life):
    one = life(lambda session: session.exits(0), fresh=False)
    await one.lives()

    assert one.runner.starts == ["s"]


async def test_silence_is_no_reason_to_start(life):
    """I2: only when nothing can have run."""
    one = life(fresh=False)
    await one.runner.start(SPEC)
    one.runner.lives["s"].exits(0)
    one.runner.fails("poll", *[HostUnreachable("no answer")] * 3)
    await one.lives()

    assert one.runner.starts == ["s"]


async def test_a_lost_session_is_told_as_lost(life):
    one = life(fresh=False)
    await one.runner.start(SPEC)
    one.runner.lives["s"].vanishes(group_gone=False)
    await one.lives()

    assert kinds(one) == ["SessionLost"]
    assert not one.owner.facts[0].group_gone


async def test_events_go_on_where_the_last_daemon_stopped_reading(life):
    one = life(fresh=False, events_from=2)
    await one.runner.start(SPEC)
    for name in ("x", "y", "z"):
        one.runner.lives["s"].emits(name)
    one.runner.lives["s"].exits(0)
    await one.lives()

    assert [fact.name for fact in one.owner.facts if fact.kind == "EventEmitted"] == ["z"]
    assert one.owner.consumed == [3]


# events and ends


async def test_a_broken_link_tells_no_event_twice(life):
    """I6: reading goes on behind the last one that was told."""
    one = life(lambda session: session.emits("x"))
    one.begins()
    await one.runner.until(lambda: "s" in one.runner.lives, "the start")
    one.runner.fails("follow", HostUnreachable("cut"))
    one.runner.lives["s"].emits("y")
    one.runner.lives["s"].exits(0)
    await within(one.task, "the end")

    assert [fact.name for fact in one.owner.facts if fact.kind == "EventEmitted"] == ["x", "y"]


@pytest.mark.parametrize(
    ("content", "refused", "said"), [("{", None, "line 1"), (None, "larger than 256 KiB", "larger than 256 KiB")]
)
async def test_a_file_that_is_no_event_is_told_with_the_reason(life, content, refused, said):
    def part(session):
        session.drops("x.json", content, refused=refused)
        session.exits(0)

    one = life(part)
    await one.lives()

    assert kinds(one) == ["SessionStarted", "EventFileRefused", "SessionExited"]
    assert said in one.owner.facts[1].why


async def test_an_exit_comes_with_its_outputs_and_its_last_words(life):
    def part(session):
        session.writes("n=7\n")
        session.prints(b"thinking\r\nno such file\r\n")
        session.exits(2)

    one = life(part)
    await one.lives()

    exited = one.owner.facts[-1]
    assert (exited.code, exited.outputs, exited.tail, exited.size) == (2, {"n": "7"}, "no such file", 24)


async def test_outputs_that_cannot_be_read_are_a_fact_too(life):
    def part(session):
        session.writes("nothing that I know")
        session.exits(0)

    one = life(part)
    await one.lives()

    assert "line 1 of the output file" in one.owner.facts[-1].output_problem


async def test_a_mistake_of_ours_is_told_as_a_loss(life, world, listener):
    """The run must not wait for ever for an end that nobody reports; whether the agent still runs is not known."""

    def broken(data):
        raise KeyError("a bug")

    one = Life(world(ScriptedRunner(lambda session: session.exits(1)), plain=broken), listener)
    await one.lives()

    assert kinds(one) == ["SessionStarted", "SessionLost"]
    assert not one.owner.facts[-1].group_gone
    assert "KeyError" in one.owner.facts[-1].detail


# stopping


async def test_a_stop_before_the_start_withdraws(life):
    one = life().begins()
    await within(one.session.stop(1.0), "the stop")
    await within(one.task, "the end")

    assert one.runner.starts == []
    assert one.owner.facts[-1].detail == "withdrawn before it started"


async def test_a_stop_while_waiting_for_a_slot_withdraws_and_leaves_the_queue(life):
    one = life()
    one.placement.claim("local")
    one.begins()
    await asyncio.sleep(0)
    await within(one.session.stop(1.0), "the stop")
    await within(one.task, "the end")

    assert kinds(one) == ["SessionDelayed", "SessionRefused"]
    assert repr(one.placement) == "<Placement 1 of 1 on local; 0 waiting>"


async def test_a_stop_while_waiting_for_a_terminal_withdraws(life, monkeypatch):
    monkeypatch.setattr(module, "PAUSES_S", (60.0,))
    one = life()
    one.runner.fails("start", NoTerminal("full"))
    one.begins()
    await one.runner.until(lambda: bool(one.owner.facts), "the delay")
    await within(one.session.stop(1.0), "the stop")
    await within(one.task, "the end")

    assert kinds(one) == ["SessionDelayed", "SessionRefused"]
    assert one.placement.held == 0


async def test_a_stop_of_what_runs_is_told_to_the_host_until_it_hears(life):
    one = life().begins()
    await one.runner.until(lambda: "s" in one.runner.lives, "the start")
    one.runner.fails("stop", HostUnreachable("no answer"))
    await within(one.session.stop(1.0), "the stop")
    await within(one.task, "the end")

    assert one.runner.lives["s"].stops == 1
    assert one.owner.facts[-1].ended_by == "stop"


async def test_a_stop_of_what_is_over_returns(life):
    """Or its run would never be let go."""
    one = life(lambda session: session.exits(0))
    await one.lives()

    await within(one.session.stop(1.0), "the stop")
    assert one.runner.lives["s"].stops == 0


async def test_a_stop_that_the_host_never_hears_ends_with_the_session(life):
    one = life().begins()
    session = await one.runner.started("s")
    one.runner.fails("stop", *[HostUnreachable("no answer")] * 10_000)
    stopping = asyncio.create_task(one.session.stop(1.0), name="stop")
    await one.runner.until(lambda: len(one.runner._errors["stop"]) < 10_000, "the first try")
    session.exits(0)

    await within(one.task, "the end")
    await within(stopping, "the stop")


# letting go


async def test_a_session_that_another_daemon_owns_is_left_to_it(life):
    """Fencing: nothing is told of it, and nothing acknowledged."""
    one = life(fresh=False)
    await one.runner.start(SPEC)
    one.runner.lives["s"].epoch = 9
    await one.lives()

    assert kinds(one) == ["SessionStarted"]
    assert not one.runner.lives["s"].acknowledged
    assert one.placement.held == 0


async def test_letting_go_leaves_the_session_running(life):
    one = life().begins()
    session = await one.runner.started("s")
    await one.runner.until(lambda: bool(one.owner.facts), "the word that it runs")
    one.task.cancel()
    await asyncio.wait((one.task,))

    assert (session.end, session.stops, one.placement.held) == (None, 0, 0)


async def test_letting_go_in_the_queue_holds_no_slot(life):
    one = life()
    one.placement.claim("local")
    one.begins()
    await asyncio.sleep(0)
    one.placement.give_back("local")
    one.task.cancel()
    await asyncio.wait((one.task,))

    assert one.placement.held == 0


# the tools


async def test_only_what_can_have_no_other_answer_ends_the_asking():
    for error in (Fenced("epoch 9"), CannotStart("no shell")):

        async def ask(error=error):
            raise error

        with pytest.raises(type(error)):
            await answered("it", ask)


async def test_work_is_done_unless_the_event_comes():
    event = asyncio.Event()

    assert await unless(event, asyncio.sleep(0), "work")
    event.set()
    assert not await unless(event, asyncio.sleep(60), "work")


async def test_what_work_raises_is_raised():
    async def fails():
        raise KeyError("a bug")

    with pytest.raises(KeyError):
        await unless(asyncio.Event(), fails(), "work")


async def test_a_loss_needs_no_host_to_be_told(world):
    """It is how a mistake of ours is told, when the host may not answer."""
    here = world(ScriptedRunner())
    teller = AttemptTeller(here, "s", Agent(id="a"), run_id="r", host=lambda: here.hosts.named(""), keep=None)
    told = await teller.ended(Lost(group_gone=False, detail="gone"))

    assert (told.kind, told.detail) == ("SessionLost", "gone")
