"""Generates the published JSON Schemas from the models: ``python -m chainwright.schemas.generate`` writes them.

Each comes as draft 2020-12 and as a draft-07 twin, which is what editors read. ``tests/schemas/test_generate.py`` fails when
the committed files are not what this gives.
"""

import json
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from chainwright.schemas.agent import AgentFile
from chainwright.schemas.chain import ChainFile
from chainwright.schemas.plan import PlanView
from chainwright.schemas.policy import PolicyFile

MODELS: Final[dict[str, type[BaseModel]]] = {
    "chain": ChainFile,
    "agent": AgentFile,
    "policy": PolicyFile,
    "plan": PlanView,
}
FOLDER: Final = Path(__file__).resolve().parent

_DRAFT_07: Final = "http://json-schema.org/draft-07/schema#"


class _Generator(GenerateJsonSchema):
    """As pydantic's, but saying no more and no less than what our models accept."""

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        """Keys that do not fit the pattern are refused, not left unchecked."""
        found = super().dict_schema(schema)
        return {**found, "additionalProperties": False} if "patternProperties" in found else found

    def tagged_union_schema(self, schema: core_schema.TaggedUnionSchema) -> JsonSchemaValue:
        """Any form will do: an empty mapping of an event is both a payload and options, which ``oneOf`` refuses."""
        found = super().tagged_union_schema(schema)
        return {"anyOf": found["oneOf"]} if "oneOf" in found else found


def schema(name: str) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of ``chain`` or ``agent``; a new mapping at each call."""
    made = MODELS[name].model_json_schema(schema_generator=_Generator)
    return {"$schema": GenerateJsonSchema.schema_dialect, **made}


def draft_07(name: str) -> dict[str, Any]:
    """The same in draft-07."""
    twin: dict[str, Any] = json.loads(json.dumps(schema(name)).replace('"#/$defs/', '"#/definitions/'))
    return {**twin, "$schema": _DRAFT_07, "definitions": twin.pop("$defs")}


def files() -> dict[str, str]:
    """File name → content of everything that is published."""
    made = {f"{name}.schema.json": schema(name) for name in MODELS}
    made |= {f"{name}.draft-07.schema.json": draft_07(name) for name in MODELS}
    return {name: json.dumps(content, indent=2, ensure_ascii=False) + "\n" for name, content in made.items()}


def main() -> None:
    """Writes them beside this module."""
    for name, content in files().items():
        (FOLDER / name).write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
