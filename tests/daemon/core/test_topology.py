"""Who listens to whom."""

from chainwright.daemon.core.topology import topology
from chainwright.daemon.testing import agent_of, chain_of

LOOP = chain_of(
    agent_of("begin", emits="go"),
    agent_of("write", on=["go", "back"], emits="draft"),
    agent_of("edit", on="draft", emits="back ok"),
    agent_of("end", needs=("write", "edit")),
    agent_of("alarm", on=["edit.failed", "write.failed"]),
    agent_of("alone"),
)


def test_listeners_stand_in_the_order_of_the_file():
    assert topology(chain_of(agent_of("b", on="x"), agent_of("a", on="x"))).listeners == {"x": ("b", "a")}


def test_automatic_events_are_edges_too():
    edges = topology(LOOP)

    assert edges.listeners["edit.failed"] == ("alarm",)
    assert edges.fed["edit"] == ("end", "write", "alarm")


def test_needs_are_edges():
    assert topology(LOOP).dependents["write"] == ("end",)


def test_reach_goes_round_a_cycle_once_and_holds_its_start():
    edges = topology(LOOP)

    assert edges.reach(["edit"]) == {"edit", "write", "alarm", "end"}
    assert edges.reach(["alone"]) == {"alone"}
    assert edges.reach([]) == set()


def test_each_agent_is_fed_once_however_many_events_lead_to_it():
    edges = topology(chain_of(agent_of("a", emits="x y"), agent_of("b", on=["x", "y"])))

    assert edges.fed == {"a": ("b",), "b": ()}
