"""A chain file becomes a chain with every default filled in and every reusable agent merged."""

import cProfile
import json
import pstats
import subprocess
import sys

import pytest

from chainwright.daemon.core import graph
from chainwright.daemon.core.graph import digest
from chainwright.daemon.definition.compiler import id_of
from chainwright.daemon.definition.library import NO_AGENTS, AgentLibrary, load_agent_file
from chainwright.daemon.definition.load import load_chain_file

WRITER = b"""
name: Writer
inputs: {topic: {required: true}, prompt: {}}
run: ./write.sh
shell: python3 -u
env: {WHO: agent, ONLY: agent}
working-directory: there
outputs: {draft: string}
emits: {draft.ready: {words: integer}}
checks: [{run: test -s draft}]
finish: event
retry: 2
timeout: 5m
"""
LIBRARY = AgentLibrary(
    documents={"agents/writer": load_agent_file("workflows/agents/writer.yaml", WRITER, "agents/writer")}
)


def chain(text: str, path: str = "workflows/a.yaml", agents: AgentLibrary = LIBRARY) -> graph.Chain:
    loaded = load_chain_file(path, text.encode(), agents)
    assert loaded.diagnostics == ()
    assert loaded.chain is not None
    return loaded.chain


def agent(text: str, before: str = "") -> graph.Agent:
    return chain(f"{before}\nagents:\n  a: {text}\n").agents["a"]


def test_what_is_left_out_has_the_default_of_the_daemon() -> None:
    found = chain("agents: {a: {run: x}}")

    assert found == graph.Chain(
        id="a", name="a", path="workflows/a.yaml", agents={"a": graph.Agent(id="a", script="x", timeout_s=3600.0)}
    )


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("workflows/brief.yaml", "brief"),
        ("workflows/team/daily/brief.json", "team/daily/brief"),
        ("elsewhere/brief.yml", "brief"),
        ("workflows/v1.2.yaml", "v1.2"),
    ],
)
def test_the_id_of_a_chain_is_its_path_below_the_folder(path: str, expected: str) -> None:
    assert id_of(path) == expected


def test_an_id_of_its_own_survives_a_rename() -> None:
    text = "id: brief\nagents: {a: {run: x}}"

    assert chain(text, "workflows/one.yaml").id == chain(text, "workflows/two.yaml").id == "brief"


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("manual", True),
        ("[manual]", True),
        ("{manual: }", True),
        ("{manual: {}}", True),
        ("{schedule: [{cron: '0 7 * * *'}]}", False),
        ("{schedule: [{cron: '0 7 * * *'}], manual: }", True),
    ],
)
def test_a_chain_is_started_by_hand_if_it_says_so_or_nothing_else(on: str, expected: bool) -> None:
    assert chain(f"on: {on}\nagents: {{a: {{run: x}}}}").manual is expected


def test_a_schedule_keeps_its_identity_when_others_come_before_it() -> None:
    one = chain("on: {schedule: [{cron: '0 7 * * *'}]}\nagents: {a: {run: x}}")
    two = chain("on: {schedule: [{cron: '0 9 * * *'}, {cron: '0  7 * * *', timezone: UTC}]}\nagents: {a: {run: x}}")

    assert one.schedules[0].id == two.schedules[1].id != two.schedules[0].id


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one", graph.Listen(mode="any", names=("one",))),
        ("[one, two, one]", graph.Listen(mode="any", names=("one", "two"))),
        ("{any: [one]}", graph.Listen(mode="any", names=("one",))),
        ("{all: [one, two]}", graph.Listen(mode="all", names=("one", "two"))),
        ("{quorum: {of: [one, two], count: 2}}", graph.Listen(mode="quorum", names=("one", "two"), count=2)),
    ],
)
def test_every_form_of_on_says_what_is_listened_for(text: str, expected: graph.Listen) -> None:
    assert agent(f"{{run: x, on: {text}}}").listens == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one", {"one": graph.Emit(name="one")}),
        ("[one, two]", {"one": graph.Emit(name="one"), "two": graph.Emit(name="two")}),
        ("{one: }", {"one": graph.Emit(name="one")}),
        ("{one: {a: json}}", {"one": graph.Emit(name="one", payload={"a": "json"})}),
        ("{one: {data: string}}", {"one": graph.Emit(name="one", payload={"data": "string"})}),
        (
            "{one: {data: {a: json}, deliver: now}}",
            {"one": graph.Emit(name="one", payload={"a": "json"}, deliver="now")},
        ),
    ],
)
def test_every_form_of_emits_says_what_may_come(text: str, expected: dict[str, graph.Emit]) -> None:
    assert agent(f"{{run: x, emits: {text}}}").emits == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3", graph.Retry(max=3)),
        ("{max: 1, on: [lost], exit-codes: [75]}", graph.Retry(max=1, on=frozenset({"lost"}), exit_codes=(75,))),
        (
            "{max: 2, delay: 1.5s, max-delay: 1h, backoff: linear, jitter: true}",
            graph.Retry(max=2, delay_s=1.5, max_delay_s=3600, backoff="linear", jitter=True),
        ),
    ],
)
def test_every_form_of_retry_says_how_often_and_when(text: str, expected: graph.Retry) -> None:
    assert agent(f"{{run: x, retry: {text}}}").retry == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("bash", ("bash", "-e")),
        ("bash -u", ("bash", "-u")),
        ("'python3 -u {0}'", ("python3", "-u")),
        ("'perl \"-w x\"'", ("perl", "-w x")),
    ],
)
def test_a_shell_is_split_into_words(text: str, expected: tuple[str, ...]) -> None:
    assert agent(f"{{run: x, shell: {text}}}").shell == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("run.number > 1", "run.number > 1"),
        ("${{ run.number > 1 }}", "run.number > 1"),
        ("  ${{ run.id == '}}' }} ", "run.id == '}}'"),
    ],
)
def test_a_condition_is_kept_without_what_stands_around_it(text: str, expected: str) -> None:
    assert agent(f'{{run: x, if: "{text}"}}').condition == expected


