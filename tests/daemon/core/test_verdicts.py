"""Who may answer, and which of the things that wait an answer means."""

from typing import Any

import pytest

from chainwright.daemon.core.access import Actor
from chainwright.daemon.core.facts import ApprovalDecided, LimitDecided
from chainwright.daemon.core.graph import Approval, Limits, Strategy
from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.core.verdicts import SHOWN_LEGS, Answer, fact_of, listed, may_answer
from chainwright.daemon.testing import Playbook, agent_of, chain_of

ANN = Actor(name="ann")
OWNER = Actor(name="root", is_owner=True)
YES = Answer(verdict="approve")


@pytest.mark.parametrize(
    ("by", "actor", "may"),
    [
        ((), ANN, True),
        (("ann",), ANN, True),
        (("bob", "ann"), ANN, True),
        (("bob",), ANN, False),
        (("bob",), OWNER, False),
        (("team:editors",), ANN, False),
        (("team:editors",), OWNER, True),
        (("role:operator",), OWNER, True),
        (("team:ann",), ANN, False),
    ],
)
def test_names_are_compared_and_the_owner_stands_for_teams(by: tuple[str, ...], actor: Actor, may: bool) -> None:
    assert may_answer(by, actor) is may


def waiting(*names: str, **approval: Any) -> Playbook:
    agents = [agent_of(name, approval=Approval(**approval), with_={"n": 1}) for name in names]
    return Playbook(chain_of(*agents)).requested()


def refused(play: Playbook, answer: Answer, actor: Actor = ANN) -> Code:
    with pytest.raises(Refusal) as caught:
        fact_of(play.state, actor, answer, at=play.now)
    return caught.value.code


def test_without_an_agent_the_only_one_that_waits_is_meant() -> None:
    fact = fact_of(waiting("post").state, ANN, Answer(verdict="reject", comment="no"), at=5.0)

    assert isinstance(fact, ApprovalDecided)
    assert (fact.agent, fact.turn, fact.actor, fact.verdict, fact.comment) == ("post", 1, "ann", "reject", "no")


def test_without_an_agent_several_are_ambiguous() -> None:
    assert refused(waiting("a", "b"), YES) is Code.AMBIGUOUS


@pytest.mark.parametrize(("agent", "code"), [("other", Code.NOT_FOUND), ("post", Code.CONFLICT), (None, Code.CONFLICT)])
def test_what_does_not_wait_cannot_be_answered(agent: str | None, code: Code) -> None:
    play = waiting("post").answered("post")

    assert refused(play, Answer(verdict="approve", agent=agent)) is code


def test_who_is_not_asked_is_denied() -> None:
    assert refused(waiting("post", by=("bob",)), YES) is Code.DENIED


def test_nobody_agrees_twice() -> None:
    assert refused(waiting("post", count=2).answered("post", by="ann"), YES) is Code.CONFLICT


def test_the_list_shows_what_is_approved() -> None:
    play = waiting("post", by=("ann", "bob"), count=2, message="Publish?", timeout_s=60.0).answered("post", by="bob")

    (one,) = listed(play.state)
    assert one == {
        "run_id": "r1",
        "chain": "test",
        "number": 1,
        "limit": None,
        "agent": "post",
        "turn": 1,
        "message": "Publish?",
        "by": ["ann", "bob"],
        "count": 2,
        "approved_by": ["bob"],
        "asked_at": 1_000_000.0,
        "due": 1_000_060.0,
        "inputs": {"n": 1},
        "legs": [],
        "legs_count": 0,
    }


def test_of_a_matrix_as_many_legs_are_listed_as_people_read() -> None:
    wide = agent_of(
        "wide",
        approval=Approval(),
        strategy=Strategy(matrix={"n": list(range(SHOWN_LEGS + 5))}),
        with_={"n": "${{ matrix.n }}"},
    )
    play = Playbook(chain_of(wide)).requested()

    (one,) = listed(play.state)
    assert (len(one["legs"]), one["legs_count"]) == (SHOWN_LEGS, SHOWN_LEGS + 5)
    assert one["legs"][2] == {"leg": "3", "name": "wide (2)", "matrix": {"n": 2}, "inputs": {"n": 2}}


def paused() -> Playbook:
    agents = [agent_of("a"), agent_of("b"), agent_of("c", approval=Approval())]
    return Playbook(chain_of(*agents, limits=Limits(turns=1, on_limit="pause"))).requested()


def test_without_an_agent_a_limit_that_is_reached_is_meant() -> None:
    fact = fact_of(paused().state, ANN, Answer(verdict="approve", amount=3.0), at=5.0)

    assert isinstance(fact, LimitDecided)
    assert (fact.limit, fact.amount, fact.actor) == ("turns", 3.0, "ann")


def test_with_an_agent_that_agent_is_meant() -> None:
    fact = fact_of(paused().state, ANN, Answer(verdict="approve", agent="c"), at=5.0)

    assert isinstance(fact, ApprovalDecided)


def test_an_amount_needs_a_limit_that_is_reached() -> None:
    assert refused(waiting("post"), Answer(verdict="approve", amount=3.0)) is Code.CONFLICT


def test_the_list_shows_limits_first() -> None:
    assert [(one["limit"], one["agent"]) for one in listed(paused().state)] == [("turns", None), (None, "c")]
