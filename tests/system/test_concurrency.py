"""`concurrency`: how many runs and turns are at work at once, what waits visibly, and what a killed daemon makes of it."""

import signal

GATE = 'until [ -e "$GATE" ]; do sleep 0.02; done'
FILES = {
    "workflows/one.yaml": f"""
inputs: {{gate: {{type: string, required: true}}}}
concurrency: one
agents:
  work: {{env: {{GATE: '${{{{ inputs.gate }}}}'}}, run: '{GATE}'}}
""",
    "workflows/short.yaml": f"""
inputs: {{gate: {{type: string, required: true}}}}
concurrency: {{group: short, queue: 1}}
agents:
  work: {{env: {{GATE: '${{{{ inputs.gate }}}}'}}, run: '{GATE}'}}
""",
    "workflows/newest.yaml": f"""
inputs: {{gate: {{type: string, required: true}}, pr: {{type: integer, default: 1}}}}
concurrency: {{group: 'pr-${{{{ inputs.pr }}}}', cancel-in-progress: true}}
agents:
  work: {{env: {{GATE: '${{{{ inputs.gate }}}}'}}, run: '{GATE}'}}
""",
    "workflows/latest.yaml": f"""
inputs: {{gate: {{type: string, required: true}}}}
agents:
  post:
    concurrency: {{group: latest, cancel-in-progress: true}}
    env: {{GATE: '${{{{ inputs.gate }}}}'}}
    run: '{GATE}'
""",
    "workflows/train.yaml": f"""
inputs: {{gate: {{type: string, required: true}}}}
agents:
  merge:
    concurrency: train
    retry: {{max: 1, delay: 0.2s}}
    env: {{GATE: '${{{{ inputs.gate }}}}'}}
    run: |
      {GATE}
      [ "$CHAINWRIGHT_ATTEMPT" = 2 ]
""",
    "workflows/pool.yaml": """
inputs: {book: {type: string, required: true}}
agents:
  feed:
    emits: {job: {data: {n: integer}, deliver: now}}
    run: for n in 1 2 3 4 5; do chainwright emit job --data "{\\"n\\":$n}"; done
  work:
    on: job
    concurrency: {max: 2}
    env: {BOOK: '${{ inputs.book }}'}
    run: |
      echo begin >>"$BOOK"
      until [ "$(grep -c begin "$BOOK")" -ge 2 ]; do sleep 0.02; done
      echo end >>"$BOOK"
""",
    "workflows/outer.yaml": """
agents:
  call: {concurrency: family, uses: chains/middle}
""",
    "workflows/middle.yaml": """
on: call
agents:
  call: {uses: chains/inner}
""",
    "workflows/inner.yaml": """
on: call
concurrency: family
agents:
  work: {concurrency: family, run: 'true'}
""",
}


def states(daemon, *runs):
    return [daemon.show(run)["state"] for run in runs]


def gate(daemon, name):
    return daemon.home.root / f"gate-{name}"


def started(daemon, chain, name, **inputs):
    return daemon.run(chain, gate=str(gate(daemon, name)), **inputs)


def test_23_runs_of_a_group_go_one_after_the_other(daemon, chainwright):
    first, second, third = (started(daemon, "one", f"o{n}") for n in (1, 2, 3))
    daemon.begun(first, "work")

    waiting = daemon.show(second)
    assert (waiting["state"], waiting["reason"], waiting["started_at"]) == ("queued", "concurrency", None)
    assert [row[0] for row in chainwright("runs", "--state", "queued").rows] == [third, second]
    told = chainwright("explain", third, "work").out
    assert f"before it: run {first}, run {second}" in told

    for number, run in ((1, first), (2, second), (3, third)):
        daemon.begun(run, "work")
        gate(daemon, f"o{number}").touch()
        assert daemon.end(run)["outcome"] == "succeeded"


def test_23_what_finds_the_queue_full_exists_and_is_cancelled(daemon):
    first, second, third = (started(daemon, "short", "s") for _ in range(3))

    refused = daemon.end(third)
    assert (refused["outcome"], refused["reason"]) == ("cancelled", "queue-full")
    assert refused["agents"]["work"]["outcome"] == "skipped"

    gate(daemon, "s").touch()
    assert [daemon.end(run)["outcome"] for run in (first, second)] == ["succeeded", "succeeded"]


