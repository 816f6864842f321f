"""Events from outside are held to what the chain declares of them."""

import pytest

from chainwright.daemon.core.graph import Emit, EventType
from chainwright.daemon.core.refusals import Refusal
from chainwright.daemon.core.state import initial
from chainwright.daemon.engine.injecting import require_injectable
from chainwright.daemon.testing import agent_of, chain_of

CHAIN = chain_of(
    agent_of("a", emits={"x": Emit(name="x", payload={"n": "integer"})}),
    agent_of("b", on=("x", "y", "s"), emits="z"),
    events={
        "y": EventType(payload={"word": "string"}),
        "s": EventType(schema={"required": ["id"]}, schema_path="schemas/s.json"),
    },
)


@pytest.mark.parametrize(("name", "data"), [("x", {"n": 1}), ("y", {"word": "w"}), ("z", None), ("s", {"id": 1})])
def test_what_fits_its_declaration_may_come(name, data):
    require_injectable(initial(CHAIN), name, data)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("x", {"n": "1"}, "integer"),
        ("y", None, '"word"'),
        ("q", None, "unknown to this chain"),
        ("s", {}, r"\(rule required\) of schemas/s\.json"),
    ],
)
def test_anything_else_is_refused_with_the_reason(name, data, said):
    with pytest.raises(Refusal, match=said):
        require_injectable(initial(CHAIN), name, data)
