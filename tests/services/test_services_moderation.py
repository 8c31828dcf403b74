from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from house_kit import open_house
from judge_kit import BAD, NEARLY, judged
from provider_kit import picture_bytes
from rooms_kit import chat_rooms, extractor_room
from world_kit import ANN, CHANNEL, GUILD, MOD, Fuse, ann

from bot.domain.conversation import Said
from bot.domain.extraction import by_fields
from bot.domain.images import Role
from bot.domain.jobs import JobState
from bot.domain.requests import PictureRequest
from bot.domain.reviews import Watch, Watching
from bot.domain.spoilers import Showing
from bot.domain.words import Detail
from bot.errors import (
    BadInput,
    ModelUnavailable,
    NotFound,
    PictureBlocked,
    PictureDenied,
    PictureFlagged,
    PictureUnusable,
    WordsBlocked,
)
from bot.model.circuit import CircuitState
from bot.storage.audit import Audit, AuditLine

if TYPE_CHECKING:
    from house_kit import House
    from world_kit import World

ROOM = 750
"""The moderators' channel."""


def brought(house: House, colour: tuple[int, int, int], size: tuple[int, int] = (64, 48)) -> PictureRequest:
    """Return a request with a picture of one colour."""
    return PictureRequest("a boat", references=(house.world.attach(picture_bytes(colour, size)),))


async def lines(house: House) -> list[AuditLine]:
    return [*reversed(await Audit(house.database).recent(GUILD, 50))]


async def test_a_flagged_picture_is_turned_away_before_anything_is_held_or_sent(house: House):
    judged(house)

    with pytest.raises(PictureBlocked, match="Nothing was charged"):
        await house.order(brought(house, BAD))

    assert await house.database.read("SELECT * FROM job") == []
    assert house.world.provider.bodies == []
    (line,) = await lines(house)
    assert (line.action, line.subject) == ("safety.blocked", str(ANN))
    assert line.detail == {
        "entry": "violence",
        "place": "draw",
        "whose": "moderation model",
        "what": "picture",
    }
    assert len(await house.conduct._rows.refused(GUILD, ANN, house.world.clock.now.replace(year=2020))) == 1


@pytest.mark.further
async def test_each_picture_is_looked_at_small_and_one_flagged_of_several_is_enough(house: House):
    judge = judged(house)
    good = house.world.attach(picture_bytes((0, 90, 200), (3000, 1000)), "a.png")
    bad = house.world.attach(picture_bytes(BAD), "b.png")

    with pytest.raises(PictureBlocked):
        await house.order(PictureRequest("a boat", references=(good, bad)))

    assert max(max(size) for size in judge.sizes) <= 1024
    assert len(judge.sizes) == 2


@pytest.mark.further
async def test_what_is_nearly_flagged_is_let_in_and_a_kept_picture_is_looked_at_once(house: House):
    judge = judged(house)
    job = await house.done(brought(house, NEARLY))
    assert job.state is JobState.SETTLED
    seen = len(judge.sizes)

    for _ in range(2):
        assert await house.done(await house.studio.again(job))

    assert len(judge.sizes) == seen + 3, "Easel's own copy of what was brought, and each new picture"


async def test_a_broken_picture_is_named_and_not_sent_to_anybody(house: House):
    judge = judged(house)
    file = house.world.attach(picture_bytes()[:60], "cat.png")

    with pytest.raises(PictureUnusable, match=r"cat\.png"):
        await house.order(PictureRequest("a boat", references=(file,)))

    assert judge.sizes == []


