"""Change requests as values: what may happen to one, whose word counts, and what is in the way of its merge."""

from dataclasses import replace

import pytest

from chainwright.daemon.core.access import Actor
from chainwright.daemon.core.change_requests import (
    ChangeRequest,
    ChangeState,
    Entry,
    Outlook,
    Step,
    answer,
    check,
    entry,
    hindrances,
)
from chainwright.daemon.core.plan.report import NeededApproval, Plan, Side
from chainwright.daemon.core.plan.sentences import said
from chainwright.daemon.core.refusals import Code, Refusal

ADA, BOB, EVE = Actor(name="ada"), Actor(name="bob"), Actor(name="eve")
HEAD, LATER = "a" * 40, "b" * 40
SIDE = Side(revision="r")


def opened() -> ChangeRequest:
    first = Entry(at=1.0, step=Step.OPENED, actor="ada", head=HEAD)
    about = {"number": 1, "organization": "default", "repository": "chains", "branch": "main", "title": "t"}
    return ChangeRequest(**about, entries=(first,))


def after(change: ChangeRequest, *happened: Entry) -> ChangeRequest:
    return replace(change, entries=(*change.entries, *happened))


def approved(change: ChangeRequest, actor: Actor) -> ChangeRequest:
    return after(change, answer(change, actor, agrees=True, head=None, text="", at=2.0))


def pushed(change: ChangeRequest, actor: Actor) -> ChangeRequest:
    return after(change, replace(entry(change, Step.PUSHED, actor, 3.0), head=LATER))


def asking(*needed: NeededApproval) -> Outlook:
    return Outlook(plans={"main": Plan(base=SIDE, head=SIDE, approvals=needed)})


def test_an_approval_of_another_person_is_counted() -> None:
    outlook = asking(NeededApproval(by=("bob", "eve"), count=2, because=(said("it is risky"),)))

    assert hindrances(opened(), outlook) == ("2 more approvals of bob, eve, because it is risky",)
    assert hindrances(approved(opened(), BOB), outlook) == ("1 more approval of bob, eve, because it is risky",)
    assert hindrances(approved(approved(opened(), BOB), EVE), outlook) == ()


def test_a_new_push_voids_what_was_said_of_the_head_before() -> None:
    change = pushed(approved(opened(), BOB), ADA)

    assert change.answers == {}
    assert len(hindrances(change, asking(NeededApproval()))) == 1


def test_who_pushed_cannot_approve() -> None:
    with pytest.raises(Refusal, match="cannot approve") as refused:
        approved(pushed(opened(), BOB), BOB)

    assert refused.value.code is Code.DENIED


def test_an_approval_of_who_pushes_later_no_longer_counts() -> None:
    change = after(pushed(opened(), ADA), Entry(at=4.0, step=Step.APPROVED, actor="bob", head=LATER))
    same_head_again = after(change, Entry(at=5.0, step=Step.PUSHED, actor="bob", head=LATER))

    assert hindrances(change, asking(NeededApproval())) == ()
    assert len(hindrances(same_head_again, asking(NeededApproval()))) == 1


def test_only_the_owner_stands_for_teams_and_roles() -> None:
    outlook = asking(NeededApproval(by=("team:security",)))
    owner = replace(BOB, is_owner=True)

    assert hindrances(approved(opened(), owner), outlook) == ()
    assert len(hindrances(approved(opened(), BOB), outlook)) == 1


def test_a_rejection_stands_until_the_same_person_agrees() -> None:
    change = after(opened(), answer(opened(), BOB, agrees=False, head=HEAD[:7], text="no", at=2.0))

    assert hindrances(change, Outlook()) == ("bob rejected it: no",)
    assert hindrances(approved(change, BOB), Outlook()) == ()


def test_an_answer_to_another_head_is_refused() -> None:
    with pytest.raises(Refusal, match="read it again"):
        answer(opened(), BOB, agrees=True, head=LATER, text="", at=2.0)


def test_conflicts_violations_and_what_does_not_load_are_in_the_way() -> None:
    plan = Plan(base=SIDE, head=replace(SIDE, is_valid=False), violations=(said("no secrets here"),))

    found = hindrances(opened(), Outlook(plans={"main": plan}, conflicts=("note",)))

    assert found == (
        "both sides changed note: merge main into it and push",
        "it does not load in main: push a head that does",
        "the policy forbids it: no secrets here",
    )


@pytest.mark.parametrize(
    ("last", "state", "refused"),
    [
        (Step.MERGE_BEGUN, ChangeState.MERGING, Step.PUSHED),
        (Step.MERGE_FAILED, ChangeState.OPEN, Step.MERGED),
        (Step.MERGED, ChangeState.MERGED, Step.CLOSED),
        (Step.CLOSED, ChangeState.CLOSED, Step.APPROVED),
    ],
)
def test_each_state_allows_its_own_steps(last: Step, state: ChangeState, refused: Step) -> None:
    change = after(opened(), Entry(at=2.0, step=last, actor="ada", head=HEAD))

    assert change.state is state
    with pytest.raises(Refusal, match=f"is {state}"):
        check(change, refused)
