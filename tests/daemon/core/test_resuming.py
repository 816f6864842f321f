"""What a retried run takes over from the one before it (semantics 28)."""

import json
from dataclasses import replace

import pytest

from chainwright.daemon.core.adoptions import EventAdopted, TurnAdopted, ValuesAdopted
from chainwright.daemon.core.graph import Approval, Chain, Emit, Listen, Strategy
from chainwright.daemon.core.keeping import Again, Past
from chainwright.daemon.core.resuming import adoptions, misfits
from chainwright.daemon.core.states import Outcome, Reason
from chainwright.daemon.testing import Playbook, agent_of, chain_of

FAILED = Again(failed=True)
LINE = chain_of(
    agent_of("plan", outputs={"n": "integer"}),
    agent_of("work", needs=("plan",), env={"N": "${{ needs.plan.outputs.n }}", "RUN": "${{ run.number }}"}),
    agent_of("tell", needs=("work",)),
    agent_of("aside"),
)
LOOP = chain_of(
    agent_of("write", on=("begun", "rejected"), emits="draft", max_turns=9, env={"WHY": "${{ event.data.why }}"}),
    agent_of("begin", emits="begun"),
    agent_of("edit", on="draft", emits="rejected accepted"),
    agent_of("publish", on="accepted"),
)


def broken_line() -> Playbook:
    """A run in which `work` failed."""
    play = Playbook(LINE).requested()
    play.exits("aside").exits("plan", outputs={"n": "3"})
    return play.exits("work", code=4).ends("failed")


def broken_loop() -> Playbook:
    """A run whose editor sent the first draft back and broke on the second."""
    play = Playbook(LOOP).requested().emits("begin", "begun", {"why": "new"}).exits("begin")
    play.emits("write", "draft", {"n": 1}).exits("write")
    play.emits("edit", "rejected", {"why": "dull"}).exits("edit")
    play.emits("write[2]", "draft", {"n": 2}).exits("write[2]")
    return play.exits("edit[2]", code=1).ends("failed")


def test_what_failed_is_done_again_and_the_rest_is_kept() -> None:
    """Semantics 28."""
    play = Playbook(LINE).retries(broken_line(), FAILED).asks("start work")

    assert play.turn("plan").outputs == {"n": 3}
    assert play.turn("plan").adopted_from == Playbook.RUN_ID
    play.exits("work").asks("start tell").exits("tell").ends("succeeded")


def test_a_turn_that_is_done_again_gets_the_values_of_then() -> None:
    """I10: what was resolved once is reused."""
    first = broken_line()
    first.turn("work").resolved.env["RUN"] = "as it was then"

    play = Playbook(LINE).retries(first, FAILED)

    assert play.turn("work").resolved.env == {"N": "3", "RUN": "as it was then"}


def test_a_loop_goes_on_where_it_broke() -> None:
    """The event that the failed turn had taken waits for it again; numbers of turns go on."""
    play = Playbook(LOOP).retries(broken_loop(), FAILED).asks("start edit[2]")

    assert [turn.adopted_from for turn in play.state.agents["write"].turns] == [Playbook.RUN_ID] * 2
    assert play.turn("edit").resolved.event["data"] == {"n": 2}
    play.emits("edit[2]", "rejected", {"why": "long"}).exits("edit[2]").asks("start write[3]")


def test_from_an_agent_all_that_rests_on_it_is_done_again() -> None:
    """The second draft rested on the editor's first answer."""
    play = Playbook(LOOP).retries(broken_loop(), Again(agent="edit")).asks("start edit")

    assert len(play.state.agents["write"].turns) == 1
    assert play.turn("edit").resolved.event["data"] == {"n": 1}


def test_a_plain_retry_keeps_nothing_but_the_values_of_what_starts_with_the_run() -> None:
    """Its agents see byte-equal inputs; what they hand on is new."""
    play = Playbook(LINE).retries(broken_line(), Again()).asks("start plan", "start aside")

    assert [entry.agent for entry in play.entries(ValuesAdopted)] == ["plan", "aside"]
    assert not play.entries(TurnAdopted, EventAdopted)


