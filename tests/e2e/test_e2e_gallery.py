"""Finding pictures again: pages that turn after a restart, cards that open, favourites, archives."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from typing import TYPE_CHECKING

import pytest

from sandbox.discord.entities import Overwrite
from sandbox.discord.permissions import Permission
from tests.e2e.looks import FLUX, buttons, card_after, parts, pictures, private_words, words

if TYPE_CHECKING:
    from sandbox.discord.entities import Message
    from sandbox.discord.people import Person
    from sandbox.server import Sandbox
    from tests.e2e.conftest import Bot

pytestmark = pytest.mark.e2e


async def gallery(person: Person, **options: str | bool) -> Message:
    """Ask for the gallery and return its page."""
    asked = await person.slash("gallery", options)
    await asked.until(lambda it: it.original is not None and bool(words(it.original)))
    assert asked.original is not None
    assert asked.is_ephemeral
    return asked.original


async def test_pages_turn_open_and_pack_after_a_restart(bot: Bot, ada: Person, grace: Person) -> None:
    await card_after(ada, await ada.slash("imagine", {"prompt": "a red fox", "count": 8, "model": FLUX}))
    await card_after(
        grace, await grace.slash("imagine", {"prompt": "an owl", "count": 2, "seed": 3, "model": FLUX})
    )
    await card_after(grace, await grace.slash("imagine", {"prompt": "a diary", "private": True}))
    await bot.until_states("settled", "settled", "settled")
    page = await gallery(ada)
    assert (len(pictures(page)), words(page).count("an owl"), words(page).count("a red fox")) == (9, 2, 7)
    assert "diary" not in words(page)
    await bot.stop()
    await bot.start()

    turned = await ada.press(page, "Older")
    await turned.until(lambda _: len(pictures(page)) == 1)
    assert "a red fox" in words(page)
    (menu,) = [part for part in parts(page) if part["type"] == 3]
    opened = await card_after(ada, await ada.select(page, menu["custom_id"], [menu["options"][0]["value"]]))
    assert len(pictures(opened)) == 8
    assert "Again" in buttons(opened)

    packed = await ada.press(await gallery(ada, search="owl"), "Download")
    await packed.until(lambda it: it.original is not None and "2 pictures" in words(it.original))
    assert packed.original is not None
    (file,) = packed.original.attachments
    zipped = zipfile.ZipFile(io.BytesIO(file.content))
    lines = json.loads(zipped.read("manifest.json"))
    assert [(line["prompt"], line["seed"]) for line in lines] == [("an owl", 3), ("an owl", 4)]
    assert all(zipped.read(line["file"]) for line in lines)


@pytest.mark.further
async def test_favourites_are_picked_and_found_by_oneself_alone(
    bot: Bot, sandbox: Sandbox, ada: Person, grace: Person
) -> None:
    card = await card_after(ada, await ada.slash("imagine", {"prompt": "a kite", "count": 2}))
    await bot.until_states("settled")

    asked = await grace.press(card, "Favourite")
    await asked.until(lambda it: it.original is not None and it.is_ephemeral)
    assert asked.original is not None
    (menu,) = [part for part in parts(asked.original) if part["type"] == 3]
    picked = await grace.select(asked.original, menu["custom_id"], [menu["options"][1]["value"]])
    await picked.until(lambda _: asked.original is not None and "1 of 2" in words(asked.original))

    assert len(pictures(await gallery(grace, favourites=True))) == 1
    assert "no favourites" in words(await gallery(ada, favourites=True))
    assert "no favourites" in words(await gallery(grace.at("dm"), favourites=True))
    assert "Use words" in await private_words(await grace.slash("gallery", {"search": "🦊"}))


@pytest.mark.further
async def test_what_is_drawn_behind_a_closed_door_is_found_by_those_inside(
    idle_bot: Bot, sandbox: Sandbox, ada: Person, grace: Person
) -> None:
    assert ada.channel.guild is not None
    backroom = sandbox.world.add_channel(ada.channel.guild, "backroom")
    backroom.overwrites.append(Overwrite(grace.user.id, True, deny=int(Permission.VIEW_CHANNEL)))
    await idle_bot.start()
    inside = ada.at(backroom)
    await card_after(inside, await inside.slash("imagine", {"prompt": "a surprise for Grace"}))
    await idle_bot.until_states("settled")

    assert "surprise" in words(await gallery(ada))
    assert "surprise" in words(await gallery(ada.at("dm")))
    assert "surprise" not in words(await gallery(grace))
    assert "Nothing was found" in words(await gallery(grace, search="surprise"))


@pytest.mark.further
async def test_what_a_moderator_deletes_is_found_by_its_owner_alone_also_when_easel_was_down(
    bot: Bot, ada: Person, grace: Person, linus: Person
) -> None:
    heard = await card_after(ada, await ada.slash("imagine", {"prompt": "a red fox"}))
    missed_order = await ada.slash("imagine", {"prompt": "an owl"})
    missed = await card_after(ada, missed_order)
    varied = await ada.press(missed, "Vary…")
    await varied.first_response()
    variation = await card_after(ada, await ada.submit(varied, {"strength": "strong", "count": ["1"]}))
    await bot.until_states("settled", "settled", "settled")
    assert f"strongly varied from picture `{missed_order.id}-0`" in words(variation)

    await linus.delete(heard)
    async with asyncio.timeout(30):
        while "a red fox" in words(await gallery(grace)):  # noqa: ASYNC110 - the bot tells nobody that it heard
            await asyncio.sleep(0.05)
    await bot.kill()
    await linus.delete(missed)
    await bot.start()
    asked = await grace.slash("show", {"id": str(missed_order.id)})
    assert "no longer here" in await private_words(asked)

    assert words(await gallery(grace)).count("an owl") == 1, "the variation, which stands there"
    assert "a red fox" in words(await gallery(ada, search="fox"))
    assert len(pictures(await gallery(ada))) == 3
