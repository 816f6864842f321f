"""Checks: what has to hold before an attempt counts as succeeded."""

from typing import Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from chainwright.schemas.fields import (
    CONFLICT,
    INCOMPLETE,
    Condition,
    FilePath,
    Form,
    Given,
    Name,
    Script,
    also_in_schema,
)

_CHECKS = ("run", "schema", "assert")
_OF_CHECK = {"output": "schema", "message": "assert"}
"""Field of a check → the kind of check that it is a part of."""


class Check(Form):
    """What has to hold before an attempt counts as succeeded: a script that exits 0, an output that fits a JSON Schema, or an
    expression that is true."""

    model_config = also_in_schema(
        {
            "oneOf": [{"required": [kind]} for kind in _CHECKS],
            "allOf": [
                {"not": {"required": [field, kind]}}
                for field, owner in _OF_CHECK.items()
                for kind in _CHECKS
                if kind != owner
            ],
        }
    )

    run: Given[Script] = None
    """A script that has to exit 0; what it prints is handed to the next attempt."""
    schema_: Given[FilePath] = None
    """A JSON Schema (2020-12), as a path within the chain repository; the file is read at the commit, never in the workspace."""
    output: Given[Name] = None
    """The output that `schema` is for; the only one of type json, when absent."""
    assert_: Given[Condition] = None
    """An expression that has to be true; the context `outputs` holds what the attempt gave."""
    message: Given[str] = None
    """What the next attempt is told when `assert` is false; a text in which expressions may stand."""

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        given = {name.rstrip("_") for name in self.model_fields_set}
        kinds = [kind for kind in _CHECKS if kind in given]
        if len(kinds) != 1:
            raise PydanticCustomError(
                CONFLICT if kinds else INCOMPLETE, f"a check has exactly one of {_listed(_CHECKS)}"
            )
        for field, owner in _OF_CHECK.items():
            if field in given and kinds[0] != owner:
                raise PydanticCustomError(CONFLICT, f'"{field}" is for a check by {owner}')
        return self


def _listed(names: tuple[str, ...]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"
