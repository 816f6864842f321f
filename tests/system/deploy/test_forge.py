"""Pull requests of a forge are planned: one comment, a status, and nothing lost while the forge fails. The forge is ``tests/fake_forge.py``."""

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).parents[2]
DANGERS = TESTS / "plans" / "three-dangers"
SAY = "agents:\n  say:\n    run: echo version one\n"
MARKER = "<!-- chainwright:plan -->"
REFS = {"github": "refs/pull/{}/head", "gitlab": "refs/merge-requests/{}/head"}
CONFIG = """
repositories:
  chains:
    url: {origin}
    poll_s: 0.2
    forge: {{kind: {kind}, url: '{url}', repository: acme/chains, token: FORGE}}
"""


def fake_forge() -> Any:
    """The module beside the conftest of all tests, which cannot be imported by name."""
    spec = importlib.util.spec_from_file_location("chainwright_fake_forge", TESTS / "fake_forge.py")
    assert spec is not None and spec.loader is not None
    module = sys.modules.setdefault(spec.name, importlib.util.module_from_spec(spec))
    spec.loader.exec_module(module)
    return module


def tree(name: str) -> dict[str, str]:
    folder = DANGERS / name
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(params=["github", "gitlab"])
def kind(request: pytest.FixtureRequest) -> str:
    """Whose API it is."""
    return str(request.param)


@pytest.fixture
def forge(kind: str) -> Any:
    with fake_forge().serving(kind) as forge:
        yield forge


@pytest.fixture
def following(daemon_at: Any, root: Path, forge: Any, kind: str) -> Any:
    """A daemon that mirrors its test's repository and follows the pull requests of the forge."""
    made = daemon_at(root, "--hosted")
    made.options = ()
    made.home.root.mkdir()
    (made.home.root / "chainwright.yaml").write_text(
        CONFIG.format(origin=made.repository.path.as_uri(), url=forge.url, kind=kind)
    )
    secrets = made.home.root / "secrets.yaml"
    secrets.touch(0o600)
    secrets.write_text(f"FORGE: {fake_forge().TOKEN}\n")
    made.repository.commit({"workflows/say.yaml": SAY})
    made.start()
    yield made
    made.close()


@pytest.fixture
def pull(following: Any, forge: Any, kind: str) -> Any:
    """Opens or updates a pull request with these files beside those of its branch; gives its head."""

    def make(number: int, files: dict[str, str | None]) -> str:
        git = following.repository.git
        git("checkout", "--quiet", "-B", f"pull-{number}")
        head = following.repository.commit(files)
        git("update-ref", REFS[kind].format(number), head)
        git("checkout", "--quiet", "main")
        forge.open(number, head)
        return head

    return make


LISTINGS = ("/pulls", "/merge_requests")
TOLD = """
on:
  pull_request:
    types: [opened, synchronize, reopened, closed]
    branches: [main]
    inputs: {what: '${{ event.data.type }} ${{ event.data.merged }}', who: '${{ event.source.actor }}'}
inputs: {what: {type: string}, who: {type: string}}
agents: {look: {run: cat note}}
"""


def test_chains_hear_what_becomes_of_pull_requests_once_each_at_their_heads(forge, following, pull, by_and_by):
    """Those that were open before anybody followed the forge have not come; who is not listed any more is asked after."""
    following.repository.commit({"workflows/told.yaml": TOLD})
    by_and_by(lambda: "told" in {one["id"] for one in following.client.items("/chains")}, 60)
    by_and_by(
        lambda: len([path for _, path in forge.asked if path.endswith(LISTINGS)]) > 1, 60
    )  # the first look is over

    def told(count):
        runs = by_and_by(lambda: len(found := following.client.items("/runs", chain="told")) == count and found, 60)
        return following.end(runs[0]["id"])

    first = pull(1, {"note": "one"})
    opened = told(1)
    second = pull(1, {"note": "two"})
    moved = told(2)
    following.stop(9)
    forge.end(1, merged=False)
    following.start()
    closed = told(3)
    forge.pulls[0]["state"] = "open"
    opened_again = told(4)
    forge.end(1, merged=True)
    merged = told(5)

    runs = [opened, moved, closed, opened_again, merged]
    kinds = ["opened false", "synchronize false", "closed false", "reopened false", "closed true"]
    assert [run["inputs"]["what"] for run in runs] == kinds
    assert [run["commit"] for run in runs] == [first, second, second, second, second]
    assert {run["inputs"]["who"] for run in runs} == {"ada"}
    assert following.log(merged["id"], "look").strip() == "two"


