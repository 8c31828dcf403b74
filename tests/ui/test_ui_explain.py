from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import aiohttp
import discord
import pytest
from discord import app_commands
from people_kit import slash

from bot.errors import BadInput, UserFacingError
from bot.ui.explain import describe, explained, sentence, tell

if TYPE_CHECKING:
    from discord_kit import Discord


def _wrapped(error: Exception) -> app_commands.CommandInvokeError:
    command = SimpleNamespace(name="imagine")
    return app_commands.CommandInvokeError(command, error)  # pyright: ignore[reportArgumentType] - its name is enough


def _transformed(cause: Exception | None) -> app_commands.TransformerError:
    error = app_commands.TransformerError(
        "x",
        discord.AppCommandOptionType.string,
        SimpleNamespace(_error_display_name="seed"),  # pyright: ignore[reportArgumentType] - its name is enough
    )
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    "error",
    [BadInput("Say what."), _wrapped(BadInput("Say what.")), _transformed(BadInput("Say what."))],
    ids=["itself", "in a command", "in an option"],
)
def test_what_was_foreseen_is_said_in_its_own_words(error: Exception):
    assert describe(error) == "Say what."


@pytest.mark.parametrize(
    "error",
    [KeyError("secret"), _wrapped(KeyError("secret")), _transformed(None)],
    ids=["itself", "in a command", "in an option"],
)
def test_what_nobody_foresaw_gets_a_number_and_a_log_line_and_tells_nothing(error: Exception, logged):
    said = describe(error)

    (line,) = [entry for entry in logged if entry["event"] == "unforeseen"]
    assert line["incident"] in said
    assert "secret" not in said


def _answer(status: int) -> SimpleNamespace:
    return SimpleNamespace(status=status, reason="told by a test")


@pytest.mark.parametrize(
    ("error", "is_trouble"),
    [
        (discord.DiscordServerError(_answer(500), None), True),  # pyright: ignore[reportArgumentType] - its status is enough
        (discord.HTTPException(_answer(429), "<html>"), True),  # pyright: ignore[reportArgumentType] - as above
        (aiohttp.ClientOSError(104, "Connection reset by peer"), True),
        (discord.HTTPException(_answer(400), None), False),  # pyright: ignore[reportArgumentType] - as above
        (FileNotFoundError("a file of Easel's own"), False),
    ],
)
def test_trouble_of_discord_s_is_no_incident(error: Exception, is_trouble: bool, logged):
    said = describe(_wrapped(error))

    assert (said == "Discord is in trouble, so the answer could not be shown.") is is_trouble
    assert [entry["event"] for entry in logged] == ["discord in trouble" if is_trouble else "unforeseen"]


def test_who_may_not_is_told_so():
    assert describe(app_commands.MissingPermissions(["manage_guild"])) == "You may not use this command here."


def test_a_sentence_fits_a_message():
    assert len(sentence(UserFacingError("x" * 5000))) == 2000


class TestTelling:
    async def test_before_an_answer_it_is_the_answer(self, client: discord.Client, remote: Discord):
        await tell(discord.Interaction(data=slash("quota"), state=client._connection), "no")  # pyright: ignore[reportArgumentType] - a payload by hand

        (call,) = remote.calls
        assert call.name == "POST /interactions/#/token/callback"
        assert call.payload["data"] == {"content": "no", "flags": 64, "tts": False} | {
            "allowed_mentions": call.payload["data"]["allowed_mentions"]
        }
        assert call.payload["data"]["allowed_mentions"]["parse"] == []

    async def test_after_an_answer_it_follows(self, client: discord.Client, remote: Discord):
        interaction = discord.Interaction(data=slash("quota"), state=client._connection)  # pyright: ignore[reportArgumentType] - a payload by hand
        await interaction.response.defer()

        async with explained(interaction):
            raise BadInput("no")

        call = remote.calls[-1]
        assert call.name == "POST /webhooks/#/token"
        assert call.payload["content"] == "no"
        assert call.payload["flags"] == 64
        assert call.payload["allowed_mentions"]["parse"] == []

    async def test_where_discord_will_not_have_it_the_log_says_so(self, client, remote: Discord, logged):
        remote.refuse("POST /interactions/#/token/callback", 404, 10062)

        await tell(discord.Interaction(data=slash("quota"), state=client._connection), "no")  # pyright: ignore[reportArgumentType] - a payload by hand

        (entry,) = [entry for entry in logged if entry["event"] == "could not tell"]
        assert "10062" in entry["reason"]

    async def test_what_goes_well_says_nothing(self, client: discord.Client, remote: Discord):
        async with explained(discord.Interaction(data=slash("quota"), state=client._connection)):  # pyright: ignore[reportArgumentType] - a payload by hand
            pass

        assert remote.calls == []
