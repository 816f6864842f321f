"""When agents have settled, what that opens, and how runs end (rule 13)."""

from chainwright.daemon.core import facts as f
from chainwright.daemon.core.graph import Listen
from chainwright.daemon.core.states import Outcome, Reason
from chainwright.daemon.testing import Playbook, agent_of, chain_of

NEVER = {"condition": "false"}


def skips(play: Playbook) -> dict[str, Reason]:
    """Agents that were given up, and why."""
    return {agent.id: agent.skipped[0] for agent in play.state.agents.values() if agent.skipped}


# skips that are heard


def test_the_skip_of_a_starved_agent_feeds_who_listens_to_it() -> None:
    """Who hopes for the skip of another is not given up before it."""
    play = Playbook(chain_of(agent_of("src"), agent_of("a", on="src.failed"), agent_of("b", on="a.skipped")))

    play.requested().exits("src").asks("start b")
    play.exits("b").ends(Outcome.SUCCEEDED)
    assert skips(play) == {"a": Reason.NEVER_FED}


def test_what_a_skip_can_feed_indirectly_waits_for_it_wherever_it_stands_in_the_file() -> None:
    """`d` is fed by `c`, which starts because `a` did not."""
    agents = (
        agent_of("d", on="y"),
        agent_of("src"),
        agent_of("c", on="a.skipped", emits="y"),
        agent_of("a", on="src.failed"),
    )
    play = Playbook(chain_of(*agents)).requested().exits("src").asks("start c")

    play.emits("c", "y").exits("c").asks("start d")


def test_a_gate_waits_for_what_a_skip_sets_moving() -> None:
    """13: repeat until nothing moves."""
    agents = (agent_of("src"), agent_of("a", on="src.failed"), agent_of("b", on="a.skipped"))
    play = Playbook(chain_of(*agents, agent_of("end", needs=("b",)))).requested()

    play.exits("src").asks("start b")
    play.exits("b").asks("start end")


def test_agents_that_hope_for_one_another_are_given_up_from_the_first_on() -> None:
    """A cycle that is idle settles."""
    agents = (agent_of("a", on="b.skipped", max_turns=1), agent_of("b", on="a.skipped", max_turns=1))
    play = Playbook(chain_of(*agents)).requested().asks("start b")

    play.exits("b").ends(Outcome.SUCCEEDED)


def test_a_cycle_of_skips_ends() -> None:
    """Skipped turns are not counted, so what comes round by skips alone is told only once."""
    one = agent_of("a", on=["x", "b.skipped"], max_turns=2, **NEVER)
    play = Playbook(chain_of(agent_of("src", emits="x"), one, agent_of("b", on="a.skipped", **NEVER))).requested()

    play.emits("src", "x").emits("src", "x").exits("src").asks("finish succeeded")
    assert len(play.state.agents["a"].turns) == 4


def test_an_agent_that_listens_to_its_own_skip_comes_to_an_end() -> None:
    """The smallest such cycle."""
    play = Playbook(chain_of(agent_of("src", emits="x"), agent_of("a", on=["x", "a.skipped"], **NEVER)))

    play.requested().emits("src", "x").exits("src").asks("finish succeeded")


def test_a_starved_agent_says_which_events_did_not_come() -> None:
    """Those that did are not to blame."""
    both = Listen(mode="all", names=("x", "y"))
    play = Playbook(chain_of(agent_of("src", emits="x y"), agent_of("a", on=both))).requested()

    play.emits("src", "x").exits("src")
    assert play.state.agents["a"].skipped == (Reason.NEVER_FED, "y did not come")


def test_an_event_from_outside_starts_an_agent_that_had_been_given_up() -> None:
    """12: while its run lives."""
    play = Playbook(chain_of(agent_of("src", emits="x"), agent_of("a", on="x"), agent_of("long"))).requested()
    play.exits("src")
    assert skips(play) == {"a": Reason.NEVER_FED}

    play.injected("x").asks("start a")
    assert skips(play) == {}


# cycles and gates