async def test_conversation_description_and_extraction_are_looked_at_as_well(house: House):
    judged(house)
    extractor = extractor_room(house)
    extractor._content = house.moderation
    file = house.world.attach(picture_bytes(BAD))

    with pytest.raises(PictureBlocked):
        await chat_rooms(house).hear(ann(), Said("what is this", "Ann", message_id=5, uploads=(file,)))
    with pytest.raises(PictureBlocked):
        async with house.describer.sitting(ann()) as sitting:
            await sitting.describe(file, Detail.LOW, "en")
    with pytest.raises(PictureBlocked):
        await extractor.extract(ann(), [file], by_fields("total"), _never)

    assert await house.database.read("SELECT * FROM turn") == []
    assert await house.database.read("SELECT * FROM job") == []
    assert [line.detail["place"] for line in await lines(house)] == ["talk", "read", "read"]


async def _never(_shown: object) -> None:
    raise AssertionError


async def test_documents_are_no_pictures(house: House):
    judge = judged(house)
    file = house.world.attach(b"a,b\n1,2\n", "table.csv")

    turn = await chat_rooms(house).hear(ann(), Said("sum it up", "Ann", message_id=5, uploads=(file,)))

    assert turn is not None
    assert judge.sizes == []


async def test_flagged_results_are_not_shown_not_charged_and_not_kept(house: House):
    judged(house).always = 0.95

    job = await house.done("a boat")

    assert job.state is JobState.REFUSED
    assert house.world.board.shown == []
    ((_, error),) = house.world.board.sorry
    assert isinstance(error, PictureFlagged)
    assert "You were not charged" in str(error)
    assert await house.used() == 0
    assert await house.open_holds() == 0
    assert await house.absorbed() > 0, "the provider billed it all the same"
    assert await house.pictures.of_job(job.id, Role.RESULT) == ()
    (line,) = await lines(house)
    assert (line.action, line.detail["entry"]) == ("safety.flagged", "violence")
    assert len(await house.conduct._rows.refused(GUILD, ANN, house.world.clock.now.replace(year=2020))) == 1


async def test_flagged_results_wait_for_moderators_where_there_are_some(house: House):
    judged(house).always = 0.95
    await house.watchfulness.choose(Watching(Watch.OFF, ROOM), GUILD, MOD)

    job = await house.done("a boat")
    assert job.waits_for_moderators
    assert (await house.reviews.find(job.id, GUILD)).why == "moderation model: violence"
    await house.reviews.approve(job.id, GUILD, MOD)
    await house.rest()

    assert (await house.job(job.id)).state is JobState.SETTLED
    assert await house.used() == 1
    (picture,) = await house.pictures.of_job(job.id, Role.RESULT)
    assert picture.is_delicate, "so that it can be covered"


async def test_nobody_sees_pictures_sharpen_before_they_were_looked_at(house: House):
    job = await house.order(start=False)
    assert job is not None
    assert not await house.watchfulness.hides(job)
    assert await house.watchfulness.may_draw(ann())

    judged(house)
    assert await house.watchfulness.hides(job)
    assert not await house.watchfulness.may_draw(ann())
    assert not await house.watchfulness.may_draw(ann(guild_id=None))


@pytest.mark.sampled
@pytest.mark.parametrize("at", range(1, 5))
async def test_a_kill_while_pictures_are_withheld_loses_and_shows_nothing(world: World, at: int):
    fuse = Fuse(at)
    async with open_house(world) as house:
        judged(house).always = 0.95
        fuse.around(house.gate, "consider", "withhold")
        job = await house.order("a boat")
        assert job is not None
        await house.rest()
        assert fuse.dead
    async with open_house(world) as house:
        judged(house).always = 0.95
        await house.take_up()

        assert (await house.job(job.id)).state is JobState.REFUSED
        assert await house.open_holds() == 0
        assert await house.used() == 0
        assert [line.action for line in await lines(house)] == ["safety.flagged"]
        assert await house.pictures.of_job(job.id, Role.RESULT) == ()
    assert world.board.shown == []
    assert len(world.board.sorry) == 1


