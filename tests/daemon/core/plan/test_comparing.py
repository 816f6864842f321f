"""What differs between two versions is told: which chain is which, agents, edges, inputs, events, cycles."""

from dataclasses import replace

import pytest

from chainwright.daemon.core.graph import Emit, EventType, Input, Schedule, Verify, Webhook
from chainwright.daemon.core.listening import ChainTrigger, EventTrigger
from chainwright.daemon.core.plan.comparing import compared
from chainwright.daemon.core.plan.edges import MAX_EDGES
from chainwright.daemon.core.plan.fields import MAX_SHOWN
from chainwright.daemon.core.plan.report import Edge, RunInFlight
from chainwright.daemon.core.plan.version import Surroundings, Version
from chainwright.daemon.testing import agent_of, chain_of

AROUND = Surroundings(now=1_774_000_000.0)


def plan(base, head, around=AROUND):
    versions = [Version(revision="", chains={one.id: one for one in chains}) for chains in (base, head)]
    return compared(*versions, around)


def change(before, after):
    (found,) = plan([before], [after]).chains
    return found


A, B, C = (agent_of(name, script=f"./{name}.sh") for name in "abc")


def test_chains_come_go_and_change():
    base = [chain_of(A, id="kept"), chain_of(A, id="changed"), chain_of(B, id="gone")]
    head = [chain_of(A, id="kept"), chain_of(replace(A, script="x"), id="changed"), chain_of(C, id="come")]

    assert [(one.kind, one.id) for one in plan(base, head).chains] == [
        ("changed", "changed"),
        ("added", "come"),
        ("removed", "gone"),
    ]


def test_a_chain_with_the_same_id_elsewhere_was_moved():
    found = change(chain_of(A, path="workflows/a.yaml"), chain_of(A, path="workflows/b.yaml"))

    assert (found.kind, found.was, found.was_path) == ("renamed", "", "workflows/a.yaml")


def test_a_chain_that_is_mostly_as_it_was_is_known_again():
    found = change(chain_of(A, B, C, id="old"), chain_of(A, B, replace(C, script="x"), id="new"))

    assert (found.kind, found.id, found.was) == ("renamed", "new", "old")


def test_a_chain_that_has_little_in_common_is_another():
    assert [one.kind for one in plan([chain_of(A, B, id="old")], [chain_of(A, C, id="new")]).chains] == [
        "added",
        "removed",
    ]


def test_two_new_chains_do_not_share_one_old_self():
    found = plan([chain_of(A, id="old")], [chain_of(A, id="one"), chain_of(A, id="two")])

    assert [(one.kind, one.id, one.was) for one in found.chains] == [("renamed", "one", "old"), ("added", "two", "")]


def test_only_the_definition_that_it_calls_is_no_change_of_its_own():
    assert plan([chain_of(A)], [chain_of(A)]).is_empty


def test_agents_and_their_fields_are_in_the_words_of_the_author():
    before = chain_of(replace(A, timeout_s=60.0, condition="always()"), B)
    after = chain_of(replace(A, timeout_s=7_200.0, condition=None), C)
    found = change(before, after)

    assert [(one.kind, one.id) for one in found.agents] == [("changed", "a"), ("added", "c"), ("removed", "b")]
    assert [(one.field, one.before, one.after) for one in found.agents[0].fields] == [
        ("if", "always()", ""),
        ("timeout", "1m", "2h"),
    ]


def test_a_value_that_differs_behind_the_cut_is_told_apart():
    before, after = (chain_of(replace(A, script="x" * MAX_SHOWN + end)) for end in ("y", "z"))
    (field,) = change(before, after).agents[0].fields

    assert field.before != field.after
    assert len(field.before) < MAX_SHOWN + 40


def test_edges_come_and_go():
    before = chain_of(agent_of("a", emits="x"), agent_of("b", on="x"), agent_of("c", needs=("a",)))
    after = chain_of(agent_of("a", emits="x"), agent_of("b", on="a.failed"), agent_of("c", needs=("b",)))
    found = change(before, after).edges

    assert found.added == (Edge(source="a", target="b", event="a.failed"), Edge(source="b", target="c"))
    assert found.removed == (Edge(source="a", target="b", event="x"), Edge(source="a", target="c"))