def test_environments_merge_and_the_nearest_wins() -> None:
    before = "env: {A: chain, B: chain, C: 1}\ndefaults: {env: {B: defaults, D: true}}"

    assert agent("{run: x, env: {D: own, E: }}", before).env == {
        "A": "chain",
        "B": "defaults",
        "C": "1",
        "D": "own",
        "E": "",
    }


def test_a_used_agent_fills_in_what_its_user_does_not_say() -> None:
    before = "env: {CHAIN: 1}\ndefaults: {shell: bash -x, timeout: 1h, retry: 9, working-directory: here}"
    found = agent(
        "{uses: agents/writer, with: {topic: x}, env: {WHO: user}, outputs: {more: json}, checks: [{run: 'true'}], retry: 0}",
        before,
    )

    assert found == graph.Agent(
        id="a",
        name="Writer",
        uses="agents/writer",
        script="./write.sh",
        shell=("python3", "-u"),
        working_directory="there",
        env={"CHAIN": "1", "WHO": "user", "ONLY": "agent"},
        inputs=(graph.Input(name="topic", required=True), graph.Input(name="prompt")),
        with_={"topic": "x"},
        outputs={"draft": "string", "more": "json"},
        emits={"draft.ready": graph.Emit(name="draft.ready", payload={"words": "integer"})},
        checks=(
            graph.Check(script="test -s draft", shell=("python3", "-u")),
            graph.Check(script="true", shell=("bash", "-x")),
        ),
        finish="event",
        timeout_s=300.0,
    )


def test_a_prompt_alone_is_for_the_default_agent() -> None:
    found = agent("{prompt: Write., with: {topic: x}}", "defaults: {uses: agents/writer}")

    assert (found.uses, found.prompt, found.with_) == ("agents/writer", "Write.", {"prompt": "Write.", "topic": "x"})


def test_json_and_yaml_give_the_same_chain() -> None:
    content = {
        "on": {"manual": None},
        "inputs": {"n": {"type": "integer", "default": 3}},
        "agents": {"a": {"run": "x"}},
    }
    as_json = chain(json.dumps(content), "workflows/a.json")
    as_yaml = chain("on: {manual: }\ninputs: {n: {type: integer, default: 3}}\nagents: {a: {run: x}}")

    assert as_json.inputs == as_yaml.inputs
    assert as_json.agents == as_yaml.agents


PROGRAM = """
from chainwright.daemon.core.graph import digest
from chainwright.daemon.definition.library import NO_AGENTS
from chainwright.daemon.definition.load import load_chain_file
print(digest(load_chain_file("workflows/a.yaml", b"agents: {a: {run: x, retry: 3}}", NO_AGENTS).chain))
"""


def test_the_digest_is_the_same_in_every_process() -> None:
    found = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout.strip()
        for seed in ("1", "2")
    }

    assert found == {digest(chain("agents: {a: {run: x, retry: 3}}"))}


def test_a_compiled_chain_survives_its_json() -> None:
    found = chain(
        "agents: {a: {uses: agents/writer, with: {topic: x}, on: {all: [b.failed, c]}}, b: {run: x, emits: c}}"
    )

    assert graph.CHAIN_JSON.validate_json(graph.CHAIN_JSON.dump_json(found)) == found


def test_a_broken_agent_is_not_reported_again_by_those_who_use_it() -> None:
    broken = load_agent_file("workflows/agents/b.yaml", b"outputs: {x: choice}\n", "agents/b")
    loaded = load_chain_file(
        "workflows/a.yaml", b"agents: {a: {uses: agents/b, with: {y: 1}}}", AgentLibrary(documents={"agents/b": broken})
    )

    assert [one.rule for one in broken.diagnostics] == ["missing-key", "wrong-type"]
    assert loaded.diagnostics == ()


def test_the_work_of_loading_grows_with_the_file_alone() -> None:
    """Counted in calls, which no busy machine changes: twice the agents take twice the work. `make bench` has the time."""

    def calls(agents: int) -> int:
        text = "agents:\n" + "".join(
            f"  a{i}:\n    on: {{any: [e{i}, a0.failed]}}\n    run: |\n      echo one\n    env: {{A: '${{{{ run.id }}}}'}}\n"
            f"    outputs: {{x: string}}\n    emits: {{e{i + 1}: {{y: json}}}}\n    retry: 2\n    timeout: 20m\n"
            for i in range(agents)
        )
        profile = cProfile.Profile()
        loaded = profile.runcall(load_chain_file, "workflows/a.yaml", text.encode(), NO_AGENTS)
        assert loaded.chain is not None
        return pstats.Stats(profile).total_calls

    calls(20)
    assert calls(40) < 2.1 * calls(20)
