"""The patterns that ship in `workflows/examples`: each runs on a real daemon and does what it shows."""

from pathlib import Path

import pytest

SHIPPED = Path(__file__).parents[2] / "workflows" / "examples"
FILES = {f"workflows/examples/{path.name}": path.read_text() for path in sorted(SHIPPED.glob("*.yaml"))}

SKIPPED = ("skipped", None)
RUNS = [
    # chain, its inputs, how the run ends, and of some agents: how they end, and what they say
    ("pipeline", {}, "succeeded", {"tell": ("succeeded", "3 words, which is long")}),
    ("pipeline", {"text": "one"}, "succeeded", {"tell": ("succeeded", "1 words, which is short")}),
    ("fan-out-and-fan-in", {}, "succeeded", {"report": ("succeeded", '"count": 13')}),
    ("quorum", {}, "succeeded", {"publish": ("succeeded", "published")}),
    ("review-loop", {}, "succeeded", {"publish": ("succeeded", "published"), "give-up": SKIPPED}),
    ("router", {}, "succeeded", {"by-van": ("succeeded", "goes by van"), "by-letter": SKIPPED, "by-ship": SKIPPED}),
    ("router", {"size": 70}, "succeeded", {"by-ship": ("succeeded", "goes by ship"), "by-van": SKIPPED}),
    ("budget", {}, "failed", {"ping": ("succeeded", "ping")}),
    ("retry-with-feedback", {}, "succeeded", {"write": ("succeeded", "with a summary")}),
    ("failure-handler", {}, "failed", {"notify": ("succeeded", "no space left"), "deploy": SKIPPED}),
    ("matrix", {}, "succeeded", {"report": ("succeeded", "3 reviews: {'security': 8, 'correctness': 11, 'style': 5}")}),
    ("race", {}, "succeeded", {"publish": ("succeeded", "the answer is 42"), "thorough": ("cancelled", None)}),
    ("sub-chain", {}, "succeeded", {"tell": ("succeeded", "the part counted 2")}),
    ("sub-chain-part", {"text": "one"}, "succeeded", {"count": ("succeeded", None)}),
    ("steps", {}, "succeeded", {"build": ("succeeded", "tidy")}),
]


@pytest.mark.parametrize(("chain", "inputs", "outcome", "agents"), RUNS)
def test_a_pattern_does_what_it_shows(daemon, chain, inputs, outcome, agents):
    detail = daemon.ended(f"examples/{chain}", **inputs)

    assert detail["outcome"] == outcome, detail
    for name, (ended, said) in agents.items():
        assert detail["agents"][name]["outcome"] == ended
        assert said is None or said in daemon.log(detail["id"], name)


def test_the_budget_is_what_ends_the_run(daemon):
    assert daemon.ended("examples/budget")["reason"] == "limit-turns"


def test_a_review_loop_goes_round_until_the_draft_is_accepted(daemon):
    assert len(daemon.ended("examples/review-loop")["agents"]["write"]["turns"]) == 3


def test_what_a_person_says_with_an_approval_is_heard(daemon, chainwright, by_and_by):
    run = daemon.run("examples/approval")
    by_and_by(lambda: daemon.show(run)["agents"]["publish"]["turns"])

    done = chainwright("approve", run, "publish", "--comment", "go ahead")

    assert done.code == 0, done.err
    assert daemon.end(run)["outcome"] == "succeeded"
    assert "the person said go ahead" in daemon.log(run, "publish")


def test_every_pattern_is_run():
    assert {Path(name).stem for name in FILES} == {chain for chain, *_ in RUNS} | {"approval"}
