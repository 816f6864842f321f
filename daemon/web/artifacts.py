"""Routes of artifacts: those of a run, and the sending of a file that is to be an input."""

from typing import Final

from aiohttp import web

from chainwright.daemon.core.access import Permission
from chainwright.daemon.web.paging import page_of
from chainwright.daemon.web.route import API, Call, Route, answered
from chainwright.daemon.web.streaming import begin
from chainwright.schemas.api import ArtifactReference, ArtifactView, UploadQuery
from chainwright.schemas.pages import Page, PageQuery

_PIECE_BYTES: Final = 1 << 16


async def _list(call: Call) -> web.Response:
    found = await call.use_cases.run_artifacts(call.actor, call.param("run"))
    return answered(page_of(found, call.query, "agent", "turn", "event", "field", "sha256"))


async def _read(call: Call) -> web.StreamResponse:
    content = await call.use_cases.artifact(call.actor, call.param("run"), call.param("sha256"))
    response = web.StreamResponse(headers={"X-Content-Type-Options": "nosniff", "Content-Disposition": "attachment"})
    response.content_type = "application/octet-stream"
    response.content_length = content.size
    await begin(call.request, response)
    async for piece in content.chunks:
        await response.write(piece)
    await response.write_eof()
    return response


async def _send(call: Call) -> web.Response:
    asked: UploadQuery = call.query
    pieces = call.request.content.iter_chunked(_PIECE_BYTES)
    return answered(await call.use_cases.keep_artifact(call.actor, asked.name, pieces), status=201)


ROUTES: Final = (
    Route(
        method="GET",
        path=f"{API}/runs/{{run}}/artifacts",
        handler=_list,
        permission=Permission.VIEW,
        does="The files of a run: inputs, outputs, and those that events hold.",
        query=PageQuery,
        answer=Page[ArtifactView],
    ),
    Route(
        method="GET",
        path=f"{API}/runs/{{run}}/artifacts/{{sha256}}",
        handler=_read,
        permission=Permission.VIEW,
        does="The content of a file of a run.",
        media="application/octet-stream",
    ),
    Route(
        method="POST",
        path=f"{API}/artifacts",
        handler=_send,
        permission=Permission.RUN,
        does="Keep the bytes of the body as a file that can be given to a run.",
        query=UploadQuery,
        answer=ArtifactReference,
        status=201,
    ),
)
