"""What people and servers decide of what is kept; deletions end what runs, and outlive a power cut."""

from __future__ import annotations

import asyncio
import io
import json
import shutil
import zipfile
from dataclasses import replace
from datetime import timedelta

import pytest
from batch_kit import factory, foxes
from house_kit import open_house
from privacy_kit import forgetful
from provider_kit import hangs
from test_services_chat import Sheet, said
from test_services_forgetting import say
from time_kit import until
from world_kit import ANN, BOB, GUILD, Killed, ann, bob

from bot.domain.conversation import Attached, FileKind, Said
from bot.domain.images import Role
from bot.domain.privacy import BEGINNING, Extent, Rules
from bot.domain.quotas import Meter
from bot.errors import BadInput, NotAllowed, TooBusy, Undeliverable, Unreachable
from bot.services.discretion import PATIENCE
from bot.storage.turns import Summary, Turns

MUCH = 10 * 2**20


@pytest.fixture(autouse=True)
def limits(world):
    world.caps.person = {Meter.IMAGES_PER_DAY: 50, Meter.MESSAGES_PER_DAY: 50}


@pytest.fixture
def rooms(house):
    return forgetful(house)


async def erase(rooms, user_id=ANN, extent=Extent.EVERYTHING):
    return await rooms.privacy.delete(user_id, extent, *rooms.privacy.all_time())


async def later(house, **delta):
    house.world.clock.move(**(delta or {"seconds": 1}))


async def holdings(rooms, user_id=ANN, extent=Extent.EVERYTHING):
    return await rooms.privacy.holdings(user_id, extent, *rooms.privacy.all_time())


async def count(house, sql):
    return (await house.database.read(f"SELECT COUNT(*) AS n FROM {sql}"))[0]["n"]  # noqa: S608 - a test's own words


async def test_what_was_drawn_is_gone_with_its_file_and_what_others_drew_is_not(house, rooms):
    mine, theirs = await house.done(), await house.done("a boat", bob())
    (picture,) = await house.pictures.of_job(mine.id, Role.RESULT)
    await later(house)

    assert await erase(rooms)

    assert not await house.blobs.exists(picture.blob)
    assert (await house.job(mine.id)).request.prompt == ""
    assert (await house.job(theirs.id)).request.prompt == "a boat"
    assert await house.pictures.of_job(theirs.id, Role.RESULT)
    assert not await holdings(rooms)
    assert await count(house, "loose_blob") == 0


async def test_what_is_drawn_is_called_off_and_costs_nothing(house, rooms):
    house.world.provider.script = [hangs]
    job = await house.order()
    assert job is not None
    await until(lambda: house.world.provider.bodies)
    await later(house)

    assert await erase(rooms)

    ended = await house.job(job.id)
    assert (ended.state.value, ended.user_id, ended.request.prompt) == ("cancelled", 0, "")
    assert await house.open_holds() == 0


async def test_what_waits_on_the_shelf_is_let_go(house, rooms):
    house.world.board.script = [Unreachable("nobody is there")]
    job = await house.done()
    assert job.waits_for_owner
    await later(house)

    assert await erase(rooms)

    assert (await house.job(job.id)).user_id == 0
    assert await house.open_holds() == 0


async def test_a_batch_is_cancelled_and_goes_once_it_has_ended(house):
    works = factory(house)
    rooms = forgetful(house, works)
    house.world.provider.script = [hangs] * 3
    await works.start(foxes(5))
    await until(lambda: house.world.provider.bodies)
    await later(house)

    await erase(rooms)
    await works.rest()
    await house.rest()
    await rooms.privacy.tend()

    assert await count(house, "batch") == 0
    assert await count(house, "erasure") == 1, "the books of this month keep the name"
    assert await house.open_holds() == 0
    assert not await holdings(rooms)
    await works.runs.aclose()


