from __future__ import annotations

import asyncio
import inspect
import pkgutil
import re
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import discord
import pytest
import yarl
from checks_kit import check_document
from desk_kit import services_of
from discord import http
from discord.gateway import DiscordWebSocket
from discord.http import HTTPClient
from discord_kit import an_easel

import cogs
from bot.app import silence
from bot.errors import StartupError
from bot.storage.meta import Meta

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from discord_kit import Discord
    from house_kit import House

    from bot.app import Easel

ROOT = Path(__file__).parents[2]
PUBLISH = "PUT /applications/#/commands"


@pytest.fixture
async def bot(remote: Discord, house: House) -> AsyncIterator[Easel]:
    easel = an_easel(house)
    await easel.load(services_of(house, easel))
    await easel._async_setup_hook()  # as login does first; discord.py cannot be closed before
    yield easel
    await easel.close()


async def test_every_cog_of_the_folder_is_loaded(bot: Easel):
    modules = {module.name for module in pkgutil.iter_modules(cogs.__path__, "cogs.")}

    loaded = {type(cog).__module__ for cog in bot.cogs.values()}
    leaves = [one for one in bot.manage.walk_commands() if isinstance(one, discord.app_commands.Command)]
    loaded |= {command.callback.__module__ for command in leaves}
    assert loaded == {name for name in modules if not name.startswith("cogs._")}
    assert set(bot.presses.buttons) >= {"again", "edit", "details", "delete"}
    assert set(bot.presses.forms) >= {"edit"}


async def test_it_hears_what_happens_and_not_the_name_of_each_event_apart(bot: Easel):
    heard: asyncio.Queue[str] = asyncio.Queue()

    async def on_named(name: str) -> None:
        heard.put_nowait(name)

    async def on_happened() -> None:
        heard.put_nowait("happened")

    bot.add_listener(on_named, "on_socket_event_type")
    bot.add_listener(on_happened, "on_connect")
    bot.dispatch("socket_event_type", "MESSAGE_CREATE")
    bot.dispatch("connect")

    assert await heard.get() == "happened"
    assert heard.empty()
    assert 'self._dispatch("socket_event_type"' in inspect.getsource(DiscordWebSocket).replace("'", '"')


async def test_its_connections_to_the_gateway_are_watched_by_one_timer(bot: Easel):
    discord_s_own = inspect.getsource(HTTPClient.static_login)

    assert http.DiscordClientWebSocketResponse is silence.Socket  # pyright: ignore[reportPrivateImportUsage] - where discord.py looks
    assert "ws_response_class=DiscordClientWebSocketResponse" in discord_s_own
    assert "socket.receive(timeout=" in inspect.getsource(DiscordWebSocket.poll_event)


async def test_it_keeps_no_messages_and_no_members_and_mentions_nobody(bot: Easel):
    assert bot._connection.max_messages is None
    assert bot._connection.member_cache_flags == discord.MemberCacheFlags.none()
    assert bot.allowed_mentions is not None
    assert bot.allowed_mentions.to_dict()["parse"] == []
    assert not bot.intents.members
    assert not bot.intents.presences
    assert not bot.intents.message_content


class TestLogin:
    async def test_a_wrong_token_is_said_with_what_to_do(self, bot: Easel, remote: Discord):
        remote.refuse("GET /users/@me", 401)

        with pytest.raises(StartupError, match="does not accept DISCORD_TOKEN"):
            await bot.log_in("wrong")

        assert bot.http.connector is discord.utils.MISSING  # else its socket is still open at the end

    async def test_a_refusal_is_said(self, bot: Easel, remote: Discord):
        remote.refuse("GET /users/@me", 403, 40001)

        with pytest.raises(StartupError, match="Discord refused the login: refused"):
            await bot.log_in("token")

    @pytest.mark.parametrize("status", [503, 0], ids=["down", "cut off"])
    async def test_trouble_is_waited_out(self, bot: Easel, remote: Discord, status: int):
        remote.refuse("GET /users/@me", status, times=2)

        await bot.log_in("token")

        assert bot.application_id == 99


async def test_readme_names_every_command_and_nothing_else(bot: Easel):
    rows = re.findall(r"^\| `/(\w+)(?: (\w+))?` \|", (ROOT / "README.md").read_text(), re.MULTILINE)
    areas = [area for name, area in rows if name == "manage"]
    named = [name for name, _ in rows if name != "manage"] + ["manage"]

    slash = discord.AppCommandType.chat_input
    assert sorted(named) == sorted(command.name for command in bot.tree.get_commands(type=slash))
    assert sorted(areas) == sorted(command.name for command in bot.manage.commands)


