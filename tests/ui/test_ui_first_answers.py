"""First answers that go wrong, while Discord waits for them and after."""

from __future__ import annotations

import io
from contextlib import nullcontext
from typing import TYPE_CHECKING

import aiohttp
import discord
import pytest
from discord_kit import CUT, EDGE_429
from people_kit import slash

from bot.ui import first_answers
from bot.ui.explain import explained
from bot.ui.first_answers import answer_surely

if TYPE_CHECKING:
    from discord_kit import Discord

CALLBACK = "POST /interactions/#/token/callback"


@pytest.fixture
def heard(client: discord.Client) -> discord.Interaction:
    return discord.Interaction(data=slash("imagine"), state=client._connection)  # pyright: ignore[reportArgumentType] - a payload by hand


async def test_what_goes_with_an_answer_is_sent_again_whole(heard: discord.Interaction, remote: Discord):
    remote.refuse(CALLBACK, 0)
    remote.refuse(CALLBACK, EDGE_429)

    answer_surely()
    await heard.response.send_message("here", file=discord.File(io.BytesIO(b"a picture"), "fox.png"))

    assert [list(call.files.values()) for call in remote.calls] == [[b"a picture"]] * 3


@pytest.mark.parametrize("lost", [0, CUT], ids=["no answer", "half an answer"])
async def test_what_arrived_though_nobody_heard_of_it_is_done(
    heard: discord.Interaction, remote: Discord, lost: int
):
    remote.refuse(CALLBACK, lost)
    remote.refuse(CALLBACK, 400, 40060)

    answer_surely()
    answer = await heard.response.send_message("here")

    assert answer.message_id is None
    assert heard.response.is_done()


async def test_an_answer_that_another_gave_is_not_called_ours(heard: discord.Interaction, remote: Discord):
    remote.refuse(CALLBACK, 400, 40060)

    answer_surely()
    with pytest.raises(discord.HTTPException):
        await heard.response.send_message("here")

    assert len(remote.calls) == 1


async def test_after_three_seconds_nothing_is_sent_again(
    heard: discord.Interaction, remote: Discord, monkeypatch: pytest.MonkeyPatch
):
    remote.refuse(CALLBACK, 0)

    answer_surely()
    monkeypatch.setattr(first_answers, "LIMIT_S", 0.0)
    with pytest.raises(aiohttp.ClientConnectionError):
        await heard.response.defer()

    assert len(remote.calls) == 1


@pytest.mark.parametrize(
    ("retry_after", "tries"),
    [("0", 2), ("3", 1), ("600", 1), ("Wed, 21 Oct 2026 07:28:00 GMT", 1)],
    ids=["at once", "too late", "a ban", "a date"],
)
async def test_the_edge_before_discord_is_heeded_where_it_asks_for_little(
    heard: discord.Interaction, remote: Discord, retry_after: str, tries: int
):
    remote.answers[CALLBACK] = [(EDGE_429, {"Retry-After": retry_after})]

    answer_surely()
    with nullcontext() if tries > 1 else pytest.raises(discord.HTTPException, match="429"):
        await heard.response.defer()

    assert len(remote.calls) == tries


async def test_an_answer_that_came_too_late_is_one_line_of_the_log_and_no_incident(
    heard: discord.Interaction, remote: Discord, logged
):
    remote.refuse(CALLBACK, 404, 10062, times=2)

    async with explained(heard):
        answer_surely()
        await heard.response.defer(thinking=True)

    (line,) = [one for one in logged if one["log_level"] in {"warning", "error"}]
    assert line["event"] == "acknowledged too late"
    assert line["after_s"] < 1
    assert len(remote.calls) == 1, "whoever acted cannot be told anything"