async def test_an_answer_that_is_written_is_stopped_and_goes_as_well(house, rooms):
    sheet = Sheet()
    turn = await rooms.chat.hear(ann(), Said("a secret", "Ann", 1))
    assert turn is not None
    house.world.provider.script = [hangs]
    answering = asyncio.create_task(rooms.chat.answer(turn, ann(), sheet, turn.id))
    await until(lambda: house.world.provider.bodies)
    await later(house)

    await erase(rooms)
    await answering

    assert await count(house, "turn WHERE text <> ''") == 0


async def test_deleting_gives_nobody_a_new_allowance(house, rooms):
    await house.done()
    used = await house.used()
    await later(house)

    await erase(rooms)

    assert used == await house.used() == 1
    assert [one.user_id for one in await rooms.eraser._rows.left()] == [ANN]


async def test_the_books_lose_the_name_once_the_month_is_over(house, rooms):
    await house.done()
    await later(house)
    await erase(rooms)

    await later(house, days=35)
    await rooms.privacy.tend()

    assert await count(house, "ledger WHERE user_id IS NOT NULL") == 0
    assert await count(house, "spent WHERE owner = 'person'") == 0
    assert await count(house, "erasure") == 0


async def test_a_power_cut_anywhere_is_gone_on_with(world, monkeypatch):
    """Each write and each deletion of a file is cut once; the next process ends what was begun."""
    monkeypatch.setattr("bot.storage.erasures.WIPED", 1)
    async with open_house(world) as house:
        for n in range(3):
            await house.done(f"fox {n}")
            await say(house, f"words {n}")
        await house.done("theirs", bob())
        await later(house)
    saved = world.folder.parent / "saved"
    shutil.copytree(world.folder, saved)
    steps = 0
    while await _was_cut(world, steps, monkeypatch):
        async with open_house(world) as house:
            rooms = forgetful(house)
            await rooms.privacy.tend()

            begun = bool(await rooms.eraser._rows.left())
            assert begun is not bool(await holdings(rooms)), steps
            assert await count(house, "loose_blob") == 0
            held = {row["blob"] for row in await house.database.read("SELECT blob FROM picture")}
            kept = {file.name for file in (world.folder / "blobs").rglob("*") if file.is_file()}
            assert kept == held
        shutil.rmtree(world.folder)
        shutil.copytree(saved, world.folder)
        steps += 1
    assert steps > 12


async def _was_cut(world, at, monkeypatch):
    """Let a process that deletes die after some steps; False where it came to its end."""
    steps = 0

    def step():
        nonlocal steps
        steps += 1
        if steps > at:
            raise Killed

    async with open_house(world) as house:
        write, delete = house.database.write, house.blobs.delete

        async def cut_write(work):
            step()
            return await write(work)

        async def cut_delete(name):
            step()
            await delete(name)

        monkeypatch.setattr(house.database, "write", cut_write)
        monkeypatch.setattr(house.blobs, "delete", cut_delete)
        try:
            await erase(forgetful(house))
        except Killed:
            return True
        return False


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

    async def test_nothing_goes_where_easel_is_back(self, house, rooms):
        job = await house.done()
        await rooms.removals.removed(GUILD)
        await later(house, days=29)
        await rooms.removals.joined(GUILD)

        await later(house, days=20)
        await rooms.removals.clear()

        assert (await house.job(job.id)).user_id == ANN

    async def test_what_happened_while_easel_was_away_is_noticed(self, house, rooms):
        await house.done()
        await house.done(who=ann(guild_id=GUILD + 1))
        await rooms.removals.removed(GUILD + 1)

        await rooms.removals.compare({GUILD + 1})

        removed = await house.database.read("SELECT guild_id FROM removed_server")
        assert [row["guild_id"] for row in removed] == [GUILD]


