from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from rooms_kit import chat_rooms
from world_kit import ANN, GUILD, MOD, ann

from bot.domain.access import Asked, Family
from bot.domain.blocked import entry
from bot.domain.conversation import Said
from bot.domain.requests import PictureRequest, StyleUse
from bot.domain.styles import Written
from bot.errors import BadInput, StartupError, WordsBlocked
from bot.services.door import Door
from bot.services.safety import NAME, BlockedWords, read_list
from bot.services.styles import Styles
from bot.storage.audit import Audit, AuditLine
from bot.storage.server_settings import ServerSettings
from bot.storage.styles import StyleRows

if TYPE_CHECKING:
    from pathlib import Path

    from house_kit import House


@pytest.fixture
def words(house: House) -> BlockedWords:
    made = BlockedWords(
        ServerSettings(house.database),
        Audit(house.database),
        everywhere=[entry("never")],
        clock=house.world.clock,
    )
    house.studio._door = house.wordsmith._door = Door(made)
    return made


async def lines(house: House) -> list[AuditLine]:
    return [*reversed(await Audit(house.database).recent(GUILD, 50))]


async def test_a_picture_with_a_blocked_word_is_never_ordered_and_holds_nothing(house: House, words):
    await words.add(GUILD, MOD, ["gore"])

    with pytest.raises(WordsBlocked):
        await house.order("a lot of g0re")

    assert await house.database.read("SELECT * FROM job") == []
    assert await house.used() == 0
    added, blocked = await lines(house)
    assert (added.action, added.actor_id, added.detail["entries"]) == ("safety.words_added", MOD, "gore")
    assert (blocked.action, blocked.actor_id, blocked.subject) == ("safety.blocked", 0, str(ANN))
    assert blocked.detail == {"entry": "gore", "place": "draw", "whose": "server"}
    assert "a lot" not in str(blocked), "what was asked for stays with who asked"


async def test_the_words_of_a_style_and_of_every_variant_count(house: House, words):
    await words.add(GUILD, MOD, ["gore"])

    for request in (
        PictureRequest("a cat", style=StyleUse("x", "{subject} in gore")),
        PictureRequest("a {cat, dog}", variants=("a cat", "a gore")),
    ):
        with pytest.raises(WordsBlocked):
            await house.order(request)


async def test_another_server_and_direct_messages_have_the_operator_s_words_alone(house: House, words):
    await words.add(GUILD, MOD, ["gore"])

    assert await house.order("gore", ann(guild_id=71, channel_id=7)) is not None
    for guild_id in (71, None, GUILD):
        with pytest.raises(WordsBlocked):
            await house.order("never again", ann(guild_id=guild_id))
    await house.rest()


async def test_what_is_said_in_a_conversation_is_looked_through_before_it_is_kept(house: House, words):
    chat = chat_rooms(house)
    await words.add(GUILD, MOD, ["gore"])

    with pytest.raises(WordsBlocked):
        await chat.hear(ann(), Said("tell me of gore", "Ann", message_id=5))

    assert await house.database.read("SELECT * FROM turn") == []


async def test_a_message_that_is_edited_into_a_blocked_word_stays_as_it_was(house: House, words):
    chat = chat_rooms(house)
    chat._may_say = words.may_edit
    await words.add(GUILD, MOD, ["gore"])
    turn = await chat.hear(ann(), Said("tell me of fog", "Ann", message_id=5))
    assert turn is not None

    assert not await chat.edited(5, turn.channel_id, "tell me of gore")
    assert (await chat.recall(turn.id, ann())).text == "tell me of fog"
    assert (await lines(house))[-1].detail["place"] == "edit"
    assert await chat.edited(5, turn.channel_id, "tell me of frogs")


async def test_a_style_with_a_blocked_word_is_not_kept(house: House, words):
    rows, fetch, clock = StyleRows(house.database), house.world.fetch, house.world.clock
    styles = Styles(rows, house.pictures, fetch, clock, house.authority, words)
    await words.add(GUILD, MOD, ["gore"])

    with pytest.raises(WordsBlocked):
        await styles.create(ann(), Written("Harmless", "{subject} with gore", ""), for_server=False)
    made = await styles.create(ann(), Written("Harmless", "{subject} with fog", ""), for_server=False)
    with pytest.raises(WordsBlocked):
        await styles.change(ann(), made.ref, Written("Gore", "{subject}", ""))
    file = house.world.attach(b'[{"name": "A", "template": "{subject}", "note": "gore"}]', "s.json")
    with pytest.raises(BadInput):
        await styles.bring_in(ann(), file, for_server=False, replace=False)


