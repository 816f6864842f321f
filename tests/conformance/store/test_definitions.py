"""Compiled chains, the deployment in force, and the commit that was refused."""

from chainwright.daemon.store.port import AcceptedPush, Deployment, RefusedDeployment


def deployed(commit, at=1.0, environment="main", **more):
    return Deployment(
        repository="notes",
        environment=environment,
        commit=commit,
        deployed_at=at,
        chains={"b": "h"},
        hash=f"h-{commit}",
        **more,
    )


def refused(commit, at=1.0):
    diagnostics = ("brief.yaml:1:1: error: no", "brief.yaml:2:1: error: nor this")
    return RefusedDeployment(
        repository="notes", environment="main", commit=commit, refused_at=at, diagnostics=diagnostics
    )


async def test_a_definition_is_kept_under_its_hash_byte_for_byte(store):
    await store.keep_definition("h1", b'{ "id":"brief" }')
    await store.keep_definition("h1", b'{ "id":"brief" }')

    assert await store.definition("h1") == b'{ "id":"brief" }'
    assert await store.definition("h2") is None


async def test_the_last_recorded_deployment_is_in_force(store):
    assert await store.deployment("notes", "main") is None
    _, second = [await store.record_deployment(deployed(commit)) for commit in ("c1", "c2")]

    assert await store.deployment("notes", "main") == deployed("c2", id=second)


async def test_a_commit_can_be_put_in_force_again(store):
    *_, third = [await store.record_deployment(deployed(commit)) for commit in ("c1", "c2", "c1")]

    assert await store.deployment("notes", "main") == deployed("c1", id=third)


async def test_the_history_of_an_environment_is_told_newest_first(store):
    numbers = [await store.record_deployment(deployed(commit)) for commit in ("c1", "c2", "c3")]
    why = {"head": "c3", "cause": "rollback", "actor": "ada", "message": "it was better"}
    fourth = await store.record_deployment(deployed("c2", **why))
    await store.record_deployment(deployed("c9", environment="staging"))

    assert await store.deployments("notes", "main", 2) == [
        deployed("c2", id=fourth, **why),
        deployed("c3", id=numbers[2]),
    ]


async def test_the_newest_push_of_a_commit_says_who_and_why(store):
    pushes = [
        AcceptedPush(repository="notes", commit="c1", actor=actor, message="because", pushed_at=1.0)
        for actor in ("ada", "bob")
    ]
    for push in pushes:
        await store.record_push(push)

    assert await store.push_of("notes", "c1") == pushes[1]
    assert await store.push_of("notes", "c2") is None
    assert await store.push_of("other", "c1") is None


async def test_each_environment_and_repository_has_its_own(store):
    number = await store.record_deployment(deployed("c1"))
    await store.record_deployment(deployed("c2", environment="staging"))

    assert await store.deployment("notes", "main") == deployed("c1", id=number)
    assert await store.deployment("other", "main") is None


async def test_the_newest_refusal_is_told_and_the_deployment_stays(store):
    number = await store.record_deployment(deployed("c1"))
    for commit in ("c2", "c3"):
        await store.record_refusal(refused(commit))

    assert await store.refusal("notes", "main") == refused("c3")
    assert await store.deployment("notes", "main") == deployed("c1", id=number)


async def test_a_refusal_is_over_once_something_was_deployed_whatever_the_clock_says(store):
    await store.record_refusal(refused("c1", at=500.0))
    assert await store.refusal("notes", "main") == refused("c1", at=500.0)
    await store.record_deployment(deployed("c2", at=400.0))

    assert await store.refusal("notes", "main") is None


async def test_what_was_deployed_outlives_a_restart(database, store):
    number = await store.record_deployment(deployed("c1"))
    await store.record_refusal(refused("c2"))
    reopened = await database.open()

    assert await reopened.deployment("notes", "main") == deployed("c1", id=number)
    assert await reopened.refusal("notes", "main") == refused("c2")


async def test_histories_go_on_below_a_number(store):
    numbers = [await store.record_deployment(deployed(f"c{one}")) for one in (1, 2, 3)]
    for one in (1, 2, 3):
        await store.record_refusal(refused(f"r{one}"))

    assert [one.id for one in await store.deployments("notes", "main", 9, numbers[2])] == [numbers[1], numbers[0]]
    newest, *_ = await store.refusals("notes", "main", 1)
    assert [one.commit for one in await store.refusals("notes", "main", 9, newest.id)] == ["r2", "r1"]
