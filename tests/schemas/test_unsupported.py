"""The list of what is refused for now: every entry of it is refused, by that name, and none is a field of the models."""

import pytest

from chainwright.daemon.definition.library import NO_AGENTS, load_agent_file
from chainwright.daemon.definition.load import load_chain_file
from chainwright.schemas import unsupported
from chainwright.schemas.diagnostic import Diagnostic
from chainwright.schemas.unsupported import Unsupported


def written(entry: Unsupported) -> bytes:
    """A file that has the field and nothing else: keys as flow mappings, ``*`` as an item of a list or the key ``a``."""
    value = "x" if entry.value is None else f"'{entry.value.replace('.*', 'x').replace(chr(92), '')}'"
    for step in reversed(entry.where.split(".")):
        value = f"{{{'a' if step == '*' else step}: {value}}}"
    return value.encode()


def not_supported(found: tuple[Diagnostic, ...]) -> list[str]:
    return [one.message for one in found if one.rule == "not-supported"]


@pytest.mark.parametrize("entry", unsupported.CHAIN, ids=lambda entry: f"{entry.where}={entry.value}")
def test_a_chain_is_refused_by_name(entry: Unsupported) -> None:
    loaded = load_chain_file("workflows/a.yaml", written(entry), NO_AGENTS)

    assert loaded.chain is None
    assert not_supported(loaded.diagnostics) == [f"{entry.what} is not supported yet"]


@pytest.mark.parametrize("entry", unsupported.AGENT, ids=lambda entry: f"{entry.where}={entry.value}")
def test_an_agent_file_is_refused_by_name(entry: Unsupported) -> None:
    document = load_agent_file("workflows/agents/a.yaml", written(entry), "agents/a")

    assert not_supported(document.diagnostics) == [f"{entry.what} is not supported yet"]
