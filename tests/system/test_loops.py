"""Events that start turns: bounded loops, joins, early ends, sessions that end with an event, and limits."""

FILES = {
    "workflows/review.yaml": """
agents:
  write:
    on: {any: [asked, draft.rejected]}
    max-turns: 3
    emits: [draft.ready]
    run: chainwright emit draft.ready --data "{\\"draft\\":$CHAINWRIGHT_TURN}"
  ask:
    emits: [asked]
    run: chainwright emit asked
  edit:
    on: draft.ready
    env: {DRAFT: '${{ event.data.draft }}'}
    emits: [draft.rejected, draft.accepted]
    run: |
      if [ "$DRAFT" = 2 ]; then chainwright emit draft.accepted; else chainwright emit draft.rejected; fi
  publish:
    on: draft.accepted
    run: echo published
""",
    "workflows/never-content.yaml": """
agents:
  write:
    on: {any: [asked, draft.rejected]}
    max-turns: 2
    emits: [draft.ready]
    run: chainwright emit draft.ready
  ask:
    emits: [asked]
    run: chainwright emit asked
  edit:
    on: draft.ready
    emits: [draft.rejected]
    run: chainwright emit draft.rejected
  give-up:
    on: write.exhausted
    run: echo gave up
""",
    "workflows/joins.yaml": """
agents:
  a:
    emits: [a.done]
    run: chainwright emit a.done
  b:
    emits: [b.done]
    run: chainwright emit b.done
  c:
    emits: [c.done]
    run: 'true'
  both:
    on: {all: [a.done, b.done]}
    run: cat "$CHAINWRIGHT_EVENT"
  most:
    on: {quorum: {of: [a.done, b.done, c.done], count: 2}}
    run: echo two of three
  every:
    on: {all: [a.done, b.done, c.done]}
    run: echo never
""",
    "workflows/early.yaml": """
agents:
  judge:
    emits: [run.stop]
    run: chainwright emit run.stop
  after:
    needs: judge
    run: echo never
""",
    "workflows/code78.yaml": """
agents:
  judge:
    emits: [run.stop]
    run: exit 78
  after:
    needs: judge
    run: echo never
""",
    "workflows/open-end.yaml": """
agents:
  chat:
    finish: event
    emits: [answered]
    run: |
      trap 'exit 5' TERM
      chainwright emit answered
      while true; do sleep 0.05; done
  hear:
    on: answered
    run: 'true'
""",
    "workflows/no-event.yaml": "agents:\n  chat:\n    finish: event\n    emits: [answered]\n    run: 'true'\n",
    "workflows/many-turns.yaml": """
limits: {turns: 4}
agents:
  ping:
    on: {any: [begun, pong]}
    max-turns: 100
    emits: [ping]
    run: chainwright emit ping
  pong:
    on: ping
    emits: [pong]
    run: chainwright emit pong
  begin:
    emits: [begun]
    run: chainwright emit begun
""",
    "workflows/many-events.yaml": """
limits: {events: 3}
agents:
  talk:
    emits: [word]
    run: for n in 1 2 3 4 5; do chainwright emit word --data $n; done
""",
    "workflows/long.yaml": "limits: {duration: 0.5s}\nagents:\n  hold:\n    run: sleep 60\n",
}


def test_an_editor_sends_a_draft_back_until_it_is_content(daemon):
    detail = daemon.ended("review")

    assert detail["outcome"] == "succeeded"
    assert [len(detail["agents"][name]["turns"]) for name in ("write", "edit", "publish")] == [2, 2, 1]


def test_a_loop_ends_at_its_bound_and_says_so_to_who_listens(daemon):
    detail = daemon.ended("never-content")

    assert len([one for one in detail["agents"]["write"]["turns"] if one["attempts"]]) == 2
    assert daemon.log(detail["id"], "give-up") == "gave up\n"


def test_joins_wait_for_all_or_for_enough(daemon):
    detail = daemon.ended("joins")
    both, most, every = (detail["agents"][name] for name in ("both", "most", "every"))

    assert len(both["turns"][0]["events"]) == 2
    assert (both["outcome"], most["outcome"]) == ("succeeded", "succeeded")
    assert (every["outcome"], every["reason"]) == ("skipped", "never-fed")
    assert detail["outcome"] == "succeeded"


def test_an_agent_that_may_ends_the_run_early(daemon):
    for chain in ("early", "code78"):
        detail = daemon.ended(chain)

        assert (detail["outcome"], detail["reason"]) == ("succeeded", "run-stopped")
        assert detail["agents"]["after"]["outcome"] == "skipped"


def test_a_session_that_never_exits_ends_politely_with_its_event(daemon):
    detail = daemon.ended("open-end")

    assert detail["outcome"] == "succeeded"
    assert daemon.attempt(detail, "chat")["exit_code"] == 5
    assert detail["agents"]["hear"]["outcome"] == "succeeded"


def test_an_exit_without_the_event_that_was_to_finish_it_is_a_failure(daemon):
    assert daemon.attempt(daemon.ended("no-event"), "chat")["reason"] == "no-event"


def test_limits_end_a_run_and_name_themselves(daemon):
    reasons = {chain: daemon.ended(chain)["reason"] for chain in ("many-turns", "many-events", "long")}

    assert reasons == {"many-turns": "limit-turns", "many-events": "limit-events", "long": "limit-duration"}
