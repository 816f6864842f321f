"""The pure machine on what agents say: staging, routing, joins and loops."""

from chainwright.daemon.core import decisions as d
from chainwright.daemon.core.graph import Agent, Emit, Listen, Retry
from chainwright.daemon.core.states import Outcome, Reason
from chainwright.daemon.testing import Playbook, chain_of
from chainwright.daemon.testing import agent_of as agent


def test_staged_events_route_on_success_in_their_order() -> None:
    """6: what an attempt emits is routed when it has succeeded."""
    play = Playbook(chain_of(agent("a", emits="x y"), agent("b", on=["x", "y"]))).requested()

    play.emits("a", "y").asks()
    play.emits("a", "x").asks()
    play.exits("a").asks("start b")
    assert play.turn("b").consumed == (1,)
    play.exits("b").asks("start b[2]")


def test_staged_events_of_a_failed_attempt_are_never_routed() -> None:
    """6: they are kept as discarded."""
    play = Playbook(chain_of(agent("a", emits="x"), agent("b", on="x"))).requested()

    play.emits("a", "x").exits("a", 1).asks("finish failed")
    assert [entry.why for entry in play.entries(d.EventDiscarded)] == ["attempt-failed"]
    assert play.state.agents["b"].skipped == (Reason.NEVER_FED, "x did not come")


def test_events_delivered_now_start_their_listeners_while_the_emitter_runs() -> None:
    """6: `deliver: now` routes at once, and a retry's repeat is not delivered again."""
    tick = {"tick": Emit(name="tick", deliver="now")}
    a = Agent(id="a", script="true", emits=tick, retry=Retry(max=1, delay_s=0))
    play = Playbook(chain_of(a, agent("b", on="tick"))).requested()

    play.emits("a", "tick", key="k").asks("start b")
    play.exits("a", 1).asks("start a#2")
    play.emits("a#2", "tick", key="k").asks()
    assert [entry.why for entry in play.entries(d.EventDiscarded)] == ["repeated"]


def test_an_undeclared_event_is_recorded_and_refused() -> None:
    """An agent that emits what it did not declare is shown so, and does not fail for it."""
    play = Playbook(chain_of(agent("a", emits="x"), agent("b", on="x"))).requested().emits("a", "z")

    assert "does not declare" in play.entries(d.EventRefused)[0].why
    play.exits("a").asks("finish succeeded")


def test_a_payload_that_does_not_fit_fails_the_attempt() -> None:
    """Reason payload, and retried like any other."""
    a = Agent(
        id="a", script="true", emits={"x": Emit(name="x", payload={"n": "integer"})}, retry=Retry(max=1, delay_s=0)
    )
    play = Playbook(chain_of(a, agent("b", on="x"))).requested()

    play.emits("a", "x", {"n": "many"}).exits("a").asks("start a#2")
    assert play.turn("a").attempts[0].reason is Reason.PAYLOAD
    play.emits("a#2", "x", {"n": 3}).exits("a#2").asks("start b")


def test_the_same_key_counts_once() -> None:
    """I6: a repeated report of an event changes nothing."""
    play = Playbook(chain_of(agent("a", emits="x"))).requested().emits("a", "x", key="k")
    before = len(play.journal)

    play.emits("a", "x", key="k")
    assert len(play.journal) == before


def test_events_after_the_attempts_end_are_late() -> None:
    """Stored, not routed."""
    play = Playbook(chain_of(agent("a", emits="x"), agent("b", on="x"), agent("long"))).requested()

    play.exits("a").emits("a", "x").asks()
    assert [entry.why for entry in play.entries(d.EventDiscarded)] == ["late"]


def test_automatic_events_exist_only_for_listeners() -> None:
    """8: they are stored only if somebody listens."""
    play = Playbook(chain_of(agent("a"), agent("b", on="a.failed"))).requested().starts("a").exits("a", 1)

    assert [event.name for event in play.events()] == ["a.failed"]
    play.asks("start b").exits("b").ends(Outcome.FAILED)


def test_injected_events_reach_their_listeners() -> None:
    """12: `emit --run`."""
    play = Playbook(chain_of(agent("a", emits="x"), agent("b", on="x"))).requested()

    play.injected("x", {"by": "hand"}).asks("start b")
    assert play.turn("b").resolved is not None and play.turn("b").resolved.event["data"] == {"by": "hand"}


def test_all_pairs_first_in_first_out() -> None:
    """14: one event of each name."""
    both = Listen(mode="all", names=("x", "y"))
    play = Playbook(chain_of(agent("a", emits="x"), agent("b", emits="y"), agent("join", on=both))).requested()

    play.emits("a", "x").emits("a", "x").exits("a").asks()
    play.emits("b", "y").exits("b").asks("start join")
    assert play.turn("join").consumed == (1, 3)
    play.exits("join").asks("finish succeeded")


