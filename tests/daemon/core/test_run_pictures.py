"""What a run looks like."""

import pytest

from chainwright.daemon.core.run_pictures import graph_of, timeline_of
from chainwright.daemon.core.topology import started_by
from chainwright.daemon.testing import agent_of, chain_of

CHAIN = chain_of(
    agent_of("write", on=["topic", "back"], emits="draft"),
    agent_of("edit", on="draft", emits="back"),
    agent_of("end", needs=("write", "edit")),
)


def attempt(number, started_at, ended_at, **changed):
    return {
        "id": f"s{number}",
        "attempt": number,
        "leg": None,
        "state": "running" if ended_at is None else "finished",
        "outcome": None if ended_at is None else "failed",
        "started_at": started_at,
        "ended_at": ended_at,
        "attention": None,
        **changed,
    }


def turn(number, *attempts, state="finished", outcome=None, adopted_from=None):
    return {"turn": number, "state": state, "outcome": outcome, "adopted_from": adopted_from, "attempts": attempts}


def agent(state, *turns):
    return {"state": state, "outcome": None, "turns": turns}


def run(**agents):
    return {"id": "r1", "created_at": 10.0, "ended_at": None, "agents": agents}


def event(number, name, emitter, *takers, fate="routed"):
    deliveries = [{"agent": taker, "state": "consumed", "turn": 1} for taker in takers]
    return {"number": number, "name": name, "agent": emitter, "at": 11.0, "fate": fate, "deliveries": deliveries}


RUN = run(
    write=agent("finished", turn(1, attempt(1, 12.0, 13.0), attempt(2, 14.0, None))),
    edit=agent("waiting", turn(1, attempt(1, 15.0, None, attention={"cause": "bell"}))),
    end=agent("waiting"),
)
EVENTS = [
    event(1, "draft", "write", "edit"),
    event(2, "topic", None, "write"),
    event(3, "write.failed", "write", fate="automatic"),
]


def test_a_graph_tells_how_often_each_arrow_was_gone():
    gone = {(one["from"], one["to"], one["event"]): one["travelled"] for one in graph_of(CHAIN, RUN, EVENTS)["arrows"]}

    assert gone == {
        ("edit", "write", "back"): 0,
        ("write", "edit", "draft"): 1,
        ("write", "end", None): 0,
        ("edit", "end", None): 0,
    }


def test_a_need_was_gone_once_its_agent_has_started():
    ended = RUN["agents"] | {"end": agent("running", turn(1))}
    skipped = RUN["agents"] | {"end": agent("finished", turn(1, outcome="skipped"))}

    assert [one["travelled"] for one in graph_of(CHAIN, run(**ended), [])["arrows"] if one["to"] == "end"] == [1, 1]
    assert not any(one["travelled"] for one in graph_of(CHAIN, run(**skipped), [])["arrows"])


def test_a_graph_tells_how_each_agent_stands():
    write, edit, end = graph_of(CHAIN, RUN, EVENTS)["nodes"]

    assert (write["turns"], write["attention"], edit["attention"]) == (1, False, True)
    assert (end["state"], end["started_by"]) == ("waiting", "after write, edit")


@pytest.mark.parametrize(
    ("of", "words"),
    [
        (agent_of("a"), "with the run"),
        (agent_of("a", needs=("b", "c")), "after b, c"),
        (agent_of("a", on="x"), "on x"),
        (agent_of("a", on=["x", "y"]), "on any of x, y"),
    ],
)
def test_what_starts_an_agent_is_told_in_words(of, words):
    assert started_by(of) == words


def test_a_timeline_has_waits_attempts_and_what_was_said():
    write, edit, end = timeline_of(RUN, EVENTS, {("write", 1): 10.5})["lanes"]

    assert write["waits"] == [{"turn": 1, "from": 10.5, "until": 12.0}]
    assert [(bar["id"], bar["from"], bar["until"]) for bar in write["attempts"]] == [
        ("s1", 12.0, 13.0),
        ("s2", 14.0, None),
    ]
    assert [mark["name"] for mark in write["events"]] == ["draft"]
    assert (edit["waits"], end) == ([], {"agent": "end", "waits": [], "attempts": [], "events": []})


def test_what_never_started_or_was_done_elsewhere_has_not_waited():
    over = agent("finished", turn(1), turn(2, attempt(1, 12.0, 13.0), adopted_from="r0"), turn(3, state="queued"))
    (lane,) = timeline_of(run(write=over), [], {("write", one): 11.0 for one in (1, 2, 3)})["lanes"]

    assert lane["waits"] == [{"turn": 3, "from": 11.0, "until": None}]
