"""Discord's REST API: finds the endpoint, holds the limits, checks, answers, writes everything down."""

import asyncio
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import orjson
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.types import Receive, Scope, Send

from sandbox.discord import (
    application,
    callbacks,
    channels,
    command_permissions,
    commands,
    messages,
    webhooks,
)
from sandbox.discord.calls import Answer, Call, Endpoint
from sandbox.discord.cdn import cdn_routes
from sandbox.discord.entities import RecordedFile, RecordedRequest, Upload
from sandbox.discord.faults import Fault
from sandbox.discord.limits import Allowance
from sandbox.discord.refusals import Refusal, invalid, too_large

if TYPE_CHECKING:
    from sandbox.discord.gateway import Gateway
    from sandbox.discord.world import World

ENDPOINTS: tuple[Endpoint, ...] = (
    *application.ENDPOINTS,
    *callbacks.ENDPOINTS,
    *channels.ENDPOINTS,
    *command_permissions.ENDPOINTS,
    *commands.ENDPOINTS,
    *messages.ENDPOINTS,
    *webhooks.ENDPOINTS,
)
FILE_FIELD = re.compile(r"files\[(\d+)\]")
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


class BrokenAnswer(Response):
    """An answer whose connection ends in the middle of its body."""

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Promise two bytes and send none."""
        headers = [(b"content-type", b"application/json"), (b"content-length", b"2")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})


def create_app(world: "World", gateway: "Gateway") -> Starlette:
    """Return the ASGI app of a world: `/api/v10`, `/gateway` and `/cdn`."""
    rest = Rest(world)
    return Starlette(
        routes=[
            Mount("/api/v10", routes=rest.routes()),
            WebSocketRoute("/gateway", gateway.serve),
            WebSocketRoute("/gateway/", gateway.serve),
            *cdn_routes(world),
        ]
    )


class Rest:
    """The REST half of one world."""

    def __init__(self, world: "World") -> None:
        self.world = world

    def routes(self) -> list[Route]:
        """Return a route for each endpoint, and one that answers 404 for the rest."""
        routes = [self._route(endpoint) for endpoint in ENDPOINTS]
        return [*routes, Route("/{path:path}", self._nothing_here, methods=METHODS)]

    def _route(self, endpoint: Endpoint) -> Route:
        async def answer(request: Request) -> Response:
            return await self._answer(endpoint, request)

        return Route(endpoint.path, answer, methods=[endpoint.method])

    async def _nothing_here(self, request: Request) -> Response:
        record = self._record(request)
        return self._finish(record, Refusal(404, 0, "404: Not Found"), {})

    def _record(self, request: Request) -> RecordedRequest:
        path = request.url.path.partition("/api/v10")[2]
        record = RecordedRequest(self.world.clock.now(), request.method, path, dict(request.query_params))
        self.world.requests.append(record)
        return record

    async def _answer(self, endpoint: Endpoint, request: Request) -> Response:
        record = self._record(request)
        if self.world.faults.latency_s:
            await asyncio.sleep(self.world.faults.latency_s)
        call = Call(self.world, dict(request.path_params), record.query)
        headers: dict[str, str] = {}
        fault = self.world.faults.take(endpoint.method, record.path)
        try:
            await self._read(call, record, request)
            if fault is not None and not fault.after_effect:
                return self._fail(record, fault)
            if endpoint.needs_token:
                self._check_token(request)
            headers = self._spend(endpoint, call)
            self._check_schema(endpoint, call)
            answer = endpoint.act(call)
        except Refusal as refusal:
            return self._finish(record, refusal, headers | getattr(refusal, "headers", {}))
        finally:
            self.world.changed.notify()
        if fault is not None:
            return self._fail(record, fault)
        return self._finish(record, answer, headers)

    async def _read(self, call: Call, record: RecordedRequest, request: Request) -> None:
        """Read the body; JSON, or Discord's multipart form with `payload_json` and `files[n]`."""
        if int(request.headers.get("content-length", "0")) > self.world.request_limit:
            raise too_large()
        kind = request.headers.get("content-type", "")
        if kind.startswith("multipart/form-data"):
            async with request.form(max_part_size=self.world.request_limit) as form:
                await self._read_form(call, dict(form))
        elif body := await request.body():
            call.body = _parse(body)
        record.payload = call.body
        record.files = [
            RecordedFile(file.filename, file.content, file.content_type or "") for file in call.files.values()
        ]

    async def _read_form(self, call: Call, form: Mapping[str, UploadFile | str]) -> None:
        size = 0
        for name, part in form.items():
            if isinstance(part, str):
                if name != "payload_json":
                    raise invalid((name,), "UNKNOWN_FIELD", "This form field is not known.")
                call.body = _parse(part.encode())
                continue
            match = FILE_FIELD.fullmatch(name)
            if match is None:
                raise invalid((name,), "UNKNOWN_FIELD", "Files are named files[n].")
            content = await part.read()
            size += len(content)
            call.files[int(match[1])] = Upload(part.filename or "unknown", content)
        if size > self.world.request_limit:
            raise too_large()

    def _check_token(self, request: Request) -> None:
        if request.headers.get("authorization") != f"Bot {self.world.token}":
            raise Refusal(401, 0, "401: Unauthorized")

    def _check_schema(self, endpoint: Endpoint, call: Call) -> None:
        if call.body is None:
            return
        problem = self.world.schemas.request_problem(endpoint.method, endpoint.path, call.body)
        if problem is not None:
            raise invalid(("_schema",), "OPENAPI", problem)

    def _spend(self, endpoint: Endpoint, call: Call) -> dict[str, str]:
        major = call.params.get(endpoint.major, "")
        allowance = self.world.limits.spend(endpoint.kind, major, counts_globally=endpoint.needs_token)
        if not allowance.is_exceeded:
            return _limit_headers(allowance)
        raise RateLimited(allowance)

    def _fail(self, record: RecordedRequest, fault: Fault) -> Response:
        record.status = fault.status
        if fault.status == 0:
            return BrokenAnswer()
        text = f"<html><body><h1>{fault.status}</h1></body></html>"
        return Response(text, fault.status, {"via": "1.1 sandbox"}, media_type="text/html")

    def _finish(
        self, record: RecordedRequest, answer: "Answer | Refusal", headers: dict[str, str]
    ) -> Response:
        if isinstance(answer, Refusal):
            record.status, record.error = answer.status, answer.body
            return _json(answer.body, answer.status, headers)
        record.status = 204 if answer is None else 200
        return Response(status_code=204, headers=headers) if answer is None else _json(answer, 200, headers)