async def test_a_server_turns_it_off_and_on_and_others_keep_it(house: House):
    judged(house)
    await house.moderation.choose(GUILD, MOD, is_on=False)

    assert await house.order("a molotov") is not None
    for elsewhere in (ann(guild_id=71), ann(guild_id=None)):
        with pytest.raises(WordsBlocked):
            await house.order("a molotov", elsewhere)
    await house.moderation.choose(GUILD, MOD, is_on=True)
    with pytest.raises(WordsBlocked):
        await house.order("a molotov")
    await house.rest()
    told = [(line.action, line.actor_id, line.detail) for line in await lines(house)]
    assert told[:2] == [("safety.moderation", MOD, {"on": 0}), ("safety.moderation", MOD, {"on": 1})]


async def test_without_a_model_there_is_nothing_to_turn_on(house: House):
    with pytest.raises(BadInput, match="no moderation model"):
        await house.moderation.choose(GUILD, MOD, is_on=True)


async def test_while_it_is_down_requests_pass_and_it_is_soon_left_alone(house: House):
    judge = judged(house)
    judge.is_down = True

    for _ in range(6):
        job = await house.done(brought(house, BAD))
        assert job.state is JobState.SETTLED

    assert judge.asked == 5
    assert house.moderation.circuit == ("omni", CircuitState.OPEN)
    assert house.moderation.why_not_ready() is None


async def test_or_are_refused_where_the_operator_wants_that(house: House):
    judge = judged(house, fails_open=False)
    job = await house.order(start=False)
    assert job is not None
    judge.is_down = True
    for _ in range(5):
        with pytest.raises(ModelUnavailable, match="could not be checked"):
            await house.order("a boat")
    assert "not asked" in str(house.moderation.why_not_ready())

    house.studio.start(job)
    await house.rest()

    assert (await house.job(job.id)).state is JobState.FAILED
    assert house.world.board.shown == []
    assert await house.used() == 0
    assert [line.action for line in await lines(house)] == ["safety.unchecked"]


async def test_pictures_without_a_verdict_wait_for_moderators_where_there_has_to_be_one(house: House):
    judge = judged(house, fails_open=False)
    await house.watchfulness.choose(Watching(Watch.OFF, ROOM), GUILD, MOD)
    job = await house.order(start=False)
    assert job is not None
    judge.is_down = True

    house.studio.start(job)
    await house.rest()

    assert (await house.job(job.id)).waits_for_moderators
    assert (await house.reviews.find(job.id, GUILD)).why == "moderation model: no verdict"


async def test_words_alone_are_looked_at_where_the_operator_wants_that(house: House):
    judge = judged(house, sees_pictures=False)
    judge.always = 0.95

    assert (await house.done(brought(house, BAD))).state is JobState.SETTLED
    with pytest.raises(WordsBlocked):
        await house.order("a molotov")
    assert judge.sizes == []


async def test_delicate_pictures_are_known_and_shown_among_adults_alone_where_that_was_chosen(house: House):
    judge = judged(house)
    judge.always = 0.5
    await house.showings.choose(Showing(keeps_apart=True), GUILD, MOD)

    outside = await house.done("a boat")
    house.world.bench.adults.add(CHANNEL)
    inside = await house.done("a boat")

    assert (outside.state, inside.state) == (JobState.FAILED, JobState.SETTLED)
    ((_, error),) = house.world.board.sorry
    assert isinstance(error, PictureDenied)
    assert "only in age-restricted channels" in str(error)
    assert await house.pictures.of_job(outside.id, Role.RESULT) == ()
    assert [line.action for line in await lines(house)] == ["safety.pictures", "safety.apart"]
    (picture,) = await house.pictures.of_job(inside.id, Role.RESULT)
    assert picture.is_delicate
    with pytest.raises(NotFound, match="age-restricted"):
        await house.studio.show(inside.id, ann())
    _, shown = await house.studio.show(inside.id, ann(is_among_adults=True))
    assert shown == (picture,)
    await house.studio.remove(inside.id, ann(shown=frozenset({inside.id})))
    assert await house.used() == 1
