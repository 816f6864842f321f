"""An event carries what its emitter declares and what the contract of its chain says."""

from typing import Any

import pytest

from chainwright.daemon.core.graph import Emit, EventType, Retry
from chainwright.daemon.core.payloads import payload_problems
from chainwright.daemon.core.states import Outcome, Reason
from chainwright.daemon.testing import Playbook, agent_of, chain_of

SCHEMA = {"type": "object", "properties": {"score": {"type": "number", "maximum": 1}}}
CHAIN = chain_of(
    agent_of("a", emits="x", retry=Retry(max=1, delay_s=0)),
    agent_of("b", on="x"),
    events={"x": EventType(schema=SCHEMA, schema_path="schemas/x.json"), "y": EventType(payload={"n": "integer"})},
)


@pytest.mark.parametrize(
    ("name", "emit", "data", "problems"),
    [
        ("x", Emit(name="x"), {"score": 1}, ()),
        ("x", Emit(name="x"), {"score": 2}, ("score: 2 is greater than the maximum of 1 (rule properties/score/maximum) of schemas/x.json",)),
        ("x", None, 3, ("the whole: object is expected, this is 3 (rule type) of schemas/x.json",)),
        ("x", Emit(name="x", payload={"score": "string"}), {"score": 2}, ('"score" in the event\'s data: a text is expected, this is a number, 2',)),
        ("y", None, {}, ('the event\'s data lacks "n"',)),
        ("z", None, 3, ()),
    ],
)  # fmt: skip
def test_data_is_held_against_what_was_declared_and_then_against_the_schema(
    name: str, emit: Emit | None, data: Any, problems: tuple[str, ...]
) -> None:
    assert payload_problems(CHAIN, name, emit, data) == problems


def test_an_event_that_breaks_its_schema_fails_the_attempt_and_is_not_routed() -> None:
    play = Playbook(CHAIN).requested().starts("a").emits("a", "x", {"score": 2})

    play.exits("a").asks("start a#2")

    first = play.turn("a").attempts[0]
    assert (first.reason, first.detail) == (
        Reason.PAYLOAD,
        'event "x": score: 2 is greater than the maximum of 1 (rule properties/score/maximum) of schemas/x.json',
    )
    play.emits("a#2", "x", {"score": 0.5}).exits("a#2").exits("b").ends(Outcome.SUCCEEDED)
