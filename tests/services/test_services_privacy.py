"""What people and servers decide of what is kept; deletions end what runs, and outlive a power cut."""

from __future__ import annotations

import asyncio
import shutil

import pytest
from batch_kit import factory, foxes
from house_kit import open_house
from privacy_kit import count, erase, forgetful, holdings, later
from provider_kit import hangs
from test_services_chat import Sheet
from test_services_forgetting import say
from time_kit import until
from world_kit import ANN, BOB, Killed, ann, bob

from bot.domain.conversation import Said
from bot.domain.images import Role
from bot.domain.privacy import Extent
from bot.domain.quotas import Meter
from bot.errors import Unreachable
from bot.storage.turns import Summary, Turns

MUCH = 10 * 2**20


@pytest.fixture(autouse=True)
def limits(world):
    world.caps.person = {Meter.IMAGES_PER_DAY: 50, Meter.MESSAGES_PER_DAY: 50}


@pytest.fixture
def rooms(house):
    return forgetful(house)


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


async def test_what_ends_while_the_rest_is_deleted_goes_later(house, rooms, monkeypatch):
    may_post, real_present, real_wipe = asyncio.Event(), house.world.board.present, rooms.eraser._rows.wipe

    async def present(result):
        await may_post.wait()
        return await real_present(result)

    async def wipe(erasure):
        if await real_wipe(erasure):
            return True
        may_post.set()
        await house.rest()
        return False

    monkeypatch.setattr(house.world.board, "present", present)
    monkeypatch.setattr(rooms.eraser._rows, "wipe", wipe)
    job = await house.order()
    assert job is not None
    await until_state(house, job.id, "produced")
    await later(house)

    assert not await erase(rooms)
    assert (await house.job(job.id)).state.value == "settled"
    await rooms.privacy.tend()

    assert (await house.job(job.id)).user_id == 0
    assert not await holdings(rooms)


async def until_state(house, job_id, state):
    while (await house.job(job_id)).state.value != state:  # noqa: ASYNC110 - the books tell nobody
        await asyncio.sleep(0.001)


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


async def test_an_answer_that_does_not_stop_in_time_is_forgotten_later(house, rooms, monkeypatch):
    turn = await rooms.chat.hear(ann(), Said("a secret", "Ann", 1))
    assert turn is not None
    late = asyncio.Event()

    async def hush(_user_id):
        return late.is_set()

    monkeypatch.setattr(rooms.chat, "hush", hush)
    await later(house)

    assert not await erase(rooms)
    await later(house)
    await Turns(house.database).add(turn.followed("the answer", house.world.clock()))
    late.set()
    await rooms.privacy.tend()

    assert await count(house, "turn WHERE text <> ''") == 0
    assert not await rooms.eraser._rows.left()


async def test_deleting_gives_nobody_a_new_allowance(house, rooms):
    await house.done()
    used = await house.used()
    await later(house)

    await erase(rooms)

    assert used == await house.used() == 1
    assert [one.user_id for one in await rooms.eraser._rows.left(wiped=True)] == [ANN]


async def test_the_books_lose_the_name_once_the_month_is_over(house, rooms):
    await house.done()
    await later(house)
    await erase(rooms)

    await later(house, days=35)
    await rooms.privacy.expire()

    assert await count(house, "ledger WHERE user_id IS NOT NULL") == 0
    assert await count(house, "spent WHERE owner = 'person'") == 0
    assert await count(house, "erasure") == 0


@pytest.mark.further
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

            assert not await rooms.eraser._rows.left()
            begun = bool(await rooms.eraser._rows.left(wiped=True))
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


async def test_an_answer_in_a_summary_goes_too(house, rooms):
    first = await say(house, "mine")
    second = await say(house, "theirs", BOB, parent=first)
    await Turns(house.database).keep_summary(Summary(second.id, "mine was said"), (), house.world.clock())
    await later(house)

    await erase(rooms, extent=Extent.TALK)

    assert await count(house, "turn_summary") == 0
