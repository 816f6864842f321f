"""Secrets: they reach the process that lists them, and nothing else of them is anywhere (semantics 29, 33, 36; promise 6)."""

import base64
import hashlib
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

TOKEN = 'tok-5e\'cret "v4lue"/0+1'
OTHER = "0ther-s3cret-of-the-environment"
MANY = "first line of it\nsecond line of it"

FILES = {
    "workflows/agents/poster.yaml": """
inputs: {auth: {type: string}}
secrets: [BLOG_TOKEN]
run: |
  test "$INPUT_AUTH" = "Bearer $BLOG_TOKEN"
  cat "$CHAINWRIGHT_INPUTS"
""",
    "workflows/given.yaml": """
agents:
  mine:
    secrets: [BLOG_TOKEN, OTHER, OWN]
    env: {AUTH: 'for ${{ run.chain }}: ${{ secrets.OTHER }}'}
    run: |
      printf %s "$BLOG_TOKEN" | sha256sum
      printf %s "$AUTH" | sha256sum
      printf %s "$OWN" | sha256sum
  theirs:
    run: env
  used:
    uses: agents/poster
    secrets: [BLOG_TOKEN]
    with: {auth: 'Bearer ${{ secrets.BLOG_TOKEN }}'}
""",
    "workflows/leaky-steps.yaml": """
agents:
  leak:
    secrets: [BLOG_TOKEN]
    steps:
      - id: tell
        run: |
          echo "token=$BLOG_TOKEN" | tee -a "$GITHUB_OUTPUT" "$GITHUB_ENV" "$GITHUB_PATH"
      - run: echo "$TOLD and $token"
        env: {TOLD: '${{ steps.tell.outputs.token }}'}
""",
    "workflows/step-env.yaml": """
agents:
  post:
    secrets: [BLOG_TOKEN, OTHER]
    env: {BLOG_TOKEN: 'Bearer ${{ secrets.BLOG_TOKEN }}'}
    steps:
      - id: who
        run: echo user=ann >> "$GITHUB_OUTPUT"
      - env: {AUTH: '${{ steps.who.outputs.user }}:${{ secrets.BLOG_TOKEN }}'}
        run: |
          printf %s "$AUTH" | sha256sum
          echo "as $AUTH"
      - run: echo "later ${AUTH:-none}"
""",
    "workflows/leaks.yaml": """
agents:
  leak:
    secrets: [BLOG_TOKEN, MANY]
    outputs: {told: string, coded: string}
    emits: [out]
    checks: [{run: 'cat kept; false'}]
    retry: {max: 1, delay: 0s}
    run: |
      echo "$BLOG_TOKEN"; echo "$MANY"
      printf %s "$BLOG_TOKEN" | base64; printf 'x%s' "$BLOG_TOKEN" | base64; printf 'xy%s' "$BLOG_TOKEN" | base64
      printf %s "$BLOG_TOKEN" | od -An -tx1 | tr -d ' \\n'; echo
      printf '%q\\n' "$BLOG_TOKEN"
      printf 'token: %s\\n' "$MANY" | head -1 > "$CHAINWRIGHT_EVENTS/tmp/out.yaml"
      mv "$CHAINWRIGHT_EVENTS/tmp/out.yaml" "$CHAINWRIGHT_EVENTS/new/out.yaml"
      echo "told=$BLOG_TOKEN" >> "$CHAINWRIGHT_OUTPUT"
      echo "coded=$(printf %s "$BLOG_TOKEN" | base64)" >> "$CHAINWRIGHT_OUTPUT"
      echo "$BLOG_TOKEN" >> "$CHAINWRIGHT_SUMMARY"
      printf %s "$BLOG_TOKEN" > kept
  clean:
    needs: leak
    if: always()
    run: rm kept
""",
    "workflows/missing.yaml": """
agents:
  post:
    secrets: [NOT_THERE]
    retry: 3
    run: 'true'
""",
    "workflows/changed.yaml": """
agents:
  look:
    secrets: [BLOG_TOKEN]
    retry: {max: 1, delay: 0s}
    run: |
      printf %s "$BLOG_TOKEN" | sha256sum
      test "$CHAINWRIGHT_ATTEMPT" = 2 || { touch ../first; until test -e ../second; do sleep 0.02; done; false; }
""",
}


def put(home: Path, **values: str) -> None:
    """The secrets of the file, from now on."""
    path = home / "secrets.yaml"
    path.write_text(json.dumps(values))
    path.chmod(0o600)


