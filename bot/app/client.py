"""The Discord client: commands, buttons, and a connection that outlasts trouble."""

from __future__ import annotations

import asyncio
import hashlib
import importlib
import json
import pkgutil
from typing import TYPE_CHECKING, Any, cast

import aiohttp
import discord
import stamina
import structlog
import yarl
from discord import app_commands
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

import cogs
from bot import catalogues
from bot.app import overhearing, silence
from bot.app.handlers import Handlers
from bot.app.patience import FIRST_S, Patience, Spacing
from bot.app.resuming import resume_first
from bot.app.translator import Translator
from bot.errors import StartupError
from bot.ui.explain import excuse, explained
from bot.ui.parse import MANAGE
from bot.ui.press import PRESSABLE, Presses, hear

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from bot.app.services import Services
    from bot.app.traffic import Traffic
    from bot.storage.meta import Meta

    Interaction = discord.Interaction[discord.Client]

log = structlog.get_logger(__name__)
TROUBLE = (
    aiohttp.ClientError,
    OSError,
    discord.DiscordServerError,
    discord.GatewayNotFound,
    discord.RateLimited,
    RecursionError,  # discord.py's launch_shard calls itself after each failure
)
"""What passes by itself while a connection is made."""
FATAL = {
    4004: "Discord does not accept DISCORD_TOKEN. Copy the token anew from the Developer Portal.",
    4010: "Discord does not accept the shard. Leave sharding to Discord.",
    4011: "Discord asks for sharding. Restart Easel.",
    4013: "Discord does not know an intent of Easel's. Update Easel.",
    4014: "Discord does not allow the Message Content intent. Switch it on in the Developer Portal, "
    "or set MESSAGE_CONTENT_INTENT=false.",
}
LONGEST_WAIT_S = 60.0
LONGEST_LIMIT_S = 60.0
"""The longest wait that Discord may ask for before a request gives up; whoever made it goes another way."""


class Tree(app_commands.CommandTree["Easel"]):
    """Commands for servers, direct messages and people who brought Easel along; failures explained."""

    def __init__(self, client: Easel) -> None:
        everywhere = app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True)
        both = app_commands.AppInstallationType(guild=True, user=True)
        super().__init__(client, allowed_contexts=everywhere, allowed_installs=both)

    async def interaction_check(self, interaction: Interaction, /) -> bool:
        """Speak the language of whoever uses a command, from here to its end."""
        async with explained(interaction):
            await hear(interaction)
            return True
        return False

    async def on_error(self, interaction: Interaction, error: app_commands.AppCommandError, /) -> None:
        """Say what went wrong to the one who used the command."""
        await excuse(interaction, error)


