"""References to artifacts, as values and within texts; and which of them a run knows."""

import pytest

from chainwright.daemon.core.artifacts import Artifact, mentioned, of_value, with_paths
from chainwright.daemon.core.expressions import parse_template
from chainwright.daemon.core.facts import EventEmitted
from chainwright.daemon.core.graph import Emit, Input
from chainwright.daemon.core.run_artifacts import artifacts_of, known_to
from chainwright.daemon.core.states import Reason
from chainwright.daemon.testing import Playbook, agent_of, chain_of

A = Artifact(sha256="a" * 64, name="my 100% report; final.md", size=3)
B = Artifact(sha256="b" * 64, name="b", size=0)


def test_a_reference_is_the_same_as_a_value_and_within_a_text() -> None:
    text = parse_template("x ${{ inputs.f }}.bak ${{ inputs.f.name }}").text({"inputs": {"f": A.as_json()}})

    assert of_value(A.as_json()) == A
    assert list(mentioned({"deep": [text, B.as_json(), 1]})) == [A, B]


def test_paths_take_the_place_of_references_and_of_nothing_else() -> None:
    value = {"f": A.as_json(), "texts": [f"x {A.as_text()}.bak", B.as_text()], "n": None}

    assert with_paths(value, {A: "/run/a"}) == {"f": "/run/a", "texts": ["x /run/a.bak", B.as_text()], "n": None}


@pytest.mark.parametrize(
    "value",
    [
        None,
        "artifact",
        {},
        {**A.as_json(), "more": 1},
        {**A.as_json(), "sha256": "A" * 64},
        {**A.as_json(), "size": -1},
        {**A.as_json(), "size": True},
        {**A.as_json(), "name": 1},
    ],
)
def test_anything_else_is_no_reference(value: object) -> None:
    assert of_value(value) is None


def test_a_run_knows_its_inputs_outputs_and_the_files_of_events() -> None:
    """Where they are declared to be files: what an agent writes into a field of another type names no file."""
    chain = chain_of(
        agent_of(
            "a", outputs={"f": "file", "j": "json"}, emits={"x": Emit(name="x", payload={"g": "file", "h": "json"})}
        ),
        inputs=(Input(name="i", type="file"),),
    )
    c, d = (Artifact(sha256=letter * 64, name=letter, size=1) for letter in "cd")
    play = Playbook(chain).requested(i=A.as_json())
    play.emits("a", "x", {"g": B.as_json(), "h": d.as_json()})
    play.exits("a", outputs={"f": c.as_json(), "j": d.as_json()})

    assert known_to(play.state) == {A, B, c}
    assert [(kept.agent, kept.event, kept.field) for kept in artifacts_of(play.state)] == [
        (None, None, "i"),
        ("a", None, "f"),
        ("a", "x", "g"),
    ]


def test_bad_files_of_an_event_refuse_it_and_fail_the_attempt() -> None:
    """30, 19: as any payload that does not fit."""
    play = Playbook(chain_of(agent_of("a", emits={"x": Emit(name="x", payload={"g": "file"})}))).requested()
    attempt = next(iter(play.state.attempts))
    play.given(
        EventEmitted(at=play.now, attempt_id=attempt, key="k", name="x", data={"g": "p"}, file_problems=("g: none",))
    )

    play.exits("a").asks("finish failed")
    assert (play.state.attempts[attempt].reason, play.state.attempts[attempt].detail) == (
        Reason.PAYLOAD,
        'event "x": g: none',
    )
