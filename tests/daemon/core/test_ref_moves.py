"""Which movements of refs start which chains, and why others do not: GitHub's rules for pushes and pull requests."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, get_args

import pytest

from chainwright.daemon.core.announcements import Announcement
from chainwright.daemon.core.graph import Chain
from chainwright.daemon.core.listening import PullRequestTrigger, PushTrigger
from chainwright.daemon.core.ref_moves import Changes, PullRequest, RefMove
from chainwright.daemon.core.ref_telling import Listening, ToldMove, told_push, told_request
from chainwright.daemon.testing import agent_of, chain_of
from chainwright.schemas.pushes import Move

CHANGED = Changes(paths=("src/a.py", "docs/a.md"), are_all=True, message="Change a", actor="ada")
REQUEST = PullRequest(number=7, base="main", title="Better")


def move(ref: str, **changed: Any) -> RefMove:
    about: dict[str, Any] = {"repository": "notes", "ref": ref, "before": "a" * 40, "after": "b" * 40, "number": 3}
    return RefMove(**(about | changed))


def listening(*chains: Chain) -> Listening:
    return Listening(organization="acme", environment="main", chains={one.id: one for one in chains}, at=5.0)


def pushes(trigger: PushTrigger, ref: str, changes: Changes = CHANGED, **changed: Any) -> bool:
    chain = replace(chain_of(agent_of("x")), on_push=trigger)
    return bool(pushed(move(ref, **changed), changes, listening(chain)))


def pushed(moved: RefMove, changes: Changes, place: Listening) -> Sequence[Announcement]:
    return told_push(moved, changes, [place], 5.0).told


def requests(trigger: PullRequestTrigger, changes: Changes = CHANGED, **changed: Any) -> bool:
    return bool(announced(trigger, changes, **changed))


def announced(trigger: PullRequestTrigger, changes: Changes = CHANGED, **changed: Any) -> Sequence[Announcement]:
    return told_of_request(trigger, changes, **changed).told


def told_of_request(trigger: PullRequestTrigger, changes: Changes, **changed: Any) -> ToldMove:
    chain = replace(chain_of(agent_of("x")), on_pull_request=trigger)
    return told_request(move("refs/pull/7/head", **changed), changes, REQUEST, [listening(chain)], 5.0)


@pytest.mark.parametrize(
    ("trigger", "branch", "tag"),
    [
        (PushTrigger(), True, True),
        (PushTrigger(branches=("main",)), True, False),
        (PushTrigger(branches_ignore=("old",)), True, False),
        (PushTrigger(tags=("v*",)), False, True),
        (PushTrigger(tags_ignore=("old",)), False, True),
        (PushTrigger(branches=("main",), tags=("v*",)), True, True),
        (PushTrigger(branches=("next",), tags=("w*",)), False, False),
        (PushTrigger(branches_ignore=("main",)), False, False),
        (PushTrigger(branches=("**", "!main")), False, False),
        (PushTrigger(paths=("src/**",)), True, True),
        (PushTrigger(paths=("lib/**",)), False, True),
        (PushTrigger(paths_ignore=("docs/**",)), True, True),
        (PushTrigger(paths_ignore=("docs/**", "src/**")), False, True),
    ],
)
def test_filters_say_which_pushes_count(trigger: PushTrigger, branch: bool, tag: bool) -> None:
    """Filters of one kind of ref alone leave the other out, and tags have no paths."""
    assert (pushes(trigger, "refs/heads/main"), pushes(trigger, "refs/tags/v1")) == (branch, tag)


@pytest.mark.parametrize("ref", ["refs/heads/main", "refs/tags/v1"])
def test_a_ref_that_is_gone_starts_nothing(ref: str) -> None:
    assert not pushes(PushTrigger(), ref, after=None)


def test_what_is_neither_branch_nor_tag_is_no_push() -> None:
    assert not pushes(PushTrigger(), "refs/pull/7/head")


@pytest.mark.parametrize("changes", [Changes(), Changes(paths=("src/a.py",) * 1_000)])
def test_path_filters_let_pass_what_cannot_be_compared_whole(changes: Changes) -> None:
    """A new branch has nothing to be compared with, and of a very large change only the beginning is known."""
    assert pushes(PushTrigger(paths=("lib/**",)), "refs/heads/main", changes)


@pytest.mark.parametrize(
    ("trigger", "opened", "moved"),
    [
        (PullRequestTrigger(), True, True),
        (PullRequestTrigger(types=("opened",)), True, False),
        (PullRequestTrigger(types=("synchronize",)), False, True),
        (PullRequestTrigger(branches=("main",)), True, True),
        (PullRequestTrigger(branches=("7",)), False, False),
        (PullRequestTrigger(branches_ignore=("main",)), False, False),
        (PullRequestTrigger(paths=("lib/**",)), False, False),
    ],
)
def test_filters_say_which_pull_requests_count(trigger: PullRequestTrigger, opened: bool, moved: bool) -> None:
    """Branches are those that it is to be merged into."""
    assert (requests(trigger, before=None, number=1), requests(trigger)) == (opened, moved)


@pytest.mark.parametrize(
    ("became", "about"),
    [
        ("opened", {"before": None, "number": 1}),
        ("reopened", {"before": None, "number": 5}),
        ("synchronize", {}),
        ("closed", {"after": None}),
    ],
)
def test_what_became_of_a_pull_request_is_told_in_githubs_words(became: str, about: dict[str, Any]) -> None:
    """The end of one starts a chain only if it asks for that; the head that it had is what the run works at."""
    heard = {kind for kind in get_args(Move) if requests(PullRequestTrigger(types=(kind,)), **about)}
    (told,) = announced(PullRequestTrigger(types=(became,)), **about)

    assert heard == {became}
    assert requests(PullRequestTrigger(), **about) is (became != "closed")
    assert told.event["data"]["type"] == became
    assert told.event["source"]["after"] == ("a" if became == "closed" else "b") * 40


@pytest.mark.parametrize(
    ("trigger", "ref", "reason"),
    [
        (PushTrigger(branches=("next",)), "refs/heads/main", '`branches` leaves out "main"'),
        (PushTrigger(branches_ignore=("main",)), "refs/heads/main", '`branches-ignore` leaves out "main"'),
        (PushTrigger(tags=("v*",)), "refs/heads/main", "it has no `branches`, only filters of other refs"),
        (PushTrigger(branches=("main",)), "refs/tags/v1", "it has no `tags`, only filters of other refs"),
        (PushTrigger(paths=("lib/**",)), "refs/heads/main", "`paths` leaves out every file that differs"),
        (PushTrigger(paths_ignore=("**",)), "refs/heads/main", "`paths-ignore` leaves out every file that differs"),
    ],
)
def test_who_listens_and_is_not_told_is_on_record_with_the_reason(trigger: PushTrigger, ref: str, reason: str) -> None:
    chain = replace(chain_of(agent_of("x")), id="one", on_push=trigger)
    found = told_push(move(ref), CHANGED, [listening(chain, replace(chain_of(agent_of("x")), id="deaf"))], 5.0)

    assert [(one.environment, one.chain, one.reason) for one in found.passed_over] == [("main", "one", reason)]
    assert not found.told


def test_a_request_that_is_not_waited_for_is_on_record_too() -> None:
    kind = told_of_request(PullRequestTrigger(), CHANGED, after=None)
    base = told_of_request(PullRequestTrigger(branches=("next",)), CHANGED)

    assert [one.reason for one in (*kind.passed_over, *base.passed_over)] == [
        "`types` does not have closed",
        '`branches` leaves out "main"',
    ]


def test_the_keys_of_what_is_told_begin_with_that_of_the_movement() -> None:
    found = told_push(
        move("refs/heads/main"), CHANGED, [listening(replace(chain_of(agent_of("x")), on_push=PushTrigger()))], 5.0
    )

    assert all(one.key.startswith(f"{found.key}>") for one in found.told)


def test_a_push_is_told_to_each_chain_once_in_our_own_words() -> None:
    chains = [replace(chain_of(agent_of("x")), id=name, on_push=PushTrigger()) for name in ("one", "two")]
    found = list(pushed(move("refs/heads/main"), CHANGED, listening(*chains)))

    assert [(one.kind, one.listener, one.environment) for one in found] == [
        ("push", "one", "main"),
        ("push", "two", "main"),
    ]
    assert len({one.key for one in found}) == 2
    assert found[0].event == {
        "name": "push",
        "source": {
            "repository": "notes",
            "ref": "refs/heads/main",
            "branch": "main",
            "tag": None,
            "before": "a" * 40,
            "after": "b" * 40,
            "actor": "ada",
        },
        "data": {"paths": ["src/a.py", "docs/a.md"], "message": "Change a", "forced": False},
        "time": 5.0,
    }


def test_the_same_way_again_is_another_movement() -> None:
    chain = replace(chain_of(agent_of("x")), on_push=PushTrigger())
    keys = {
        one.key for number in (1, 3) for one in pushed(move("refs/heads/a", number=number), CHANGED, listening(chain))
    }

    assert len(keys) == 2