class TestPublishing:
    async def test_commands_are_what_discord_s_document_says_and_are_told_once(
        self, bot, remote, house: House
    ):
        await bot.log_in("token")

        for _ in range(2):
            await bot.publish_commands(Meta(house.database))

        (call,) = remote.named(PUBLISH)
        assert {command["name"] for command in call.payload} >= {"imagine", "quota"}
        for command in call.payload:
            is_of_a_server = command["name"] in {"manage", "Allowance"}
            assert command["contexts"] == ([0] if is_of_a_server else [0, 1, 2])
            assert sorted(command["integration_types"]) == ([0] if is_of_a_server else [0, 1])
            assert command.get("default_member_permissions") == (32 if is_of_a_server else None)
            assert len(command.get("options", [])) <= 25
            assert all(len(option["description"]) <= 100 for option in command.get("options", []))
        check_document(call)

    async def test_what_discord_says_back_does_not_matter(self, bot: Easel, remote: Discord, house: House):
        await bot.log_in("token")
        remote.answers[PUBLISH] = [(200, [{"id": "1", "type": 3, "name": "Edit image"}])]

        await bot.publish_commands(Meta(house.database))

        assert await Meta(house.database).get("commands")

    async def test_a_refusal_of_the_commands_is_said(self, bot: Easel, remote: Discord, house: House):
        await bot.log_in("token")
        remote.refuse(PUBLISH, 400, 50035)

        with pytest.raises(StartupError, match="Discord refused the commands: refused"):
            await bot.publish_commands(Meta(house.database))

    @pytest.mark.further
    async def test_commands_that_changed_are_told_again(self, bot: Easel, remote: Discord, house: House):
        await bot.log_in("token")
        await bot.publish_commands(Meta(house.database))
        bot.tree.remove_command("quota")

        await bot.publish_commands(Meta(house.database))

        assert len(remote.named(PUBLISH)) == 2

    @pytest.mark.further
    async def test_commands_whose_translation_changed_are_told_again(
        self, bot, remote, house: House, monkeypatch
    ):
        await bot.log_in("token")
        await bot.publish_commands(Meta(house.database))
        monkeypatch.setattr("bot.catalogues.fingerprint", lambda: "another")

        await bot.publish_commands(Meta(house.database))

        assert len(remote.named(PUBLISH)) == 2

    async def test_an_hour_s_wait_for_the_commands_keeps_nobody_from_the_bot(self, bot, remote, house: House):
        await bot.log_in("token")
        remote.answers[PUBLISH] = [(429, {"message": "slow down", "retry_after": 3600, "global": False})]

        await bot.publish_commands(Meta(house.database))

        assert len(remote.named(PUBLISH)) == 1
        assert await Meta(house.database).get("commands") is None, "the next start tells them"

    @pytest.mark.further
    async def test_trouble_is_waited_out_and_not_taken_for_told(self, bot, remote: Discord, house: House):
        await bot.log_in("token")
        remote.refuse(PUBLISH, 503)

        await bot.publish_commands(Meta(house.database))

        assert len(remote.named(PUBLISH)) == 2
        assert await Meta(house.database).get("commands")


class _Socket:
    """The end of a gateway connection, as discord.py tells of it."""

    def __init__(self, code: int) -> None:
        self.close_code = code


class _Idle:
    """A connection on which nothing happens."""

    shard_id = 0

    async def poll_event(self) -> None:
        await asyncio.Event().wait()

    async def close(self, code: int) -> None:
        assert code == 1000


class TestStayingConnected:
    @pytest.mark.sampled
    @pytest.mark.parametrize(
        ("code", "words"),
        [
            (4004, "does not accept DISCORD_TOKEN"),
            (4010, "does not accept the shard"),
            (4013, "Update Easel"),
            (4999, "closed the connection with code 4999"),
        ],
    )
    async def test_what_waiting_cannot_mend_stops_with_a_sentence(self, bot, monkeypatch, code, words):
        async def connect() -> None:
            raise discord.ConnectionClosed(_Socket(code), shard_id=None)  # pyright: ignore[reportArgumentType] - its code is read alone

        monkeypatch.setattr(bot, "connect", connect)

        with pytest.raises(StartupError, match=words):
            await bot.stay_connected()

    async def test_an_intent_that_is_switched_off_is_said(self, bot: Easel, monkeypatch):
        async def connect() -> None:
            raise discord.PrivilegedIntentsRequired(shard_id=None)

        monkeypatch.setattr(bot, "connect", connect)

        with pytest.raises(StartupError, match="Message Content"):
            await bot.stay_connected()

    async def test_a_first_connect_that_fails_is_tried_again_with_longer_waits(self, bot, monkeypatch):
        waits: list[float] = []
        errors = [aiohttp.ClientConnectionError(), OSError(), discord.GatewayNotFound(), RecursionError()] * 2

        async def connect() -> None:
            if errors:
                raise errors.pop(0)
            await bot.close()

        async def sleep(seconds: float) -> None:
            waits.append(seconds)

        monkeypatch.setattr(bot, "connect", connect)
        monkeypatch.setattr("bot.app.client.asyncio.sleep", sleep)

        await bot.stay_connected()

        assert waits == [5, 10, 20, 40, 80, 160, 300, 300]

    async def test_a_shard_that_does_not_connect_is_tried_with_longer_waits(self, bot, monkeypatch):
        waits: list[float] = []
        errors = [aiohttp.ClientConnectionError(), *[OSError()] * 7]

        class Socket:
            @staticmethod
            async def from_client(*_: object, **__: object) -> _Idle:
                if errors:
                    raise errors.pop(0)
                return _Idle()

        async def sleep(seconds: float) -> None:
            waits.append(seconds)

        monkeypatch.setattr("discord.shard.DiscordWebSocket", Socket)
        monkeypatch.setattr(asyncio, "sleep", sleep)

        bot._reconnect = True  # as `connect` does first
        await bot.launch_shard(yarl.URL("ws://loopback"), 0, initial=True)

        ours, theirs = waits[1::2], waits[::2]
        assert [sum(pair) for pair in zip(ours, theirs, strict=True)] == [5, 10, 20, 40, 80, 160, 300, 300]
