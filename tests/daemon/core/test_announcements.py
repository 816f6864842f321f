"""What a run tells the chains that listen: events that leave its chain, and its end."""

from dataclasses import replace

import pytest

from chainwright.daemon.core.announcements import Announcement, Listeners, announced, of_outside
from chainwright.daemon.core.graph import Chain, EventType
from chainwright.daemon.core.listening import ChainTrigger, EventTrigger
from chainwright.daemon.testing import Playbook, agent_of, chain_of

LETS_OUT = chain_of(agent_of("a", emits="draft.ready secret.note"), events={"draft.ready": EventType()})


def listening(
    chain_id: str, *events: str, ends: tuple[str, ...] = (), outcomes: tuple[str, ...] = ("succeeded",)
) -> Chain:
    return replace(
        chain_of(agent_of("x"), on_event=EventTrigger(names=events) if events else None),
        id=chain_id,
        on_chain=ChainTrigger(chains=ends, outcomes=outcomes) if ends else None,
    )


def listeners(*chains: Chain) -> Listeners:
    return Listeners({chain.id: chain for chain in chains})


def told(play: Playbook, *chains: Chain) -> list[Announcement]:
    return announced(play.state, [(play.now, entry) for entry in play.journal], listeners(*chains))


def test_an_event_that_its_chain_lists_is_told_to_each_chain_that_listens() -> None:
    """Semantics 7: what crosses chains is what the chain's `events` lists."""
    play = Playbook(LETS_OUT).requested().emits("a", "draft.ready", {"n": 1}).emits("a", "secret.note").exits("a")
    both = told(play, listening("one", "draft.ready", "secret.note"), listening("two", "draft.ready"))

    assert [(one.key, one.kind, one.listener) for one in both] == [
        ("r1#1>one", "event", "one"),
        ("r1#1>two", "event", "two"),
    ]
    assert both[0].event["data"] == {"n": 1}
    assert both[0].event["source"] | {"attempt": None} == {
        "agent": "a",
        "turn": 1,
        "leg": None,
        "attempt": None,
        "chain": "test",
        "run": "r1",
        "commit": play.state.request.commit if play.state.request else None,
        "branch": None,
    }


def test_an_event_that_is_not_routed_is_not_told() -> None:
    """6: staged events of a failed attempt never left it."""
    play = Playbook(LETS_OUT).requested().emits("a", "draft.ready").exits("a", 1)

    assert told(play, listening("one", "draft.ready")) == []


def test_the_end_of_a_run_is_told_to_those_that_asked_for_how_it_ended() -> None:
    play = Playbook(chain_of(agent_of("a", outputs={"n": "json"}), outputs={"sum": "${{ agents.a.outputs.n }}"}))
    play.requested().exits("a", outputs={"n": "7"})
    heard = told(
        play,
        listening("well", ends=("test",)),
        listening("badly", ends=("test",), outcomes=("failed", "lost")),
        listening("other", ends=("another",)),
    )

    assert [(one.key, one.kind, one.event["name"]) for one in heard] == [("r1>well", "chain", "test.succeeded")]
    assert heard[0].event["data"] == {"outcome": "succeeded", "reason": None, "outputs": {"sum": 7}}


@pytest.mark.parametrize(
    ("branch", "patterns", "is_heard"),
    [
        ("main", ["main"], True),
        ("main", ["release/**"], False),
        ("main", [], True),
        ("", [], True),
        ("", ["**"], False),
    ],
)
def test_the_end_of_a_run_is_heard_by_its_branch(branch: str, patterns: list[str], is_heard: bool) -> None:
    """A run of no branch (a tag, a pull request) is none of those that patterns of branches name."""
    trigger = ChainTrigger(chains=("test",), branches=tuple(patterns))
    heard = listeners(replace(chain_of(agent_of("x")), id="after", on_chain=trigger))

    assert list(heard.of_end("test", "succeeded", branch)) == ["after"] * is_heard


def test_telling_twice_has_the_same_key() -> None:
    play = Playbook(LETS_OUT).requested().emits("a", "draft.ready").exits("a")
    one = listening("one", "draft.ready")

    assert [found.key for found in told(play, one)] == [found.key for found in told(play, one)]


def test_an_event_from_outside_is_told_under_the_key_of_its_sending() -> None:
    sent = of_outside(
        "go",
        1,
        5.0,
        key="k",
        sender="ann",
        organization="o",
        environment="e",
        listeners=listeners(listening("one", "go")),
    )

    assert [(one.key, one.listener, one.run_id, one.depth) for one in sent] == [("k>one", "one", None, 0)]
    assert sent[0].event == {"name": "go", "data": 1, "time": 5.0, "source": {"actor": "ann"}}
