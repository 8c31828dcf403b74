"""The CDN: files by signed addresses that expire after a day, and what it does when told to misbehave."""

import asyncio
import gzip
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from sandbox.discord.entities import Attachment
from sandbox.discord.media import signature

if TYPE_CHECKING:
    from sandbox.discord.world import World

EXPIRED = "This content is no longer available."
BOMB_BYTES = 64 * 1024 * 1024


class Lie(Response):
    """A file whose answer promises more bytes than come."""

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Send the body under twice its length and hang up."""
        headers = [(b"content-length", str(2 * len(self.body)).encode()), (b"content-type", b"image/png")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": bytes(self.body), "more_body": True})


def cdn_routes(world: "World") -> list[Route]:
    """Return the routes of the files of one world."""

    async def serve(request: Request) -> Response:
        return await _serve(world, request)

    return [
        Route(
            f"/cdn/{kind}/{{channel_id:int}}/{{attachment_id:int}}/{{filename}}",
            serve,
            methods=["GET", "HEAD"],
        )
        for kind in ("attachments", "ephemeral-attachments")
    ]


async def _serve(world: "World", request: Request) -> Response:
    fault = world.faults.cdn
    if fault == "slow":
        await asyncio.sleep(world.faults.cdn_delay_s)
    if fault == "server_error":
        return PlainTextResponse("upstream connect error", 503)
    if not _is_signed(world, request):
        return PlainTextResponse(EXPIRED, 404)
    attachment = world.attachments.get(request.path_params["attachment_id"])
    if attachment is None or fault == "not_found" or attachment.filename != request.path_params["filename"]:
        return PlainTextResponse(EXPIRED, 404)
    if fault == "lying_length":
        return Lie(attachment.content)
    if fault == "gzip_bomb":
        bomb = await asyncio.to_thread(gzip.compress, bytes(BOMB_BYTES))
        return Response(bomb, headers={"content-encoding": "gzip"}, media_type=attachment.content_type)
    return _file(attachment)


def _is_signed(world: "World", request: Request) -> bool:
    """Tell whether the address carries a signature of its own that has not expired."""
    issued, expires = request.query_params.get("is", ""), request.query_params.get("ex", "")
    try:
        is_over = int(expires, 16) < world.clock.now().timestamp()
    except ValueError:
        return False
    path = request.url.path
    return not is_over and request.query_params.get("hm") == signature(path, issued, expires)


def _file(attachment: Attachment) -> Response:
    headers = {
        "cache-control": "private, max-age=86400",
        "content-disposition": f'attachment; filename="{attachment.filename}"',
        "x-robots-tag": "noindex, nofollow, noarchive, nocache, noimageindex, noodp",
    }
    return Response(attachment.content, headers=headers, media_type=attachment.content_type)
