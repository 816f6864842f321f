"""Whatever an author writes as a JSON Schema, it is refused with sentences, or holds any value of an agent to rules, told in sentences."""

import os
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from chainwright.daemon.core.json_schema import misfits
from chainwright.daemon.definition.schema_form import problems

EXAMPLES = int(os.environ.get("CHAINWRIGHT_FUZZ_EXAMPLES", "10000")) // 10
"""Each checks a schema against that of its draft, which takes a millisecond."""

_DRAFTS = [f"http://json-schema.org/draft-{number}/schema#" for number in ("03", "04", "06", "07")]
_WORDS = [
    "a",
    "b",
    "#",
    "#/$defs/a",
    "#/properties/a",
    "#/0",
    "https://example.org/x",
    "(a+)+$",
    "(?=a)",
    "[",
    "string",
    "integer",
]
_WORDS += ["null", "date", "x" * 50, "", "é\0", "https://json-schema.org/draft/2020-12/schema", *_DRAFTS]
_SCALARS = st.sampled_from([None, True, False, 0, 1, -1, 2.0, 0.1, 1e308, 10**400, *_WORDS])
_KEYS = st.sampled_from(
    [
        "type",
        "properties",
        "required",
        "items",
        "prefixItems",
        "additionalProperties",
        "patternProperties",
        "propertyNames",
        "enum",
        "const",
        "pattern",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "multipleOf",
        "minLength",
        "maxItems",
        "minProperties",
        "uniqueItems",
        "contains",
        "minContains",
        "allOf",
        "anyOf",
        "oneOf",
        "not",
        "if",
        "then",
        "else",
        "$ref",
        "$dynamicRef",
        "$recursiveRef",
        "$defs",
        "definitions",
        "$schema",
        "$id",
        "$anchor",
        "dependencies",
        "dependentRequired",
        "dependentSchemas",
        "unevaluatedProperties",
        "unevaluatedItems",
        "format",
        "a",
        "b",
    ]
)


def _nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3)


_VALUES = st.recursive(_SCALARS, _nested, max_leaves=8)
_SCHEMAS = st.dictionaries(_KEYS, _VALUES, min_size=1, max_size=4)


@settings(max_examples=EXAMPLES, derandomize=False, database=None, deadline=None, phases=[Phase.generate])
@given(_SCHEMAS, _VALUES)
def test_a_schema_is_refused_or_told_about_in_sentences(schema: dict[str, Any], value: Any) -> None:
    first = next(problems(schema), None)
    told = misfits(schema, value) if first is None else (first,)

    assert all(isinstance(sentence, str) and sentence for sentence in told)
