"""The table of projections is complete, and all that it gives can be executed."""

import typing

import pytest

from chainwright.daemon.core.decisions import Decision
from chainwright.daemon.core.facts import Fact
from chainwright.daemon.store import bulk, changes, deliveries, projections

KINDS = [entry for union in (Fact, Decision) for entry in typing.get_args(typing.get_args(union)[0])]


@pytest.mark.parametrize("entry", KINDS, ids=lambda entry: entry.__name__)
def test_every_kind_has_its_projection(entry):
    assert entry.__name__ in projections._PROJECTIONS


def test_there_is_no_projection_of_a_kind_that_does_not_exist():
    assert set(projections._PROJECTIONS) == {entry.__name__ for entry in KINDS}


def test_every_statement_has_its_place_in_the_order():
    modules = (changes, deliveries)
    statements = [value for module in modules for value in vars(module).values() if isinstance(value, bulk.Bulk)]

    assert sorted(map(id, changes.ORDER)) == sorted(map(id, statements))


def test_numbered_kinds_exist():
    assert {entry.__name__ for entry in KINDS} >= projections.NUMBERED