class Easel(commands.AutoShardedBot):
    """Easel on Discord. It keeps no messages and no members: what matters is in the database."""

    services: Services

    def __init__(
        self, traffic: Traffic, *, api_url: str, gateway_url: str | None, reads_messages: bool
    ) -> None:
        intents = discord.Intents(
            guilds=True, guild_messages=True, dm_messages=True, message_content=reads_messages
        )
        _set_for_the_process(api_url)
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            tree_cls=Tree,
            intents=intents,
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_ratelimit_timeout=LONGEST_LIMIT_S,
            http_trace=traffic.trace(),
        )
        overhearing.listen(self)
        self._traffic = traffic
        self._spacing = Spacing()
        self._launching: dict[int, Patience] = {}
        self.handlers = Handlers()
        self.presses = Presses()
        self.presses.at_work = self.handlers.join
        self.command_ids: dict[str, int] = {}
        """By name, as Discord told them; with these a command can be clicked on."""
        self.manage = app_commands.Group(
            name=MANAGE,
            description="For moderators: who may do what with Easel here, and what it cost.",
            allowed_contexts=app_commands.AppCommandContext(
                guild=True, dm_channel=False, private_channel=False
            ),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
            default_permissions=discord.Permissions(manage_guild=True),
        )
        """To which every cog adds its own area."""
        self._gateway_url = gateway_url

    async def load(self, services: Services) -> None:
        """Load every cog there is and let buttons be recognised."""
        self.services = services
        self.presses.language_of = services.usual.language_of
        self.add_dynamic_items(*PRESSABLE)
        for module in pkgutil.iter_modules(cogs.__path__, "cogs."):
            if not module.name.rpartition(".")[2].startswith("_"):
                await importlib.import_module(module.name).setup(self)  # load_extension would run it anew
        if self.manage.commands:
            self.tree.add_command(self.manage)

    def dispatch(self, event_name: str, /, *args: object, **kwargs: object) -> None:
        """Tell what happened to whoever listens; to the mere names of events, one for each, nobody does."""
        if event_name != "socket_event_type":
            super().dispatch(event_name, *args, **kwargs)

    async def on_message(self, message: discord.Message, /) -> None:
        """Know no prefix commands."""

    async def log_in(self, token: str) -> None:
        """Log in, waiting out trouble; raise StartupError where waiting cannot help."""
        try:
            async for attempt in stamina.retry_context(
                on=_passes, attempts=None, timeout=None, wait_max=LONGEST_WAIT_S
            ):
                with attempt:
                    await self._log_in_once(token)
        except discord.LoginFailure as error:
            raise StartupError(FATAL[4004]) from error
        except discord.HTTPException as error:
            raise StartupError(f"Discord refused the login: {error.text or error.status}.") from error

    async def _log_in_once(self, token: str) -> None:
        """Log in; discord.py opens a session with each try, so that of a failed one is closed."""
        try:
            await self.login(token)
        except (*TROUBLE, discord.LoginFailure, discord.HTTPException):
            await self.http.close()
            self.http.connector = discord.utils.MISSING
            raise

    def _schedule_event(
        self, coro: Callable[..., Coroutine[Any, Any, Any]], event_name: str, *args: object, **kwargs: object
    ) -> asyncio.Task[None]:
        """Let an event be handled, and know the task; discord.py's own corner, which a test pins."""
        scheduled = super()._schedule_event(coro, event_name, *args, **kwargs)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] - discord.py does not say of what
        task = cast("asyncio.Task[None]", scheduled)
        self.handlers.watch(task)
        return task

    async def hush(self) -> None:
        """Hear no more of what happens; what was heard can still be answered."""
        await asyncio.gather(*(shard.disconnect() for shard in self.shards.values()))

    async def leave(self) -> None:
        """Close the connection, if there is one: discord.py cannot close what never logged in."""
        if self.user is not None and not self.is_closed():
            await self.close()

    async def publish_commands(self, meta: Meta) -> None:
        """Tell Discord the commands, if they are not what it was told last; only then they are translated."""
        commands_ = self.tree.get_commands()
        english = [command.to_dict(self.tree) for command in commands_]
        translated = await asyncio.to_thread(catalogues.fingerprint)
        to_tell = [Route.BASE, self.application_id, english, translated]
        digest = hashlib.sha256(json.dumps(to_tell, sort_keys=True).encode()).hexdigest()
        known = await meta.get("command_ids")
        if known is not None and await meta.get("commands") == digest:
            self.command_ids = json.loads(known)
            return
        translator = Translator()
        payload = [await command.get_translated_payload(self.tree, translator) for command in commands_]
        try:
            async for attempt in stamina.retry_context(
                on=_passes_soon, attempts=None, timeout=None, wait_max=LONGEST_WAIT_S
            ):
                with attempt:  # not `tree.sync`, which stumbles over an answer that leaves something out
                    published = await self.http.bulk_upsert_global_commands(self.application_id or 0, payload)
                    self.command_ids = {one["name"]: int(one["id"]) for one in published}
        except discord.RateLimited as error:
            log.warning("commands not published, until the next start", wait_s=error.retry_after)
            return
        except discord.HTTPException as error:
            raise StartupError(f"Discord refused the commands: {error.text or error.status}.") from error
        await meta.set("command_ids", json.dumps(self.command_ids))
        await meta.set("commands", digest)
        log.info("commands published", count=len(payload))

    async def stay_connected(self) -> None:
        """Hold the gateway until the client is closed; raise StartupError where Discord will not have it."""
        patience = Patience()
        while not self.is_closed():
            try:
                await self.connect()
            except discord.PrivilegedIntentsRequired as error:
                raise StartupError(FATAL[4014]) from error
            except discord.ConnectionClosed as error:
                reason = FATAL.get(error.code, f"Discord closed the connection with code {error.code}.")
                raise StartupError(reason) from error
            except TROUBLE as error:
                wait_s = max(patience.wait_s(), getattr(error, "retry_after", 0.0))
                log.warning("gateway out of reach", reason=str(error), wait_s=wait_s)
                await asyncio.sleep(wait_s)

    async def on_interaction(self, interaction: Interaction) -> None:
        """Note when somebody acts; how long the answer takes is measured."""
        self._traffic.came(interaction.id)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Let a session begin anew when its time has come, or raise TooSoon; Discord counts them."""
        await asyncio.sleep(self._spacing.wait_s(shard_id or 0, initial=initial))
        self._traffic.identified()

    async def tell_owner(self, text: str) -> None:
        """Send a direct message to whom the application belongs to, if that can be."""
        try:
            info = await self.application_info()
            owner_id = info.owner.id if info.team is None else info.team.owner_id
            channel = await self.create_dm(discord.Object(owner_id or info.owner.id))
            await channel.send(text)
        except (discord.HTTPException, *TROUBLE) as error:
            log.warning("the owner could not be told", reason=str(error))

    async def launch_shard(self, gateway: yarl.URL, shard_id: int, *, initial: bool = False) -> None:
        """Connect a shard; after a failure and five seconds discord.py comes here again."""
        if (patience := self._launching.get(shard_id)) is not None:
            await asyncio.sleep(patience.wait_s() - FIRST_S)
        self._launching.setdefault(shard_id, Patience())
        await super().launch_shard(gateway, shard_id, initial=initial)
        self._launching.pop(shard_id, None)
        if (shard := self.get_shard(shard_id)) is not None:
            resume_first(shard)

    async def launch_shards(self) -> None:
        """Connect every shard to the address that the setting or Discord names."""
        shards, url, _ = await self.http.get_bot_gateway()
        self.shard_count = self.shard_count or shards
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(self._gateway_url or url)
        await super().launch_shards()


def _set_for_the_process(api_url: str) -> None:
    """Set what discord.py keeps for all clients of a process."""
    Route.BASE = api_url
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # Easel has no voice
    silence.watch()


def _passes(error: Exception) -> bool | float:
    """Tell whether trouble passes by itself; a number says in how many seconds, as Discord does."""
    if isinstance(error, discord.RateLimited):
        return error.retry_after
    return isinstance(error, TROUBLE)


def _passes_soon(error: Exception) -> bool:
    """Tell whether trouble passes by itself, and not in what may be hours."""
    return isinstance(error, TROUBLE) and not isinstance(error, discord.RateLimited)
