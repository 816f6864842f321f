"""What is measured, told as Prometheus reads it, and nothing that would make a series of every run."""

import re
from pathlib import Path
from typing import Any

from aiohttp import ClientSession
from prometheus_client.parser import text_string_to_metric_families

DOCUMENT = Path(__file__).parents[3] / "docs" / "api.md"


async def told(api: ClientSession) -> dict[str, Any]:
    """Families by name."""
    answer = await api.get("/metrics")
    assert (answer.status, answer.content_type) == (200, "text/plain")
    return {one.name: one for one in text_string_to_metric_families(await answer.text())}


async def test_requests_are_counted_by_the_route_of_the_table(api: ClientSession) -> None:
    await api.get("/api/v1/runs/run-a")
    await api.get("/api/v1/runs/run-b")
    await api.get("/api/v1/nothing/at/all")
    requests = (await told(api))["chainwright_http_requests"]
    counts = {
        (one.labels["route"], one.labels["status"]): one.value
        for one in requests.samples
        if one.name.endswith("_total")
    }

    assert counts["/api/v1/runs/{run}", "200"] == 1
    assert counts["/api/v1/runs/{run}", "404"] == 1
    assert counts["none", "404"] == 1


async def test_methods_that_nobody_needs_make_no_series(api: ClientSession) -> None:
    for word in ("PROPFIND", "MKCOL", "LOCK"):
        await api.request(word, "/api/v1/status")
    requests = (await told(api))["chainwright_http_requests"]

    assert {one.labels["method"] for one in requests.samples} == {"other"}


async def test_what_the_use_cases_measure_is_among_them(api: ClientSession) -> None:
    (sample,) = (await told(api))["chainwright_runs_open"].samples

    assert (sample.labels, sample.value) == ({"state": "running"}, 2.0)


async def test_a_distribution_is_a_histogram(api: ClientSession) -> None:
    family = (await told(api))["chainwright_store_commit_seconds"]
    values = {
        one.name.removeprefix("chainwright_store_commit_seconds") + one.labels.get("le", ""): one.value
        for one in family.samples
    }

    assert family.type == "histogram"
    assert values == {"_bucket0.5": 1.0, "_bucket+Inf": 2.0, "_count": 2.0, "_sum": 0.75}


async def test_measurements_are_for_who_may_use_the_api(site: Any) -> None:
    assert (await site.browser.get("/metrics")).status == 401
    assert (await site.browser.get("/metrics", headers={"Authorization": "Bearer right"})).status == 200


def documented() -> set[str]:
    return set(re.findall(r"^\| `(chainwright_\w+)` \|", DOCUMENT.read_text(), re.M))


async def test_the_document_names_the_requests(api: ClientSession) -> None:
    await api.get("/healthz")

    assert {"chainwright_http_requests_total", "chainwright_http_request_seconds"} <= documented()
