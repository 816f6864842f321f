"""The published JSON Schemas are those of the models, and say what the models say."""

from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pydantic import BaseModel, ValidationError

from chainwright.daemon.definition.nodes import plain
from chainwright.daemon.definition.reading import read
from chainwright.daemon.definition.source import Findings
from chainwright.schemas import generate

LINT = Path(__file__).parents[1] / "lint"
CHAINS = sorted(path for path in (LINT / "cases").iterdir() if path.suffix in {".yaml", ".json"})
AGENTS = sorted((LINT / "agents").iterdir())


def content(path: Path) -> Any:
    _, root = read(path.name, path.read_bytes(), Findings(path.name))
    return plain(root) if root else None


def accepts(model: type[BaseModel], value: Any) -> bool:
    try:
        model.model_validate(value)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("name", list(generate.files()))
def test_the_committed_file_is_current(name: str) -> None:
    """Otherwise: python -m chainwright.schemas.generate"""
    assert (generate.FOLDER / name).read_text(encoding="utf-8") == generate.files()[name]


@pytest.mark.parametrize("name", list(generate.MODELS))
def test_both_drafts_are_valid_schemas(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(generate.schema(name))
    jsonschema.Draft7Validator.check_schema(generate.draft_07(name))


@pytest.mark.parametrize("path", CHAINS, ids=lambda path: path.name)
def test_schema_and_model_agree_on_every_chain(path: Path) -> None:
    value = content(path)
    verdict = accepts(generate.MODELS["chain"], value)

    assert jsonschema.Draft202012Validator(generate.schema("chain")).is_valid(value) == verdict
    assert jsonschema.Draft7Validator(generate.draft_07("chain")).is_valid(value) == verdict


@pytest.mark.parametrize("path", AGENTS, ids=lambda path: path.name)
def test_schema_and_model_agree_on_every_agent(path: Path) -> None:
    value = content(path)

    assert accepts(generate.MODELS["agent"], value)
    assert jsonschema.Draft202012Validator(generate.schema("agent")).is_valid(value)


AGENT = {"run": "x"}


@pytest.mark.parametrize(
    ("field", "value", "verdict"),
    [
        ("timeout", "90s", True),
        ("timeout", "1.5h", True),
        ("timeout", "0s", False),
        ("timeout", "90", False),
        ("timeout", 90, False),
        ("timeout", None, False),
        ("emits", {"done": {}}, True),
        ("emits", {"done": None}, True),
        ("emits", {"done": {"deliver": "now"}}, True),
        ("emits", {"done": {"deliver": "string"}}, True),
        ("emits", {"done": {"data": {"a": "string"}, "deliver": "string"}}, False),
        ("emits", {"done": {"data": "string", "more": "json"}}, True),
        ("emits", {"two words": None}, False),
        ("env", {"A": None, "B": 1, "C": True, "D": 1.5}, True),
        ("env", {"CHAINWRIGHT_RUN_ID": "x"}, False),
        ("on", {"any": ["a"], "all": ["b"]}, False),
        ("on", {"quorum": {"of": ["a", "b"], "count": 2}}, True),
        ("on", [], False),
        ("on", [["a"]], False),
        ("retry", True, False),
        ("retry", {"max": 1, "on": ["lost"]}, True),
        ("needs", "run", False),
        ("if", True, True),
        ("x-anything", {"free": 1}, True),
        ("x_anything", 1, False),
        ("uses", "agents/x", False),
        ("with", {}, False),
    ],
)
def test_schema_and_model_agree_on_a_field(field: str, value: Any, verdict: bool) -> None:
    chain = {"agents": {"a": {**AGENT, field: value}}}

    assert accepts(generate.MODELS["chain"], chain) == verdict
    assert jsonschema.Draft202012Validator(generate.schema("chain")).is_valid(chain) == verdict