@pytest.fixture(scope="module")
def daemon(daemon: Any) -> Any:
    """With all three providers; its environment holds DAEMONS_OWN=canary, whatever the tests do."""
    assert daemon.stop() == 0
    home = daemon.home.root
    (home / "tool.json").write_text(json.dumps({"OTHER": OTHER, "unasked": 1}))
    (home / "tool.json").chmod(0o600)
    settings = {"secrets": {"prefix": "DAEMONS_", "command": ["cat", str(home / "tool.json")]}}
    (home / "chainwright.yaml").write_text(json.dumps(settings))
    put(home, BLOG_TOKEN=TOKEN, MANY=MANY)
    daemon.start()
    return daemon


def digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()


def encodings(value: str) -> list[bytes]:
    """What must not stand anywhere: the value, its lines and what tools make of it."""
    data = value.encode()
    coded = [base64.b64encode(b"_" * shift + data)[4:-4] for shift in range(3)]
    return [data, *(line for line in data.splitlines() if len(line) > 5), *coded, data.hex().encode()]


def holding(home: Path, value: str) -> list[str]:
    """The files below the home that hold the value in some form, but for the providers' own and the workspaces of agents."""
    sources = {home / "secrets.yaml", home / "tool.json"}
    files = [path for path in home.rglob("*") if path.is_file() and not path.is_symlink() and path not in sources]
    return [
        str(path.relative_to(home)) for path in files if any(form in path.read_bytes() for form in encodings(value))
    ]


def test_a_secret_reaches_the_processes_that_list_it_and_no_other(daemon: Any) -> None:
    """Of three providers, as a variable of its name, within ``env``, and within ``with`` as ``INPUT_X`` (semantics 29, 33)."""
    run = daemon.ended("given")
    mine, theirs = daemon.log(run["id"], "mine"), daemon.log(run["id"], "theirs")

    assert run["outcome"] == "succeeded"
    assert [line.split()[0] for line in mine.splitlines()] == [
        digest(TOKEN),
        digest(f"for given: {OTHER}"),
        digest("canary"),
    ]
    assert not any(word in theirs for word in ("BLOG_TOKEN", "OTHER", "canary"))
    assert "[secret BLOG_TOKEN]" in daemon.log(run["id"], "used")


def test_the_journal_holds_references_and_not_values(daemon: Any) -> None:
    """Name, provider and a version that differs with the value (semantics 29)."""
    run = daemon.ended("given")["id"]
    entries = [row["body"] for row in daemon.client.items(f"/runs/{run}/journal")]
    given = {
        one["name"]: (one["provider"], len(one["version"]))
        for entry in entries
        if entry["kind"] == "SecretsResolved"
        for one in entry["secrets"]
    }

    assert given == {"BLOG_TOKEN": ("file", 12), "OTHER": ("command", 12), "OWN": ("environment", 12)}


def test_what_an_agent_tells_of_its_secrets_is_masked_everywhere(daemon: Any) -> None:
    """Output, events, outputs, summary, a check's text and the next attempt's feedback (semantics 36): the whole home is searched."""
    run = daemon.ended("leaks")
    log = daemon.log(run["id"], "leak")
    answers = [run, daemon.events(run["id"]), daemon.client.items(f"/runs/{run['id']}/journal"), log]
    answers += [
        daemon.client.get(f"/runs/{run['id']}/agents/leak/explanation"),
        daemon.client.items("/sessions", all="true"),
    ]

    assert run["agents"]["leak"]["reason"] == "check"
    assert run["agents"]["clean"]["outcome"] == "succeeded"
    assert "***" in log
    assert [event["data"] for event in daemon.events(run["id"]) if event["name"] == "out"] == [
        {"token": "(masked)"}
    ] * 2
    for value in (TOKEN, MANY):
        assert [form for form in encodings(value) if form in json.dumps(answers, ensure_ascii=False).encode()] == []
        assert holding(daemon.home.root, value) == []


def test_what_a_step_leaves_of_its_secrets_is_masked(daemon: Any) -> None:
    """Outputs, variables and folders of the path, which the journal keeps for later steps."""
    run = daemon.ended("leaky-steps")
    log = daemon.log(run["id"], "leak")
    answers = [run, daemon.client.items(f"/runs/{run['id']}/journal"), log]

    assert run["outcome"] == "succeeded"
    assert "(masked) and (masked)" in log
    assert [form for form in encodings(TOKEN) if form in json.dumps(answers, ensure_ascii=False).encode()] == []
    assert holding(daemon.home.root, TOKEN) == []


