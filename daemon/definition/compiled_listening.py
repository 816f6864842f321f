"""The triggers ``event`` and ``chain`` of a chain file as the daemon reads them."""

from collections.abc import Iterable

from chainwright.daemon.core import listening
from chainwright.daemon.definition.conditions import bare
from chainwright.schemas.chain import ChainFile
from chainwright.schemas.listening import EventOptions
from chainwright.schemas.triggers import Triggers


def lists(file: ChainFile, trigger: str) -> bool:
    """Whether a chain has a trigger; one that names none is started by people."""
    listed = file.on.model_fields_set if isinstance(file.on, Triggers) else file.on
    return trigger in listed if listed else trigger == "manual"


def on_event(file: ChainFile) -> listening.EventTrigger | None:
    """What events it listens to, in any of the forms in which that is written."""
    written = file.on.event if isinstance(file.on, Triggers) else None
    if written is None:
        return None
    if not isinstance(written, EventOptions):
        return listening.EventTrigger(names=_several(written))
    return listening.EventTrigger(names=_several(written.names), condition=bare(written.if_), inputs=written.inputs)


def on_chain(file: ChainFile) -> listening.ChainTrigger | None:
    """What ends of other chains' runs it listens to."""
    written = file.on.chain if isinstance(file.on, Triggers) else None
    if written is None:
        return None
    return listening.ChainTrigger(
        chains=_several(written.chains),
        outcomes=tuple(dict.fromkeys(written.outcomes)),
        branches=_several(written.branches or ()),
        condition=bare(written.if_),
        inputs=written.inputs,
    )


def _several(names: str | Iterable[str]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(dict.fromkeys(names))
