"""`chainwright run`: typed inputs, pinned commits, one run per key, and exit codes that say how it ended."""

import json

import pytest

ECHO = """
inputs:
  who: {type: string, required: true}
  count: {type: integer, default: 1}
  loud: {type: boolean, default: false}
  colour: {type: choice, options: [red, green], default: red}
  more: {type: json, default: {}}
agents:
  say:
    run: echo "$WHO $COUNT $LOUD"
    env: {WHO: '${{ inputs.who }}', COUNT: '${{ inputs.count }}', LOUD: '${{ inputs.loud }}'}
"""

FILES = {
    "workflows/echo.yaml": ECHO,
    "workflows/fall.yaml": "agents:\n  fall:\n    run: exit 3\n",
    "workflows/hold.yaml": "agents:\n  hold:\n    run: sleep 60\n",
    "workflows/night.yaml": "on:\n  schedule: [{cron: '0 0 1 1 *'}]\nagents:\n  dream:\n    run: 'true'\n",
}


def count_of_runs(daemon):
    return len(daemon.client.get("/runs", limit=500)["items"])


def test_inputs_arrive_with_their_types(daemon, chainwright):
    given = ["-i", "who=Ada L.", "-i", "count=3", "-i", "loud=true", "-i", 'more={"a": [1]}']

    done = chainwright("run", "echo", *given, "--wait", "--json")

    assert done.code == 0, done.err
    detail = json.loads(done.out)
    assert detail["inputs"] == {"who": "Ada L.", "count": 3, "loud": True, "colour": "red", "more": {"a": [1]}}
    assert daemon.log(detail["id"], "say") == "Ada L. 3 true\n"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((), 'input "who": a value is required'),
        (("-i", "who=Ada", "-i", "whom=Bob"), 'there is no input "whom" (did you mean "who"?)'),
        (("-i", "who=Ada", "-i", "count=many"), 'input "count"'),
        (("-i", "who=Ada", "-i", "loud=very"), 'input "loud"'),
        (("-i", "who=Ada", "-i", "colour=blue"), 'one of "red", "green"'),
        (("-i", "who=Ada", "-i", "more={"), "-i more: this is not JSON"),
        (("-i", "who"), "write it as NAME=VALUE"),
    ],
)
def test_inputs_that_do_not_fit_are_refused_before_a_run_exists(daemon, chainwright, given, said):
    before = count_of_runs(daemon)

    done = chainwright("run", "echo", *given)

    assert done.code == 2
    assert said in done.err
    assert count_of_runs(daemon) == before


def test_every_input_that_does_not_fit_is_named_at_once(chainwright):
    done = chainwright("run", "echo", "-i", "count=many", "-i", "colour=blue")

    assert all(name in done.err for name in ("who", "count", "colour"))


def test_without_wait_the_id_is_all_there_is_on_stdout(daemon, chainwright):
    done = chainwright("run", "echo", "-i", "who=Ada")

    assert done.code == 0
    assert daemon.end(done.out.strip())["outcome"] == "succeeded"


def test_waiting_for_a_run_that_fails_gives_1_and_names_the_agent(chainwright):
    done = chainwright("run", "fall", "--wait")

    assert done.code == 1
    assert "fall: exit: exit code 3" in done.err


def test_the_waiting_persons_own_limit_gives_124_and_the_run_goes_on(daemon, chainwright):
    done = chainwright("run", "hold", "--wait", "--timeout", "0.2s")

    assert done.code == 124
    run = done.out.strip()
    assert daemon.show(run)["state"] == "running"
    chainwright("cancel", run)


def test_an_unknown_chain_gives_4_and_the_near_name(daemon, chainwright):
    before = count_of_runs(daemon)

    done = chainwright("run", "ecco")

    assert done.code == 4
    assert 'did you mean "echo"?' in done.err
    assert count_of_runs(daemon) == before


def test_a_chain_that_people_do_not_start_is_refused(chainwright):
    done = chainwright("run", "night")

    assert done.code == 7
    assert "manual" in done.err


def test_the_same_key_leads_to_the_same_run(chainwright):
    first, again = (chainwright("run", "echo", "-i", "who=Ada", "--key", "monday").out for _ in range(2))
    other = chainwright("run", "echo", "-i", "who=Ada", "--key", "tuesday").out

    assert first == again
    assert first != other


def test_a_ref_runs_the_chain_as_of_that_commit(daemon, chainwright):
    repository = daemon.repository
    deployed = repository.git("rev-parse", "HEAD")
    repository.git("switch", "--quiet", "--create", "draft")
    drafted = repository.commit({"workflows/draft.yaml": "agents:\n  say:\n    run: cat words\n", "words": "drafted\n"})
    repository.git("switch", "--quiet", "main")

    done = chainwright("run", "draft", "--ref", "draft", "--wait", "--json")
    detail = json.loads(done.out)

    assert detail["commit"] == drafted != deployed
    assert daemon.log(detail["id"], "say") == "drafted\n"
    assert chainwright("run", "draft").code == 4


def test_an_unknown_ref_is_not_found(chainwright):
    done = chainwright("run", "echo", "-i", "who=Ada", "--ref", "nowhere")

    assert done.code == 4
    assert "nowhere" in done.err


def test_following_at_a_terminal_draws_the_agents_and_ends_with_the_run(at_terminal):
    screen = at_terminal("run", "echo", "-i", "who=Ada", "--follow")

    assert screen.end() == 0
    shown = screen.seen.decode()
    assert "└─" in shown
    assert "say" in shown
    assert "succeeded" in shown


def test_leaving_with_ctrl_c_leaves_the_run_going(daemon, at_terminal, chainwright):
    screen = at_terminal("run", "hold", "--follow")
    screen.until(b"running")
    screen.type(b"\x03")

    assert screen.end() == 130
    run = screen.seen.split()[0].decode()
    assert f"{run} goes on" in screen.seen.decode()
    assert daemon.show(run)["state"] == "running"
    chainwright("cancel", run)