def test_a_failed_turn_before_a_kept_one_leaves_its_number_taken() -> None:
    """So that the sources of events and the places of turns stay what they were."""
    chain = chain_of(agent_of("feed", emits="x"), agent_of("eat", on="x"))
    first = Playbook(chain).requested().emits("feed", "x", 1).emits("feed", "x", 2).exits("feed")
    first.exits("eat", code=1).exits("eat[2]").ends("failed")

    play = Playbook(chain).retries(first, FAILED).asks("start eat[3]")

    assert [turn.reason for turn in play.state.agents["eat"].turns] == [Reason.RETRIED, None, None]
    assert play.turn("eat").resolved.event["data"] == 1
    play.exits("eat[3]").ends("succeeded")


def test_what_cleaned_up_after_the_failure_is_not_kept() -> None:
    """It began because the run was ending, or rests on what failed."""
    chain = chain_of(agent_of("a"), agent_of("clean", needs=("a",), condition="always()"), agent_of("b", on="a.failed"))
    first = Playbook(chain).requested().exits("a", code=1).exits("b").exits("clean").ends("failed")

    play = Playbook(chain).retries(first, FAILED).asks("start a").exits("a").asks("start clean").exits("clean")

    play.ends("succeeded")
    assert not play.state.agents["b"].turns


def test_events_that_a_quorum_used_up_stay_used_up() -> None:
    """Surplus of a kept turn starts nothing in the new run."""
    voters = [agent_of(name, emits=f"{name}.voted") for name in ("a", "b", "c")]
    quorum = Listen(mode="quorum", names=("a.voted", "b.voted", "c.voted"), count=2)
    chain = chain_of(*voters, agent_of("count", on=quorum), agent_of("end", on="count.finished"))
    first = Playbook(chain).requested()
    for name in ("a", "b", "c"):
        first.emits(name, f"{name}.voted").exits(name)
    first.exits("count").exits("end", code=1).ends("failed")

    play = Playbook(chain).retries(first, FAILED).asks("start end")

    assert len(play.state.agents["count"].turns) == 1


def test_the_journal_alone_gives_the_same_state() -> None:
    """Adoptions are facts like others."""
    play = Playbook(LOOP).retries(broken_loop(), FAILED)

    assert play.rebuilt() == play.state


def test_a_retry_can_be_retried() -> None:
    """Kept turns name the run in which they were done."""
    second = Playbook(LOOP).retries(broken_loop(), FAILED).exits("edit[2]", code=1).ends("failed")

    play = Playbook(LOOP).retries(second, FAILED).asks("start edit[2]")

    assert [event.data for event in play.events()] == [{"why": "new"}, {"n": 1}, {"why": "dull"}, {"n": 2}]


def test_an_agent_out_of_turns_stays_so_if_that_was_heard() -> None:
    """`exhausted` is told once."""
    chain = chain_of(
        agent_of("feed", emits="x"),
        agent_of("eat", on="x", max_turns=1),
        agent_of("hear", on="eat.exhausted"),
        agent_of("late", needs=("feed",)),
    )
    first = Playbook(chain).requested().emits("feed", "x").emits("feed", "x").exits("feed")
    first.exits("eat").exits("hear").exits("late", code=1).ends("failed")

    play = Playbook(chain).retries(first, FAILED).asks("start late").exits("late").ends("succeeded")

    assert len(play.state.agents["hear"].turns) == 1


def test_another_definition_has_to_fit_what_is_kept() -> None:
    """Each misfit is a sentence."""
    first = broken_loop()
    past = Past(LOOP, first.journal)
    other = chain_of(
        agent_of("begin", emits={"begun": Emit(name="begun", payload={"who": "string"})}, outputs={"o": "string"}),
        agent_of("write", on="begun", emits="draft"),
        agent_of("hear", on="begin.finished"),
    )
    adopted = adoptions(past, other, replace(FAILED, on_new_definition=True), 1.0)

    assert misfits(adopted, past, other) == [
        'agent "write" starts otherwise now',
        'agent "hear" listens for "begin.finished", which was not recorded because nobody heard it',
        'agent "begin" declares the output "o" now, which its turn 1 did not write',
        'event "begun" of agent "begin": the event\'s data lacks "who"',
        'there is no agent "edit" any more',
    ]


