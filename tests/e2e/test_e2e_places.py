"""Direct messages, servers that Easel is no member of, channels where it may not post files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.looks import card_after, is_card, private_words, words

if TYPE_CHECKING:
    from sandbox.discord.people import Person
    from sandbox.server import Sandbox
    from tests.e2e.conftest import Bot

pytestmark = pytest.mark.e2e


async def test_it_draws_in_direct_messages_on_an_allowance_of_their_own(
    bot: Bot, sandbox: Sandbox, ada: Person
) -> None:
    await card_after(ada, await ada.slash("imagine", {"prompt": "a shell"}))
    direct = ada.at("dm")
    card = await card_after(direct, await direct.slash("imagine", {"prompt": "a pearl"}))
    await card_after(direct, await direct.press(card, "Again"))
    await bot.until_states("settled", "settled", "settled")

    servers = bot.rows("SELECT DISTINCT guild_id FROM ledger ORDER BY guild_id")
    assert servers[0] == (0,)
    assert len(servers) == 2


async def test_someone_brings_it_along_to_a_server_it_is_no_member_of(
    bot: Bot, sandbox: Sandbox, ada: Person
) -> None:
    world = sandbox.world
    elsewhere = world.add_guild("Elsewhere", ada.user, has_bot=False)
    guest = ada.at(world.add_channel(elsewhere, "lounge"))

    card = await card_after(guest, await guest.slash("imagine", {"prompt": "a suitcase"}))
    await bot.until_states("settled")

    assert is_card(card)
    assert bot.rows("SELECT DISTINCT guild_id FROM ledger") == [(0,)]


@pytest.mark.further
async def test_pictures_of_one_server_are_not_shown_by_a_button_id_in_another(
    bot: Bot, sandbox: Sandbox, ada: Person, grace: Person
) -> None:
    order = await ada.slash("imagine", {"prompt": "a diary", "private": True})
    card = await card_after(ada, order)
    await bot.until_states("settled")
    stolen = await grace.at("dm").slash("imagine", {"prompt": "bait"})
    bait = await card_after(grace, stolen)
    bait.components = card.components

    said = await private_words(await grace.at("dm").press(bait, "Details"))

    assert "no longer here" in said


@pytest.mark.further
async def test_where_files_are_not_allowed_the_result_still_arrives(
    bot: Bot, sandbox: Sandbox, ada: Person
) -> None:
    there = ada.at("no-files")
    order = await there.slash("imagine", {"prompt": "a parcel"})
    await order.first_response()
    await bot.until_ended()

    assert bot.states() == ["settled"]
    (card,) = ada.at("dm").messages()
    assert is_card(card)
    await order.until(lambda it: it.original is not None and "direct messages" in words(it.original))
    assert "a parcel" in await private_words(await ada.at("dm").press(card, "Details"))
    await card_after(ada, await ada.at("dm").press(card, "Again"))
