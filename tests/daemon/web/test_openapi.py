"""The description holds every route, and only what is true."""

from typing import Any

import pytest
from aiohttp import ClientSession

from chainwright.daemon.web.app import ROUTES, make_app
from chainwright.daemon.web.openapi import description, template


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return description(ROUTES)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_every_route_is_described(document: dict[str, Any], route: Any) -> None:
    operation = document["paths"][template(route.path)][route.method.lower()]

    assert operation["x-permission"] == route.permission
    assert str(route.status) in operation["responses"]
    assert ("requestBody" in operation) == (route.body is not None)


def test_the_application_serves_the_table_and_nothing_else(use_cases: Any) -> None:
    app = make_app(use_cases, lambda _: pytest.fail("nobody asks"))

    served = {(one.method, one.resource.canonical) for one in app.router.routes() if one.resource}

    assert {pair for pair in served if pair[0] != "HEAD"} == {(one.method, template(one.path)) for one in ROUTES}


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}

    assert set(_references(document)) <= known


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [one for value in node.values() for one in _references(value)]
    return [one for value in node for one in _references(value)] if isinstance(node, list) else []


def test_every_number_that_is_asked_with_has_bounds(document: dict[str, Any]) -> None:
    """One that no database can hold would otherwise be a fault of ours."""
    asked = [route for route in ROUTES if route.query or route.body]
    unbounded = [
        f"{route.path} {model.__name__}"
        for route in asked
        for model in (route.query, route.body)
        if model and any("maximum" not in one for one in _integers(model.model_json_schema()))
    ]

    assert unbounded == []


def _integers(node: Any) -> list[dict[str, Any]]:
    if isinstance(node, dict):
        own = [node] if node.get("type") == "integer" else []
        return own + [one for value in node.values() for one in _integers(value)]
    return [one for value in node for one in _integers(value)] if isinstance(node, list) else []


async def test_it_is_served(api: ClientSession, document: dict[str, Any]) -> None:
    assert await (await api.get("/api/v1/openapi.json")).json() == document
