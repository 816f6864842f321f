"""What a run or an event is held to before anything follows from it; what does not fit is refused with every reason."""

from typing import Any

from chainwright.daemon.artifacts.port import Artifacts
from chainwright.daemon.core.artifacts import of_fields
from chainwright.daemon.core.facts import Fact
from chainwright.daemon.core.graph import Chain
from chainwright.daemon.core.inputs import check_inputs
from chainwright.daemon.core.journal import ENTRY_JSON
from chainwright.daemon.core.refusals import Code, Refusal


def hold_to_json(what: str, fact: Fact) -> None:
    """Refuse what a journal could not hold, before anything follows from it: half a character, a thousand brackets."""
    try:
        ENTRY_JSON.dump_json(fact)
    except ValueError as error:
        raise Refusal(Code.INVALID_INPUT, f"{what} cannot be written as JSON", str(error)) from None


def complete(chain: Chain, inputs: dict[str, Any]) -> dict[str, Any]:
    """The inputs of a run with every default filled in; refuses those that the chain does not declare so."""
    checked = check_inputs(chain.inputs, inputs)
    if checked.problems:
        said = "; ".join(one.message + (f" ({one.hint})" if one.hint else "") for one in checked.problems)
        raise Refusal(Code.INVALID_INPUT, f'the inputs do not fit chain "{chain.id}"', said)
    return checked.values


async def completed(chain: Chain, inputs: dict[str, Any], artifacts: Artifacts) -> dict[str, Any]:
    """The same; refuses files that nobody has sent too: a run that cannot have its inputs does not begin."""
    values = complete(chain, inputs)
    for name, artifact in of_fields({one.name: one.type for one in chain.inputs}, values):
        if not await artifacts.holds(artifact):
            said = f'input "{name}": the content of "{artifact.name}" is not kept here; send it first'
            raise Refusal(Code.INVALID_INPUT, f'the inputs do not fit chain "{chain.id}"', said)
    return values
