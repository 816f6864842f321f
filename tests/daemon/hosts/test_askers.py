"""Labels that chains ask for, and who has them."""

from typing import Any

from chainwright.daemon.core.graph import Agent, Chain
from chainwright.daemon.core.hosts import KnownHost
from chainwright.daemon.hosts.askers import asked_labels, labels_of, unmet
from chainwright.schemas.hosts import HostSettings


def chain(name: str, **agents: tuple[str, ...]) -> Chain:
    made: dict[str, Any] = {agent: Agent(id=agent, name=agent, runs_on=labels) for agent, labels in agents.items()}
    return Chain(id=name, name=name, path=f"workflows/{name}.yaml", agents=made)


def host(*labels: str) -> KnownHost:
    return KnownHost(name="gpu1", settings=HostSettings(address="a", labels=list(labels)), origin="added")


ASKED = asked_labels(
    [chain("brief", write=("gpu",), check=(), send=("gpu", "big")), chain("other", any=("${{ inputs.where }}",))]
)


def test_what_agents_ask_for_is_known_but_for_what_a_run_decides() -> None:
    assert {frozenset({"gpu"}): ["brief/write"], frozenset({"gpu", "big"}): ["brief/send"]} == ASKED


def test_labels_must_all_be_one_hosts() -> None:
    assert unmet(ASKED, [["local"], ["gpu1", "gpu"], ["x", "big"]]) == {frozenset({"gpu", "big"}): ["brief/send"]}
    assert unmet(ASKED, [["x", "gpu", "big"]]) == {}


def test_a_host_knows_who_may_come_and_which_of_its_labels_are_for_nobody() -> None:
    found = labels_of(host("gpu", "red"), ASKED)

    assert (found.verdict, found.detail) == ("ok", "gpu, gpu1, red: takes brief/write; nobody asks for red")


def test_a_host_that_nobody_asks_for_is_told_what_is_asked_for() -> None:
    found = labels_of(host("gpus"), ASKED)

    assert found.verdict == "warning"
    assert "agents ask for: big, gpu" in found.hint
