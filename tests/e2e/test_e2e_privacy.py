"""What is kept of people, taken along and deleted, in the real bot."""

from __future__ import annotations

import io
import json
import re
import sqlite3
import zipfile
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from sandbox.discord.client import ClientRefused
from tests.e2e.looks import buttons, card_after, private_words, words
from tests.e2e.test_e2e_chat import answer_to, mention, red_square

if TYPE_CHECKING:
    from sandbox.discord.interaction import Interaction
    from sandbox.discord.people import Person
    from sandbox.server import Sandbox
    from tests.e2e.conftest import Bot

pytestmark = pytest.mark.e2e


SLOW = """
    CREATE TRIGGER slow AFTER DELETE ON picture BEGIN
        SELECT MAX(n) FROM (
            WITH RECURSIVE count (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM count WHERE n < 10000000)
            SELECT n FROM count
        );
    END
"""
"""Lets a deletion take so long that it is under way for sure when the process dies."""


def change(bot: Bot, sql: str) -> None:
    """Change the database beside the bot."""
    with closing(sqlite3.connect(bot.data_dir / "easel.db", timeout=30)) as connection, connection:
        connection.execute(sql)


async def card(person: Person, command: str, **options: str | int | bool) -> Interaction:
    """Use a command, and wait for the private card that answers it."""
    asked = await person.slash(command, options)
    await asked.until(lambda it: it.original is not None, 60)
    assert asked.original is not None
    assert asked.original.is_ephemeral
    return asked


async def pressed(person: Person, shown: Interaction, button: str, then: str) -> None:
    """Press a button, and wait for what the card says then."""
    assert shown.original is not None
    act = await person.press(shown.original, button)
    await act.until(lambda it: it.original is not None and then in words(it.original), 60)


async def drawn(bot: Bot, person: Person, prompt: str) -> None:
    asked = await person.slash("imagine", {"prompt": prompt})
    await card_after(person, asked)
    await bot.until_ended()


def kept(bot: Bot) -> set[str]:
    """Return the names of the files on the disk."""
    return {file.name for file in (bot.data_dir / "blobs").rglob("*") if file.is_file()}


async def test_a_person_deletes_everything_and_others_lose_nothing(
    bot: Bot, sandbox: Sandbox, ada: Person, grace: Person
) -> None:
    await drawn(bot, ada, "a secret fox")
    await drawn(bot, grace, "a boat")
    await answer_to(ada, await ada.say(mention(sandbox, "My secret is 4711."), [red_square()]))
    await answer_to(grace, await grace.say(mention(sandbox, "I like teal.")))
    await bot.until(lambda: bot.rows("SELECT COUNT(*) FROM turn WHERE awaiting = 0") == [(4,)])

    shown = await card(ada, "privacy show")
    assert shown.original is not None
    assert "1 picture" in words(shown.original)
    assert "2 messages of your conversations" in words(shown.original)
    asked = await card(ada, "privacy delete")
    await pressed(ada, asked, "Delete for good", "Deleted.")

    assert bot.rows("SELECT COUNT(*) FROM turn WHERE text LIKE '%4711%'") == [(0,)]
    assert bot.rows("SELECT COUNT(*) FROM job WHERE request LIKE '%secret%'") == [(0,)]
    assert bot.rows("SELECT COUNT(*) FROM turn WHERE text LIKE '%teal%'") == [(2,)]
    assert bot.rows("SELECT COUNT(*) FROM job WHERE request LIKE '%a boat%'") == [(1,)]
    assert kept(bot) == {str(row[0]) for row in bot.rows("SELECT blob FROM picture")}
    assert "nothing of yours" in await private_words(await ada.slash("privacy delete"))


async def test_a_deletion_that_is_killed_is_ended_by_the_next_start(
    idle_bot: Bot, sandbox: Sandbox, ada: Person, grace: Person
) -> None:
    bot = idle_bot
    await bot.start()
    for n in range(3):
        await drawn(bot, ada, f"secret fox {n}")
    await drawn(bot, grace, "a boat")
    asked = await card(ada, "privacy delete")
    assert asked.original is not None
    change(bot, SLOW)
    act = await ada.press(asked.original, "Delete for good")
    await bot.until(lambda: bot.rows("SELECT COUNT(*) FROM erasure") == [(1,)])
    await bot.kill()
    assert bot.rows("SELECT COUNT(*) FROM job WHERE request LIKE '%secret%'") == [(3,)]
    assert "Deleted" not in words(act.original or asked.original)
    change(bot, "DROP TRIGGER slow")

    await bot.start()
    await bot.until(lambda: bot.rows("SELECT COUNT(*) FROM job WHERE request LIKE '%secret%'") == [(0,)])
    await bot.until(lambda: bot.rows("SELECT COUNT(*) FROM loose_blob") == [(0,)])

    assert kept(bot) == {str(row[0]) for row in bot.rows("SELECT blob FROM picture")}
    assert bot.rows("SELECT COUNT(*) FROM job WHERE request LIKE '%a boat%'") == [(1,)]
    assert bot.rows("SELECT COUNT(*) FROM ledger WHERE user_id IS NULL") == [(0,)], "of this month"


