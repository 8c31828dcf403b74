"""/manage usage, with the real process: who may see it, what it shows, and that it adds up."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest

from sandbox.discord.people import ClientRefused
from tests.e2e.looks import card_after, pictures, private_words, words

if TYPE_CHECKING:
    from sandbox.discord.people import Person
    from tests.e2e.conftest import Bot

pytestmark = pytest.mark.e2e


@pytest.mark.further
async def test_moderators_see_what_the_server_spent_and_take_it_along(
    idle_bot: Bot, ada: Person, linus: Person
) -> None:
    await idle_bot.start(SERVER_USD_PER_MONTH="20")
    await card_after(ada, await ada.slash("imagine", {"prompt": "a lamp", "count": 2}))
    await idle_bot.until_states("settled")
    with pytest.raises(ClientRefused):
        await ada.slash("manage usage")

    asked = await linus.slash("manage usage")
    await asked.until(lambda it: it.original is not None and bool(pictures(it.original)), 60)
    card = asked.original
    assert card is not None
    assert asked.is_ephemeral
    assert len(pictures(card)) == 4, "days, people, commands and models, and the budget"
    assert all(picture["description"] for picture in pictures(card))
    assert "1 request · 2 pictures" in words(card)
    assert f"<@{ada.user.id}>" in words(card)

    gave = await linus.press(card, "All of it as CSV")
    await gave.until(lambda it: it.original is not None and bool(it.original.attachments), 60)
    assert gave.original is not None
    ((charged,),) = idle_bot.rows("SELECT SUM(microusd) FROM ledger")
    (line,) = csv.DictReader(gave.original.attachments[0].content.decode().splitlines())
    assert line["person"] == str(ada.user.id)
    assert round(float(line["charged_usd"]) * 1_000_000) == charged
    assert charged

    chosen = await linus.select(card, "v2p:usage", ["before"])
    await chosen.until(lambda it: it.original is not None and "Last month" in words(it.original), 60)
    assert chosen.original is not None
    assert "Nothing was asked of Easel" in words(chosen.original)
    assert len(pictures(chosen.original)) == 1, "the budget is of this month"


@pytest.mark.further
async def test_who_lost_the_server_s_trust_presses_in_vain(idle_bot: Bot, linus: Person) -> None:
    await idle_bot.start()
    asked = await linus.slash("manage usage")
    await asked.until(lambda it: it.original is not None and "Nothing was asked" in words(it.original), 60)
    assert asked.original is not None
    assert linus.channel.guild is not None
    linus.channel.guild.members[linus.user.id].role_ids.clear()

    pressed = await linus.press(asked.original, "All of it as CSV")
    assert "may manage this server" in await private_words(pressed)
