"""Files of schemas as they lie in a repository."""

from pathlib import Path

from chainwright.daemon.lint.folders import lint_paths

CHAIN = """
agents:
  a:
    run: ./a.sh
    outputs: {x: json}
    checks: [{schema: schemas/x.json}]
"""


def repository(root: Path) -> Path:
    """A folder with one chain that names a schema, which is not there yet."""
    for folder in ("workflows", "schemas"):
        (root / folder).mkdir()
    (root / "workflows" / "a.yaml").write_text(CHAIN)
    return root / "schemas" / "x.json"


def test_a_schema_becomes_a_part_of_the_chain(tmp_path: Path) -> None:
    repository(tmp_path).write_text('{"type": "array"}')

    (check,) = lint_paths([tmp_path]).chains["a"].agents["a"].checks
    assert (check.schema, check.schema_path, check.output) == ({"type": "array"}, "schemas/x.json", "x")


def test_a_schema_that_is_a_link_is_refused_where_it_is_named(tmp_path: Path) -> None:
    """What lies behind it is no part of the commit."""
    (tmp_path / "real.json").write_text("{}")
    repository(tmp_path).symlink_to(tmp_path / "real.json")

    (found,) = lint_paths([tmp_path]).diagnostics
    assert (found.span.line, found.span.column, found.rule) == (6, 23, "schema-unusable")
    assert "schemas/x.json is a link" in found.message
