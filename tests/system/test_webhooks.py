"""Webhooks against a real daemon: signed deliveries become runs, once; everything else is refused, and says why."""

import hmac
import http.client
import json
import shutil
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

SECRET = "the secret of these tests"
FILES = {
    "workflows/review.yaml": """
on:
  webhook:
    id: github
    verify: {scheme: github, secret: WEBHOOK_SECRET}
    if: event.headers['x-github-event'] == 'pull_request' && event.body.action == 'opened'
    inputs:
      repo: ${{ event.body.repository.full_name }}
      pr: ${{ event.body.number }}
concurrency: {group: 'pr-${{ inputs.repo }}', queue: 1000}
inputs:
  repo: {type: string, required: true, pattern: '^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$'}
  pr: {type: integer, required: true}
agents:
  look:
    env: {REPO: '${{ inputs.repo }}', PR: '${{ inputs.pr }}', WHY: '${{ run.trigger }} ${{ run.actor }}'}
    run: echo "$REPO $PR $WHY"
""",
    "workflows/talk.yaml": """
on:
  webhook:
    - {id: slack, verify: {scheme: slack, secret: WEBHOOK_SECRET}}
    - {id: nobody, verify: {scheme: github, secret: NOT_THERE}, if: 'event.body != null'}
    - {id: short, verify: {scheme: token, secret: SHORT}}
concurrency: {group: talk, queue: 1000}
agents:
  a: {run: 'true'}
""",
    "workflows/any.yaml": """
on:
  webhook:
    id: any
    verify: {scheme: github, secret: WEBHOOK_SECRET}
    if: event.headers['x-github-event'] != 'ping' && contains(toJSON(event.body), ':')
    inputs:
      event: ${{ event.headers['x-github-event'] }}
      sender: ${{ event.body.sender.login }}
      labels: ${{ event.body.*.labels }}
      payload: ${{ event.body }}
inputs:
  event: {type: string, required: true, pattern: '^[a-z_0-9]+$'}
  sender: {type: string, default: nobody}
  labels: {type: json}
  payload: {type: json, required: true}
agents:
  never: {if: inputs.event == 'never', env: {ALL: '${{ toJSON(inputs) }}'}, run: 'true'}
""",
}
GITHUBS_OWN = "@octokit/webhooks-examples@7.6.1"
OPENED = {"action": "opened", "number": 7, "repository": {"full_name": "octo/hello"}}


@dataclass(frozen=True)
class Answered:
    """What a sender is told."""

    status: int
    headers: dict[str, str]
    raw: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.raw)


