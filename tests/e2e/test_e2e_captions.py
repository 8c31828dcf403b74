"""Captions of results: they become the alt text of cards that are posted, and of every copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.looks import card_after, pictures

if TYPE_CHECKING:
    from sandbox.discord.entities import Message
    from sandbox.discord.people import Person
    from sandbox.server import Sandbox
    from tests.e2e.conftest import Bot

pytestmark = pytest.mark.e2e


@pytest.fixture
async def captioning(idle_bot: Bot) -> Bot:
    await idle_bot.start(CAPTION_RESULTS="true")
    return idle_bot


def alt_texts(message: Message) -> list[str]:
    return [item["description"] for item in pictures(message)]


@pytest.mark.parametrize(
    "private", [False, pytest.param(True, marks=pytest.mark.further)], ids=["public", "private"]
)
async def test_captions_become_alt_text_of_the_same_files(
    captioning: Bot, sandbox: Sandbox, ada: Person, private: bool
) -> None:
    order = await ada.slash("imagine", {"prompt": "a fox in snow", "count": 2, "private": private})
    card = await card_after(ada, order)
    files = [attachment.id for attachment in card.attachments]

    await order.until(lambda it: "mostly" in str(it.original and alt_texts(it.original)), 60)

    first, second = alt_texts(card)
    assert first.startswith("Picture 1 of 2: a fox in snow, mostly")
    assert second.startswith("Picture 2 of 2: a fox in snow, mostly")
    assert [attachment.id for attachment in card.attachments] == files
    assert len(files) == 2
    await captioning.until_states("settled", "settled", "settled")
    charged = captioning.rows("SELECT user_id, images, messages FROM ledger WHERE user_id IS NULL")
    assert {row[1:] for row in charged} == {(0, 0)}

    copy = await (await ada.slash("show", {"id": str(order.id)})).answer()
    assert alt_texts(copy) == [first, second]
    found = await (await ada.slash("gallery", {"search": "mostly"})).answer()
    assert len(pictures(found)) == 2


@pytest.mark.further
async def test_a_card_that_is_deleted_meanwhile_harms_nothing(captioning: Bot, ada: Person) -> None:
    card = await card_after(ada, await ada.slash("imagine", {"prompt": "a fox in snow"}))
    await ada.press(card, "Delete")

    await card_after(ada, await ada.slash("imagine", {"prompt": "a hill"}))
    await captioning.until_ended()

    assert "Traceback" not in captioning.log.read_text()
