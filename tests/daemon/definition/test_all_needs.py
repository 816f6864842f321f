"""``needs: '*'`` means all that do not depend on the agent."""

import pytest

from chainwright.daemon.definition.library import NO_AGENTS
from chainwright.daemon.definition.load import load_chain_file


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ("a: {run: x}, b: {run: x, needs: a}", ("a", "b")),
        ("a: {run: x}, after: {run: x, needs: last}, far: {run: x, needs: after}", ("a",)),
        ("a: {run: x}, told: {run: x, on: last.failed, emits: e}, far: {run: x, on: e}", ("a",)),
        ("a: {run: x}, also: {run: x, needs: '*'}", ("a",)),
        ("a: {run: x, on: b.finished}, b: {run: x}", ("a", "b")),
    ],
)
def test_it_is_spelled_out_when_the_chain_is_compiled(others: str, expected: tuple[str, ...]) -> None:
    text = f"agents: {{{others}, last: {{run: x, needs: '*'}}}}"
    chain = load_chain_file("workflows/a.yaml", text.encode(), NO_AGENTS).chain
    assert chain is not None

    assert chain.agents["last"].needs == expected
