"""``import``: chains to files or to the standard output, points to the person."""

import json
from pathlib import Path
from typing import Any

import pytest

SAMPLES = Path(__file__).parents[2] / "importers" / "mentiko"
PIPELINE = str(SAMPLES / "blog-pipeline.json")
REVIEW = str(SAMPLES / "schema-review-loop.json")


def test_a_chain_is_printed_unless_a_folder_is_given(run: Any) -> None:
    done = run("import", "mentiko", PIPELINE)

    assert (done.code, done.out) == (0, (SAMPLES / "blog-pipeline.yaml").read_text())
    assert done.err.endswith("1 chain of 1 file: 3 notes\n")


def test_points_are_told_with_their_place(run: Any) -> None:
    assert f"{REVIEW}:3:3: warning: " in run("import", "mentiko", REVIEW).err


def test_a_folder_gets_the_chain_and_the_agents_that_it_uses(run: Any, tmp_path: Path) -> None:
    done = run("import", "mentiko", PIPELINE, "-o", str(tmp_path))

    assert (done.code, done.out) == (0, "")
    written = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert written == {"blog-pipeline.yaml", "agents/assistant.yaml"}
    assert run("lint", str(tmp_path)).code == 0


def test_an_agent_that_is_there_stays_as_it_is(run: Any, tmp_path: Path) -> None:
    (tmp_path / "agents").mkdir()
    (tmp_path / "agents" / "assistant.yaml").write_text("run: mine\n")

    assert run("import", "mentiko", PIPELINE, "-o", str(tmp_path)).code == 0
    assert (tmp_path / "agents" / "assistant.yaml").read_text() == "run: mine\n"


def test_importing_again_changes_nothing(run: Any, tmp_path: Path) -> None:
    run("import", "mentiko", PIPELINE, "-o", str(tmp_path))
    before = (tmp_path / "blog-pipeline.yaml").read_bytes()

    assert run("import", "mentiko", PIPELINE, "-o", str(tmp_path)).code == 0
    assert (tmp_path / "blog-pipeline.yaml").read_bytes() == before


def test_a_chain_of_ones_own_is_overwritten_only_by_force(run: Any, tmp_path: Path) -> None:
    chain = tmp_path / "blog-pipeline.yaml"
    chain.write_text("mine")

    refused = run("import", "mentiko", PIPELINE, "-o", str(tmp_path))

    assert (refused.code, "--force" in refused.err, chain.read_text()) == (7, True, "mine")
    assert run("import", "mentiko", PIPELINE, "-o", str(tmp_path), "--force").code == 0
    assert chain.read_text() != "mine"


def test_two_files_that_would_become_one_are_refused(run: Any, tmp_path: Path) -> None:
    other = tmp_path / "blog-pipeline.json"
    other.write_text('{"agents": [{"id": "a", "prompt": "Work."}]}')

    assert run("import", "mentiko", PIPELINE, str(other)).code == 7


@pytest.mark.parametrize("case", ["bad-empty", "bad-list", "bad-no-agents", "bad-not-json", "bad-everything"])
def test_a_file_with_an_error_ends_with_3(run: Any, case: str) -> None:
    done = run("import", "mentiko", str(SAMPLES / f"{case}.json"))

    assert (done.code, ": error: " in done.err) == (3, True)


def test_machines_get_chains_and_points_as_json(run: Any) -> None:
    done = run("import", "mentiko", "--json", PIPELINE, REVIEW)

    first, second = json.loads(done.out)["converted"]
    assert (first["dialect"], second["dialect"]) == ("blog", "schema")
    assert first["files"]["blog-pipeline.yaml"] == (SAMPLES / "blog-pipeline.yaml").read_text()
    assert {"line", "column", "rule", "severity", "message", "hint"} <= set(second["points"][0])


def test_a_file_that_is_not_there_is_a_usage_error(run: Any) -> None:
    assert run("import", "mentiko", "/no/such/file.json").code == 2


def test_workflows_of_github_are_imported_too(run: Any) -> None:
    workflow = SAMPLES.parent / "github" / "skips.yml"

    done = run("import", "github", str(workflow))

    assert done.out.startswith("# Imported from skips.yml (GitHub Actions).\non:\n  manual:\n")