async def test_what_is_only_watched_is_let_in(house: House, words):
    await words.add(GUILD, MOD, ["?weird"])

    assert await house.order("weird") is not None
    assert (await words.watched(GUILD, ["a weird one"])).written == "?weird"
    assert await words.watched(GUILD, ["a plain one"]) is None
    await house.rest()


async def test_a_list_is_changed_at_once_and_by_two_at_the_same_time(house: House, words):
    await asyncio.gather(*(words.add(GUILD, MOD, [f"word{n}x"]) for n in range(8)))
    assert await words.blocked(GUILD, ["word3x"]) is not None
    assert len(await words.of(GUILD)) == 8

    assert await words.remove(GUILD, MOD, ["word3x", "unknown"]) == ("word3x",)
    assert await words.blocked(GUILD, ["word3x"]) is None
    assert await words.add(GUILD, MOD, ["word4x"]) == ()


async def test_another_process_s_change_counts_after_a_minute(house: House, words):
    settings = ServerSettings(house.database)
    assert await words.blocked(GUILD, ["gore"]) is None
    line = AuditLine(GUILD, MOD, "safety.words_added", "", {}, house.world.clock())
    await settings.choose({NAME: "gore\n/[/"}, line)

    house.world.clock.move(minutes=2)
    assert await words.blocked(GUILD, ["gore"]) is not None, "and a bad line of another version stops nothing"


async def test_one_bad_line_adds_none(house: House, words):
    with pytest.raises(BadInput, match="no regular expression"):
        await words.add(GUILD, MOD, ["gore", "/[/"])
    with pytest.raises(BadInput, match="300"):
        await words.add(GUILD, MOD, [f"word{n}x" for n in range(301)])
    with pytest.raises(BadInput, match="25"):
        await words.add(GUILD, MOD, [f"/word{n}x/" for n in range(26)])

    assert await words.of(GUILD) == ()


async def test_a_pattern_that_takes_too_long_lets_nothing_in_and_is_told_once(house: House, words):
    settings = ServerSettings(house.database)
    line = AuditLine(GUILD, MOD, "safety.words_added", "", {}, house.world.clock())
    await settings.choose({NAME: "/(a+)+$/"}, line)

    for _ in range(2):
        with pytest.raises(BadInput, match="in time"):
            await words(ann(), Asked(Family.DRAW, ("a" * 5000 + "!",)))

    assert [one.action for one in await lines(house)] == ["safety.words_added", "safety.pattern_slow"]


async def test_a_pattern_of_an_earlier_version_is_never_compiled_and_said_to_be_idle(house: House, words):
    line = AuditLine(GUILD, MOD, "safety.words_added", "", {}, house.world.clock())
    await ServerSettings(house.database).choose({NAME: "gore\n/a{9999999}/\nwho?"}, line)

    assert await words.blocked(GUILD, ["a gore"]) is not None
    assert await words.idle(GUILD) == ("/a{9999999}/",)
    assert await words.remove(GUILD, MOD, ["/a{9999999}/"]) == ("/a{9999999}/",)
    with pytest.raises(BadInput, match="more than 500"):
        await words.add(GUILD, MOD, ["/a{9999999}/"])


def test_the_operator_s_file_is_read_or_its_bad_line_is_named(tmp_path: Path):
    file = tmp_path / "words.txt"
    file.write_text("# for all\n\ngore\n*nazi*\n")
    assert [one.written for one in read_list(file)] == ["gore", "*nazi*"]

    file.write_text("gore\n/[/\n")
    with pytest.raises(StartupError, match="line 2"):
        read_list(file)
    file.write_bytes(b"\xff\xfe\xff")
    with pytest.raises(StartupError, match="cannot be read"):
        read_list(file)
    assert read_list(None) == ()
