"""Choices in what agents emit, against the contracts of their chain and of those that they call."""

from chainwright.daemon.core.graph import Emit
from chainwright.daemon.lint.linted import Linted
from chainwright.daemon.lint.linter import lint_repository

CALLED = """
on: call
events: {found: {level: {type: choice, options: [low, high]}}}
agents: {a: {run: ./a.sh, emits: found}}
"""


def linted(text: str) -> Linted:
    return lint_repository({"workflows/a.yaml": text.encode(), "workflows/called.yaml": CALLED.encode()})


def emitted(text: str) -> Emit:
    result = linted(text)

    assert not result.has_error, result.diagnostics
    return result.chains["a"].agents["a"].emits["found"]


def errors(text: str) -> list[str]:
    return [one.message for one in linted(text).diagnostics if one.severity == "error"]


def test_what_an_agent_leaves_out_the_contract_adds() -> None:
    found = emitted(CALLED)

    assert (found.payload, found.options) == ({"level": "choice"}, {"level": ("low", "high")})


def test_an_agent_may_promise_a_narrower_choice_than_the_contract() -> None:
    """Or one where the contract takes any text; it is held to what it says itself."""
    for contract in ("{type: choice, options: [low, high]}", "string"):
        found = emitted(
            f"events: {{found: {{level: {contract}}}}}\n"
            "agents: {a: {run: ./a.sh, emits: {found: {level: {type: choice, options: [low]}}}}}"
        )

        assert (found.payload, found.options) == ({"level": "choice"}, {"level": ("low",)})


def test_a_payload_may_have_a_choice_that_is_called_data() -> None:
    """It is told from the long form of an event by the list that it holds."""
    found = emitted("agents: {a: {run: ./a.sh, emits: {found: {data: {type: choice, options: [x, y]}}}}}")

    assert (found.payload, found.options, found.deliver) == ({"data": "choice"}, {"data": ("x", "y")}, "on-success")


def test_a_caller_takes_every_option_that_the_called_chain_may_send_up() -> None:
    caller = "agents: {{a: {{uses: chains/called, emits: {{found: {{level: {}}}}}}}}}"

    assert errors(caller.format("{type: choice, options: [high, low, other]}")) == []
    assert errors(caller.format("string")) == []
    assert errors(caller.format("{type: choice, options: [low]}")) == [
        '"level" of "found" is a choice of low here, and a choice of low, high in the events of the chain "called"'
    ]
