"""Routes of what a run looks like, and of the schema of a chain's inputs."""

from typing import Any

from aiohttp import ClientSession


async def test_graph_timeline_and_inputs_are_asked_for(api: ClientSession, use_cases: Any) -> None:
    use_cases.pictures = {"graph": {"nodes": []}, "timeline": {"lanes": []}}

    graph, timeline = [await (await api.get(f"/api/v1/runs/run-a/{one}")).json() for one in ("graph", "timeline")]
    schema = await (await api.get("/api/v1/inputs/team/hello?ref=v1")).json()

    assert (graph, timeline, schema) == ({"nodes": []}, {"lanes": []}, {"type": "object"})
    assert use_cases.asked == [("run_graph", "run-a"), ("run_timeline", "run-a"), ("chain_inputs", "team/hello", "v1")]