def test_a_gate_behind_a_cycle_opens_when_the_cycle_is_idle() -> None:
    """13: it settles as a whole."""
    agents = (
        agent_of("write", on=["go", "back"], emits="draft", max_turns=3),
        agent_of("edit", on="draft", emits="back ok"),
        agent_of("begin", emits="go"),
    )
    play = Playbook(chain_of(*agents, agent_of("end", needs=("write", "edit")))).requested()
    play.emits("begin", "go").exits("begin").emits("write", "draft").exits("write")

    play.emits("edit", "back").exits("edit").asks("start write[2]")
    play.emits("write[2]", "draft").exits("write[2]").asks("start edit[2]")
    play.emits("edit[2]", "ok").exits("edit[2]").asks("start end")


def test_a_gate_stays_shut_while_a_queued_event_may_start_a_need() -> None:
    """13: queued, delivered or live, directly or not."""
    play = Playbook(chain_of(agent_of("src", emits="x"), agent_of("a", on="x"), agent_of("end", needs=("a",))))
    play.requested().emits("src", "x").emits("src", "x").exits("src")

    play.exits("a").asks("start a[2]")
    play.exits("a[2]").asks("start end")


# how runs end


def test_finished_is_told_of_every_end_but_a_skip() -> None:
    """`<id>.finished` means that it ran."""
    agents = (agent_of("a"), agent_of("off", **NEVER), agent_of("b", on=["a.finished", "off.finished"]))

    play = Playbook(chain_of(*agents)).requested().exits("a", 1).asks("start b")
    assert play.state.agents["b"].turns[0].consumed == (1,)
    assert [event.name for event in play.events()] == ["a.finished"]


def test_a_cleanup_that_fails_does_not_change_how_a_cancelled_run_ended() -> None:
    """The first end stands."""
    play = Playbook(chain_of(agent_of("a"), agent_of("clean", needs=("a",), condition="always()"))).requested()

    play.cancelled().exits("a", None).asks("start clean")
    play.exits("clean", 1).asks("finish cancelled")


def test_conditions_of_a_cancelled_run_tell_cancel_from_failure() -> None:
    """26: `cancelled()` and `always()` may run, `failure()` asks for a failure, `success()` for none."""
    words = ("always", "cancelled", "failure", "success")
    agents = [agent_of(word, needs=("a",), condition=f"{word}()") for word in words]
    play = Playbook(chain_of(agent_of("a"), *agents)).requested().cancelled()

    play.exits("a", None).asks("start always", "start cancelled")


def test_a_limit_is_a_failure_to_who_cleans_up() -> None:
    """25, 26."""
    words = ("cancelled", "failure")
    agents = [agent_of(word, needs=("a",), condition=f"{word}()") for word in words]
    play = Playbook(chain_of(agent_of("a"), *agents)).requested().fires("run-duration")

    play.exits("a", None).asks("start failure")


def test_cleaning_up_is_not_held_to_the_limits_that_ended_the_run() -> None:
    """A second timer, a second limit: the run is ending already."""
    play = Playbook(chain_of(agent_of("a", emits="x"), agent_of("clean", on="a.cancelled", condition="always()")))
    play.requested().cancelled().exits("a", None).asks("start clean")

    play.fires("run-duration").asks()
    play.exits("clean").asks("finish cancelled")


def test_an_internal_mistake_while_a_run_ends_makes_it_internal_and_starts_nothing_more() -> None:
    """However it was ending: what was decided cannot be trusted."""
    chain = chain_of(agent_of("a", emits="run.stop"), agent_of("b"), agent_of("c", needs=("b",), condition="always()"))
    play = Playbook(chain).requested().emits("a", "run.stop").exits("a").asks("stop b")

    play.given(f.InternalErrorOccurred(at=play.now, detail="KeyError")).asks()
    play.exits("b", None).asks("finish failed")
    assert (play.state.reason, play.state.detail) == (Reason.INTERNAL, "KeyError")


def test_no_timer_outlives_its_run() -> None:
    """The duration's timer goes with the end."""
    play = Playbook(chain_of(agent_of("a"))).requested().exits("a")

    assert play.state.timers == {} and play.outstanding() == []
