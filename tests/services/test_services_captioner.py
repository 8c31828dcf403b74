"""Captions come in the background, on the server's account, and never get in anybody's way."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from provider_kit import WORDS_MICROUSD, breaks, hangs, refusal, words
from rooms_kit import build_references
from world_kit import ann, moderator

from bot.domain.images import Role
from bot.domain.jobs import JobState
from bot.domain.quotas import Meter
from bot.domain.requests import PictureRequest
from bot.services.captioner import Captioner
from bot.services.sight import Sight
from bot.storage.gallery import GalleryRows
from bot.storage.turns import Turns
from bot.texts import speaking

if TYPE_CHECKING:
    from collections.abc import Mapping

    from house_kit import House
    from provider_kit import Answer

    from bot.domain.jobs import Job

FOX = json.dumps({"alt_text": "A fox in *snow*."})


@dataclass
class Tags:
    """Alt texts as they were put on cards."""

    put_on: list[tuple[int, Mapping[str, str]]] = field(default_factory=list)

    async def put(self, job: Job, captions: Mapping[str, str]) -> None:
        self.put_on.append((job.id, captions))


@pytest.fixture
def tags() -> Tags:
    return Tags()


@pytest.fixture(autouse=True)
def limits(world):
    world.caps.person = {
        Meter.IMAGES_PER_DAY: 10,
        Meter.MESSAGES_PER_DAY: 3,
        Meter.USD_PER_DAY: 1_000_000,
    }
    world.caps.server = {Meter.USD_PER_MONTH: 1_000_000}


def captioner_of(house: House, tags: Tags, *, is_on: bool = True, backlog: int = 3) -> Captioner:
    references = build_references(
        world=house.world, pictures=house.pictures, blobs=house.blobs, pool=house.pool
    )
    return Captioner(
        wordsmith=house.wordsmith,
        sight=Sight(references, house.pool),
        jobs=house.jobs,
        pictures=house.pictures,
        keep=GalleryRows(house.database).set_caption,
        turns=Turns(house.database),
        labels=tags,
        is_on=is_on,
        backlog=backlog,
    )


@pytest.fixture
def captioner(house, tags) -> Captioner:
    return captioner_of(house, tags)


async def captions_of(house: House, job: Job) -> list[str | None]:
    return [picture.caption for picture in await house.pictures.of_job(job.id, Role.RESULT)]


async def captioned(house: House, captioner: Captioner, *answers: Answer, count: int = 1) -> Job:
    job = await house.done(PictureRequest("a fox in snow", count=count))
    house.world.provider.script.extend(answers)
    captioner.note(job.id)
    await captioner.next()
    return job


@pytest.mark.sampled
@pytest.mark.parametrize(
    "answers",
    [
        [lambda _: refusal()],
        [breaks],
        [lambda _: words("A fox.")],
        [lambda _: words('{"alt_text": ""}')],
        [lambda _: words("")] * 2,
    ],
    ids=["refused", "broken off", "without form", "empty", "nothing"],
)
async def test_what_goes_wrong_is_nobody_s_business(house, captioner, tags, answers):
    job = await captioned(house, captioner, *answers)
    await house.till.aclose(5)

    assert (await house.job(job.id)).state is JobState.SETTLED
    assert await captions_of(house, job) == [None]
    assert tags.put_on == []
    assert await house.open_holds() == 0
    assert await house.used(Meter.MESSAGES_PER_DAY) == 0


async def test_a_caption_is_kept_put_on_the_card_and_paid_by_the_server(house, captioner, tags):
    before = await house.done("another")
    spent = await house.used(Meter.USD_PER_DAY), await house.reading(Meter.USD_PER_MONTH)

    job = await captioned(house, captioner, lambda _: words(FOX))

    assert await captions_of(house, job) == ["A fox in snow."]
    assert tags.put_on == [(job.id, {f"{job.id}-0": "A fox in snow."})]
    assert await house.used(Meter.MESSAGES_PER_DAY) == 0
    assert await house.used(Meter.USD_PER_DAY) == 2 * spent[0], "two pictures, and no words"
    server = await house.reading(Meter.USD_PER_MONTH)
    assert server.used == 2 * spent[1].used + WORDS_MICROUSD
    assert await captions_of(house, before) == [None]


async def test_the_model_sees_a_small_picture_and_a_fenced_prompt_and_writes_as_the_card_does(
    house, captioner
):
    with speaking("fr"):
        await captioned(house, captioner, lambda _: words(FOX))

    body = house.world.provider.bodies[-1]
    text, picture = body["messages"][1]["content"]
    assert text["text"] == "<request>a fox in snow</request>"
    assert "the code fr" in str(body["messages"][0]["content"])
    assert picture["image_url"]["detail"] == "low"
    assert body["response_format"]["json_schema"]["strict"] is True


async def test_of_several_pictures_one_that_fails_leaves_the_others(house, captioner, tags):
    answers = [lambda _: words(FOX), lambda _: refusal(), lambda _: words(FOX)]

    job = await captioned(house, captioner, *answers, count=3)

    assert await captions_of(house, job) == ["A fox in snow.", None, "A fox in snow."]
    assert set(tags.put_on[0][1]) == {f"{job.id}-0", f"{job.id}-2"}


async def test_without_budget_there_are_no_captions_and_pictures_all_the_same(house, captioner, world, tags):
    job = await house.done(PictureRequest("a fox", count=2))
    world.caps.server[Meter.USD_PER_MONTH] = 1
    from rooms_kit import build_allowances

    house.wordsmith._till._allowances = build_allowances(house.ledger, house.database, world)
    sent = len(world.provider.bodies)
    captioner.note(job.id)
    await captioner.next()

    assert len(world.provider.bodies) == sent
    assert tags.put_on == []


async def test_what_is_captioned_is_not_captioned_again(house, captioner):
    job = await captioned(house, captioner, lambda _: words(FOX))
    sent = len(house.world.provider.bodies)

    captioner.note(job.id)
    await captioner.next()

    assert len(house.world.provider.bodies) == sent


async def test_pictures_that_are_deleted_meanwhile_are_charged_to_nobody(house, captioner, tags):
    job = await house.done("a fox")

    async def deleted(_request):
        await house.studio.remove(job.id, moderator())
        return words(FOX)

    house.world.provider.script.append(deleted)
    captioner.note(job.id)
    await captioner.next()

    assert tags.put_on == []
    assert await house.absorbed() == WORDS_MICROUSD


async def test_jobs_without_pictures_are_left_alone(house, captioner):
    house.world.provider.script.append(lambda _: refusal())
    job = await house.done("something refused")
    sent = len(house.world.provider.bodies)

    for job_id in (job.id, 5):
        captioner.note(job_id)
        await captioner.next()

    assert len(house.world.provider.bodies) == sent


@pytest.mark.further
async def test_private_pictures_have_captions_that_go_with_them(house, captioner):
    job = await house.done(PictureRequest("a fox", private=True))
    house.world.provider.script.append(lambda _: words(FOX))
    captioner.note(job.id)
    await captioner.next()
    assert await captions_of(house, job) == ["A fox in snow."]

    await house.studio.remove(job.id, ann())

    dump = await house.database.examine(lambda connection: "\n".join(connection.iterdump()))
    assert "in snow" not in dump


@pytest.mark.further
async def test_more_than_the_backlog_goes_without(house, captioner, logged):
    jobs = [await house.done(f"fox {n}") for n in range(4)]
    house.world.provider.script.extend([lambda _: words(FOX)] * 4)
    for job in jobs:
        captioner.note(job.id)

    for _ in range(3):
        await captioner.next()

    assert [await captions_of(house, job) for job in jobs] == [["A fox in snow."]] * 3 + [[None]]
    assert [line["job"] for line in logged if line["event"].startswith("too many")] == [jobs[3].id]


async def test_where_it_is_off_nothing_is_asked(house, tags):
    captioner = captioner_of(house, tags, is_on=False)
    job = await house.done("a fox")
    captioner.note(job.id)

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(captioner.next(), 0.01)

    assert len(house.world.provider.bodies) == 1


async def test_a_job_is_noted_once_it_was_carried_out(house, captioner):
    job = await house.order("a fox", start=False)
    house.world.provider.script.extend([house.world.provider.draw, lambda _: words(FOX)])

    assert await captioner.after(house.workshop.carry_out)(job.id) is True
    await captioner.next()

    assert await captions_of(house, job) == ["A fox in snow."]


async def test_closing_gives_up_what_is_being_written_and_what_waits(house, captioner):
    job = await house.done("a fox")
    house.world.provider.script.append(hangs)
    house.world.provider.reached.clear()
    captioner.note(job.id)
    captioner.note(job.id)
    writing = asyncio.create_task(captioner.next())
    await house.world.provider.reached.wait()

    await captioner.aclose()
    await writing
    captioner.note(job.id)
    await house.till.aclose(5)

    assert await house.open_holds() == 0
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(captioner.next(), 0.01)


async def test_a_caption_that_may_not_be_said_is_left_out_and_charged_to_nobody(house, tags):
    captioner = captioner_of(house, tags)
    heard: list[str] = []

    async def may_say(_who: object, caption: str) -> bool:
        heard.append(caption)
        return False

    captioner._may_say = may_say
    job = await house.done("a fox")
    house.world.provider.script.append(lambda _request: words(FOX))
    captioner.note(job.id)
    await captioner.next()

    assert heard == ["A fox in snow."]
    assert tags.put_on == []
    assert await captions_of(house, job) == [None]
    assert await house.absorbed() == WORDS_MICROUSD


async def test_a_server_that_wants_no_captions_gets_and_pays_none(house, tags):
    captioner = captioner_of(house, tags)

    async def wants(_job: Job) -> bool:
        return False

    captioner._wants = wants
    job = await house.done("a fox")
    captioner.note(job.id)
    await captioner.next()

    assert await captions_of(house, job) == [None]
    assert len(house.world.provider.bodies) == 1
