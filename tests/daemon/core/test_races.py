"""A race: the first event starts its turn, and who would have emitted the others is cancelled (semantics 14, 15)."""

from chainwright.daemon.core.graph import Listen
from chainwright.daemon.core.states import Outcome, Reason
from chainwright.daemon.testing import Playbook, agent_of, chain_of

FIRST = Listen(mode="first", names=("quick", "slow"))


def test_15_who_would_have_emitted_the_losing_event_is_cancelled_and_the_run_succeeds() -> None:
    chain = chain_of(agent_of("hare", emits="quick"), agent_of("snail", emits="slow"), agent_of("judge", on=FIRST))
    play = Playbook(chain).requested()

    play.emits("hare", "quick", {"n": 1}).exits("hare").asks("start judge", "stop snail")
    play.exits("snail", code=None, ended_by="stop").exits("judge").ends(Outcome.SUCCEEDED)

    assert (play.turn("snail").outcome, play.turn("snail").reason) == (Outcome.CANCELLED, Reason.RACE_LOST)
    assert play.turn("judge").resolved.event["data"] == {"n": 1}
    assert play.rebuilt() == play.state


def test_15_an_emitter_of_the_winning_event_too_goes_on() -> None:
    chain = chain_of(agent_of("hare", emits="quick"), agent_of("both", emits="quick slow"), agent_of("judge", on=FIRST))
    play = Playbook(chain).requested()

    play.emits("hare", "quick").exits("hare").asks("start judge")


def test_15_who_only_feeds_the_loser_goes_on() -> None:
    chain = chain_of(
        agent_of("hare", emits="quick"),
        agent_of("ant", emits="crumb"),
        agent_of("snail", on="crumb", emits="slow"),
        agent_of("judge", on=FIRST),
    )
    play = Playbook(chain).requested()

    play.emits("hare", "quick").exits("hare").asks("start judge")


def test_a_race_between_ends_is_won_by_the_first_end() -> None:
    listens = Listen(mode="first", names=("one.succeeded", "two.succeeded"))
    play = Playbook(chain_of(agent_of("one"), agent_of("two"), agent_of("judge", on=listens))).requested()

    play.exits("two").asks("start judge", "stop one")


def test_a_turn_that_its_condition_skips_decides_no_race() -> None:
    judge = agent_of("judge", on=FIRST, condition="event.data.good")
    play = Playbook(chain_of(agent_of("hare", emits="quick"), agent_of("snail", emits="slow"), judge)).requested()

    play.emits("hare", "quick", {"good": False}).exits("hare").asks()
    play.emits("snail", "slow", {"good": True}).exits("snail").asks("start judge[2]")


def test_14_events_that_lost_are_surplus() -> None:
    emits = "quick slow"
    play = Playbook(chain_of(agent_of("hare", emits=emits), agent_of("judge", on=FIRST))).requested()

    play.emits("hare", "slow").emits("hare", "quick").exits("hare").asks("start judge")
    play.exits("judge").ends(Outcome.SUCCEEDED)

    assert len(play.state.agents["judge"].turns) == 1
