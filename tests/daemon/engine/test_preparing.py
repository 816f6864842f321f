"""What a session is started with."""

import json

import pytest

from chainwright.daemon.core.commands import StartCheck
from chainwright.daemon.core.graph import Check, Retry
from chainwright.daemon.engine.hosts import Surroundings
from chainwright.daemon.engine.preparing import CHECK_TIMEOUT_S, DEFAULT_SHELLS, attempt_spec, check_spec
from chainwright.daemon.engine.workplaces import Workplace
from chainwright.daemon.testing import Playbook, ScriptedRunner, agent_of, chain_of
from chainwright.runners.port import CannotStart

FIRST = "r1-a-1-1"
SRV = Workplace(folder="/srv", repository="/mirrors/of-it", given_root="/given")
AROUND = Surroundings(env={"PATH": "/bin", "HOME": "/home/ann"}, path_prefix="/tools")


@pytest.fixture
def spec(world):
    """The specification of the newest attempt of an agent with these fields, after these facts."""

    def make(play=None, **fields):
        play = play or Playbook(chain_of(agent_of("a", **fields))).requested(topic="joins")
        attempt = list(play.state.attempts.values())[-1]
        return attempt_spec(world(ScriptedRunner()), play.state, attempt, SRV, around=AROUND)

    return make


def test_the_environment_is_the_allow_list_then_the_agents_then_ours(spec):
    """32: nothing of the daemon's, and nobody can pretend to be another run."""
    env = spec(env={"HOME": "/elsewhere", "X": "${{ inputs.topic }}", "CHAINWRIGHT_RUN_ID": "other"}).env

    assert env.items() >= {"PATH": "/bin", "HOME": "/elsewhere", "X": "joins", "TERM": "xterm-256color"}.items()
    assert env["CHAINWRIGHT_RUN_ID"] == "r1"
    assert "PYTHONPATH" not in env


def test_it_says_who_it_is(spec):
    env = spec().env
    identity = {name.removeprefix("CHAINWRIGHT_"): value for name, value in env.items() if "CHAINWRIGHT_" in name}

    assert env["CHAINWRIGHT"] == "1"
    assert identity == {
        "RUN_ID": "r1",
        "CHAIN": "test",
        "AGENT": "a",
        "TURN": "1",
        "ATTEMPT": "1",
        "LEG": "",
        "HOST": "local",
        "COMMIT": "c" * 40,
        "URL": "http://here:1/api/v1/runs/r1",
        "WORKSPACE": "/srv",
        "REPOSITORY": "/mirrors/of-it",
        "FEEDBACK": "/dev/null",
    }


def test_each_input_is_a_variable_and_all_are_a_file(spec):
    made = spec(with_={"max-words": 300, "dry run": True, "topic": "${{ inputs.topic }}", "tags": ["a"]})

    inputs = {name: value for name, value in made.env.items() if name.startswith("INPUT_")}
    assert inputs == {"INPUT_MAX_WORDS": "300", "INPUT_DRY_RUN": "true", "INPUT_TOPIC": "joins", "INPUT_TAGS": '["a"]'}
    assert json.loads(made.files["inputs.json"]) == {"max-words": 300, "dry run": True, "topic": "joins", "tags": ["a"]}


def test_files_are_named_only_where_they_are(spec):
    """A variable that leads to nothing would be worse than none."""
    made = spec(prompt="Write about ${{ inputs.topic }}")

    assert made.path_env["CHAINWRIGHT_PROMPT"] == "files/prompt"
    assert made.files["prompt"] == "Write about joins"
    assert "CHAINWRIGHT_FEEDBACK" not in made.path_env
    assert "CHAINWRIGHT_EVENT" not in made.path_env


def test_githubs_names_lead_to_the_same_files(spec):
    paths = spec().path_env

    assert paths["GITHUB_OUTPUT"] == paths["CHAINWRIGHT_OUTPUT"]
    assert paths["GITHUB_ENV"] == paths["CHAINWRIGHT_ENV"]
    assert paths["GITHUB_STEP_SUMMARY"] == paths["CHAINWRIGHT_SUMMARY"]


def test_a_retry_is_told_why_and_otherwise_gets_the_same(spec):
    """I10."""
    play = Playbook(chain_of(agent_of("a", with_={"n": 1}, retry=Retry(max=1, delay_s=0)))).requested()
    first = spec(play)
    second = spec(play.exits("a", 3))

    assert second.files == first.files | {"feedback": "exit: exit code 3"}
    assert second.env == first.env | {"CHAINWRIGHT_ATTEMPT": "2"}


def test_the_event_that_started_the_turn_is_a_file(spec):
    play = Playbook(chain_of(agent_of("src", emits="x"), agent_of("a", on="x"))).requested()
    made = spec(play.emits("src", "x", {"n": 1}).exits("src"))

    event = json.loads(made.files["event.json"])
    assert (event["name"], event["data"], event["source"]["agent"]) == ("x", {"n": 1}, "src")


@pytest.mark.parametrize(("folder", "cwd"), [("", "/srv"), ("a/b", "/srv/a/b"), ("./a", "/srv/a")])
def test_the_working_directory_is_below_the_workspace(spec, folder, cwd):
    assert spec(working_directory=folder).cwd == cwd


@pytest.mark.parametrize("folder", ["..", "a/../..", "/etc", "a/../b"])
def test_a_working_directory_outside_of_the_workspace_is_refused(spec, folder):
    with pytest.raises(CannotStart, match="leads out of the workspace"):
        spec(working_directory=folder)


def test_a_value_that_no_environment_can_hold_is_refused_by_name(spec):
    with pytest.raises(CannotStart, match="INPUT_X"):
        spec(with_={"x": "a\0b"})


def test_shells_are_tried_in_order_unless_one_is_named(spec):
    assert spec().interpreters == DEFAULT_SHELLS
    assert spec(shell=("python3", "-u")).interpreters == (("python3", "-u"),)


def test_limits_are_the_agents(spec):
    limits = spec(timeout_s=60.0, idle_timeout_s=5.0).limits

    assert (limits.timeout_s, limits.idle_timeout_s) == (60.0, 5.0)


def test_a_check_has_the_attempts_environment_and_outputs_and_can_emit_nothing(world):
    """21: same workspace, ten minutes, a session of its own."""
    agent = agent_of("a", env={"X": "1"}, outputs={"n": "integer"}, checks=(Check(script="test $X"),), timeout_s=60.0)
    play = Playbook(chain_of(agent)).requested().exits("a", outputs={"n": "7"})
    made = check_spec(
        world(ScriptedRunner()), play.state, StartCheck(attempt_id=FIRST, index=0, again=2), SRV, around=AROUND
    )

    assert (made.id, made.script, made.cwd, made.limits.timeout_s) == (
        f"{FIRST}.c0.2",
        "test $X",
        "/srv",
        CHECK_TIMEOUT_S,
    )
    assert made.env["X"] == "1"
    assert json.loads(made.files["outputs.json"]) == {"n": "7"}
    assert "CHAINWRIGHT_EVENTS" not in made.path_env