def test_no_process_has_a_secret_in_its_arguments(daemon: Any, by_and_by: Any) -> None:
    put(daemon.home.root, BLOG_TOKEN=TOKEN)
    run = daemon.run("changed")
    waits = daemon.home.root / "runs" / run / "first"
    by_and_by(waits.exists)
    arguments = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if _readable(path)]
    (waits.parent / "second").touch()

    assert not any(TOKEN.encode() in one for one in arguments)
    assert daemon.end(run)["outcome"] == "succeeded"


def test_a_retry_gets_the_secret_as_it_is_then(daemon: Any, by_and_by: Any) -> None:
    """References are what invariant I10 leaves out: a rotated secret reaches the next attempt."""
    put(daemon.home.root, BLOG_TOKEN=TOKEN)
    run = daemon.run("changed")
    folder = daemon.home.root / "runs" / run
    by_and_by((folder / "first").exists)
    put(daemon.home.root, BLOG_TOKEN="quite-another-one")
    (folder / "second").touch()
    detail = daemon.end(run)
    logs = [daemon.log(run, "look", attempt=number).split()[0] for number in (1, 2)]

    assert detail["outcome"] == "succeeded"
    assert logs == [digest(TOKEN), digest("quite-another-one")]


def test_a_secret_that_nobody_has_fails_the_turn_by_name(daemon: Any) -> None:
    """It says who was asked, and is not tried again: the next attempt would find no more."""
    run = daemon.ended("missing")
    post = run["agents"]["post"]
    asked = f"the file {daemon.home.root}/secrets.yaml, the daemon's variables DAEMONS_…, the command cat"

    assert (run["outcome"], post["reason"]) == ("failed", "secret")
    assert post["detail"] == f'there is no secret "NOT_THERE"; asked: {asked}'
    assert len(post["turns"][0]["attempts"]) == 1


def test_a_file_that_others_can_read_gives_nothing(daemon: Any) -> None:
    path = daemon.home.root / "secrets.yaml"
    put(daemon.home.root, BLOG_TOKEN=TOKEN)
    path.chmod(0o640)
    run = daemon.ended("changed")
    path.chmod(0o600)

    assert run["agents"]["look"]["detail"] == f"{path} is open to others (mode 0640): chmod 600 {path}"


def _readable(path: Path) -> bool:
    with suppress(OSError):
        path.read_bytes()
        return True
    return False


def test_secrets_are_listed_with_who_has_them_and_never_a_value(daemon: Any, chainwright: Any) -> None:
    put(daemon.home.root, BLOG_TOKEN=TOKEN)
    done = chainwright("secrets", "--json")
    found = {one["name"]: one for one in map(json.loads, done.out.splitlines())}

    assert {name: one["provider"] for name, one in found.items()} == {
        "BLOG_TOKEN": "file",
        "OTHER": "command",
        "OWN": "environment",
        "MANY": None,
        "NOT_THERE": None,
    }
    assert found["OWN"]["chains"] == ["given"]
    assert 'there is no secret "NOT_THERE"' in found["NOT_THERE"]["problem"]
    assert not any(value in done.out for value in (TOKEN, OTHER, "canary"))


def test_doctor_names_the_secrets_that_cannot_be_had(daemon: Any, chainwright: Any) -> None:
    done = chainwright("doctor", "--json")
    (secrets,) = (one for one in map(json.loads, done.out.splitlines()) if one["check"] == "secrets")

    assert (done.code, secrets["ok"]) == (1, False)
    assert "NOT_THERE" in secrets["detail"]


def test_a_step_may_have_a_secret_in_its_own_env(daemon: Any) -> None:
    """The secret itself, whatever the agent has under its name; masked, in no file and no answer (semantics 29, 36)."""
    put(daemon.home.root, BLOG_TOKEN=TOKEN)
    run = daemon.ended("step-env")
    log = daemon.log(run["id"], "post")
    answers = [run, daemon.client.items(f"/runs/{run['id']}/journal"), log]

    assert run["outcome"] == "succeeded"
    assert digest(f"ann:{TOKEN}") in log
    assert "as ann:***" in log
    assert "later none" in log
    assert [form for form in encodings(TOKEN) if form in json.dumps(answers, ensure_ascii=False).encode()] == []
    assert holding(daemon.home.root, TOKEN) == []
