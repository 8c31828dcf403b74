from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from bot.app import overrides
from bot.app.overrides import FAILED_S, KEPT_S, Overrides
from bot.domain.overrides import Override, Target

APP, MANAGE, GUILD = 1, 2, 70
SET = [{"id": str(MANAGE), "permissions": [{"type": 2, "id": "9", "permission": True}]}]
KNOWN = (Override(Target.PERSON, 9, allows=True),)


class Discord:
    """Answers reads, or is silent for ever."""

    def __init__(self) -> None:
        self.reads, self.is_silent, self.now = 0, False, 0.0
        self.heard: dict[str, Any] = {}
        self.application_id, self.http = APP, self

    def add_listener(self, listener: Any, name: str) -> None:
        self.heard[name] = listener

    async def get_global_commands(self, _app: int) -> list[dict[str, Any]]:
        return [{"id": str(MANAGE), "name": "manage"}]

    async def get_guild_application_command_permissions(self, _app: int, _guild: int) -> Any:
        self.reads += 1
        if self.is_silent:
            await asyncio.Event().wait()
        return SET


@pytest.fixture
def discord(monkeypatch: pytest.MonkeyPatch) -> Discord:
    monkeypatch.setattr(overrides, "READ_S", 0.02)
    return Discord()


def made(discord: Discord) -> Overrides:
    return Overrides(discord, timer=lambda: discord.now)  # pyright: ignore[reportArgumentType] - a stand-in


async def test_a_silent_discord_is_asked_once_for_all_checks_of_a_press(discord: Discord):
    discord.is_silent, settings = True, made(discord)

    assert [await settings.of(GUILD) for _ in range(5)] == [()] * 5
    assert discord.reads == 1


async def test_presses_at_the_same_time_wait_for_one_read(discord: Discord):
    settings = made(discord)

    assert await asyncio.gather(*(settings.of(GUILD) for _ in range(5))) == [KNOWN] * 5
    assert discord.reads == 1


async def test_those_that_wait_for_a_read_wait_no_longer_than_it(discord: Discord):
    discord.is_silent, settings = True, made(discord)

    assert await asyncio.gather(*(settings.of(GUILD) for _ in range(5))) == [()] * 5
    assert discord.reads == 1


async def test_what_was_known_last_holds_until_it_is_tried_again(discord: Discord):
    settings = made(discord)
    await settings.of(GUILD)
    discord.is_silent, discord.now = True, KEPT_S

    assert await settings.of(GUILD) == await settings.of(GUILD) == KNOWN
    assert discord.reads == 2
    discord.now += FAILED_S
    await settings.of(GUILD)
    assert discord.reads == 3


async def test_a_change_is_read_at_once_even_after_a_read_that_failed(discord: Discord):
    discord.is_silent, settings = True, made(discord)
    await settings.of(GUILD)
    discord.is_silent = False
    await discord.heard["on_raw_app_command_permissions_update"](
        SimpleNamespace(guild=SimpleNamespace(id=GUILD))
    )

    assert await settings.of(GUILD) == KNOWN


async def test_a_silent_server_keeps_no_other_one_waiting(discord: Discord):
    discord.is_silent, settings = True, made(discord)
    await settings.of(GUILD)
    discord.is_silent = False

    assert await settings.of(GUILD + 1) == KNOWN
