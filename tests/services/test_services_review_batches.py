"""Batches where moderators look at pictures first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from batch_kit import foxes, works
from time_kit import until
from world_kit import GUILD, MOD

from bot.domain.reviews import Watch, Watching
from bot.domain.runs import BatchState

if TYPE_CHECKING:
    from batch_kit import Factory

__all__ = ["works"]


@pytest.mark.further
async def test_a_page_shows_only_what_moderators_approved_and_a_no_fails_its_row(works: Factory):
    house = works.house
    await house.watchfulness.choose(Watching(Watch.FLAGGED, 750), GUILD, MOD)
    await house.words.add(GUILD, MOD, ["?weird"])
    batch_id = await works.start([*foxes(2), "a weird fox", "a weirder fox, quite weird"])
    await until(lambda: len(house.world.bench.posted) == 2)
    assert not set(works.wall.rows) & {3, 4}, "nobody saw what waits"
    await until(lambda: any(snapshot.tally.held == 2 for snapshot in works.wall.shown))
    assert works.wall.shown[-1].tally.drawing == 0

    waiting = {job.request.prompt: job.id for _, job, _ in await house.reviews.waiting(GUILD, 5)}
    await house.reviews.deny(waiting["a weirder fox, quite weird"], GUILD, MOD, "")
    await house.reviews.approve(waiting["a weird fox"], GUILD, MOD)
    await until(lambda: any(snapshot.batch.state is BatchState.DONE for snapshot in works.wall.shown))

    assert sorted(works.wall.rows) == [1, 2, 3]
    assert await works.spent() == 3
    assert await house.open_holds() == 0
    assert (await works.states(batch_id))[3] == "failed"
