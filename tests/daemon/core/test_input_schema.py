"""The schema of a chain's inputs says what the daemon takes."""

import hypothesis.strategies as st
from hypothesis import given
from jsonschema import Draft202012Validator

from chainwright.daemon.core.graph import Chain, Input
from chainwright.daemon.core.input_schema import input_schema
from chainwright.daemon.core.inputs import check_inputs

DECLARED = (
    Input(name="who", required=True, min=2, max=5, description="who is greeted"),
    Input(name="kind", type="choice", options=("a", "b"), default="a"),
    Input(name="count", type="integer", min=1, max=3),
    Input(name="ratio", type="number", min=0.5),
    Input(name="loud", type="boolean", default=False),
    Input(name="code", pattern="^x[0-9]+$"),
    Input(name="data", type="json"),
    Input(name="paper", type="file"),
)
CHAIN = Chain(id="hello", name="Hello", description="Says it.", inputs=DECLARED)
FILE = {"sha256": "0" * 64, "name": "a.pdf", "size": 3}

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-1, 5),
    st.floats(-1, 5),
    st.sampled_from(
        ["", "a", "b", "x1", "x1\n", "Ada", "too long", FILE, {**FILE, "size": -1}, {**FILE, "more": 1}, [], {}]
    ),
)


def test_it_is_a_schema_with_all_that_a_form_shows():
    schema = input_schema(CHAIN)

    Draft202012Validator.check_schema(schema)
    assert (schema["title"], schema["description"], schema["required"]) == ("Hello", "Says it.", ["who"])
    assert schema["properties"]["who"] == {
        "type": "string",
        "minLength": 2,
        "maxLength": 5,
        "description": "who is greeted",
    }
    assert schema["properties"]["kind"]["default"] == "a"


@given(st.dictionaries(st.sampled_from([*(one.name for one in DECLARED), "other"]), VALUES))
def test_it_takes_what_the_daemon_takes(values):
    taken = not check_inputs(DECLARED, values).problems

    assert Draft202012Validator(input_schema(CHAIN)).is_valid(values) == taken