def states(forge: Any, head: str) -> list[str]:
    return [one["state"] for one in forge.statuses if one["sha"] == head]


def test_a_pull_request_gets_one_comment_that_is_kept_up_to_date_and_a_status(forge, following, pull, by_and_by):
    forge.say(1, "mallory", f"{MARKER} not ours")
    first = pull(1, {"workflows/say.yaml": SAY.replace("one", "two")})
    by_and_by(lambda: states(forge, first))
    second = pull(1, {"workflows/other.yaml": SAY})
    by_and_by(lambda: states(forge, second))
    by_and_by(lambda: second[:12] in forge.comments[1][-1]["body"])

    theirs, ours = forge.comments[1]
    assert theirs["body"] == f"{MARKER} not ours"
    assert ours["body"].startswith(MARKER)
    assert "other" in ours["body"]
    assert (states(forge, first), states(forge, second)) == (["success"], ["success"])


def test_a_secret_a_wider_budget_and_a_broken_consumer_are_told_and_wait_for_agreement(
    forge, following, pull, by_and_by
):
    following.repository.commit(tree("base"))
    head = pull(3, {**tree("head")})
    by_and_by(lambda: states(forge, head))
    by_and_by(lambda: forge.comments.get(3))

    text = forge.comments[3][0]["body"]
    assert "secret-added" in text
    assert "budget-raised" in text
    assert "nobody emits any more" in text
    assert "team:security" in text
    assert states(forge, head) == ["failure"]  # what breaks its consumer does not load


def test_a_review_of_the_head_that_the_policy_asks_for_turns_the_status(forge, following, pull, by_and_by):
    following.repository.commit({".chainwright/policy.yaml": "approvals:\n  high: {by: [bob]}\n"})
    asking = SAY + "    secrets: [TOKEN]\n"
    first = pull(5, {"workflows/say.yaml": asking})
    by_and_by(lambda: states(forge, first) == ["pending"])
    forge.review(5, "ada", first)  # its author
    forge.review(5, "bob", first)
    by_and_by(lambda: states(forge, first)[-1] == "success")
    second = pull(5, {"workflows/say.yaml": asking, "note": "more"})

    assert by_and_by(lambda: states(forge, second)) == ["pending"]
    assert "1 more approval of bob" in forge.statuses[-1]["description"]


def test_a_forge_that_fails_in_every_way_gets_the_newest_in_the_end(forge, following, pull, command, by_and_by):
    forge.failures += [
        (503, {}),
        (429, {"Retry-After": "1"}),
        (403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "0"}),
    ]
    head = pull(7, {"workflows/say.yaml": SAY.replace("one", "two")})
    by_and_by(lambda: states(forge, head))
    forge.is_down = True
    doctor = by_and_by(lambda: (told := command(following.home, "doctor").out) and "does not answer" in told and told)
    head = pull(7, {"workflows/say.yaml": SAY.replace("one", "three")})
    following.stop(9)
    following.start()
    forge.is_down = False
    by_and_by(lambda: states(forge, head), 60)
    by_and_by(lambda: head[:12] in forge.comments[7][-1]["body"])

    assert "forge of chains" in doctor
    assert states(forge, head) == ["success"]
    assert len(forge.comments[7]) == 1


def test_what_the_forge_will_never_take_is_a_dead_letter_that_doctor_shows(forge, following, pull, command, by_and_by):
    pull(9, {"workflows/say.yaml": SAY.replace("one", "two")})
    forge.comments[9] = []
    original = forge.answer
    forge.answer = lambda method, *rest: (
        (422, {"message": "Validation Failed"}) if method == "POST" else original(method, *rest)
    )

    told = by_and_by(lambda: (out := command(following.home, "doctor").out) and "dead" in out and out)

    assert "is answered 422" in told
