"""Everybody is answered in their own language by the real process, and commands are named in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot import catalogues
from tests.e2e.looks import buttons, card_after, private_words

if TYPE_CHECKING:
    from sandbox.discord.people import Person
    from sandbox.server import Sandbox
    from tests.e2e.conftest import Bot

pytestmark = pytest.mark.e2e
SHOWN = sorted(path.name for path in catalogues.FOLDER.iterdir() if path.is_dir())
DISCORD = {"de": "de", "es": "es-ES", "fr": "fr", "ja": "ja", "pt_BR": "pt-BR"}
"""What Discord calls a language."""


def said(name: str, message: str) -> str:
    """Return a text of Easel's in a language."""
    text = catalogues.catalogue(name).gettext(message)
    assert text != message
    return text


@pytest.mark.parametrize(
    "name", ["de", *(pytest.param(name, marks=pytest.mark.further) for name in SHOWN if name != "de")]
)
async def test_a_card_is_in_the_language_of_who_asked_and_an_error_in_that_of_who_pressed(
    idle_bot: Bot, ada: Person, grace: Person, name: str
) -> None:
    await idle_bot.start(DEFAULT_IMAGES_PER_DAY="1")
    ada.user.locale = DISCORD[name]

    card = await card_after(ada, await ada.slash("imagine", {"prompt": "a lamp"}))
    assert said(name, "Again") in buttons(card)
    assert "Again" not in buttons(card)

    pressed = await grace.press(card, f"v1:delete:{card_id(idle_bot)}")
    assert "Only the person who asked for these pictures" in await private_words(pressed)
    refused = await ada.slash("imagine", {"prompt": "a second lamp"})
    sentence = await private_words(refused)
    assert "allowance" not in sentence
    assert "<t:" in sentence


async def test_commands_are_named_in_every_language_there_is(bot: Bot, ada: Person) -> None:
    (manage,) = [one.payload for one in ada.world.commands.values() if one.name == "manage"]
    wanted = {DISCORD[name] for name in SHOWN}

    assert set(manage["description_localizations"]) >= wanted
    areas = {area["name"]: area for area in manage["options"]}
    assert set(areas["usage"]["description_localizations"]) >= wanted


@pytest.mark.further
async def test_a_refusal_that_comes_later_is_in_the_language_of_who_asked(
    bot: Bot, sandbox: Sandbox, ada: Person
) -> None:
    sandbox.model.faults.add("moderation", times=1)
    ada.user.locale = "de"

    order = await ada.slash("imagine", {"prompt": "a lamp"})
    edit = said("de", "Edit…")
    await order.until(lambda it: it.original is not None and buttons(it.original) == [edit], 60)


def card_id(bot: Bot) -> int:
    ((job_id,),) = bot.rows("SELECT id FROM job WHERE id > 0")
    assert isinstance(job_id, int)
    return job_id
