"""/batch: a list of prompts, drawn row by row and shown in pages, through everything that may befall it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.discord.faults import Fault
from tests.e2e.batch_looks import (
    alt_texts,
    assert_all_is_well,
    cards,
    foxes,
    galleries,
    offered,
    rows_of,
    started,
    until_done,
)
from tests.e2e.looks import buttons, card_after, is_card, pictures, private_words, words

if TYPE_CHECKING:
    from sandbox.discord.people import Person
    from sandbox.server import Sandbox
    from tests.e2e.conftest import Bot

pytestmark = pytest.mark.e2e


async def test_what_is_no_list_is_said_privately_and_names_the_row(bot: Bot, ada: Person) -> None:
    table = await ada.slash("batch", {}, {"file": ("a.csv", b"prompt;seed\nfox;x\n")})
    picture = await ada.slash("batch", {}, {"file": ("a.txt", b"\x89PNG\r\n\x1a\n\0")})

    assert "Row 2: “x” is no seed" in await private_words(table)
    assert "cannot be read from line 1 on" in await private_words(picture)
    assert bot.rows("SELECT COUNT(*) FROM draft") == [(0,)]


async def test_a_list_is_priced_drawn_shown_in_pages_and_handed_over(
    bot: Bot, sandbox: Sandbox, ada: Person, grace: Person
) -> None:
    asked = await offered(ada, foxes(12))
    assert asked.original is not None
    said = words(asked.original)
    assert "12 pictures from “list.txt”" in said
    assert "**Row 3** fox 3" in said
    assert "and 9 more" in said
    assert "20 of 20 pictures left today" in said
    await ada.press(asked.original, "Start")
    await until_done(bot)

    assert "has started" in words(asked.original)
    pages = galleries(grace)
    assert [len(pictures(page)) for page in pages] == [10, 2]
    assert alt_texts(pages) == rows_of(12)
    (card,) = cards(grace)
    assert "12 of 12" in words(card)
    assert buttons(card) == []
    last = grace.messages()[-1]
    assert "is done" in words(last)
    assert [file.filename.rpartition(".")[2] for file in last.attachments] == ["zip"]
    assert [user.id for user in last.mentions] == [ada.user.id]
    assert bot.held() == (12, sandbox.model.total_cost_microusd)
    await assert_all_is_well(bot, sandbox)


@pytest.mark.further
async def test_a_page_s_picture_opens_as_a_card_of_its_own(bot: Bot, ada: Person, grace: Person) -> None:
    await started(ada, foxes(2))
    await until_done(bot)
    (page,) = galleries(grace)
    menu = next(one for row in page.components[0]["components"] for one in row.get("components", []))

    opened = await grace.select(page, menu["custom_id"], [menu["options"][1]["value"]])

    card = await card_after(grace, opened)
    assert opened.is_ephemeral
    assert "fox 2" in words(card)
    assert "Again" in buttons(card)


@pytest.mark.further
async def test_a_used_up_allowance_pauses_it_and_resume_goes_on(
    idle_bot: Bot, sandbox: Sandbox, ada: Person, grace: Person
) -> None:
    await idle_bot.start(DEFAULT_IMAGES_PER_DAY="5")
    asked = await offered(ada, foxes(8))
    assert asked.original is not None
    assert "lets 5 pictures through now" in words(asked.original)
    await ada.press(asked.original, "Start")
    await until_done(idle_bot, "paused")

    (card,) = cards(grace)
    assert "5 pictures a day is used up. It starts again <t:" in words(card)
    assert buttons(card) == ["Resume", "Cancel"]
    assert alt_texts(galleries(grace)) == rows_of(5)
    assert idle_bot.held() == (5, sandbox.model.total_cost_microusd)
    await idle_bot.kill()
    await idle_bot.start(DEFAULT_IMAGES_PER_DAY="20")
    await ada.press(card, "Resume")
    await until_done(idle_bot)

    assert alt_texts(galleries(grace)) == rows_of(8)
    await assert_all_is_well(idle_bot, sandbox)


@pytest.mark.further
async def test_somebody_else_s_order_starts_at_once_during_a_batch(
    idle_bot: Bot, sandbox: Sandbox, ada: Person, grace: Person
) -> None:
    sandbox.model.pause()
    await idle_bot.start(MAX_RUNNING_CALLS="5", DEFAULT_IMAGES_PER_DAY="none")
    await started(ada, foxes(12))
    await sandbox.model.until(lambda model: len(model.calls) == 2)

    order = await grace.slash("imagine", {"prompt": "a lighthouse"})
    mine = await ada.slash("imagine", {"prompt": "a harbour"})
    await sandbox.model.until(lambda model: len(model.calls) == 4)

    others = "SELECT state FROM job WHERE NOT EXISTS (SELECT 1 FROM batch_row WHERE job_id = job.id)"
    assert idle_bot.rows(others) == [("sent",), ("sent",)]
    sandbox.model.resume()
    await card_after(grace, order)
    await card_after(ada, mine)
    await until_done(idle_bot)
    await assert_all_is_well(idle_bot, sandbox)


@pytest.mark.further
async def test_rows_that_fail_are_listed_and_drawn_again(
    bot: Bot, sandbox: Sandbox, ada: Person, grace: Person
) -> None:
    sandbox.model.faults.add("moderation", times=1)
    await started(ada, foxes(4))
    await until_done(bot)
    (card,) = cards(grace)
    assert "3 drawn · 1 failed" in words(card)
    assert buttons(card) == ["Retry failed (1)"]
    refused = await private_words(await grace.press(card, "Retry failed (1)"))
    assert "Only the person who started this batch" in refused

    await ada.press(card, "Retry failed (1)")
    await bot.until(lambda: bot.states().count("settled") == 4)
    await until_done(bot)

    assert alt_texts(galleries(grace)) == rows_of(4)
    (card,) = cards(grace)
    assert "4 drawn" in words(card)
    await assert_all_is_well(bot, sandbox)


@pytest.mark.further
async def test_it_is_one_entry_of_the_queue_and_a_moderator_cancels_it(
    bot: Bot, sandbox: Sandbox, ada: Person, grace: Person, linus: Person
) -> None:
    sandbox.model.pause()
    await started(ada, foxes(6))
    await sandbox.model.until(lambda model: len(model.calls) == 3)
    asked = await linus.slash("queue", {"server": True})
    await asked.until(lambda it: it.original is not None)
    assert asked.original is not None
    assert "Under way for this server: 1" in words(asked.original)
    assert "6 pictures from “list.txt”" in words(asked.original)
    assert buttons(asked.original) == ["Pause", "Cancel"]

    await linus.press(asked.original, "Cancel")
    await until_done(bot, "cancelled")

    sandbox.model.resume()
    (card,) = cards(grace)
    assert "Cancelled: 6 pictures" in words(card)
    assert galleries(grace) == []
    assert bot.held() == (0, 0)


@pytest.mark.further
async def test_a_private_batch_is_seen_by_its_owner_alone(
    bot: Bot, sandbox: Sandbox, ada: Person, grace: Person
) -> None:
    await started(ada, foxes(3), private=True)
    await until_done(bot)

    assert grace.messages() == []
    assert alt_texts(galleries(ada)) == rows_of(3)
    assert all(message.is_ephemeral for message in ada.messages())
    assert len(cards(ada)) == 1
    assert any(message.attachments and "is done" in words(message) for message in ada.messages())
    await assert_all_is_well(bot, sandbox)


@pytest.mark.further
async def test_a_private_batch_whose_token_has_died_goes_on_in_direct_messages(
    bot: Bot, sandbox: Sandbox, ada: Person, grace: Person
) -> None:
    sandbox.world.faults.rest.append(Fault("POST", "/webhooks/", 401, times=1000))
    await started(ada, foxes(3), private=True)
    await until_done(bot)

    assert grace.messages() == []
    assert alt_texts(galleries(ada.at("dm"))) == rows_of(3)
    assert len(cards(ada.at("dm"))) == 1
    await assert_all_is_well(bot, sandbox)


@pytest.mark.further
async def test_what_can_be_posted_nowhere_waits_in_the_queue(bot: Bot, sandbox: Sandbox, ada: Person) -> None:
    closed = [
        Fault("POST", path, 403, times=1000) for path in (r"/channels/\d+/messages", "/users/@me/channels")
    ]
    sandbox.world.faults.rest += closed
    await started(ada, foxes(2))
    await until_done(bot, "paused")
    sandbox.world.faults.rest.clear()

    asked = await ada.slash("queue")
    await asked.until(lambda it: it.original is not None)
    assert asked.original is not None
    assert buttons(asked.original) == ["Resume", "Cancel", "Show", "Show"]
    await ada.press(asked.original, "Show")
    await bot.until(lambda: bot.states().count("settled") == 1)

    assert bot.held()[0] == 2, "the other is held still"
    assert is_card(asked.original)


@pytest.mark.further
async def test_where_it_is_no_member_its_answers_are_the_pages(
    bot: Bot, sandbox: Sandbox, ada: Person
) -> None:
    elsewhere = sandbox.world.add_guild("Elsewhere", ada.user, has_bot=False)
    guest = ada.at(sandbox.world.add_channel(elsewhere, "lounge"))
    await started(guest, foxes(2))
    await until_done(bot)

    assert alt_texts(galleries(guest)) == rows_of(2)
    assert not galleries(ada.at("dm"))
    await bot.until(lambda: len(cards(guest)) == 1)
    await assert_all_is_well(bot, sandbox)


@pytest.mark.further
async def test_where_it_may_not_attach_files_the_pages_come_all_the_same(
    bot: Bot, sandbox: Sandbox, ada: Person
) -> None:
    await started(ada.at("no-files"), foxes(2))
    await until_done(bot)

    assert alt_texts(galleries(ada.at("no-files")) + galleries(ada.at("dm"))) == rows_of(2)
    await assert_all_is_well(bot, sandbox)