class RateLimited(Refusal):
    """Too many requests: how long to wait, in the body and in the headers."""

    def __init__(self, allowance: Allowance) -> None:
        super().__init__(429, 0, "You are being rate limited.")
        wait = round(max(allowance.reset_after_s, 0.001), 3)
        self.body: dict[str, Any] = {
            "message": "You are being rate limited.",
            "retry_after": wait,
            "global": allowance.is_global,
        }
        self.headers = {"retry-after": f"{wait:.3f}", "via": "1.1 sandbox"}
        if allowance.is_global:
            self.headers |= {"x-ratelimit-global": "true", "x-ratelimit-scope": "global"}
        else:
            self.headers |= _limit_headers(allowance) | {"x-ratelimit-scope": "user"}


def _limit_headers(allowance: Allowance) -> dict[str, str]:
    return {
        "x-ratelimit-limit": str(allowance.limit),
        "x-ratelimit-remaining": str(allowance.remaining),
        "x-ratelimit-reset-after": f"{allowance.reset_after_s:.3f}",
        "x-ratelimit-bucket": allowance.bucket,
    }


def _parse(body: bytes) -> object:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Refusal(400, 50109, "The request body contains invalid JSON.") from None


def _json(body: object, status: int, headers: dict[str, str]) -> Response:
    return Response(orjson.dumps(body), status, {"via": "1.1 sandbox", **headers}, "application/json")
