"""`chainwright doctor` says where what is in force is not what git asks for."""

SAY = "agents: {say: {run: echo one}}\n"


def drift(daemon):
    """What is not well, by its name."""
    return {one["check"]: one["detail"] for one in daemon.client.items("/doctor") if not one["ok"]}


def test_a_hook_that_was_touched_is_told_until_the_next_start(own_hosting, clone):
    path = own_hosting.client.items("/repositories")[0]["path"]
    pusher = clone(path)
    pusher.commit({"workflows/say.yaml": SAY})
    pusher.push("HEAD:main")
    assert drift(own_hosting) == {}

    hook = own_hosting.home.root / "repositories" / "chains.git" / "hooks" / "pre-receive"
    hook.chmod(0o755)
    hook.write_text("#!/bin/sh\n")
    assert "was changed" in drift(own_hosting)["hooks of chains"]
    own_hosting.stop()
    own_hosting.start("--hosted")

    assert drift(own_hosting) == {}


def test_a_rollback_is_told_until_the_branch_moves_on(own_hosting, clone, command):
    pusher = clone(own_hosting.client.items("/repositories")[0]["path"])
    for note in ("first", "second"):
        pusher.commit({"workflows/say.yaml": SAY, "note": note})
        pusher.push("HEAD:main")
    assert command(own_hosting.home, "rollback").code == 0
    (told,) = drift(own_hosting).values()
    assert "rollback by" in told

    pusher.commit({"note": "third"})
    pusher.push("HEAD:main")
    assert drift(own_hosting) == {}


def test_a_push_shows_what_it_would_do(own_hosting, clone):
    pusher = clone(own_hosting.client.items("/repositories")[0]["path"])
    pusher.commit({"workflows/say.yaml": SAY})
    first = pusher.push("HEAD:main")
    pusher.commit({"workflows/say.yaml": SAY.replace("{run", "{secrets: [TOKEN], run")})
    second = pusher.push("HEAD:main")

    assert "plan:" not in first.err
    assert second.code == 0
    assert "TOKEN" in second.err
    assert "high" in second.err
    pusher.commit({"workflows/say.yaml": SAY.replace("run:", "runs:")})
    assert 'unknown key "runs"; did you mean "run"?' in pusher.push("HEAD:main").err
