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


def test_a_deploy_branch_refuses_force_and_deletion(hosting, pusher):
    pusher.commit({"workflows/say.yaml": SAY})
    good = pusher.commit({"workflows/say.yaml": SAY.replace("one", "two")})
    pusher.push("HEAD:main")
    pusher.git("reset", "--quiet", "--hard", "HEAD~1")
    pusher.commit({"workflows/say.yaml": SAY.replace("one", "three")})

    forced, deleted = pusher.push("--force", "HEAD:main"), pusher.push("--delete", "main")

    assert "only goes forward" in forced.err
    assert "cannot be deleted" in deleted.err
    assert (forced.code, deleted.code) == (1, 1)
    assert hosting.client.items("/deployments")[0]["commit"] == good


def test_plan_only_shows_the_verdict_and_changes_nothing(hosting, pusher):
    before = hosting.client.items("/deployments")[0]["commit"]
    commit = pusher.commit({"workflows/say.yaml": SAY, "workflows/other.yaml": SAY})

    done = pusher.push("--push-option=plan-only", "HEAD:main")

    assert done.code == 1
    assert f"main: 2 chains at {commit[:12]}" in done.err
    assert "plan only" in done.err
    assert hosting.client.items("/deployments")[0]["commit"] == before
    pusher.git("push", "--quiet", "origin", "HEAD:main")
    pusher.commit({"workflows/other.yaml": None})
    pusher.push("HEAD:main")


def test_the_pushers_message_and_name_stay_with_the_deployment(hosting, pusher, command):
    pusher.commit({"workflows/say.yaml": SAY, "note": "a"})
    pusher.push("--push-option=message=say it louder", "HEAD:main")

    newest = hosting.client.items("/deployments/history")[0]

    assert (newest["message"], newest["cause"], newest["in_force"]) == ("say it louder", "commit", True)
    assert newest["actor"]
    assert "say it louder" in command(hosting.home, "deployments", "--history").out


def test_two_who_race_are_served_one_after_the_other(hosting, clone, pusher):
    pusher.commit({"workflows/say.yaml": SAY, "note": "race"})
    pusher.push("HEAD:main")
    address = hosting.client.items("/repositories")[0]["path"]
    racers = [clone(address), clone(address)]
    commits = {racer.commit({"note": f"{number}"}): racer for number, racer in enumerate(racers)}

    pushes = [racer.start_push("HEAD:main") for racer in racers]
    codes = [push.wait(60) for push in pushes]

    assert sorted(codes) == [0, 1]
    won = list(commits)[codes.index(0)]
    hosting.client.post("/repositories/chains/reconcile")
    assert hosting.client.items("/deployments")[0]["commit"] == won


def test_a_daemon_that_is_away_refuses_and_says_what_to_do(own_hosting, clone):
    address = own_hosting.client.items("/repositories")[0]["path"]
    someone = clone(address)
    someone.commit({"workflows/say.yaml": SAY})
    own_hosting.stop()

    done = someone.push("HEAD:main")

    assert done.code == 1
    assert "chainwright up --detach" in done.err
    own_hosting.start()
    assert someone.push("HEAD:main").code == 0


def test_more_repositories_are_hosted_while_the_daemon_runs(hosting, clone, command):
    made = command(hosting.home, "remote", "--create", "tools")
    someone = clone(made.out.strip())
    someone.commit({"workflows/mend.yaml": SAY})
    someone.push("HEAD:main")

    assert hosting.ended("tools/main/mend")["repository"] == "tools"
    assert made.out.strip() in command(hosting.home, "remote").out


def test_who_was_refused_and_what_did_not_load_is_on_record(hosting, pusher, command):
    pusher.commit({"workflows/say.yaml": SAY, "note": "refused"})
    pusher.push("HEAD:main")
    wrong = pusher.commit({"workflows/say.yaml": "agents:\n  say:\n    runs: echo\n"})
    pusher.push("--push-option=plan-only", "HEAD:main")
    pusher.push("HEAD:main")
    (refused, *earlier) = hosting.client.items("/pushes", repository="chains")
    listed = command(hosting.home, "pushes", "--repository", "chains")

    assert (refused["kind"], refused["after"], refused["ref"]) == ("refused", wrong, "refs/heads/main")
    assert refused["actor"]
    assert wrong not in {one["after"] for one in earlier}
    assert 'workflows/say.yaml:3:5: error: unknown key "runs"' in listed.err
    assert command(hosting.home, "pushes", "--repository", "none").code == 4
