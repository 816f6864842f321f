"""Types as they are compiled: the word of each, and apart from it what a choice is between."""

from collections.abc import Mapping

from chainwright.daemon.core.graph import Options, ValueType
from chainwright.schemas.value_forms import GivenType, LongType


def types_of(declared: Mapping[str, GivenType]) -> dict[str, ValueType]:
    """The type of each output or field."""
    return {name: one.type if isinstance(one, LongType) else one for name, one in declared.items()}


def options_of(declared: Mapping[str, GivenType]) -> Options:
    """What each choice among them is between."""
    return {name: tuple(one.options) for name, one in declared.items() if isinstance(one, LongType) and one.options}
