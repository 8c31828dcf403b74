"""What a moderation model finds among several pictures of one request, and among those that are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from house_kit import open_house
from judge_kit import BAD, BLUE, GREEN, NEARLY, drawing, judged
from provider_kit import FLUX, MINI, images, picture_bytes
from sight_kit import revival_room
from world_kit import ANN, GUILD, MOD, Fuse, ann

from bot.domain.images import Role
from bot.domain.jobs import JobState
from bot.domain.requests import PictureRequest, Stored
from bot.domain.reviews import Watch, Watching
from bot.domain.spoilers import Showing
from bot.errors import ModelUnavailable, PictureBlocked
from bot.storage.audit import Audit, AuditLine

if TYPE_CHECKING:
    from house_kit import House
    from world_kit import World

ROOM = 750


async def lines(house: House) -> list[AuditLine]:
    return [*reversed(await Audit(house.database).recent(GUILD, 50))]


@pytest.mark.parametrize(
    ("model", "calls", "charged", "absorbed"),
    [
        (MINI, ((GREEN, BAD, BLUE),), 20_002, 10_001),
        (FLUX, ((GREEN,), (BAD,), (BLUE,)), 20_002, 10_001),
        (MINI, ((BAD, BAD, BLUE),), 10_001, 20_002),
    ],
    ids=["of one call", "of several calls", "most"],
)
async def test_one_flagged_of_several_is_kept_back_and_the_others_are_shown(
    house: House, model, calls, charged, absorbed
):
    judged(house)
    drawing(house, *calls)

    job = await house.done(PictureRequest("boats", count=3, model=model))

    (shown,) = house.world.board.shown
    kept = charged // 10_001
    assert len(shown.pictures) == len(await house.pictures.of_job(job.id, Role.RESULT)) == kept
    assert shown.shortfall is not None
    assert shown.shortfall.startswith(f"{kept} of 3 pictures came; the rest was not charged.")
    assert shown.shortfall.count("An automatic check") == 1
    assert (job.state, job.cost_microusd, shown.cost_microusd) == (JobState.SETTLED, charged, charged)
    assert await house.used() == kept
    assert await house.absorbed() == absorbed, "the provider billed it all the same"
    assert await house.open_holds() == 0
    (line,) = await lines(house)
    assert (line.action, line.detail["count"], line.detail["entry"]) == (
        "safety.flagged",
        3 - kept,
        "violence",
    )
    assert await house.conduct._rows.refused(GUILD, ANN, house.world.clock.now.replace(year=2020)) == ()
    blobs = [one for one in (house.world.folder / "blobs").rglob("*") if one.is_file()]
    assert len(blobs) == kept, "nothing is left of what is kept back"


async def test_a_share_that_does_not_come_out_even_is_the_operator_s(house: House):
    judged(house)
    drawn = [picture_bytes(one, (16, 24 + n)) for n, one in enumerate((GREEN, BAD, BLUE))]
    house.world.provider.script.append(lambda _: images(*drawn, cost=0.01))

    job = await house.done(PictureRequest("boats", count=3, model=MINI))

    assert (job.cost_microusd, await house.absorbed()) == (6_666, 3_334)


async def test_with_moderators_all_of_them_wait_together(house: House):
    judged(house)
    await house.watchfulness.choose(Watching(Watch.OFF, ROOM), GUILD, MOD)
    drawing(house, (GREEN, BAD))

    job = await house.done(PictureRequest("boats", count=2, model=MINI))

    assert job.waits_for_moderators
    assert house.world.bench.posted == [(job.id, 2, ROOM)]


async def test_a_delicate_one_of_several_is_kept_back_where_such_are_shown_elsewhere(house: House):
    judged(house)
    await house.showings.choose(Showing(keeps_apart=True), GUILD, MOD)
    drawing(house, (GREEN, NEARLY, BAD, BLUE))

    job = await house.done(PictureRequest("boats", count=4, model=MINI))

    (shown,) = house.world.board.shown
    assert len(shown.pictures) == await house.used() == 2
    assert job.cost_microusd == 20_002
    assert str(shown.shortfall).endswith(
        "An automatic check kept back what may not be allowed here. "
        "What this server shows only in age-restricted channels is kept back."
    )
    told = [(line.action, line.detail["count"]) for line in (await lines(house))[1:]]
    assert told == [("safety.flagged", 1), ("safety.apart", 1)]


async def test_without_a_verdict_on_one_of_several_the_flagged_one_is_still_kept_back(house: House):
    judge = judged(house)
    judge.blind_to = BLUE
    drawing(house, (GREEN, BAD, BLUE))

    await house.done(PictureRequest("boats", count=3, model=MINI))

    (shown,) = house.world.board.shown
    assert len(shown.pictures) == 2


async def test_or_what_has_no_verdict_is_kept_back_too_where_there_has_to_be_one(house: House):
    judge = judged(house, fails_open=False)
    judge.blind_to = BLUE
    drawing(house, (GREEN, BAD, BLUE))

    await house.done(PictureRequest("boats", count=3, model=MINI))

    (shown,) = house.world.board.shown
    assert len(shown.pictures) == 1


@pytest.mark.sampled
@pytest.mark.parametrize("at", range(1, 5))
async def test_a_kill_while_one_of_several_is_kept_back_changes_no_sum(world: World, at: int):
    fuse = Fuse(at)
    async with open_house(world) as house:
        judged(house)
        drawing(house, (GREEN, BAD, BLUE))
        fuse.around(house.gate._rows, "take_away")
        fuse.around(house.gate, "consider")
        job = await house.order(PictureRequest("boats", count=3, model=MINI))
        await house.rest()
        assert fuse.dead
        assert job is not None
    async with open_house(world) as house:
        judged(house)
        await house.take_up()

        assert (await house.job(job.id)).cost_microusd == 20_002
        assert await house.absorbed() == 10_001
        assert await house.used() == 2
        assert [line.action for line in await lines(house)] == ["safety.flagged"]
    (shown,) = world.board.shown
    assert len(shown.pictures) == 2


async def test_a_picture_of_before_is_looked_at_when_it_is_used_again(house: House):
    drawing(house, (BAD,))
    job = await house.done()
    (picture,) = await house.pictures.of_job(job.id, Role.RESULT)
    assert job.state is JobState.SETTLED
    judge = judged(house)

    for _ in range(2):
        with pytest.raises(PictureBlocked, match="bring or use"):
            await house.order(PictureRequest("a boat", references=(Stored(picture.id),)))
        with pytest.raises(PictureBlocked):
            await revival_room(house, door=house.studio._door).bring(job.id, ann())

    assert len(judge.sizes) == 1
    (picture,) = await house.pictures.of_job(job.id, Role.RESULT)
    assert picture.is_delicate, "wherever it is shown from now on"
    assert (await house.studio.show(job.id, ann()))[1] == (picture,), "its card is still its owner's"


async def test_a_delicate_picture_of_before_is_covered_when_it_is_shown_to_all(house: House):
    drawing(house, (NEARLY,))
    job = await house.done()
    judged(house)

    found = await revival_room(house, door=house.studio._door).bring(job.id, ann())

    assert [one.is_delicate for one in found.pictures] == [True]


async def test_another_model_looks_anew_and_a_verdict_goes_with_the_picture(house: House):
    judge = judged(house)
    job = await house.done()
    again = PictureRequest("a boat", references=(Stored(f"{job.id}-0"),))
    await house.order(again, start=False)
    assert len(judge.sizes) == 1

    assert house.moderation._model is not None
    house.moderation._model.model_id = "stricter"
    await house.order(again, start=False)
    assert len(judge.sizes) == 2
    assert len(await house.database.read("SELECT * FROM verdict")) == 1
    await house.studio.remove(job.id, ann())

    assert await house.database.read("SELECT * FROM verdict") == []


async def test_a_verdict_that_cannot_be_had_of_a_kept_picture_stops_where_there_has_to_be_one(house: House):
    job = await house.done()
    again = PictureRequest("a boat", references=(Stored(f"{job.id}-0"),))
    judged(house).is_down = True
    assert await house.order(again, start=False) is not None

    judged(house, fails_open=False).is_down = True
    with pytest.raises(ModelUnavailable, match="could not be checked"):
        await house.order(again, start=False)
