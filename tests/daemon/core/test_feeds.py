"""Cycles of a chain are found, all of them and no others."""

import pytest

from chainwright.daemon.core.feeds import Feeds, agents_of, cycles, drawn, needs_alone, without_agents
from chainwright.daemon.core.graph import Agent, Chain, Emit, Listen


def chain(**feeds: str) -> Chain:
    """Agents that each hear what the named ones emit: ``b="a"`` lets b hear a."""
    agents = {
        name: Agent(
            id=name,
            emits={name.upper(): Emit(name=name.upper())},
            listens=Listen(mode="any", names=tuple(heard.upper())) if heard else None,
        )
        for name, heard in feeds.items()
    }
    return Chain(id="c", name="c", agents=agents)


@pytest.mark.parametrize(
    ("feeds", "expected"),
    [
        ({"a": "", "b": "a", "c": "ab"}, []),
        ({"a": "a"}, [["a"]]),
        ({"a": "b", "b": "a"}, [["a", "b"]]),
        ({"a": "c", "b": "a", "c": "b", "d": "c"}, [["a", "b", "c"]]),
        ({"a": "b", "b": "a", "c": "bd", "d": "c"}, [["a", "b"], ["c", "d"]]),
        ({"a": "bc", "b": "a", "c": "a"}, [["a", "b", "c"]]),
    ],
)
def test_cycles_are_the_agents_that_can_all_start_each_other(feeds: dict[str, str], expected: list[list[str]]) -> None:
    assert sorted(agents_of(cycle) for cycle in Feeds(chain(**feeds)).cycles) == expected


def test_a_chain_of_thousands_is_walked_without_recursion() -> None:
    agents = {f"a{i}": Agent(id=f"a{i}", needs=(f"a{i - 1}",) if i else ("a4999",)) for i in range(5_000)}
    found = Feeds(Chain(id="c", name="c", agents=agents)).cycles

    assert [len(cycle) for cycle in found] == [5_000]


def test_a_cycle_is_drawn_by_its_shortest_way_round() -> None:
    feeds = Feeds(chain(a="bd", b="a", c="b", d="c"))

    assert drawn(feeds.cycles[0], feeds.graph) == "a → b → a"


def test_a_graph_without_an_agent_has_no_cycle_through_it() -> None:
    feeds = Feeds(chain(a="b", b="a", c="d", d="c"))

    assert [agents_of(cycle) for cycle in cycles(without_agents(feeds.graph, ["b"]))] == [["c", "d"]]


def test_needs_alone_leave_events_and_oneself_out() -> None:
    agents = {"a": Agent(id="a", needs=("a", "b")), "b": Agent(id="b", listens=Listen(mode="any", names=("a.failed",)))}
    feeds = Feeds(Chain(id="c", name="c", agents=agents))

    assert list(cycles(needs_alone(feeds.graph))) == []
    assert feeds.in_cycles == {"a", "b"}
