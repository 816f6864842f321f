"""Imported chains run: what carries prompts out is a script that does what the prompt's last lines say."""

from pathlib import Path
from typing import Any

import pytest

from chainwright.daemon.importers.mentiko.chain import convert

SAMPLES = Path(__file__).parents[1] / "importers" / "mentiko"

OBEDIENT = """\
# Emits what the prompt says: of two, the second first, as an editor does who wants to see the draft again.
run: |
  set -- $(sed -n 's/^  chainwright emit //p' "$CHAINWRIGHT_PROMPT")
  [ $# -gt 1 ] && [ "$CHAINWRIGHT_TURN" = 1 ] && shift
  [ $# -eq 0 ] || chainwright emit "$1"
"""


def agent(name: str) -> bytes:
    return (SAMPLES / "agents" / name / "agent.json").read_bytes()


def chain(case: str) -> dict[str, str]:
    result = convert(f"{case}.json", (SAMPLES / f"{case}.json").read_bytes(), agent)
    return {f"workflows/{name}": OBEDIENT if "agents/" in name else text for name, text in result.files.items()}


FILES = {
    **chain("blog-pipeline"),
    **chain("schema-review-loop"),
    **chain("schema-fan-out"),
    **chain("engine-branch-stop"),
}


def turns(run: dict[str, Any]) -> dict[str, list[str]]:
    return {name: [turn["outcome"] for turn in one["turns"]] for name, one in run["agents"].items()}


def test_a_pipeline_of_the_blog_dialect_runs(daemon: Any) -> None:
    run = daemon.ended("blog-pipeline", TOPIC="looms", WORD_COUNT="300", BRAND_VOICE="plain")

    assert run["outcome"] == "succeeded"
    assert turns(run) == {name: ["succeeded"] for name in ("topic-researcher", "writer", "editor")}


def test_a_review_loop_of_the_schema_dialect_goes_back_once(daemon: Any) -> None:
    run = daemon.ended("schema-review-loop")

    assert run["outcome"] == "succeeded"
    assert turns(run)["writer"] == turns(run)["editor"] == ["succeeded"] * 2
    assert turns(run)["publisher"] == ["succeeded"]


def test_what_fans_out_comes_together_again(daemon: Any) -> None:
    run = daemon.ended("schema-fan-out")

    assert run["outcome"] == "succeeded"
    assert turns(run)["summary"] == ["succeeded"]
    assert turns(run)["reporter"] in ([], ["skipped"])


def test_a_branch_to_stop_ends_the_run(daemon: Any) -> None:
    run = daemon.ended("engine-branch-stop")

    assert run["outcome"] == "succeeded"
    assert turns(run)["fix"] in ([], ["skipped"])


@pytest.mark.parametrize("case", ["blog-pipeline", "schema-review-loop"])
def test_imported_chains_are_deployed(daemon: Any, case: str) -> None:
    assert case in [one["id"] for one in daemon.client.items("/chains")]