def test_an_output_has_to_be_among_the_options_of_another_definition() -> None:
    def chain(*options: str) -> Chain:
        pick = agent_of("pick", outputs={"way": "choice"}, output_options={"way": options})
        return chain_of(pick, agent_of("go", needs=("pick",)))

    first = Playbook(chain("left", "right")).requested().exits("pick", outputs={"way": "left"}).exits("go", code=1)
    past, other = Past(chain("left", "right"), first.journal), chain("right")
    adopted = adoptions(past, other, replace(FAILED, on_new_definition=True), 1.0)

    assert misfits(adopted, past, other) == ['output "way" of agent "pick": "left" is none of "right"']


def test_by_another_definition_values_are_resolved_anew() -> None:
    """Kept turns stay as they were."""
    other = chain_of(*(replace(agent, env={"NEW": "yes"}) for agent in LINE.agents.values()))
    play = Playbook(other).retries(broken_line(), replace(FAILED, on_new_definition=True)).asks("start work")

    assert play.turn("work").resolved.env == {"NEW": "yes"}
    assert play.turn("plan").outcome is Outcome.SUCCEEDED


MATRIX = agent_of(
    "work",
    strategy=Strategy(matrix={"n": [1, 2, 3]}, fail_fast=False),
    env={"N": "${{ matrix.n }}", "RUN": "${{ run.number }}"},
    outputs={"x": "integer"},
)
LEGS = chain_of(MATRIX, agent_of("sum", needs=("work",), env={"ALL": "${{ toJSON(needs.work.legs.*.outputs.x) }}"}))


def broken_legs(chain: Chain = LEGS) -> Playbook:
    """A run of whose matrix the second leg failed."""
    play = Playbook(chain).requested()
    return play.exits("work/1", outputs={"x": "10"}).exits("work/3", outputs={"x": "30"}).exits("work/2", code=1)


def test_of_a_matrix_only_the_legs_that_failed_are_done_again() -> None:
    play = Playbook(LEGS).retries(broken_legs(), FAILED).asks("start work/2")
    assert [leg.outputs for leg in play.turn("work").legs.values()] == [{"x": 10}, {}, {"x": 30}]
    assert play.turn("work").legs["1"].detail == f"kept from run {Playbook.RUN_ID}"

    play.exits("work/2", outputs={"x": "20"}).asks("start sum")
    assert json.loads(play.turn("sum").resolved.env["ALL"]) == [10, 20, 30]
    assert play.rebuilt() == play.state


def test_a_leg_that_is_kept_twice_says_where_it_was_done() -> None:
    again = Playbook(LEGS).retries(broken_legs(), FAILED).exits("work/2", code=1)

    play = Playbook(LEGS).retries(again, FAILED).asks("start work/2")
    assert play.turn("work").legs["3"].detail == f"kept from run {Playbook.RUN_ID}"


@pytest.mark.parametrize("again", [Again(), Again(agent="work")])
def test_a_matrix_that_was_asked_for_is_done_again_with_all_its_legs(again: Again) -> None:
    Playbook(LEGS).retries(broken_legs(), again).asks("start work/1", "start work/2", "start work/3")


def test_a_leg_that_has_emitted_something_is_done_again() -> None:
    chain = chain_of(replace(MATRIX, emits={"x": Emit(name="x")}), agent_of("hear", on="x", max_turns=9))
    first = Playbook(chain).requested().emits("work/1", "x").exits("work/1", outputs={"x": "1"})
    first.exits("work/3", outputs={"x": "3"}).exits("work/2", code=1).exits("hear")

    Playbook(chain).retries(first, FAILED).asks("start work/1", "start work/2")


def test_kept_legs_wait_for_people_like_the_others() -> None:
    """24: what was approved is what runs."""
    chain = chain_of(replace(MATRIX, approval=Approval()))
    first = Playbook(chain).requested().answered("work").exits("work/1", outputs={"x": "1"})
    first.exits("work/2", outputs={"x": "2"}).exits("work/3", code=1)

    Playbook(chain).retries(first, FAILED).asks().answered("work").asks("start work/3")
