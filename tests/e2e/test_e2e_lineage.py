"""Versions of a picture: compared, branched from and changed in one part, after a restart as well."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from tests.e2e.looks import FLUX, buttons, card_after, parts, pictures, words

if TYPE_CHECKING:
    from sandbox.discord.entities import Message
    from sandbox.discord.interaction import Interaction
    from sandbox.discord.people import Person
    from sandbox.server import Sandbox
    from tests.e2e.conftest import Bot

pytestmark = pytest.mark.e2e


async def _edited(bot: Bot, ada: Person) -> tuple[str, Message]:
    """Draw two pictures, change the second; return the first job's id and the second card."""
    order = await ada.slash("imagine", {"prompt": "two hills", "count": 2, "model": FLUX})
    card = await card_after(ada, order)
    await bot.until_states("settled")
    press = await ada.press(card, "Edit…")
    await press.first_response()
    form = await ada.submit(press, {"prompt": "the same at night", "picture": [f"{order.id}-1"]})
    edited = await card_after(ada, form)
    await bot.until_states("settled", "settled")
    return str(order.id), edited


async def _page(interaction: Interaction) -> Message:
    """Wait for an answer with a picture, for one person alone."""
    await interaction.until(lambda it: it.original is not None and bool(pictures(it.original)), 60)
    assert interaction.original is not None
    assert interaction.is_ephemeral
    return interaction.original


def _menu(message: Message, verb: str) -> str:
    """Return the id of a menu."""
    ids = [str(one.get("custom_id")) for one in parts(message)]
    return next(written for written in ids if written.startswith(f"v2p:{verb}:"))


@pytest.mark.further
async def test_an_older_version_is_edited_instead_after_a_restart(
    bot: Bot, sandbox: Sandbox, ada: Person, grace: Person
) -> None:
    first, card = await _edited(bot, ada)
    await bot.kill()
    await bot.start()

    page = await _page(await grace.press(card, "Branch…"))
    compared = await _page(await grace.press(card, "Compare"))
    picked = await grace.select(page, _menu(page, "editof"), [f"{first}-0"])
    await picked.first_response()
    sent = await grace.submit(picked, {"prompt": "in spring"})
    await card_after(grace, sent)

    assert "**v2** edited from v1b: the same at night ← this card" in words(page)
    assert buttons(compared) == ["Open the card of A", "Open the card of B"]
    assert "in spring" in sandbox.model.calls[-1].body["prompt"]
    parents = bot.rows(
        f"SELECT parent_id FROM picture_parent WHERE picture_id LIKE '{sent.id}-r%'"  # noqa: S608 - our own id
    )
    assert parents == [(f"{first}-0",)]
    opened = await _page(await grace.press(compared, "Open the card of A"))
    assert "two hills" in words(opened)


@pytest.mark.further
async def test_a_part_is_chosen_on_a_grid_and_changed(
    bot: Bot, sandbox: Sandbox, ada: Person, grace: Person
) -> None:
    card = await card_after(ada, await ada.slash("imagine", {"prompt": "a house", "model": FLUX}))
    await bot.until_states("settled")
    page = await _page(await grace.press(card, "Change a part…"))
    await bot.stop()
    await bot.start()

    chosen = await grace.select(page, _menu(page, "cells"), ["B2", "C2"])
    await chosen.until(lambda _: "is to change" in words(page), 60)
    (grid,) = page.attachments
    press = await grace.press(page, "Say what should be there…")
    await press.first_response()
    changed = await card_after(grace, await grace.submit(press, {"prompt": "a round window"}))

    assert "**B2 to C2** is to change." in words(page)
    assert Image.open(io.BytesIO(grid.content)).format == "JPEG"
    assert "a round window" in words(changed)
    prompt = sandbox.model.calls[-1].body["prompt"]
    assert prompt.startswith("a round window\n\nChange only the ")
    assert prompt.endswith("Leave everything else exactly as it is.")
    assert bot.rows("SELECT DISTINCT user_id FROM job WHERE parent_job_id IS NOT NULL") == [(grace.user.id,)]


@pytest.mark.further
async def test_pictures_are_covered_but_in_age_restricted_channels(idle_bot: Bot, ada: Person) -> None:
    await idle_bot.start(SPOILER_RESULTS="outside_nsfw")
    adult = ada.at("gallery-nsfw")

    common = await card_after(
        ada, await ada.slash("imagine", {"prompt": "a pear", "format": "webp", "model": FLUX})
    )
    await card_after(adult, await adult.slash("imagine", {"prompt": "a plum"}))
    await idle_bot.until_states("settled", "settled")
    (there,) = adult.messages()

    assert [item["spoiler"] for item in pictures(common)] == [True]
    assert [item["spoiler"] for item in pictures(there)] == [False]
    (file,) = common.attachments
    assert file.filename.startswith("SPOILER_easel-")
    assert file.filename.endswith(".webp")
    assert Image.open(io.BytesIO(file.content)).format == "WEBP"
    again = await _page(await ada.press(common, "Change a part…"))
    assert [item["spoiler"] for item in pictures(again)] == [True], "as the card is"


@pytest.mark.further
async def test_nobody_gets_to_a_private_version(bot: Bot, ada: Person, grace: Person) -> None:
    _, card = await _edited(bot, ada)
    press = await ada.press(card, "Edit…")
    await press.first_response()
    form = await ada.submit(press, {"prompt": "my secret", "quality": ["-.me"]})
    private = await card_after(ada, form)
    await bot.until_states("settled", "settled", "settled")

    mine = await _page(await ada.press(card, "Branch…"))
    theirs = await _page(await grace.press(card, "Branch…"))
    offered = [
        {option["value"] for one in parts(page) for option in one.get("options", ())}
        for page in (mine, theirs)
    ]

    assert private.is_ephemeral
    assert "my secret" in words(mine)
    assert "my secret" not in words(theirs)
    assert offered[0] - offered[1] == {f"{form.id}-0"}
