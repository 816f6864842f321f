"""No file makes an importer crash: what cannot be understood is a point, and what comes out is a file that can be read."""

import json
import os
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainwright.daemon.importers.github import workflow
from chainwright.daemon.importers.mentiko import chain
from chainwright.daemon.lint.linter import lint_repository

EXAMPLES = int(os.environ.get("CHAINWRIGHT_FUZZ_EXAMPLES", "30"))
steadily = settings(max_examples=EXAMPLES)


def words(text: str) -> list[str]:
    return text.split()


MENTIKO = words("""
    id name prompt task role spec triggers emits wait_for_events events wait_for quorum timeout approval_gate approvers authorities can
    needs_approval context read_first workspace retry max_retries max_attempts backoff initial_delay on_error $ref config max_rounds
    schedule timezone on_complete event_triggers branches fan_out fan_in default conditions routing error_handler agents default_retry
    default_timeout variables a b
""")
GITHUB = words("""
    name on push branches pull_request workflow_dispatch workflow_call inputs type default options schedule cron env defaults run shell
    working-directory concurrency group cancel-in-progress jobs needs if runs-on strategy matrix include exclude fail-fast max-parallel
    steps id uses with outputs secrets continue-on-error timeout-minutes container services permissions environment workflow_run
    workflows a b
""")
TEXTS = st.sampled_from(
    [
        *words(
            "a b stop manual-start chain:start x:y all true 3 quorum webhook chain:b {TOPIC} Europe/Riga bash always() é\x85"
        ),
        *(
            "0 7 * * *",
            "${{ github.ref }}",
            "${{ x",
            "echo '${{ inputs.a }}'",
            "${{ secrets.A }} b",
            "",
            "\t",
            "actions/checkout@v4",
        ),
    ]
)
SCALARS = TEXTS | st.none() | st.booleans() | st.integers(-3, 10**20) | st.floats(allow_nan=False, allow_infinity=False)


def documents(keys: list[str]) -> st.SearchStrategy[Any]:
    names = st.sampled_from(keys)
    return st.recursive(
        SCALARS, lambda below: st.lists(below, max_size=4) | st.dictionaries(names, below, max_size=5), max_leaves=15
    )


def check(files: dict[str, str]) -> None:
    """Whatever is wrong with the chain, it is a chain file."""
    found = lint_repository({f"workflows/{name}": text.encode() for name, text in files.items()})

    assert not [one for one in found.diagnostics if one.rule in ("yaml-syntax", "unknown-key")]


@steadily
@given(
    st.lists(st.dictionaries(st.sampled_from(MENTIKO), documents(MENTIKO)), max_size=4),
    documents(MENTIKO),
    documents(MENTIKO),
)
def test_fuzz_mentiko(agents: list[Any], config: Any, branches: Any) -> None:
    document = {"agents": agents, "config": config, "branches": branches, "routing": config}

    check(chain.convert("c.json", json.dumps(document).encode(), lambda _: b'{"prompt": "Work."}').files)


@steadily
@given(
    st.dictionaries(st.sampled_from(words("a b run 1")), documents(GITHUB), max_size=3),
    documents(GITHUB),
    documents(GITHUB),
)
def test_fuzz_github(jobs: Any, on: Any, rest: Any) -> None:
    document = {"on": on, "jobs": jobs, "env": rest, "defaults": rest, "concurrency": rest}

    check(workflow.convert("w.yml", json.dumps(document).encode()).files)


@pytest.mark.parametrize("data", [b"", b"\xff", b"{", b"a: &a [*a]", b"[" * 100, b"null", b"3"])
def test_bytes_of_any_kind_are_answered_with_points(data: bytes) -> None:
    for result in (chain.convert("c.json", data, lambda _: None), workflow.convert("w.yml", data)):
        assert (result.files, bool(result.points)) == ({}, True)
