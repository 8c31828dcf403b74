"""Styles and preferences, as people come by them: by command, form, menu and file, over restarts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from sandbox.discord.entities import Upload
from tests.e2e.looks import card_after, private_words, words

if TYPE_CHECKING:
    from sandbox.discord.entities import Message
    from sandbox.discord.interaction import Interaction
    from sandbox.discord.people import Person
    from sandbox.server import Sandbox
    from tests.e2e.conftest import Bot

pytestmark = pytest.mark.e2e


async def answer_to(action: Interaction) -> Message:
    """Return the private card that answers an action."""
    await action.first_response()
    assert action.message is not None
    assert action.message.is_ephemeral
    return action.message


async def make(person: Person, template: str, **options: bool) -> Message:
    asked = await person.slash("style create", options)
    await asked.first_response()
    fields = {"name": "Woodcut", "template": template, "note": "old and rough"}
    return await answer_to(await person.submit(asked, fields))


async def test_what_a_style_asks_for_is_asked_and_outlives_a_restart(
    bot: Bot, sandbox: Sandbox, ada: Person
) -> None:
    await make(ada, "{subject} as a woodcut in {colour}, {light=noon}")
    options = {"prompt": "a lighthouse", "style": "woodcut; light=dusk", "count": 2}
    asked = await ada.slash("imagine", options)
    await asked.first_response()
    await bot.kill()
    await bot.start()

    card = await card_after(ada, await ada.submit(asked, {"v0": "dark red"}))

    assert sandbox.model.calls[0].body["prompt"] == "a lighthouse as a woodcut in dark red, dusk"
    assert "style Woodcut" in words(card)
    assert "a lighthouse" in words(card)
    await bot.until_states("settled")


@pytest.mark.further
async def test_a_server_s_style_is_made_by_who_manages_it_and_drawn_in_by_all(
    bot: Bot, sandbox: Sandbox, ada: Person, linus: Person
) -> None:
    assert "manage this server" in await private_words(await ada.slash("style create", {"for_server": True}))
    made = await make(linus, "{subject} as a woodcut", for_server=True)
    assert "This server's · old and rough" in words(made)
    (offered,) = await ada.autocomplete("imagine", "style", "wood", {"prompt": "x"})
    assert offered["name"] == "Woodcut · this server's"

    await card_after(ada, await ada.slash("imagine", {"prompt": "an owl", "style": offered["value"]}))

    assert sandbox.model.calls[0].body["prompt"] == "an owl as a woodcut"


@pytest.mark.further
async def test_a_preview_is_drawn_and_shown_and_what_goes_out_comes_in(
    bot: Bot, ada: Person, grace: Person
) -> None:
    made = await make(ada, "{subject} as a woodcut")
    offered = await answer_to(await ada.press(made, "Draw a preview"))
    await ada.press(offered, "Draw it")
    await bot.until_states("settled")
    shown = await answer_to(await ada.slash("style show", {"name": "Woodcut"}))
    assert len(shown.attachments) == 1

    out = await answer_to(await ada.slash("style export"))
    (file,) = out.attachments
    assert json.loads(file.content)["styles"][0]["name"] == "Woodcut"
    upload = Upload(file.filename, file.content, "application/json")
    brought = await grace.slash("style import", files={"file": upload})

    assert "Imported 1 style." in await private_words(brought)
    listed = await answer_to(await grace.slash("style list"))
    assert "Woodcut" in words(listed)


@pytest.mark.further
async def test_preferences_are_chosen_from_menus_and_used_after_a_restart(
    bot: Bot, sandbox: Sandbox, ada: Person, grace: Person
) -> None:
    card = await answer_to(await ada.slash("preferences"))
    for option, value in (("aspect", "3:2"), ("quality", "low"), ("style", "ink")):
        await (await ada.select(card, f"v2p:prefer:{option}:{ada.user.id}", [value])).first_response()
    await bot.stop()
    await bot.start()

    order = await ada.slash("imagine", {"prompt": "a fox"})
    mine = await card_after(ada, order)
    other = await card_after(grace, await grace.slash("imagine", {"prompt": "a fox"}))

    assert "style Ink · quality low" in words(mine)
    assert "your usual shape, which the model cannot do here" in words(order.followups[0])
    assert order.followups[0].is_ephemeral
    assert "style" not in words(other)
    assert sandbox.model.calls[1].body["prompt"] == "a fox"
