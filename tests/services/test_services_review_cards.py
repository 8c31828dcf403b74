"""The cards of moderators: closed however late, and brought to the channel that they look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from house_kit import open_house
from test_services_reviews import ROOM, acts, held, watch
from world_kit import GUILD, MOD, Killed

from bot.domain.reviews import ReviewState, Watch, Watching

if TYPE_CHECKING:
    from house_kit import House
    from world_kit import World


@pytest.mark.sampled
@pytest.mark.parametrize("after", [ReviewState.APPROVED, ReviewState.DENIED, ReviewState.EXPIRED])
async def test_a_card_is_closed_once_by_whoever_comes_after_a_kill(world: World, monkeypatch, after):
    async def die(_review) -> bool:
        raise Killed

    async with open_house(world) as house:
        await watch(house)
        job = await held(house)
        ending = {
            ReviewState.APPROVED: lambda: house.reviews.approve(job.id, GUILD, MOD),
            ReviewState.DENIED: lambda: house.reviews.deny(job.id, GUILD, MOD, ""),
            ReviewState.EXPIRED: house.reviews.tend,
        }[after]
        world.clock.move(hours=25 if after is ReviewState.EXPIRED else 0)
        with monkeypatch.context() as patch:
            patch.setattr(world.bench, "close", die)
            with pytest.raises(Killed):
                await ending()
    async with open_house(world) as house:
        for _ in range(2):
            await house.reviews.tend()

        assert [(one.state, one.message_id) for one in world.bench.closed] == [(after, 8001)]


async def test_a_card_is_closed_later_where_discord_is_in_trouble(house: House):
    await watch(house)
    job = await held(house)
    house.world.bench.is_mute = True
    await house.reviews.approve(job.id, GUILD, MOD)
    house.world.bench.is_mute = False

    for _ in range(2):
        await house.reviews.tend()

    assert [one.state for one in house.world.bench.closed] == [ReviewState.APPROVED] * 2


async def test_what_waits_is_brought_to_the_channel_that_is_chosen_instead(house: House):
    await watch(house)
    job = await held(house)
    await house.watchfulness.choose(Watching(Watch.ALL, ROOM + 1), GUILD, MOD)

    for _ in range(2):
        await house.reviews.tend()

    assert house.world.bench.posted == [(job.id, 1, ROOM), (job.id, 1, ROOM + 1)]
    ((moved),) = house.world.bench.closed
    assert (moved.state, moved.channel_id, moved.message_id) == (ReviewState.WAITING, ROOM, 8001)
    assert house.world.bench.seen == [True, True], "and not told at every round"
    await house.reviews.approve(job.id, GUILD, MOD)
    assert house.world.bench.closed[-1].message_id == 8002


async def test_a_channel_that_is_gone_is_told_of_once_and_tried_seldom(house: House):
    await watch(house)
    bench, clock = house.world.bench, house.world.clock
    bench.shut = "the channel is gone."
    first, second = await held(house), await held(house)
    for _ in range(3):
        clock.move(seconds=30)
        await house.reviews.tend()

    assert bench.tried == 1
    assert bench.told == [(GUILD, ROOM, "the channel is gone.")]
    assert bench.seen == [False, False], "who asked hears honestly that nobody looks yet, and hears it once"
    assert (await house.watchfulness.of(GUILD)).is_lost
    clock.move(minutes=10)
    await house.reviews.tend()
    assert (bench.tried, len(bench.told)) == (2, 1)

    bench.shut = ""
    clock.move(minutes=10)
    await house.reviews.tend()
    assert [job_id for job_id, *_ in bench.posted] == [first.id, second.id]
    assert bench.seen[2:] == [True, True]
    assert not (await house.watchfulness.of(GUILD)).is_lost
    assert [one for one in await acts(house) if one in {"review.lost", "review.found"}] == [
        "review.lost",
        "review.found",
    ]
