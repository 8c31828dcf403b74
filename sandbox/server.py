"""Puts the sandbox together: one web server for Discord, the model and the page, and the bot beside it."""

import asyncio
import contextlib
import importlib
import importlib.util
import os
import socket
import tempfile
from collections.abc import Generator
from pathlib import Path
from types import TracebackType
from typing import Self

import uvicorn
from fastapi import FastAPI

from sandbox.bot_process import BotProcess
from sandbox.discord.control import create_control
from sandbox.discord.gateway import Gateway
from sandbox.discord.rest import create_app as create_discord
from sandbox.discord.world import World, default_world
from sandbox.model import LoopbackModel
from sandbox.model.app import create_app as create_model

KEY = "sk-or-sandbox"
LOG_FORMAT = "console"
LOG_LEVEL = "WARNING"
"""What the bot says beside the page's address, which should not scroll away; LOG_LEVEL lets it say more."""
GRACE_S = 1


class Sandbox:
    """The whole sandbox, in this process: `async with Sandbox(port=0, page=False) as sandbox`.

    `port` 0 takes a free one. `world` is Discord, `model` is OpenRouter, `gateway` is Discord's gateway and
    `bot` the bot's process, which starts when asked (`await sandbox.bot.start()`). `latency_s` is how long a
    picture takes. `data_dir` holds the bot's data; without one it is temporary. The two OpenAPI documents,
    where given, check every request against Discord's and OpenRouter's official schemas too.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 8400,
        page: bool = True,
        latency_s: float = 0.0,
        data_dir: Path | None = None,
        world: World | None = None,
        model: LoopbackModel | None = None,
        discord_openapi: Path | None = None,
        model_openapi: Path | None = None,
    ) -> None:
        self.world = world or default_world(discord_openapi)
        self.model = model or LoopbackModel(latency_s, self.world.clock.now, openapi=model_openapi)
        self.gateway = Gateway(self.world)
        self._host = host
        self._port = port
        self._has_page = page
        self._data_dir = data_dir
        self._stack = contextlib.AsyncExitStack()
        self._stopping = asyncio.Event()
        self._bot: BotProcess | None = None

    @property
    def url(self) -> str:
        """Return the address of the sandbox, and so of its page."""
        return self.world.base_url

    @property
    def bot(self) -> BotProcess:
        """Return the bot's process, started or not."""
        if self._bot is None:
            quiet = {"LOG_LEVEL": os.environ.get("LOG_LEVEL", LOG_LEVEL)}
            self._bot = BotProcess(self.environment() | quiet, folder=self._folder())
        return self._bot

    def environment(self) -> dict[str, str]:
        """Return the settings that point the unmodified bot at this sandbox."""
        return {
            "DISCORD_TOKEN": self.world.token,
            "DISCORD_API_URL": f"{self.url}/discord/api/v10",
            "DISCORD_GATEWAY_URL": f"{self.url.replace('http', 'ws', 1)}/discord/gateway",
            "OPENROUTER_API_KEY": KEY,
            "OPENROUTER_BASE_URL": f"{self.url}/openrouter/api/v1",
            "DATA_DIR": str(self._folder()),
            "IMAGE_MODELS": ",".join(model.id for model in self.model.catalogue.offered() if model.draws),
            "LOG_FORMAT": LOG_FORMAT,
        }

    def _folder(self) -> Path:
        """Return the bot's data folder, from wherever it is looked at."""
        return (self._data_dir or Path()).resolve()

    async def restart_bot(self) -> None:
        """End the bot's process, if it runs, and start it."""
        await self.bot.restart()

    def stop(self) -> None:
        """Let `run_until_stopped` return."""
        self._stopping.set()

    async def run_until_stopped(self) -> None:
        """Wait for `stop`."""
        await self._stopping.wait()

    async def __aenter__(self) -> Self:
        async with contextlib.AsyncExitStack() as stack:
            if self._data_dir is None:
                temporary = tempfile.TemporaryDirectory(prefix="easel-sandbox-")
                self._data_dir = Path(stack.enter_context(temporary))
            listener = self._listen()
            self.world.base_url = f"http://{self._host}:{listener.getsockname()[1]}"
            config = uvicorn.Config(
                self._app(),
                log_level="error",
                ws="websockets-sansio",
                date_header=False,
                timeout_graceful_shutdown=GRACE_S,
            )
            server = Server(config)
            task = asyncio.create_task(server.serve([listener]))
            stack.push_async_callback(self._close, server, task)
            await server.ready.wait()
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bot is not None:
            await self._bot.stop()
        await self._stack.aclose()

    def _listen(self) -> socket.socket:
        listener = socket.socket(proto=socket.IPPROTO_TCP)  # so that asyncio turns Nagle's algorithm off
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((self._host, self._port))
        except OSError:
            listener.close()
            raise
        return listener

    def _app(self) -> FastAPI:
        app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
        app.mount("/discord/control", create_control(self))
        app.mount("/discord", create_discord(self.world, self.gateway))
        app.mount("/openrouter", create_model(self.model))
        if self._has_page and importlib.util.find_spec("sandbox.page"):
            importlib.import_module("sandbox.page").mount(app, self)
        return app

    async def _close(self, server: "Server", task: asyncio.Task[None]) -> None:
        server.leave()
        await task


class Server(uvicorn.Server):
    """A web server inside somebody else's event loop: it leaves signals alone and says when it is ready."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()
        self._leaving = asyncio.Event()

    def leave(self) -> None:
        """Let the server end."""
        self.should_exit = True
        self._leaving.set()

    async def main_loop(self) -> None:
        """Serve until told to leave, without looking ten times a second whether it was."""
        await self._leaving.wait()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so, even when it failed."""
        try:
            await super().startup(sockets)
        finally:
            self.ready.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave signals to whoever owns the process."""
        yield
