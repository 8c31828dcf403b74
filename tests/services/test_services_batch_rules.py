"""Batches under the rules of a server: where they may begin, and what a rule does to one that runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from batch_kit import drawn, foxes, until, works
from desk_kit import bans_of, desk_of
from provider_kit import hangs
from world_kit import CHANNEL, GUILD, MOD, ann, moderator

from bot.domain.access import Ban, Family, Kind
from bot.domain.hierarchy import Rank, Subject
from bot.domain.runs import BatchState
from bot.errors import TurnedAway
from bot.storage.audit import AuditLine

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import httpx
    from batch_kit import Factory

    from bot.app.desk import Desk
    from bot.domain.requests import Requester

__all__ = ["works"]
BOSS = moderator(may_manage=True, rank=Rank(role=(1, -5)))
OTHER, THREAD = 701, 800
IN_THREAD = ann(channel_id=THREAD, parent_id=CHANNEL)


@pytest.fixture
def desk(works: Factory) -> Desk:
    """What moderators decide with, which the batches obey."""
    made = desk_of(works.house)
    works.house.studio._door = works.batches._door = made.door
    return made


async def keep_to(desk: Desk, *channels: int) -> None:
    await desk.access.keep_to(BOSS, Kind.CHANNEL, {Family.DRAW: frozenset(channels)})


async def state(works: Factory, batch_id: int) -> tuple[BatchState, str | None]:
    batch = await works.rows.known(batch_id)
    return batch.state, batch.reason


def after_rows(works: Factory, count: int, act: Callable[[], Awaitable[object]]) -> None:
    """Let something happen while the last of so many rows is drawn."""
    provider = works.house.world.provider

    async def last(request: httpx.Request) -> httpx.Response:
        await act()
        return provider.draw(request)

    provider.script += [provider.draw] * (count - 1)
    provider.script.append(last)


async def banned_elsewhere(desk: Desk, works: Factory) -> None:
    """Ban Ann as another process does: nothing is called off in this one."""
    now = works.house.world.clock()
    line = AuditLine(GUILD, MOD, "access.ban", f"person:{ann().user_id}", {}, now)
    await desk.access_rows.ban(Ban(ann().user_id, MOD, "too many foxes", now), line)


@pytest.mark.further
@pytest.mark.parametrize("who", [ann(), IN_THREAD], ids=["a channel", "a thread in it"])
async def test_none_is_read_or_started_where_nothing_may_be_drawn(works: Factory, desk: Desk, who: Requester):
    draft_id = await works.offer(foxes(2), who)
    await keep_to(desk, OTHER)

    with pytest.raises(TurnedAway, match="does not draw in this channel"):
        await works.offer(foxes(2), who)
    with pytest.raises(TurnedAway):
        await works.batches.start(draft_id, who, works.house.origin())

    await keep_to(desk)
    await works.batches.start(draft_id, who, works.house.origin())
    await works.rest()
    assert len(drawn(works.house)) == 2, "the list was kept"


@pytest.mark.further
async def test_a_thread_goes_by_its_channel_to_the_last_row(works: Factory, desk: Desk):
    await keep_to(desk, CHANNEL)

    batch_id = await works.done(foxes(12), IN_THREAD)

    assert await works.states(batch_id) == ["done"] * 12


@pytest.mark.sampled(2)
@pytest.mark.parametrize("who", [ann(), IN_THREAD], ids=["a channel", "a thread in it"])
@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("channel", f"does not draw in this channel. Go to <#{OTHER}>"),
        ("pause", "have paused Easel in this server"),
        ("ban", "do not let you use Easel here"),
    ],
)
async def test_one_that_runs_begins_no_more_rows_says_why_and_goes_on_when_it_may(
    works: Factory, desk: Desk, who: Requester, rule: str, says: str
):
    acts = {
        "channel": lambda: keep_to(desk, OTHER),
        "pause": lambda: desk.access.pause(BOSS, None, "a raid"),
        "ban": lambda: banned_elsewhere(desk, works),
    }
    after_rows(works, 3, acts[rule])
    batch_id = await works.start(foxes(12), who)
    await until(lambda: not works.runs.under_way)

    found, reason = await state(works, batch_id)
    states = await works.states(batch_id)
    assert found is BatchState.PAUSED
    assert says in (reason or "")
    assert reason == works.wall.shown[-1].batch.reason, "its card says so"
    begun = states.count("done")
    assert 3 <= begun < 12
    assert states.count("waiting") == 12 - begun
    assert await works.spent() == begun
    assert await works.house.open_holds() == 0

    with pytest.raises(TurnedAway, match=says.split(".", maxsplit=1)[0]):
        await works.batches.resume(batch_id, who, works.house.origin())

    await keep_to(desk)
    if rule == "pause":
        await desk.access.resume(BOSS)
    if rule == "ban":
        await bans_of(works.house, desk, works.batches).unban(BOSS, Subject(who.user_id), find)
    await works.batches.resume(batch_id, who, works.house.origin())
    await works.rest()
    assert await works.states(batch_id) == ["done"] * 12


async def test_a_moderator_who_resumes_it_too_early_sees_on_the_card_why_it_pauses_again(
    works: Factory, desk: Desk
):
    after_rows(works, 1, lambda: desk.access.pause(BOSS, None, ""))
    batch_id = await works.start(foxes(8))
    await works.rest()

    await works.batches.resume(batch_id, BOSS, works.house.origin())
    await works.rest()

    assert await state(works, batch_id) == (
        BatchState.PAUSED,
        "The moderators have paused Easel in this server. Try again later.",
    )


async def find(user_id: int) -> Subject:
    return Subject(user_id)


@pytest.mark.further
async def test_a_ban_calls_the_whole_batch_off(works: Factory, desk: Desk):
    bans, provider = bans_of(works.house, desk, works.batches), works.house.world.provider
    provider.script += [provider.draw, provider.draw, hangs]
    batch_id = await works.start(foxes(12), IN_THREAD)
    await until(lambda: len(provider.bodies) >= 3)

    banned = await bans.ban(BOSS, Subject(ann().user_id), None, "too many foxes", find)
    await works.rest()

    assert banned.called_off == 1, "a batch is one request"
    states = await works.states(batch_id)
    assert (await state(works, batch_id))[0] is BatchState.CANCELLED
    assert set(states) == {"done", "cancelled"}
    assert await works.spent() == states.count("done")
    assert await works.house.open_holds() == 0
