"""``approvals``, ``approve`` and ``reject``."""

from typing import Any

import pytest

from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.core.verdicts import Answer


def test_the_list_says_who_is_asked_and_who_has_agreed(run: Any, scripted: Any, approval: dict[str, Any]) -> None:
    scripted.listed["approvals"] = [approval]

    fields = run("approvals").out.rstrip("\n").split("\t")

    assert fields[:5] == ["run-aaa111", "hello", "post", "ann, team:editors", "1 of 2"]
    assert fields[-3:] == ["1970-01-01T00:02:00Z", "Post it?", "title=x"]


def test_of_a_matrix_the_first_legs_are_shown(run: Any, scripted: Any, approval: dict[str, Any]) -> None:
    legs = [
        {"leg": str(n), "name": f"post ({n})", "matrix": {"n": n}, "inputs": {"text": "long " * 20}}
        for n in range(1, 6)
    ]
    scripted.listed["approvals"] = [{**approval, "inputs": {}, "legs": legs, "legs_count": 9}]

    shown = run("approvals").out.rstrip("\n").split("\t")[-1]

    assert shown.startswith("post (1): n=1, text=long long")
    assert shown.endswith("…; and 6 more legs")
    assert "post (4)" not in shown


@pytest.mark.parametrize(
    ("argv", "answer"),
    [
        (("approve", "run-a"), Answer(verdict="approve")),
        (("approve", "run-a", "post", "-m", "fine"), Answer(verdict="approve", agent="post", comment="fine")),
        (("approve", "run-a", "--add", "20m"), Answer(verdict="approve", amount=1200.0)),
        (("approve", "run-a", "--add", "5"), Answer(verdict="approve", amount=5.0)),
        (("reject", "run-a", "post", "--comment", "no"), Answer(verdict="reject", agent="post", comment="no")),
    ],
)
def test_an_answer_is_passed_on(run: Any, scripted: Any, argv: tuple[str, ...], answer: Answer) -> None:
    done = run(*argv)

    assert (done.code, done.out) == (0, "run-aaa111\n")
    assert scripted.asked == [("answer_approval", "run-a", answer)]


def test_a_limit_that_is_reached_is_listed_by_its_name(run: Any, scripted: Any, approval: dict[str, Any]) -> None:
    scripted.listed["approvals"] = [{**approval, "agent": None, "turn": None, "limit": "turns"}]

    assert run("approvals").out.split("\t")[2] == "limit of turns"


def test_who_is_not_asked_is_told_so(run: Any, scripted: Any) -> None:
    scripted.refusal = Refusal(Code.DENIED, "ann is not asked", "asked are bob")

    done = run("approve", "run-a")

    assert done.code == 5
    assert "asked are bob" in done.err