def test_23_the_newest_run_takes_the_place_of_those_before_it(daemon):
    other = started(daemon, "newest", "n", pr=2)
    first = started(daemon, "newest", "n")
    daemon.begun(first, "work")

    second = started(daemon, "newest", "n")
    third = started(daemon, "newest", "n")

    for run, newer in ((first, second), (second, third)):
        ended = daemon.end(run)
        assert (ended["outcome"], ended["reason"]) == ("cancelled", "superseded")
        assert ended["detail"] == f"by run {newer}, which came later"
    gate(daemon, "n").touch()
    assert [daemon.end(run)["outcome"] for run in (third, other)] == ["succeeded", "succeeded"]


def test_23_a_turn_that_is_superseded_names_the_one_that_took_its_place(daemon, chainwright):
    first = started(daemon, "latest", "l")
    daemon.begun(first, "post")

    second = started(daemon, "latest", "l")
    said = f"by post:1 of run {second}, which came later"

    post = daemon.end(first)["agents"]["post"]
    assert (post["outcome"], post["reason"]) == ("cancelled", "superseded")
    assert post["detail"].startswith(said)
    assert said in chainwright("explain", first, "post").out
    assert said in chainwright("show", first).out
    gate(daemon, "l").touch()
    assert daemon.end(second)["outcome"] == "succeeded"


def test_23_a_turn_keeps_its_place_over_a_retry(daemon, by_and_by):
    first, second = started(daemon, "train", "t"), started(daemon, "train", "t")
    daemon.begun(first, "merge")
    assert daemon.show(second)["agents"]["merge"]["reason"] == "concurrency"

    gate(daemon, "t").touch()
    one, two = daemon.end(first), daemon.end(second)

    assert [one["outcome"], two["outcome"]] == ["succeeded", "succeeded"]
    last = daemon.attempt(one, "merge")
    assert last["attempt"] == 2
    assert two["agents"]["merge"]["turns"][0]["attempts"][0]["started_at"] >= last["ended_at"]


def test_23_several_turns_of_an_agent_at_once(daemon):
    book = daemon.home.root / "book"

    detail = daemon.ended("pool", book=str(book))

    assert detail["outcome"] == "succeeded"
    assert len(detail["agents"]["work"]["turns"]) == 5
    lines, at_once = book.read_text().split(), 0
    for line in lines:
        at_once += 1 if line == "begin" else -1
        assert at_once <= 2
    assert lines[:2] == ["begin", "begin"]


def test_23_a_cancelled_run_leaves_the_queue(daemon, chainwright):
    first, second, third = (started(daemon, "one", "c") for _ in range(3))

    chainwright("cancel", second)
    assert daemon.end(second)["outcome"] == "cancelled"
    gate(daemon, "c").touch()

    assert [daemon.end(run)["outcome"] for run in (first, third)] == ["succeeded", "succeeded"]


def test_23_a_killed_daemon_neither_loses_a_holder_nor_starts_two(own_daemon):
    daemon = own_daemon
    runs = [started(daemon, "one", f"k{n}") for n in range(3)]
    daemon.begun(runs[0], "work")
    daemon.stop(signal.SIGKILL)
    daemon.start()

    assert states(daemon, *runs) == ["running", "queued", "queued"]
    for number, run in enumerate(runs):
        daemon.begun(run, "work")
        gate(daemon, f"k{number}").touch()
        assert daemon.end(run)["outcome"] == "succeeded"


def test_23_a_place_that_fell_free_while_the_daemon_was_away_is_given(own_daemon, by_and_by):
    daemon = own_daemon
    first, second = started(daemon, "one", "a1"), started(daemon, "one", "a2")
    daemon.begun(first, "work")
    daemon.stop(signal.SIGKILL)
    gate(daemon, "a1").touch()
    gate(daemon, "a2").touch()
    daemon.start()

    one, two = daemon.end(first), daemon.end(second)

    assert [one["outcome"], two["outcome"]] == ["succeeded", "succeeded"]
    assert daemon.attempt(two, "work")["started_at"] >= daemon.attempt(one, "work")["ended_at"]


def test_23_a_called_run_shares_the_place_of_its_callers(daemon):
    """Also over a run that asks for none: else it would wait for its own caller, for ever."""
    assert daemon.ended("outer")["outcome"] == "succeeded"
