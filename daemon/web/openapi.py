"""The OpenAPI 3.1 description, made of the route table and the models: what is not in the table does not exist."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from chainwright import __version__
from chainwright.daemon.web.idempotency import KEY, LIMIT, REPLAYED, Keyed
from chainwright.daemon.web.problems import MEDIA
from chainwright.daemon.web.route import Route
from chainwright.schemas.api import Problem

_REF: Final = "#/components/schemas/{model}"
_PATTERN: Final = re.compile(r"\{(\w+)(?::[^}]*)?\}")

Mode = Literal["validation", "serialization"]
Refs = Mapping[Any, dict[str, Any]]
"""(model, mode) → the reference to its schema."""


def description(routes: Iterable[Route]) -> dict[str, Any]:
    """The whole document."""
    table = tuple(routes)
    refs, schemas = models_json_schema(sorted(_models(table), key=str), ref_template=_REF)
    paths: dict[str, dict[str, Any]] = {}
    for route in table:
        paths.setdefault(template(route.path), {})[route.method.lower()] = _operation(route, refs)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Chainwright", "version": __version__},
        "paths": paths,
        "components": {"schemas": schemas["$defs"]},
    }


def template(path: str) -> str:
    """A path as OpenAPI writes it: ``{chain:.+}`` is ``{chain}``."""
    return _PATTERN.sub(r"{\1}", path)


def _models(routes: Iterable[Route]) -> set[tuple[type[BaseModel], Mode]]:
    asked = {(route.body, "validation") for route in routes if route.body}
    answered = {(route.answer, "serialization") for route in routes if route.answer}
    return {*asked, *answered, (Problem, "serialization")}  # type: ignore[arg-type]  # literals widen in a set of tuples


def _operation(route: Route, refs: Refs) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "summary": route.does,
        "x-permission": route.permission,
        "parameters": [*_in_path(route), *_in_query(route), *_in_headers(route)],
        "responses": {
            **{str(status): _answer(route, refs) for status in (route.status, *route.also_status)},
            **({"304": {"description": "It is as the ETag in If-None-Match says"}} if _has_etag(route) else {}),
            "default": _problem(refs),
        },
    }
    if route.body:
        schema = refs[route.body, "validation"]
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    return operation


def _answer(route: Route, refs: Refs) -> dict[str, Any]:
    schema = refs[route.answer, "serialization"] if route.answer else {}
    others = {media: {"schema": {"type": "string"}} for media in route.also_media}
    return {"description": route.does, "content": {route.media: {"schema": schema}, **others}}


def _has_etag(route: Route) -> bool:
    return route.method == "GET" and route.media == "application/json"


def _problem(refs: Refs) -> dict[str, Any]:
    return {"description": "Refused", "content": {MEDIA: {"schema": refs[Problem, "serialization"]}}}


def _in_path(route: Route) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _PATTERN.findall(route.path)
    ]


def _in_query(route: Route) -> list[dict[str, Any]]:
    if route.query is None:
        return []
    schema = route.query.model_json_schema()
    required = schema.get("required", ())
    return [
        {"name": name, "in": "query", "required": name in required, "schema": field}
        for name, field in schema["properties"].items()
    ]


def _in_headers(route: Route) -> list[dict[str, Any]]:
    found = [{"name": name, "in": "header", "schema": {"type": "string"}} for name in route.headers]
    return [*found, _KEY[route.keyed]] if route.keyed else found


def _of_key(promise: str) -> dict[str, Any]:
    text = (
        f"Names this request, so that it may be sent again: {promise}. 422 with the code key-reused when the key belongs to another "
        "request, 409 while the first is under way, or when what became of it is not known. An answer that is repeated says "
        f"{REPLAYED}."
    )
    schema = {"type": "string", "minLength": 1, "maxLength": LIMIT}
    return {"name": KEY, "in": "header", "schema": schema, "description": text}


_KEY: Final[dict[Keyed, dict[str, Any]]] = {
    "run": _of_key("the same answer for a day, and always the same run"),
    "answer": _of_key("it is done once, and has the same answer for a day"),
}