async def test_a_picture_that_a_kill_left_without_a_row_goes_with_the_next_start(
    idle_bot: Bot, ada: Person
) -> None:
    bot = idle_bot
    await bot.start()
    await drawn(bot, ada, "a boat")
    before = kept(bot)
    change(bot, SLOW.replace("AFTER DELETE", "BEFORE INSERT"))
    await ada.slash("imagine", {"prompt": "a secret fox"})
    await bot.until(lambda: len(kept(bot)) == 2)
    await bot.kill()
    assert bot.rows("SELECT COUNT(*) FROM picture") == [(1,)]
    change(bot, "DROP TRIGGER slow")

    await bot.start()
    await bot.until(lambda: bot.rows("SELECT COUNT(*) FROM storing WHERE is_left = 0") == [(0,)])
    await bot.until(lambda: kept(bot) == before)


@pytest.mark.further
async def test_a_person_takes_their_data_along_once_an_hour(
    bot: Bot, sandbox: Sandbox, ada: Person, grace: Person
) -> None:
    await drawn(bot, ada, "a secret fox")
    await answer_to(grace, await grace.say(mention(sandbox, "I like teal.")))
    await answer_to(ada, await ada.say(mention(sandbox, "Look at this."), [red_square()]))
    asked = await ada.slash("privacy export")
    await asked.until(lambda it: it.original is not None and "is here" in it.original.content, 60)
    (part,) = (one for one in asked.followups if one.attachments)
    assert part.is_ephemeral

    with zipfile.ZipFile(io.BytesIO(part.attachments[0].content)) as file:
        names = file.namelist()
        said = json.loads(file.read("data/conversations-1.json"))
    assert "README.txt" in names
    assert any(name.startswith("pictures/") for name in names)
    assert any(name.endswith("red.png") for name in names)
    assert "Look at this." in [row["text"] for row in said]
    assert "teal" not in str(said)
    assert "once an hour" in await private_words(await ada.slash("privacy export"))


@pytest.mark.further
async def test_conversations_are_not_kept_for_who_wants_none(bot: Bot, sandbox: Sandbox, ada: Person) -> None:
    asked = await card(ada, "privacy conversations", keep=False)
    await pressed(ada, asked, "Keep none", "keeps none of your conversations")

    await answer_to(ada, await ada.say(mention(sandbox, "My secret is 4711.")))
    await bot.until_ended()
    await bot.until(lambda: bot.rows("SELECT COUNT(*) FROM turn WHERE forgotten = 0") == [(0,)])

    shown = await card(ada, "privacy show")
    assert shown.original is not None
    assert "Conversations: not at all" in words(shown.original)
    assert "Keep conversations" in buttons(shown.original)


@pytest.mark.further
async def test_a_server_decides_how_long_things_are_kept(
    bot: Bot, sandbox: Sandbox, ada: Person, linus: Person
) -> None:
    asked = await card(linus, "manage privacy retention", days=30)
    await pressed(linus, asked, "Keep for 30 days", "kept for 30 days")
    shown = await card(ada, "privacy show")

    assert shown.original is not None
    assert "this server: 30 days" in words(shown.original)
    assert bot.rows("SELECT action FROM audit") == [("privacy.retention",)]


@pytest.mark.further
async def test_what_a_server_holds_goes_after_easel_was_taken_out_of_it(
    idle_bot: Bot, sandbox: Sandbox, ada: Person
) -> None:
    bot, guild = idle_bot, ada.channel.guild
    assert guild is not None
    await bot.start()
    await drawn(bot, ada, "a secret fox")
    sandbox.world.take_bot_out(guild)
    await bot.until(lambda: bot.rows("SELECT guild_id FROM removed_server") == [(guild.id,)])
    sandbox.world.bring_bot_back(guild)
    await bot.until(lambda: bot.rows("SELECT COUNT(*) FROM removed_server") == [(0,)])
    await bot.stop()
    sandbox.world.take_bot_out(guild)

    await bot.start()
    await bot.until(lambda: bot.rows("SELECT guild_id FROM removed_server") == [(guild.id,)])

    assert bot.rows("SELECT COUNT(*) FROM job WHERE request LIKE '%secret%'") == [(1,)], "not yet"


@pytest.mark.further
async def test_help_offers_what_somebody_can_use_where_they_are(
    bot: Bot, sandbox: Sandbox, ada: Person, linus: Person
) -> None:
    shown = await card(ada, "help")
    assert shown.original is not None
    command = next(one for one in sandbox.world.commands.values() if one.name == "imagine")
    assert f"</imagine:{command.id}>" in words(shown.original)
    assert re.search(r"</privacy show:\d+>", words(shown.original))
    menu = "v2p:help"
    with pytest.raises(ClientRefused):
        await ada.select(shown.original, menu, ["manage"])
    talk = await ada.select(shown.original, menu, ["talk"])
    await talk.until(lambda it: it.original is not None and "/chat forget" in words(it.original), 60)
    boss = await card(linus, "help")
    assert boss.original is not None
    turned = await linus.select(boss.original, menu, ["manage"])
    await turned.until(
        lambda it: it.original is not None and "manage privacy retention" in words(it.original), 60
    )
    alone = await card(ada.at("dm"), "help")
    assert alone.original is not None
    assert "What Easel can do" in words(alone.original)
