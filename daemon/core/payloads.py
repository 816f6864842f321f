"""Whether an event carries what its emitter and the contract of its chain promise."""

from typing import Any, Final

from chainwright.daemon.core.graph import Chain, Emit, EventType
from chainwright.daemon.core.inputs import check_payload

_ANYTHING: Final = EventType()


def payload_problems(chain: Chain, name: str, emit: Emit | None, data: Any) -> tuple[str, ...]:
    """A sentence for each thing in the data of an event that does not fit; ``emit`` is what its emitter declares, if anything.

    The fields that somebody declares come first; a schema is asked about data in which those are right.
    """
    contract = chain.events.get(name)
    declared = emit or contract or _ANYTHING
    problems = check_payload(declared.payload, data, declared.options)
    if problems or contract is None or contract.schema is None:
        return problems
    # It takes 150 ms to import what reads schemas, and few chains have any.
    from chainwright.daemon.core.json_schema import misfits  # noqa: PLC0415 - see above

    return tuple(f"{misfit} of {contract.schema_path}" for misfit in misfits(contract.schema, data))
