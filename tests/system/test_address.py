"""Where people find a run: `run.url` and `CHAINWRIGHT_URL`, at the address of the daemon when the run began."""

import json

FILES = {
    "workflows/link.yaml": """
outputs: {urls: '${{ agents.tell.outputs.urls }}', attempt: '${{ agents.tell.outputs.attempt }}'}
agents:
  tell:
    approval: {}
    outputs: {urls: string, attempt: integer}
    env: {URL: '${{ run.url }}', ATTEMPT: '${{ run.attempt }}'}
    run: |
      echo "urls=$URL $CHAINWRIGHT_URL" >> "$CHAINWRIGHT_OUTPUT"
      echo "attempt=$ATTEMPT" >> "$CHAINWRIGHT_OUTPUT"
""",
}
PUBLIC = "listen: {public_url: 'https://chains.example.org/ours/'}\n"


def waiting(daemon, by_and_by):
    """A run that waits for people."""
    run = daemon.run("link")
    by_and_by(lambda: daemon.client.items("/approvals"))
    return run


def outputs(daemon, run):
    """What it gives once they have agreed."""
    daemon.client.post(f"/runs/{run}/approve", {"agent": "tell"})
    return daemon.end(run)["outputs"]


def test_a_run_is_found_at_the_address_that_is_listened_at(own_daemon, by_and_by):
    run = waiting(own_daemon, by_and_by)
    url = f"{own_daemon.client.get('/status')['listen']}/api/v1/runs/{run}"

    assert outputs(own_daemon, run) == {"urls": f"{url} {url}", "attempt": 1}


def test_a_public_address_is_for_runs_to_come(own_daemon, by_and_by):
    """What a run was told stays: it may have been sent to people already."""
    before = waiting(own_daemon, by_and_by)
    url = f"{own_daemon.client.get('/status')['listen']}/api/v1/runs/{before}"
    own_daemon.stop()
    (own_daemon.home.root / "chainwright.yaml").write_text(PUBLIC)
    own_daemon.start()
    seen = outputs(own_daemon, before)
    run = waiting(own_daemon, by_and_by)
    public = f"https://chains.example.org/ours/api/v1/runs/{run}"

    assert seen["urls"] == f"{url} {url}"
    assert outputs(own_daemon, run)["urls"] == f"{public} {public}"


def test_a_retried_run_counts_its_attempts(own_daemon, command, by_and_by):
    """As on GitHub; values that were resolved before stay those of the first run (I10), so only new ones show it."""
    run = own_daemon.run("link")
    by_and_by(lambda: own_daemon.client.items("/approvals"))
    own_daemon.client.post(f"/runs/{run}/reject", {"agent": "tell"})
    own_daemon.end(run)
    again = json.loads(command(own_daemon.home, "retry", run, "--on-new-definition", "--json").out)["id"]
    by_and_by(lambda: own_daemon.client.items("/approvals"))

    assert outputs(own_daemon, again)["attempt"] == 2