def test_edges_beyond_the_first_are_counted():
    emitters = [agent_of(f"e{number}", emits="x") for number in range(100)]
    hearers = [agent_of(f"h{number}") for number in range(100)]
    heard = [replace(one, listens=agent_of("h", on="x").listens) for one in hearers]
    found = change(chain_of(*emitters, *hearers), chain_of(*emitters, *heard))

    assert (found.edges.added_count, len(found.edges.added)) == (10_000, MAX_EDGES)
    assert found.graph == ""


def test_the_graph_marks_what_comes_and_what_goes():
    drawn = change(chain_of(A, B), chain_of(A, replace(C, needs=("a",)))).graph

    assert '["c"]:::added' in drawn
    assert '["b"]:::removed' in drawn
    assert "==>" in drawn


def test_a_field_that_changes_no_edge_needs_no_graph():
    assert change(chain_of(A), chain_of(replace(A, script="x"))).graph == ""


X = Input(name="x")


@pytest.mark.parametrize(
    ("before", "after", "breaks", "expected"),
    [
        ([X], [], True, "is gone"),
        ([], [replace(X, required=True)], True, "has to be given"),
        ([], [replace(X, required=True, default=1)], False, "may be given"),
        ([], [X], False, "may be given"),
        ([X], [replace(X, type="number")], True, "is of type"),
        ([X], [replace(X, required=True)], True, "has to be given now"),
        ([replace(X, required=True)], [X], False, "may be left out"),
        ([X], [replace(X, pattern="a")], True, "has to match"),
        ([replace(X, min=1)], [replace(X, min=2)], True, "at least 2 now"),
        ([replace(X, max=2)], [replace(X, max=1)], True, "at most 1 now"),
        ([replace(X, max=1)], [replace(X, max=2)], False, "at most 2, not 1"),
        ([replace(X, max=1)], [X], False, "no bound at most"),
        (
            [replace(X, type="choice", options=("a", "b"))],
            [replace(X, type="choice", options=("a",))],
            True,
            "cannot be",
        ),
    ],
)
def test_inputs_that_change_incompatibly_break(before, after, breaks, expected):
    (found,) = change(chain_of(A, inputs=tuple(before)), chain_of(A, inputs=tuple(after))).interface

    assert found.breaks == breaks
    assert expected in str(found.what)


def test_an_output_that_goes_breaks_those_who_read_it():
    (found,) = change(chain_of(A, outputs={"url": "x"}), chain_of(A)).interface

    assert found.breaks


def told(before, after):
    return [str(one) for one in change(before, after).contracts]


HEARS = agent_of("b", on="x")


def emitting(payload):
    return agent_of("a", emits={"x": Emit(name="x", payload=payload)})


def test_a_consumer_that_loses_its_event_is_told():
    assert told(chain_of(agent_of("a", emits="x"), HEARS), chain_of(agent_of("a"), HEARS)) == [
        '"b" listens for "x", which nobody emits any more'
    ]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"f": "string"}, {}, '"x" carries no "f" any more, and "b" hears it'),
        ({"f": "string"}, None, '"x" carries no "f" any more, and "b" hears it'),
        ({"f": "string"}, {"f": "number"}, '"x" carries "f" as "number", not "string", and "b" hears it'),
    ],
)
def test_a_field_that_a_consumer_relies_on_is_told(before, after, expected):
    assert told(chain_of(emitting(before), HEARS), chain_of(emitting(after), HEARS)) == [expected]


def test_a_field_more_breaks_nobody():
    assert told(chain_of(emitting({}), HEARS), chain_of(emitting({"f": "string"}), HEARS)) == []


def test_an_event_that_nobody_hears_any_more_is_told_once():
    unheard = chain_of(agent_of("a", emits="x"))

    assert told(chain_of(agent_of("a", emits="x"), HEARS), unheard) == ['"a" emits "x", and nobody hears it']
    assert told(unheard, replace(unheard, description="y")) == []


def test_a_contract_with_other_chains_that_goes_is_told():
    before = chain_of(A, events={"x": EventType(payload={"f": "string"}), "y": EventType()})
    after = chain_of(A, events={"x": EventType(payload={"f": "number"})})

    assert len(told(before, after)) == 2


