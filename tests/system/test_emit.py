"""`chainwright emit`, `events` and `explain`: what agents tell one another, seen and sent from outside."""

import json

import pytest

FILES = {
    "workflows/talk.yaml": """
agents:
  ask:
    emits: {asked: {words: string, times: integer}}
    run: chainwright emit asked --data '{"words":"why?","times":2}'
  answer:
    on: asked
    run: jq -c . "$CHAINWRIGHT_EVENT" 2>/dev/null || cat "$CHAINWRIGHT_EVENT"
""",
    "workflows/wrong.yaml": """
agents:
  ask:
    emits: {asked: {times: integer}}
    continue-on-error: true
    run: |
      echo "CODE"
      chainwright emit asked --data '{"times":"many"}'
  loose:
    run: chainwright emit nobody.declared
  never:
    on: asked
    run: 'true'
""",
    "workflows/held.yaml": """
agents:
  hold:
    run: cat
  hear:
    on: knock
    max-turns: 5
    run: cat "$CHAINWRIGHT_EVENT"
  gate:
    on: {all: [knock, bell]}
    run: 'true'
  knocker:
    needs: hold
    emits: [knock, bell]
    run: 'true'
""",
    "workflows/now.yaml": """
agents:
  feed:
    emits:
      tick: {deliver: now}
    run: |
      chainwright emit tick
      until [ -e heard ]; do sleep 0.02; done
  hear:
    on: tick
    run: touch heard
""",
    "workflows/just-before-exit.yaml": """
agents:
  leave:
    emits: [left]
    run: exec sh -c 'printf %s "{\\"event\\":\\"left\\"}" > "$CHAINWRIGHT_EVENTS/tmp/x" && mv "$CHAINWRIGHT_EVENTS/tmp/x" "$CHAINWRIGHT_EVENTS/new/x"'
  hear:
    on: left
    run: 'true'
""",
    "workflows/discarded.yaml": """
agents:
  fall:
    emits: [left]
    run: |
      chainwright emit left
      exit 1
  hear:
    on: left
    run: 'true'
""",
}


def named(daemon, run, name):
    return [event for event in daemon.events(run) if event["name"] == name]


def test_an_event_and_its_data_reach_who_listens(daemon):
    detail = daemon.ended("talk")

    (event,) = named(daemon, detail["id"], "asked")
    assert event["data"] == {"words": "why?", "times": 2}
    assert (event["agent"], event["fate"]) == ("ask", "routed")
    assert event["deliveries"] == [{"agent": "answer", "state": "consumed", "turn": 1}]
    seen = json.loads(daemon.log(detail["id"], "answer"))
    assert (seen["name"], seen["source"]["agent"] if isinstance(seen["source"], dict) else seen["source"]) == (
        "asked",
        "ask",
    )
    assert seen["data"] == event["data"]


def test_an_event_written_just_before_the_exit_is_routed(daemon):
    detail = daemon.ended("just-before-exit")

    assert detail["agents"]["hear"]["outcome"] == "succeeded"


def test_an_event_to_deliver_now_is_heard_while_its_emitter_runs(daemon):
    detail = daemon.ended("now")

    assert detail["outcome"] == "succeeded"


def test_events_of_a_failed_attempt_are_kept_and_not_routed(daemon):
    detail = daemon.ended("discarded")

    (event,) = named(daemon, detail["id"], "left")
    assert (event["fate"], event["deliveries"]) == ("discarded", [])
    assert detail["agents"]["hear"]["outcome"] == "skipped"


def test_an_event_that_does_not_fit_its_declaration_fails_the_attempt(daemon):
    detail = daemon.ended("wrong")

    (event,) = named(daemon, detail["id"], "asked")
    attempt = daemon.attempt(detail, "ask")
    assert event["fate"] == "refused"
    assert '"times"' in event["why"]
    assert (attempt["outcome"], attempt["reason"]) == ("failed", "payload")
    assert '"times"' in attempt["detail"]


def test_an_event_that_was_not_declared_is_refused_and_shown(daemon, chainwright):
    run = daemon.ended("wrong")["id"]

    (event,) = named(daemon, run, "nobody.declared")
    assert event["fate"] == "refused"
    row = next(row for row in chainwright("events", run).rows if row[2] == "nobody.declared")
    assert "refused" in row[4]
    assert "declare" in row[4]


@pytest.fixture
def held(daemon, chainwright):
    run = daemon.run("held")
    daemon.begun(run, "hold")
    yield run
    chainwright("cancel", run)
    daemon.end(run)


def test_from_outside_an_event_reaches_a_live_run(daemon, chainwright, held, by_and_by):
    done = chainwright("emit", "knock", "--run", held, "--data", '{"who": "Ada"}')

    assert done.code == 0
    by_and_by(lambda: '"Ada"' in daemon.log(held, "hear") if daemon.show(held)["agents"]["hear"]["turns"] else "")


def test_the_same_key_is_taken_once(daemon, chainwright, held):
    for _ in range(2):
        assert chainwright("emit", "knock", "--run", held, "--key", "monday").code == 0

    assert len(named(daemon, held, "knock")) == 1


def test_a_name_that_the_chain_does_not_know_is_refused_with_those_it_knows(daemon, chainwright, held):
    done = chainwright("emit", "knok", "--run", held)

    assert done.code == 2
    assert "knock" in done.err
    assert daemon.events(held) == []


def test_data_that_is_no_json_is_a_usage_error(chainwright, held):
    done = chainwright("emit", "knock", "--run", held, "--data", "hello")

    assert done.code == 2
    assert "JSON" in done.err


def test_outside_of_an_agent_and_without_a_run_it_is_for_chains(chainwright):
    """What they make of it is in ``test_listening``."""
    done = chainwright("emit", "knock")

    assert done.code == 4
    assert 'no chain starts with the event "knock"' in done.err


def test_explain_says_what_an_agent_waits_for(chainwright, held):
    assert "waits for hold: running" in chainwright("explain", held, "knocker").out
    chainwright("emit", "bell", "--run", held)

    told = chainwright("explain", held, "gate").out

    assert "waits for knock" in told
    assert "has 1 of bell waiting" in told


def test_explain_says_how_an_agent_came_to_its_end(daemon, chainwright):
    run = daemon.ended("wrong")["id"]

    assert "payload" in chainwright("explain", run, "ask").out
    told = json.loads(chainwright("explain", run, "never", "--json").out)
    assert (told["state"], told["outcome"]) == ("finished", "skipped")
    assert any("asked" in line for line in told["lines"])


def test_explain_of_an_unknown_agent_names_those_there_are(daemon, chainwright):
    done = chainwright("explain", daemon.ended("talk")["id"], "answr")

    assert done.code == 4
    assert "answer" in done.err
