"""What is forgotten on request and by age, and by whom nothing is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from rooms_kit import forget_room
from world_kit import ANN, BOB, CHANNEL, ann

from bot.domain.conversation import Attached, FileKind, Speaker, Turn
from bot.domain.words import Annotation
from bot.errors import NotAllowed
from bot.storage.threads import ChatThread
from bot.storage.threads import Threads as ThreadRows
from bot.storage.turns import Summary, Turns


async def say(house, text, user_id=ANN, *, channel_id=CHANNEL, parent=None, files=(), ago_days=0, **more):
    turn = Turn(
        id=0,
        channel_id=channel_id,
        guild_id=70,
        parent_id=None if parent is None else parent.id,
        speaker=Speaker.PERSON,
        user_id=user_id,
        name="somebody",
        text=text,
        created_at=house.world.clock() - timedelta(days=ago_days),
        files=files,
        **more,
    )
    kept = await Turns(house.database).add(turn)
    assert kept is not None
    return kept


async def texts(house):
    return [row["text"] for row in await house.database.read("SELECT text FROM turn ORDER BY id")]


async def test_what_others_said_is_not_forgotten_by_a_member(house):
    await say(house, "mine")
    await say(house, "another's", BOB)
    room = forget_room(house)

    with pytest.raises(NotAllowed):
        await room.forget(ann(), everything=True, is_direct=False)
    assert await room.count(ann(), everything=False, is_direct=False) == 1
    await room.forget(ann(), everything=False, is_direct=False)

    assert await texts(house) == ["", "another's"]


async def test_a_moderator_clears_a_channel_and_no_other(house):
    await say(house, "here", BOB)
    await say(house, "elsewhere", BOB, channel_id=CHANNEL + 1)

    await forget_room(house).forget(replace(ann(), may_moderate=True), everything=True, is_direct=False)

    assert await texts(house) == ["", "elsewhere"]


async def test_files_go_with_the_last_who_holds_them_and_summaries_that_speak_of_them_too(house):
    blob = await house.blobs.put(b"a picture")
    file = Attached(FileKind.PICTURE, blob, "image/png", "a.png", 9, (1, 1))
    first = await say(house, "mine", files=(file,))
    second = await say(house, "another's", BOB, parent=first, files=(file,))
    await Turns(house.database).keep_summary(
        Summary(second.id, "they spoke of a picture"), (), house.world.clock()
    )
    room = forget_room(house)

    await room.forget(ann(), everything=False, is_direct=False)
    assert await house.blobs.exists(blob)
    assert not await house.database.read("SELECT * FROM turn_summary")
    await room.forget(replace(ann(), user_id=BOB), everything=False, is_direct=False)

    assert not await house.blobs.exists(blob)


async def test_the_owner_of_a_thread_may_forget_all_of_it(house):
    await ThreadRows(house.database).add(ChatThread(CHANNEL, 70, 7, ANN, house.world.clock()))
    await say(house, "mine")
    await say(house, "another's", BOB)
    room = forget_room(house)

    with pytest.raises(NotAllowed):
        await room.forget(replace(ann(), user_id=BOB), everything=True, is_direct=False)
    await room.forget(ann(), everything=True, is_direct=False)

    assert await texts(house) == ["", ""]


async def test_what_is_older_than_the_setting_is_forgotten_in_batches(house, monkeypatch):
    monkeypatch.setattr("bot.services.forgetting.BATCH", 2)
    for n in range(5):
        await say(house, f"old {n}", ago_days=31)
    await say(house, "new", ago_days=29)

    await forget_room(house).expire()
    assert "old 0" in await texts(house)
    await forget_room(house, days=30).expire()

    assert await texts(house) == [""] * 5 + ["new"]


async def test_what_was_said_in_private_is_not_gone_on_from(house):
    await say(house, "for all")
    await say(house, "for Ann alone", private=True)

    latest = await Turns(house.database).latest(CHANNEL)

    assert latest is not None
    assert latest.text == "for all"


async def summaries(house):
    return [row["text"] for row in await house.database.read("SELECT text FROM turn_summary")]


async def test_an_edit_takes_what_was_summed_up_of_the_old_words_along(house):
    turns = Turns(house.database)
    turn = Turn(0, CHANNEL, 70, None, Speaker.PERSON, ANN, "Ann", "the code is 1234", house.world.clock())
    said = await turns.add(turn, [50])
    assert said is not None
    later = await say(house, "and now?", parent=said)
    await turns.keep_summary(Summary(later.id, "a code, 1234"), (said, later), house.world.clock())
    assert await summaries(house) == ["a code, 1234"]

    assert await turns.edit(said.id, "never mind") is not None

    assert await summaries(house) == []


@pytest.mark.parametrize("change", ["forgotten", "edited"])
async def test_what_goes_while_it_is_summed_up_is_in_no_summary(house, change):
    turns = Turns(house.database)
    turn = Turn(0, CHANNEL, 70, None, Speaker.PERSON, ANN, "Ann", "the code is 1234", house.world.clock())
    said = await turns.add(turn, [50])
    assert said is not None
    later = await say(house, "and now?", parent=said)

    if change == "forgotten":
        await turns.forget_messages([50])
    else:
        await turns.edit(said.id, "never mind")
    await turns.keep_summary(Summary(later.id, "a code, 1234"), (said, later), house.world.clock())

    assert await summaries(house) == []


async def test_reading_of_a_document_that_went_while_it_was_read_is_not_kept(house):
    turns = Turns(house.database)
    asked = await say(house, "sum it up")
    await turns.forget(asked.id)
    noted = (Annotation("file", "a.pdf", "", '{"all": "its words"}'),)

    answer = await turns.add(replace(asked.followed("Words.", house.world.clock()), annotations=noted))

    assert answer is not None
    assert "its words" not in str(await house.database.read("SELECT annotations FROM turn"))
