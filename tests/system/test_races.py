"""A race, and an agent that waits for everybody (semantics 15)."""

FILES = {
    "workflows/race.yaml": """
agents:
  hare:
    run: chainwright emit quick --data '"hare"'
    emits: [quick]
  snail:
    run: sleep 600
    emits: [slow]
  judge:
    on: {first: [quick, slow]}
    run: echo "$WINNER won"
    env: {WINNER: '${{ event.data }}'}
  report:
    needs: '*'
    if: always()
    run: echo "snail $SNAIL, judge $JUDGE"
    env: {SNAIL: '${{ needs.snail.result }}', JUDGE: '${{ needs.judge.result }}'}
"""
}


def test_the_loser_is_cancelled_and_the_run_succeeds(daemon, chainwright):
    detail = daemon.ended("race")

    assert detail["outcome"] == "succeeded"
    snail = detail["agents"]["snail"]
    assert (snail["outcome"], snail["reason"]) == ("cancelled", "race-lost")
    assert daemon.log(detail["id"], "judge") == "hare won\n"
    assert daemon.log(detail["id"], "report") == "snail cancelled, judge success\n"
    assert "first of quick, slow" in chainwright("explain", detail["id"], "judge").out
