"""The sandbox by JSON, for tests that run it as a process of its own.

    GET  /discord/control/world       servers, channels, people, whether the bot is online
    GET  /discord/control/messages    ?as=Ada&in=studio: what that person sees
    POST /discord/control/slash       {"as", "in", "name", "options", "files": {option: [name, base64]}}
    POST /discord/control/press       {"as", "in", "message", "button"}
    POST /discord/control/say         {"as", "in", "text"}
    GET  /discord/control/interactions/{id}   its state, ?wait=10 until it is answered
    GET  /discord/control/requests    the bot's requests
    POST /discord/control/clock       {"advance_s"}
    POST /discord/control/gateway     {"do": "reconnect" | "invalidate" | "close", "code"}
    POST /discord/control/bot         {"do": "start" | "stop" | "restart"}

What Discord's client would not allow is answered 409 with the reason.
"""

import base64
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.discord import payloads
from sandbox.discord.client import ClientRefused
from sandbox.discord.entities import Json, Message, Upload
from sandbox.discord.interaction import Interaction
from sandbox.discord.reading import part

if TYPE_CHECKING:
    from sandbox.discord.people import Person
    from sandbox.server import Sandbox

Answer = Json | list[Json]


class Control:
    """The control's acts on one sandbox."""

    def __init__(self, sandbox: "Sandbox") -> None:
        self._sandbox = sandbox
        self._world = sandbox.world

    def routes(self) -> list[Route]:
        """Return the control's routes."""
        return [
            Route("/world", self._answering(self._show_world)),
            Route("/messages", self._answering(self._show_messages)),
            Route("/requests", self._answering(self._show_requests)),
            Route("/interactions/{id:int}", self._answering(self._show_interaction)),
            Route("/slash", self._answering(self._slash), methods=["POST"]),
            Route("/press", self._answering(self._press), methods=["POST"]),
            Route("/say", self._answering(self._say), methods=["POST"]),
            Route("/clock", self._answering(self._advance), methods=["POST"]),
            Route("/gateway", self._answering(self._gateway), methods=["POST"]),
            Route("/bot", self._answering(self._bot), methods=["POST"]),
        ]

    def _answering(
        self, act: Callable[[Request, Json], Awaitable[Answer]]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            body = await request.body()
            try:
                answer, status = await act(request, orjson.loads(body or b"{}")), 200
            except ClientRefused as refused:
                answer, status = {"refused": str(refused)}, 409
            except KeyError as missing:
                answer, status = {"missing": str(missing.args[0])}, 404
            return Response(orjson.dumps(answer), status, media_type="application/json")

        return endpoint

    def _person(self, body: Json) -> "Person":
        return self._world.person(body["as"], body.get("in", "studio"))

    async def _show_world(self, _: Request, __: Json) -> Answer:
        world = self._world
        return {
            "guilds": [payloads.guild(guild) for guild in world.guilds.values()],
            "channels": [payloads.channel(channel) for channel in world.channels.values()],
            "users": [payloads.user(user) for user in world.users.values()],
            "commands": [payloads.command(one, world.application_id) for one in world.commands.values()],
            "bot_online": world.is_bot_online(),
        }

    async def _show_messages(self, request: Request, _: Json) -> Answer:
        person = self._person(dict(request.query_params))
        return [self._world.payload(message) for message in person.messages()]

    async def _show_requests(self, _: Request, __: Json) -> Answer:
        return [
            {
                "at": payloads.timestamp(one.at),
                "method": one.method,
                "path": one.path,
                "payload": one.payload,
                "files": [{"filename": file.filename, "size": len(file.content)} for file in one.files],
                "status": one.status,
                "error": one.error,
            }
            for one in self._world.requests
        ]

    async def _show_interaction(self, request: Request, _: Json) -> Answer:
        interaction = self._world.interactions[request.path_params["id"]]
        if wait_s := float(request.query_params.get("wait", "0")):
            try:
                await interaction.until(lambda one: one.state in ("answered", "failed"), wait_s)
            except TimeoutError:
                return self._interaction(interaction)
        return self._interaction(interaction)

    def _interaction(self, interaction: Interaction) -> Json:
        messages: list[Message | None] = [interaction.original, *interaction.followups]
        return {
            "id": str(interaction.id),
            "state": interaction.state,
            "ephemeral": interaction.is_ephemeral,
            "modal": interaction.modal,
            "messages": [self._world.payload(one) for one in messages if one and not one.is_deleted],
        }

    async def _slash(self, _: Request, body: Json) -> Answer:
        files = {
            option: Upload(name, base64.b64decode(content))
            for option, (name, content) in part(body, "files").items()
        }
        return self._interaction(await self._person(body).slash(body["name"], body.get("options"), files))

    async def _press(self, _: Request, body: Json) -> Answer:
        person = self._person(body)
        message = person.channel.messages[int(body["message"])]
        return self._interaction(await person.press(message, body["button"]))

    async def _say(self, _: Request, body: Json) -> Answer:
        return self._world.payload(await self._person(body).say(body["text"]))

    async def _advance(self, _: Request, body: Json) -> Answer:
        self._world.clock.advance(float(body["advance_s"]))
        return {"now": payloads.timestamp(self._world.clock.now())}

    async def _gateway(self, _: Request, body: Json) -> Answer:
        acts: dict[str, Callable[[], None]] = {
            "reconnect": self._sandbox.gateway.reconnect,
            "invalidate": self._sandbox.gateway.invalidate,
            "close": lambda: self._sandbox.gateway.close(int(body.get("code", 4000))),
        }
        acts[body["do"]]()
        return {"connections": len(self._sandbox.gateway.connections)}

    async def _bot(self, _: Request, body: Json) -> Answer:
        bot = self._sandbox.bot
        await {"start": bot.start, "stop": bot.stop, "restart": bot.restart}[body["do"]]()
        return {"running": bot.is_running, "exit_code": bot.exit_code}


def create_control(sandbox: "Sandbox") -> Starlette:
    """Return the control's ASGI app."""
    return Starlette(routes=Control(sandbox).routes())