class Sender:
    """Somebody out there."""

    def __init__(self, address: str) -> None:
        found = urlsplit(address)
        self.address = (found.hostname or "", found.port or 0)

    def post(self, path: str, body: bytes, headers: dict[str, str]) -> Answered:
        connection = http.client.HTTPConnection(*self.address, timeout=20)
        try:
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            return Answered(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def github(self, payload: Any, *, hook: str = "github", secret: str = SECRET, **headers: str) -> Answered:
        """A delivery as GitHub sends it."""
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        told = {"X_GitHub_Event": "pull_request", "Content_Type": "application/json"}
        told["X_Hub_Signature_256"] = f"sha256={hmac.digest(secret.encode(), body, 'sha256').hex()}"
        named = {name.replace("_", "-"): value for name, value in (told | headers).items()}
        return self.post(f"/hooks/default/main/{hook}", body, named)


@pytest.fixture
def sender(daemon: Any) -> Sender:
    """Of this module's daemon, over TCP; its secrets are there."""
    file = daemon.home.root / "secrets.yaml"
    file.touch(mode=0o600)
    file.write_text(f"WEBHOOK_SECRET: {SECRET}\nSHORT: abc\n")
    return Sender(daemon.client.get("/status")["listen"])


def of(daemon: Any, **asked: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = daemon.client.get("/deliveries", limit=500, **asked)["items"]
    return found


def test_a_signed_delivery_is_a_run_with_the_inputs_of_its_payload(daemon: Any, sender: Sender) -> None:
    answer = sender.github(OPENED, X_GitHub_Delivery="first")
    detail = daemon.end(answer.json["run_id"])

    assert (answer.status, answer.json["fate"]) == (202, "accepted")
    assert answer.json["url"] == answer.headers["location"] == f"/api/v1/runs/{detail['id']}"
    assert (detail["outcome"], detail["inputs"]) == ("succeeded", {"repo": "octo/hello", "pr": 7})
    assert detail["trigger"] == {"kind": "webhook", "actor": "webhook:github", "key": answer.json["delivery"]}
    assert daemon.log(detail["id"], "look").strip() == "octo/hello 7 webhook webhook:github"


def test_semantics_40_a_repeat_gets_the_same_run(daemon: Any, sender: Sender) -> None:
    """By its delivery id, whatever its body; and by event and body, whatever its id."""
    first = sender.github({**OPENED, "number": 40}, X_GitHub_Delivery="forty").json
    again = sender.github({**OPENED, "number": 40}, X_GitHub_Delivery="forty")
    renumbered = sender.github({**OPENED, "number": 40}, X_GitHub_Delivery="forty-one").json

    assert (again.status, again.json["fate"], again.json["run_id"]) == (202, "duplicate", first["run_id"])
    assert renumbered["run_id"] == first["run_id"]
    assert [one["count"] for one in of(daemon, fate="duplicate") if one["first"] == first["delivery"]] == [2]


def test_the_same_delivery_a_hundred_times_at_once_is_one_run(daemon: Any, sender: Sender) -> None:
    payload = {**OPENED, "number": 100, "repository": {"full_name": "octo/crowd"}}
    with ThreadPoolExecutor(25) as pool:
        sent = [pool.submit(sender.github, payload, X_GitHub_Delivery=f"crowd-{n % 7}") for n in range(100)]
        answers = [one.result() for one in sent]

    (run,) = {answer.json["run_id"] for answer in answers}
    runs = [one for one in daemon.client.get("/runs", limit=500)["items"] if one["trigger"]["key"]]
    assert {answer.status for answer in answers} == {202}
    assert [one["fate"] for one in (answer.json for answer in answers)].count("accepted") == 1
    assert [one["id"] for one in runs if daemon.show(one["id"])["inputs"]["repo"] == "octo/crowd"] == [run]


def test_what_the_if_does_not_let_through_is_filtered(daemon: Any, sender: Sender) -> None:
    answer = sender.github({"action": "closed"}, X_GitHub_Delivery="closed")

    assert (answer.status, answer.json["fate"], answer.json["run_id"]) == (200, "filtered", None)
    assert of(daemon, fate="filtered")[0]["id"] == answer.json["delivery"]


def test_a_payload_that_does_not_fit_is_told_why_and_kept(daemon: Any, sender: Sender, chainwright: Any) -> None:
    answer = sender.github({**OPENED, "number": "seven"}, X_GitHub_Delivery="unfit")
    (kept,) = of(daemon, fate="unfit")
    shown = daemon.client.get(f"/deliveries/{kept['id']}")

    assert answer.status == 422
    assert 'input "pr": an integer is expected, this is a text, "seven"' in answer.json["detail"]
    assert kept["id"] in answer.json["detail"]
    assert json.loads(shown["body"])["number"] == "seven"
    assert shown["headers"]["x-github-delivery"] == "unfit"
    assert '"seven"' in chainwright("deliveries", "show", kept["id"]).out


def test_what_is_kept_can_be_replayed_by_a_chain_that_takes_it(own_daemon: Any, command: Any) -> None:
    (own_daemon.home.root / "secrets.yaml").touch(mode=0o600)
    (own_daemon.home.root / "secrets.yaml").write_text(f"WEBHOOK_SECRET: {SECRET}\n")
    sender = Sender(own_daemon.client.get("/status")["listen"])
    sender.github({**OPENED, "number": "8"})
    (unfit,) = of(own_daemon)
    mended = FILES["workflows/review.yaml"].replace("${{ event.body.number }}", "${{ fromJSON(event.body.number) }}")
    own_daemon.repository.commit({"workflows/review.yaml": mended})
    own_daemon.client.post("/deployments/reconcile")
    done = command(own_daemon.home, "deliveries", "replay", unfit["id"][:12])
    detail = own_daemon.end(done.out.strip())

    assert (done.code, detail["inputs"]["pr"]) == (0, 8)
    assert [(one["fate"], one["first"]) for one in of(own_daemon)] == [("accepted", unfit["id"]), ("unfit", None)]


BAD_SIGNATURES: dict[str, Callable[[bytes], dict[str, str]]] = {
    "wrong": lambda body: {"X-Hub-Signature-256": "sha256=" + "0" * 64},
    "missing": lambda body: {},
    "sha1 only": lambda body: {"X-Hub-Signature": "sha1=" + hmac.digest(SECRET.encode(), body, "sha1").hex()},
    "in capitals": lambda body: {
        "X-Hub-Signature-256": "sha256=" + hmac.digest(SECRET.encode(), body, "sha256").hex().upper()
    },
    "of other bytes": lambda body: {
        "X-Hub-Signature-256": "sha256=" + hmac.digest(SECRET.encode(), body + b"\n", "sha256").hex()
    },
    "no text": lambda body: {"X-Hub-Signature-256": "sha256=\xe9\xff"},
}


@pytest.mark.parametrize("kind", BAD_SIGNATURES)
def test_a_bad_signature_is_401_and_nothing_but_the_refusal_is_kept(daemon: Any, sender: Sender, kind: str) -> None:
    before = of(daemon)
    runs = daemon.client.get("/runs", limit=500)["items"]
    body = json.dumps({**OPENED, "number": 401}).encode()
    headers = {"X-GitHub-Event": "pull_request", "Content-Type": "application/json", **BAD_SIGNATURES[kind](body)}
    answer = sender.post("/hooks/default/main/github", body, headers)
    changed = [one for one in of(daemon) if one not in before]

    assert (answer.status, answer.json["code"]) == (401, "unauthorized")
    assert [(one["fate"], one["kept"], one["size"], one["run_id"]) for one in changed] == [("refused", False, 0, None)]
    assert daemon.client.get("/runs", limit=500)["items"] == runs


def test_a_flood_of_refusals_is_one_row_and_one_line_of_the_log(daemon: Any, sender: Sender) -> None:
    """Strangers must not fill the disk."""
    before = {one["id"]: one["count"] for one in of(daemon, hook="slack")}
    for _ in range(30):
        assert sender.post("/hooks/default/main/slack", b"{}", {"X-Slack-Signature": "v0=0"}).status == 401
    rows = [one for one in of(daemon, hook="slack") if one["fate"] == "refused" and "not ours" in one["reason"]]
    lines = [
        line for line in daemon.home.log.read_text().splitlines() if '"hook.refused"' in line and '"slack"' in line
    ]

    assert sum(one["count"] - before.get(one["id"], 0) for one in rows) == 30
    assert len(rows) <= 2
    assert len([line for line in lines if "not ours" in line]) <= len(rows)


def test_slack_is_told_its_challenge_once_it_is_proven(sender: Sender) -> None:
    body = b'{"type": "url_verification", "challenge": "3eZbrw1aB"}'
    at = str(int(time.time()))
    signature = hmac.digest(SECRET.encode(), b"v0:" + at.encode() + b":" + body, "sha256").hex()
    headers = {
        "Content-Type": "application/json",
        "X-Slack-Request-Timestamp": at,
        "X-Slack-Signature": f"v0={signature}",
    }
    told = sender.post("/hooks/default/main/slack", body, headers)
    stranger = sender.post("/hooks/default/main/slack", body, {**headers, "X-Slack-Signature": "v0=0"})

    assert (told.status, told.raw, stranger.status) == (200, b"3eZbrw1aB", 401)


def test_a_form_around_json_is_read_as_what_it_holds(daemon: Any, sender: Sender) -> None:
    body = b"payload=" + quote(json.dumps({**OPENED, "number": 12})).encode()
    answer = sender.github(body, Content_Type="application/x-www-form-urlencoded")

    assert daemon.end(answer.json["run_id"])["inputs"]["pr"] == 12


@pytest.fixture
def examples(tmp_path: Path) -> list[tuple[str, Any]]:
    """Event and payload of every example of GitHub's own, from its npm package."""
    if shutil.which("npm") is None:
        pytest.skip("CAPABILITY: no npm on this machine, so GitHub's own payloads were not tried")
    words = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(tmp_path), GITHUBS_OWN]
    done = subprocess.run(words, check=False, capture_output=True, text=True, timeout=300)
    if done.returncode != 0:
        pytest.skip(f"CAPABILITY: npm finds no registry, so GitHub's own payloads were not tried: {done.stderr[-200:]}")
    found = sorted((tmp_path / "node_modules" / "@octokit" / "webhooks-examples").glob("*/index.json"))
    events = [event for index in found for event in json.loads(index.read_text())]
    return [(event["name"], payload) for event in events for payload in event["examples"]]


def test_each_of_githubs_own_payloads_is_one_run_with_its_values(
    daemon: Any, sender: Sender, examples: list[tuple[str, Any]]
) -> None:
    """Those that differ in nothing are repeats of each other, as semantics 40 has it."""
    payloads = {(event, json.dumps(payload)): payload for event, payload in examples}
    told = {key: sender.github(payload, hook="any", X_GitHub_Event=key[0]).json for key, payload in payloads.items()}
    pings = {key for key in told if key[0] == "ping"}
    runs = {told[key]["run_id"]: payloads[key] for key in told.keys() - pings}

    assert len(examples) > 300
    assert {told[key]["fate"] for key in pings} == {"filtered"}
    assert {told[key]["fate"] for key in told.keys() - pings} == {"accepted"}
    assert len(runs) == len(told) - len(pings)
    for run in sorted(runs)[:: len(runs) // 20]:
        given = daemon.show(run)["inputs"]
        assert (given["payload"], given["sender"]) == (runs[run], runs[run].get("sender", {}).get("login", "nobody"))


@pytest.mark.parametrize("hook", ["nobody", "short"])
def test_without_a_secret_that_counts_nobody_is_believed(sender: Sender, hook: str) -> None:
    """An empty or short secret cannot be configured; senders are asked to come again."""
    body = b"{}"
    signed = {"X-Hub-Signature-256": f"sha256={hmac.digest(b'abc', body, 'sha256').hex()}"}
    answer = sender.post(f"/hooks/default/main/{hook}", body, {"Authorization": "Bearer abc", **signed})

    assert (answer.status, answer.headers["retry-after"]) == (503, "1")


def test_a_chain_says_where_its_deliveries_go(chainwright: Any) -> None:
    told = {one["id"]: one["webhooks"] for one in map(json.loads, chainwright("chains", "--json").out.splitlines())}

    assert told["review"] == [{"id": "github", "scheme": "github", "path": "/hooks/default/main/github"}]
    assert [one["path"] for one in told["talk"]] == [
        f"/hooks/default/main/{name}" for name in ("slack", "nobody", "short")
    ]


def test_the_doctor_knows_webhooks_without_a_secret_that_counts(daemon: Any, sender: Sender) -> None:
    found = {one["check"]: one["detail"] for one in daemon.client.items("/doctor") if not one["ok"]}

    assert {name for name in found if name.startswith("webhook")} == {"webhook main/nobody", "webhook main/short"}
    assert "NOT_THERE" in found["webhook main/nobody"]
    assert "abc" not in found["webhook main/short"]


@pytest.mark.parametrize("path", ["default/main/none", "other/main/github", "default/other/github"])
def test_an_address_without_a_webhook_is_404(sender: Sender, path: str) -> None:
    assert sender.post(f"/hooks/{path}", b"{}", {}).status == 404


def test_a_compressed_body_is_415(sender: Sender) -> None:
    assert sender.github(OPENED, Content_Encoding="gzip").status == 415


def test_a_body_of_26_mib_is_413(sender: Sender) -> None:
    assert sender.github(b"x" * (26 << 20)).status == 413


def test_the_api_over_tcp_wants_the_token_and_the_hooks_do_not(daemon: Any, sender: Sender) -> None:
    connection = http.client.HTTPConnection(*sender.address, timeout=20)
    connection.request("GET", "/api/v1/runs")
    refused = connection.getresponse().status
    connection.close()
    token = (daemon.home.root / "token").read_text()
    connection = http.client.HTTPConnection(*sender.address, timeout=20)
    connection.request("GET", "/api/v1/runs", headers={"Authorization": f"Bearer {token}"})

    assert (refused, connection.getresponse().status) == (401, 200)
    connection.close()