class TestExport:
    async def opened(self, rooms, user_id=ANN, most_bytes=MUCH, since=BEGINNING):
        """Return the parts of an export as names with their bytes."""
        parts = []
        async for part in rooms.takeout.parts(user_id, since, most_bytes):
            data = part.path.read_bytes()
            assert len(data) <= most_bytes
            with zipfile.ZipFile(io.BytesIO(data)) as file:
                assert file.testzip() is None
                parts.append({name: file.read(name) for name in file.namelist()})
        return parts

    async def test_it_holds_all_that_is_theirs_and_nobody_else_s_words(self, house, rooms):
        job = await house.done("my fox")
        first = await say(house, "Bob's words", BOB)
        await say(house, "Ann's words", parent=first)
        await house.done("Bob's boat", bob())

        (part,) = await self.opened(rooms)

        text = b"".join(data for name, data in part.items() if name.endswith(".json")).decode()
        assert "my fox" in text
        assert "Ann's words" in text
        assert "Bob" not in text
        (picture,) = await house.pictures.of_job(job.id, Role.RESULT)
        (name,) = (one for one in part if one.startswith("pictures/"))
        assert part[name] == await house.blobs.get(picture.blob)
        assert "what Easel keeps of you" in part["README.txt"].decode()
        assert {"data/ledger-1.json", "data/requests-1.json", "data/calls-1.json"} <= set(part)

    async def test_it_comes_in_parts_that_fit_and_one_at_a_time_is_on_the_disk(self, house, rooms):
        files = [await house.blobs.put(bytes([n]) * 40_000) for n in range(5)]
        for blob in files:
            file = Attached(FileKind.DOCUMENT, blob, "text/plain", "../a.bin", 40_000)
            await say(house, "look", files=(file,))
        large = await house.blobs.put(b"x" * 200_000)
        await say(house, "big", files=(Attached(FileKind.DOCUMENT, large, "text/plain", "b.bin", 200_000),))

        parts = await self.opened(rooms, most_bytes=100_000)

        names = [name for part in parts for name in part]
        assert len(parts) >= 3
        assert len([name for name in names if name.endswith("a.bin")]) == 5
        assert all(name.split("/")[0] in {"README.txt", "data", "conversations"} for name in names)
        (left,) = json.loads(parts[-1]["data/left_out.json"])
        assert left["reason"] == "larger than Discord takes here"
        assert not any((house.world.folder / "takeout").iterdir())

    async def test_it_can_begin_at_a_day(self, house, rooms):
        await house.done("old fox")
        await later(house, days=5)
        await house.done("new fox")

        (part,) = await self.opened(rooms, since=house.world.clock() - timedelta(days=1))

        assert [row["request"]["prompt"] for row in json.loads(part["data/requests-1.json"])] == ["new fox"]

    async def test_many_rows_come_in_pages(self, house, rooms, monkeypatch):
        monkeypatch.setattr("bot.storage.takeout.PAGE", 2)
        for n in range(5):
            await say(house, f"words {n}")

        (part,) = await self.opened(rooms)

        pages = [json.loads(part[f"data/conversations-{n}.json"]) for n in (1, 2, 3)]
        assert [row["text"] for page in pages for row in page] == [f"words {n}" for n in range(5)]

    async def test_once_an_hour(self, house, rooms):
        async with rooms.takeout.granted(ANN):
            pass

        with pytest.raises(TooBusy, match="once an hour"):
            async with rooms.takeout.granted(ANN):
                pass
        async with rooms.takeout.granted(BOB):
            pass
        await later(house, hours=1, seconds=1)
        async with rooms.takeout.granted(ANN):
            pass

    async def test_one_that_failed_does_not_count(self, rooms):
        with pytest.raises(Undeliverable):
            async with rooms.takeout.granted(ANN):
                raise Undeliverable("no")

        async with rooms.takeout.granted(ANN):
            pass


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


async def test_an_answer_in_a_summary_goes_too(house, rooms):
    first = await say(house, "mine")
    second = await say(house, "theirs", BOB, parent=first)
    await Turns(house.database).keep_summary(Summary(second.id, "mine was said"), house.world.clock())
    await later(house)

    await erase(rooms, extent=Extent.TALK)

    assert await count(house, "turn_summary") == 0
