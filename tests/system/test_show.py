"""`chainwright show`: the shape that programs build on, and reasons that people understand."""

import json

FILES = {
    "workflows/pair.yaml": """
inputs: {who: {type: string, default: Ada}}
outputs: {text: '${{ agents.first.outputs.text }}'}
agents:
  first:
    run: echo "text=hello" >> "$CHAINWRIGHT_OUTPUT"
    outputs: {text: string}
  second:
    needs: first
    retry: {max: 1, delay: 0s}
    run: exit 4
  third:
    needs: second
    run: 'true'
""",
    "workflows/typed.yaml": """
outputs: {sure: '${{ agents.one.outputs.sure }}', made: '${{ agents.one.outputs.made }}', text: '${{ agents.one.result }}'}
agents:
  one:
    run: |
      echo sure=true >> "$CHAINWRIGHT_OUTPUT"
      echo 'made={"names":["Ā",null]}' >> "$CHAINWRIGHT_OUTPUT"
    outputs: {sure: boolean, made: json}
""",
    "workflows/absent.yaml": "agents:\n  call:\n    run: summon-a-demon --now\n",
    "workflows/no-shell.yaml": "agents:\n  call:\n    shell: nonesuch -x\n    run: 'true'\n",
}

ATTEMPT = {"attempt", "leg", "state", "outcome", "exit_code", "started_at", "ended_at"}


def shown(chainwright, run):
    return json.loads(chainwright("show", run, "--json").out)


def test_json_has_the_shape_that_was_promised(daemon, chainwright):
    detail = shown(chainwright, daemon.ended("pair")["id"])

    assert {"id", "chain", "commit", "trigger", "state", "outcome", "agents"} <= set(detail)
    for agent in detail["agents"].values():
        assert {"state", "outcome", "reason", "turns"} <= set(agent)
        for turn in agent["turns"]:
            assert {"turn", "attempts"} <= set(turn)
            assert all(set(attempt) >= ATTEMPT for attempt in turn["attempts"])


def test_json_says_what_happened(daemon, chainwright):
    detail = shown(chainwright, daemon.ended("pair")["id"])
    first, second, third = (detail["agents"][name] for name in ("first", "second", "third"))

    assert (detail["chain"], detail["state"], detail["outcome"]) == ("pair", "finished", "failed")
    assert detail["commit"] == daemon.repository.git("rev-parse", "HEAD")
    assert detail["trigger"]["kind"] == "manual"
    assert first["turns"][0]["outputs"] == {"text": "hello"}
    assert (second["outcome"], second["reason"]) == ("failed", "exit")
    assert [one["attempt"] for one in second["turns"][0]["attempts"]] == [1, 2]
    assert [one["exit_code"] for one in second["turns"][0]["attempts"]] == [4, 4]
    assert all(one["started_at"] <= one["ended_at"] for one in second["turns"][0]["attempts"])
    assert all(one["leg"] is None for one in second["turns"][0]["attempts"])
    assert (third["outcome"], third["reason"]) == ("skipped", "needs-failed")


def test_people_see_a_line_for_each_attempt(daemon, chainwright):
    run = daemon.ended("pair")["id"]

    done = chainwright("show", run)

    assert done.code == 0
    assert [row[0] for row in done.rows if row[0] in ("first", "second", "third")] == [
        "first",
        "second",
        "second",
        "third",
    ]
    assert "input who = Ada" in done.out


def test_values_are_printed_as_json_and_texts_as_they_are(daemon, chainwright):
    done = chainwright("show", daemon.ended("typed")["id"])

    assert [line for line in done.out.splitlines() if line.startswith("output ")] == [
        "output sure = true",
        'output made = {"names": ["Ā", null]}',
        "output text = success",
    ]


def test_a_command_that_does_not_exist_is_named_in_the_reason(daemon, chainwright):
    run = daemon.ended("absent")["id"]

    attempt = daemon.attempt(shown(chainwright, run), "call")

    assert (attempt["outcome"], attempt["reason"], attempt["exit_code"]) == ("failed", "exit", 127)
    assert "summon-a-demon" in attempt["detail"]
    assert "summon-a-demon" in chainwright("show", run).out


def test_a_shell_that_does_not_exist_is_named_in_the_reason(daemon, chainwright):
    run = daemon.ended("no-shell")["id"]

    assert "nonesuch" in chainwright("show", run).out


def test_the_beginning_of_an_id_and_last_are_enough(daemon, chainwright):
    daemon.ended("absent")
    run = daemon.ended("pair")["id"]

    assert shown(chainwright, run[:-1])["id"] == run
    assert shown(chainwright, "@last")["id"] == run


def test_an_ambiguous_beginning_is_told_with_what_it_may_mean(daemon, chainwright):
    one, other = daemon.run("pair"), daemon.run("pair")

    done = chainwright("show", one[:2])

    assert done.code == 2
    assert one in done.err
    assert other in done.err


def test_an_unknown_run_is_not_found(chainwright):
    done = chainwright("show", "zzz")

    assert done.code == 4
    assert "zzz" in done.err
