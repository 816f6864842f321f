"""People push to a repository that the daemon hosts: what is valid is deployed, what is not is refused in their terminal."""

SAY = "agents:\n  say:\n    run: echo version one\n"


def test_a_valid_push_is_in_force_when_git_returns_and_runs(hosting, pusher):
    commit = pusher.commit({"workflows/say.yaml": SAY})

    done = pusher.push("HEAD:main")

    assert done.code == 0, done.err
    assert f"chains/main: in force at {commit[:12]}" in done.err
    detail = hosting.ended("say")
    assert (detail["outcome"], detail["commit"]) == ("succeeded", commit)
    assert hosting.log(detail["id"], "say") == "version one\n"


def test_an_invalid_push_is_refused_with_its_place_in_the_pushers_terminal(hosting, pusher):
    good = pusher.commit({"workflows/say.yaml": SAY})
    pusher.push("HEAD:main")
    pusher.commit({"workflows/say.yaml": "agents:\n  say:\n    runs: echo\n"})

    done = pusher.push("HEAD:main")

    assert done.code == 1
    assert "workflows/say.yaml:3:5: error: " in done.err
    assert "pre-receive hook declined" in done.err
    (told,) = hosting.client.items("/deployments")
    assert (told["commit"], told["refused"]) == (good, None)