def between(producer, *others):
    return [str(one) for one in plan([*PRODUCER, *CONSUMERS], [*producer, *CONSUMERS, *others]).contracts]


PRODUCER = [chain_of(A, id="scan", events={"found": EventType(payload={"n": "number"})})]
CONSUMERS = [
    chain_of(A, id="fix", on_event=EventTrigger(names=("found",))),
    chain_of(A, id="tell", on_chain=ChainTrigger(chains=("scan",))),
]


def test_a_chain_whose_event_leaves_no_other_any_more_is_told():
    assert between([chain_of(A, id="scan")]) == ['"fix" starts on "found", which no chain lets out any more']
    assert (
        between([chain_of(A, id="scan")], chain_of(B, id="other", events={"found": EventType(payload={"n": "number"})}))
        == []
    )


def test_a_field_that_another_chain_hears_is_told():
    retyped = chain_of(A, id="scan", events={"found": EventType(payload={"n": "string"})})

    assert between([retyped]) == ['"found" carries "n" as "string", not "number", and "fix" hears it']


def test_a_chain_that_waits_for_the_end_of_one_that_is_gone_is_told():
    assert between([chain_of(B, C, id="x", events=PRODUCER[0].events)]) == [
        '"tell" starts when "scan" ends, and there is no such chain any more'
    ]


def loop(max_turns):
    return chain_of(
        agent_of("begin", emits="go"),
        agent_of("write", on=["go", "back"], emits="draft", max_turns=max_turns),
        agent_of("edit", on="draft", emits="back"),
    )


@pytest.mark.parametrize(("max_turns", "bounds"), [(3, ("write at most 3 turns",)), (None, ())])
def test_a_new_cycle_is_told_with_what_bounds_it(max_turns, bounds):
    straight = chain_of(
        agent_of("begin", emits="go"), agent_of("write", on="go", emits="draft"), agent_of("edit", on="draft")
    )
    (found,) = change(straight, loop(max_turns)).cycles

    assert found.way == "write → edit → write"
    assert found.bounds == bounds


def test_a_cycle_that_was_there_is_not_new():
    assert change(loop(3), loop(4)).cycles == ()


def test_schedules_have_their_next_five_times_with_the_change_of_the_clock():
    nightly = Schedule(id="s", cron="30 3 * * *", timezone="Europe/Riga")
    around = replace(AROUND, now=1_774_600_000.0)  # two days before clocks go forward
    (found,) = plan([chain_of(A)], [chain_of(A, schedules=(nightly,))], around).chains[0].schedules

    assert (found.kind, len(found.next)) == ("added", 5)
    assert [one.local for one in found.next[1:3]] == ["2026-03-29T04:00:00+03:00", "2026-03-30T03:30:00+03:00"]
    assert "does not exist" in found.next[1].note


def test_all_schedules_of_a_chain_are_shown_when_one_differs():
    one, other = (Schedule(id=cron, cron=cron) for cron in ("@daily", "@weekly"))
    found = change(chain_of(A, schedules=(one,)), chain_of(A, schedules=(one, other)))

    assert [(line.kind, line.cron) for line in found.schedules] == [("kept", "@daily"), ("added", "@weekly")]
    assert change(chain_of(A, schedules=(one,)), chain_of(B, schedules=(one,))).schedules == ()


def test_addresses_appear_vanish_and_change():
    one, other = (Webhook(id=name, verify=Verify(scheme="github", secrets=("A",))) for name in ("one", "other"))
    laxer = replace(one, verify=replace(one.verify, tolerance_s=900.0))
    found = change(chain_of(A, webhooks=(one,)), chain_of(A, webhooks=(laxer, other))).webhooks

    assert [(hook.kind, hook.id) for hook in found] == [("changed", "one"), ("added", "other")]
    assert [(field.field, field.before, field.after) for field in found[0].fields] == [
        ("verify.tolerance", "5m", "15m")
    ]
    assert change(chain_of(A, webhooks=(one,)), chain_of(A)).webhooks[0].kind == "removed"


def test_open_runs_of_chains_that_change_are_told():
    runs = tuple(RunInFlight(id=name, chain=name, commit="c", state="queued") for name in ("test", "other"))
    found = plan([chain_of(A)], [chain_of(B)], replace(AROUND, runs=runs))

    assert [run.id for run in found.runs] == ["test"]