def test_a_quorum_counts_names_and_drops_the_surplus() -> None:
    """14: two votes of one name are one."""
    two = Listen(mode="quorum", names=("x", "y", "z"), count=2)
    play = Playbook(chain_of(agent("a", emits="x"), agent("b", emits="y"), agent("join", on=two), agent("slow")))

    play.requested().emits("a", "x").emits("a", "x").exits("a").asks()
    play.emits("b", "y").exits("b").asks("start join")
    assert (play.turn("join").consumed, [e.numbers for e in play.entries(d.DeliveriesDropped)]) == ((1, 3), [(2,)])


def test_a_new_turn_of_an_emitter_withdraws_its_votes() -> None:
    """14: two drafts are never mixed."""
    two = Listen(mode="quorum", names=("x", "y"), count=2)
    play = Playbook(
        chain_of(
            agent("go", emits="again"), agent("a", on="again", emits="x"), agent("join", on=two), agent("b", emits="y")
        )
    )

    play.requested().emits("go", "again").emits("go", "again").exits("go").asks("start a")
    play.emits("a", "x").exits("a").asks("start a[2]")
    assert [entry.why for entry in play.entries(d.DeliveriesDropped)] == ["withdrawn"]
    play.emits("b", "y").exits("b").asks()


def loop(turns: int | None = 2, **fields: object) -> Playbook:
    """A writer whose editor always sends the draft back."""
    return Playbook(
        chain_of(
            agent("write", on=["start", "back"], emits="draft", max_turns=turns, **fields),
            agent("edit", on="draft", emits="back ok"),
            agent("begin", emits="start"),
            agent("publish", on="ok"),
        )
    )


def around(play: Playbook, turn: int, verdict: str) -> Playbook:
    """One round of the loop."""
    return (
        play.emits(f"write[{turn}]", "draft")
        .exits(f"write[{turn}]")
        .emits(f"edit[{turn}]", verdict)
        .exits(f"edit[{turn}]")
    )


def test_a_loop_ends_when_its_editor_is_content() -> None:
    """A cycle settles as a whole when it is idle."""
    play = loop().requested().emits("begin", "start").exits("begin")

    around(play, 1, "back").asks("start write[2]")
    around(play, 2, "ok").asks("start publish")
    play.exits("publish").ends(Outcome.SUCCEEDED)


def test_an_exhausted_loop_that_nobody_hears_fails_the_run() -> None:
    """17: `<id>.exhausted`, unheard, fails the run with that reason."""
    play = loop().requested().emits("begin", "start").exits("begin")
    around(play, 1, "back")

    around(play, 2, "back").asks("finish failed")
    assert play.state.reason is Reason.EXHAUSTED


def test_a_heard_exhaustion_is_the_listeners_business() -> None:
    """17: emitted once per agent and run."""
    play = loop()
    play = Playbook(chain_of(*play.chain.agents.values(), agent("give-up", on="write.exhausted"))).requested()
    around(play.emits("begin", "start").exits("begin"), 1, "back")

    around(play, 2, "back").asks("start give-up")
    play.exits("give-up").ends(Outcome.SUCCEEDED)


def test_skipped_turns_do_not_count_as_turns() -> None:
    """16: a false `if` consumes the event and is not counted."""
    a = agent("a", on="x", max_turns=1, condition="event.data.go == true")
    play = Playbook(chain_of(agent("src", emits="x"), a)).requested()

    play.emits("src", "x", {"go": False}).emits("src", "x", {"go": True}).exits("src").asks("start a[2]")
    assert play.turn("a", 1).outcome is Outcome.SKIPPED


def test_needs_sees_the_last_turn_that_was_not_skipped() -> None:
    """13: and waits until its need has settled."""
    play = Playbook(
        chain_of(
            agent("src", emits="x"),
            agent("a", on="x", outputs={"n": "integer"}, condition="event.data.go == true"),
            agent("end", needs=("a",), env={"N": "${{ needs.a.outputs.n }}"}),
        )
    ).requested()
    for go in (True, True, False):
        play.emits("src", "x", {"go": go})

    play.exits("src").asks("start a")
    play.exits("a", outputs={"n": "1"}).asks("start a[2]")
    play.exits("a[2]", outputs={"n": "2"}).asks("start end")
    assert play.turn("end").resolved is not None and play.turn("end").resolved.env == {"N": "2"}


def test_a_rebuilt_run_is_the_run() -> None:
    """1: rebuilding uses evolve alone."""
    play = around(loop().requested().emits("begin", "start").exits("begin"), 1, "back")

    assert play.rebuilt() == play.state
