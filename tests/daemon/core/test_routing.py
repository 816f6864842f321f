"""What becomes of an event (rules 6 to 12)."""

from chainwright.daemon.core import decisions as d
from chainwright.daemon.core.graph import Emit, Listen, Retry
from chainwright.daemon.testing import Playbook, agent_of, chain_of

NOW = {"tick": Emit(name="tick", deliver="now")}


def fates(play: Playbook) -> list[tuple[int, str]]:
    """What was decided about each event, by its number."""
    decided = play.entries(d.EventRouted, d.EventRefused, d.EventDiscarded)
    return [(entry.number, getattr(entry, "why", "routed")) for entry in decided]


def test_an_event_goes_to_all_who_listen() -> None:
    """Each has it queued from then on, in the order of the file."""
    play = Playbook(chain_of(agent_of("a", emits="x"), agent_of("c", on="x"), agent_of("b", on="x"))).requested()

    play.emits("a", "x").exits("a").asks("start c", "start b")
    assert play.entries(d.EventRouted)[0].consumers == ("c", "b")


def test_an_event_that_nobody_hears_is_routed_to_nobody() -> None:
    """It is recorded all the same."""
    play = Playbook(chain_of(agent_of("a", emits="x"))).requested().emits("a", "x").exits("a")

    assert play.entries(d.EventRouted)[0].consumers == ()


def test_immediate_events_of_a_failed_attempt_stay_delivered() -> None:
    """6: none is retracted."""
    play = Playbook(chain_of(agent_of("a", emits=NOW), agent_of("b", on="tick"))).requested()

    play.emits("a", "tick").asks("start b")
    play.exits("a", 1).asks()
    assert fates(play) == [(1, "routed")]


def test_immediate_events_are_unique_by_turn_and_key() -> None:
    """6: a retry's repeat is kept back, a new turn's is not."""
    agents = (agent_of("src", emits="x"), agent_of("a", on="x", emits=NOW, retry=Retry(max=1, delay_s=0)))
    play = Playbook(chain_of(*agents, agent_of("b", on="tick"))).requested()
    play.emits("src", "x").emits("src", "x").exits("src")
    play.emits("a", "tick", key="k").exits("a", 1).emits("a#2", "tick", key="k").exits("a#2")
    play.emits("a[2]", "tick", key="k")

    assert [why for number, why in fates(play) if play.state.event(number).name == "tick"] == [
        "routed",
        "repeated",
        "routed",
    ]


def test_an_undeclared_event_is_told_what_could_be_declared() -> None:
    """The reason is for the agent's author."""
    play = Playbook(chain_of(agent_of("a", emits="x y"), agent_of("b"))).requested().emits("a", "z").emits("b", "z")

    assert [why for _, why in fates(play)] == [
        'agent "a" does not declare it under `emits` (it declares x, y)',
        'agent "b" does not declare it under `emits` (it declares nothing)',
    ]


def test_a_new_turn_withdraws_only_its_own_agents_votes() -> None:
    """14: another emitter's stay."""
    three = Listen(mode="quorum", names=("x", "y", "z"), count=3)
    agents = (agent_of("go", emits="again"), agent_of("a", on="again", emits="x"), agent_of("b", emits="y"))
    play = Playbook(chain_of(*agents, agent_of("join", on=three))).requested()
    play.emits("b", "y").exits("b").emits("go", "again").emits("go", "again").exits("go").emits("a", "x").exits("a")

    dropped = play.entries(d.DeliveriesDropped)
    assert [[play.state.event(number).name for number in entry.numbers] for entry in dropped] == [["x"]]


def test_what_an_any_listener_has_queued_is_not_withdrawn() -> None:
    """14: only votes are of one turn; for others each event is a turn of theirs."""
    agents = (agent_of("go", emits="again"), agent_of("a", on="again", emits="x"), agent_of("b", on="x"))
    play = Playbook(chain_of(*agents)).requested().emits("go", "again").emits("go", "again").exits("go")

    play.emits("a", "x").emits("a", "x").exits("a").emits("a[2]", "x").exits("a[2]")
    assert play.entries(d.DeliveriesDropped) == []
