"""For how long things are kept, conversations that are not, and servers that Easel was taken out of."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from privacy_kit import count, forgetful, later
from test_services_chat import Sheet, said
from test_services_forgetting import say
from world_kit import ANN, BOB, GUILD, ann, bob

from bot.domain.conversation import Attached, FileKind
from bot.domain.privacy import Rules
from bot.domain.quotas import Meter
from bot.errors import BadInput, NotAllowed
from bot.services.discretion import PATIENCE

MUCH = 10 * 2**20


@pytest.fixture(autouse=True)
def limits(world):
    world.caps.person = {Meter.IMAGES_PER_DAY: 50, Meter.MESSAGES_PER_DAY: 50}


@pytest.fixture
def rooms(house):
    return forgetful(house)


async def test_retention_takes_what_is_older_and_leaves_the_rest(house, rooms):
    old = await house.done("old")
    await say(house, "old words")
    await later(house, days=10)
    new = await house.done("new")
    await say(house, "new words")

    await rooms.privacy.keep_for(ANN, 5)

    assert [(await house.job(job.id)).request.prompt for job in (old, new)] == ["", "new"]
    assert await count(house, "turn WHERE text = 'new words'") == 1
    assert await count(house, "turn WHERE text = 'old words'") == 0
    await later(house, days=5, seconds=1)
    await rooms.privacy.expire()
    assert (await house.job(new.id)).request.prompt == ""


async def test_a_server_s_rule_holds_in_the_server_and_nowhere_else(house, rooms):
    await house.done("here", bob())
    elsewhere = await house.done("elsewhere", bob(guild_id=GUILD + 1))
    boss = ann(may_manage=True)

    await rooms.privacy.keep_for_server(boss, 3)
    await later(house, days=4)
    await rooms.privacy.expire()

    assert [row["user_id"] for row in await house.database.read("SELECT user_id FROM job ORDER BY id")] == [
        None,
        BOB,
    ]
    assert (await house.job(elsewhere.id)).request.prompt == "elsewhere"
    (line,) = await house.database.read("SELECT action, actor_id, detail FROM audit")
    assert (line["action"], line["actor_id"], json.loads(line["detail"])) == (
        "privacy.retention",
        ANN,
        {"days": 3},
    )


async def test_only_who_manages_a_server_decides_for_it(rooms):
    with pytest.raises(NotAllowed):
        await rooms.privacy.keep_for_server(ann(), 3)
    with pytest.raises(NotAllowed):
        await rooms.privacy.old_of_server(ann(), 3)


@pytest.mark.parametrize("days", [0, -1, 4000])
async def test_days_have_bounds(rooms, days):
    with pytest.raises(BadInput):
        await rooms.privacy.keep_for(ANN, days)


def test_the_shortest_rule_counts():
    assert Rules(None, None, None).talk is None
    assert (Rules(30, 20, 10).pictures, Rules(30, 20, 10).talk) == (20, 10)
    assert Rules(own=7, server=20).pictures == 7


class TestConversationsThatAreNotKept:
    async def test_nothing_is_left_once_it_is_answered(self, house, rooms):
        await said(rooms.chat, "before", carried=1, answered=(2,))
        await later(house)
        await rooms.privacy.keep_talk(ANN, keeps=False)

        sheet = await said(rooms.chat, "a secret", carried=3, answered=(4,), replied_to=2)

        assert sheet.text == "Good evening."
        assert await count(house, "turn WHERE text <> '' OR name <> ''") == 0
        assert await count(house, "turn_message") == 0

    async def test_files_go_as_well(self, house, rooms):
        blob = await house.blobs.put(b"a picture")
        file = Attached(FileKind.PICTURE, blob, "image/png", "a.png", 9, (1, 1))
        turn = await say(house, "look", files=(file,))
        await rooms.privacy.keep_talk(ANN, keeps=False)

        await rooms.chat.answer(turn, ann(), Sheet(), turn.id)

        assert not await house.blobs.exists(blob)

    async def test_others_keep_theirs(self, house, rooms):
        await rooms.privacy.keep_talk(ANN, keeps=False)

        await said(rooms.chat, "Bob's", bob(), carried=1, answered=(2,))

        assert await count(house, "turn WHERE text <> ''") == 2

    async def test_what_a_power_cut_left_goes_later(self, house, rooms):
        await rooms.privacy.keep_talk(ANN, keeps=False)
        await say(house, "left")
        await say(house, "Bob's", BOB)

        await rooms.privacy.tend()
        assert await count(house, "turn WHERE text = 'left'") == 1, "its price may be asked about"
        await later(house, seconds=PATIENCE.total_seconds() + 1)
        await rooms.privacy.tend()

        assert await count(house, "turn WHERE text = 'left'") == 0
        assert await count(house, "turn WHERE text = 'Bob''s'") == 1

    async def test_they_can_be_kept_again(self, house, rooms):
        await rooms.privacy.keep_talk(ANN, keeps=False)
        await rooms.privacy.keep_talk(ANN, keeps=True)

        await said(rooms.chat, "hello", carried=1, answered=(2,))

        assert await count(house, "turn WHERE text <> ''") == 2


class TestServersThatEaselIsTakenOutOf:
    async def test_their_data_goes_after_the_grace(self, house, rooms):
        job = await house.done()
        await say(house, "words")
        await rooms.removals.compare({GUILD})
        await rooms.removals.removed(GUILD)

        await later(house, days=29)
        await rooms.removals.clear()
        assert (await house.job(job.id)).user_id == ANN
        await later(house, days=2)
        await rooms.removals.clear()

        assert (await house.job(job.id)).user_id == 0
        assert await count(house, "turn WHERE text <> ''") == 0
        assert await count(house, "removed_server") == 0
        (line,) = await house.database.read("SELECT guild_id, action, subject FROM audit")
        assert tuple(line) == (0, "privacy.server_deleted", f"server:{GUILD}")

    async def test_nothing_goes_before_discord_has_said_where_easel_is(self, house, rooms):
        job = await house.done()
        await rooms.removals.removed(GUILD)
        await later(house, days=31)

        await rooms.removals.clear()
        assert (await house.job(job.id)).user_id == ANN

        await rooms.removals.compare({GUILD})
        await rooms.removals.clear()
        assert (await house.job(job.id)).user_id == ANN, "it was back, and nobody had heard of it"

    async def test_nothing_goes_where_easel_is_back(self, house, rooms):
        job = await house.done()
        await rooms.removals.removed(GUILD)
        await later(house, days=29)
        await rooms.removals.joined(GUILD)

        await later(house, days=20)
        await rooms.removals.clear()

        assert (await house.job(job.id)).user_id == ANN

    async def test_nothing_goes_where_easel_is_although_nobody_heard_that_it_is_back(self, house, rooms):
        job = await house.done()
        await rooms.removals.compare({GUILD})
        await rooms.removals.removed(GUILD)
        rooms.removals.is_in = {GUILD}.__contains__
        await later(house, days=31)

        await rooms.removals.clear()

        assert (await house.job(job.id)).user_id == ANN
        assert await count(house, "removed_server") == 0

    async def test_what_happened_while_easel_was_away_is_noticed(self, house, rooms):
        await house.done()
        await house.done(who=ann(guild_id=GUILD + 1))
        await rooms.removals.removed(GUILD + 1)

        await rooms.removals.compare({GUILD + 1})

        removed = await house.database.read("SELECT guild_id FROM removed_server")
        assert [row["guild_id"] for row in removed] == [GUILD]


async def test_the_standing_says_what_holds_here(house):
    rooms = forgetful(house, days=60)
    await house.done()
    await rooms.privacy.keep_for(ANN, 90)
    await rooms.privacy.keep_for_server(ann(may_manage=True), 30)
    await later(house)

    standing = await rooms.privacy.standing(ann())

    assert standing.rules == Rules(own=90, server=30, operator=60)
    assert (standing.holdings.pictures, standing.holdings.requests) == (1, 1)
    assert (await rooms.privacy.standing(replace(ann(), guild_id=None))).rules.server is None
    assert not standing.deleting
