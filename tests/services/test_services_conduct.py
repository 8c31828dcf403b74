from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from house_kit import open_house
from privacy_kit import erase, forgetful
from provider_kit import refusal
from world_kit import ANN, BOB, GUILD, MOD, World, ann, bob, moderator

from bot.domain.jobs import JobState
from bot.errors import NotAllowed, TooBusy, WordsBlocked
from bot.services.door import Door
from bot.storage.audit import Audit

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from house_kit import House


@asynccontextmanager
async def guarded(world: World) -> AsyncGenerator[House]:
    """Start a process whose door is watched."""
    async with open_house(world) as opened:
        opened.studio._door = opened.wordsmith._door = Door(opened.intake, opened.conduct, opened.words)
        yield opened


@pytest.fixture
async def house(world: World) -> AsyncIterator[House]:
    async with guarded(world) as opened:
        yield opened


async def acts(house: House) -> list[tuple[str, int, str]]:
    lines = await Audit(house.database).recent(GUILD, 50)
    return [(line.action, line.actor_id, line.subject) for line in reversed(lines)]


async def refuse(house: House, times: int) -> None:
    """Let the provider refuse what Ann asks for."""
    for _ in range(times):
        house.world.provider.script.append(lambda _: refusal())
        assert (await house.done("something bad")).state is JobState.REFUSED
        house.world.clock.move(minutes=1)


@pytest.mark.further
async def test_a_break_outlives_the_deletion_of_what_was_refused(house: House):
    await refuse(house, 3)
    await erase(forgetful(house))

    for _ in range(2):
        with pytest.raises(NotAllowed, match="break"):
            await house.order("a fox")
        assert await house.conduct.forgive(GUILD, ANN, MOD) is True
        house.world.clock.move(minutes=1)
        assert (await house.done("a fox")).state is JobState.SETTLED
        await refuse(house, 3)
    (first, *_) = await house.database.read("SELECT * FROM refusal")
    assert str(ANN) not in str(dict(first))

    house.world.clock.move(days=1)
    await house.conduct.forget_old()
    assert await house.database.read("SELECT * FROM refusal") == []


async def test_refusals_of_the_provider_bring_a_break_that_ends_by_itself(house: House):
    await refuse(house, 3)
    for _ in range(2):
        with pytest.raises(NotAllowed, match=r"break: ask again <t:\d+:R>.*moderator can end it"):
            await house.order("a fox")
    assert await acts(house) == [("safety.cooled", 0, str(ANN))], "moderators hear of it once"
    assert (await house.done("a fox", bob())).state is JobState.SETTLED, "and it is nobody else's"
    assert (await house.done("a fox", ann(guild_id=71))).state is JobState.SETTLED, "nor elsewhere"

    house.world.clock.move(minutes=30)
    assert (await house.done("a fox")).state is JobState.SETTLED


async def test_blocked_words_count_as_well_and_a_break_is_no_refusal(house: House):
    await house.words.add(GUILD, MOD, ["gore"])
    await refuse(house, 1)
    for _ in range(2):
        with pytest.raises(WordsBlocked):
            await house.order("gore")
    for _ in range(5):
        with pytest.raises(NotAllowed, match="break"):
            await house.order("gore")

    house.world.clock.move(minutes=31)
    with pytest.raises(WordsBlocked):
        await house.order("gore")


@pytest.mark.further
async def test_moderators_forgive(house: House):
    await refuse(house, 3)
    assert await house.conduct.forgive(GUILD, ANN, MOD)
    assert not await house.conduct.forgive(GUILD, BOB, MOD)

    assert (await house.done("a fox")).state is JobState.SETTLED
    forgiven = [act for act in await acts(house) if act[0] == "safety.forgiven"]
    assert forgiven == [("safety.forgiven", MOD, str(ANN))], (
        "and nothing of whom there was nothing to forgive"
    )


async def test_a_break_survives_a_restart(world: World):
    async with guarded(world) as before:
        await refuse(before, 3)
    async with guarded(world) as later:
        with pytest.raises(NotAllowed, match="break"):
            await later.order("a fox")


async def flood(house: House, people: int) -> None:
    for n in range(people):
        await house.order("a fox", ann(user_id=2000 + n), start=False)


async def test_a_crowd_slows_a_server_down_for_a_while_and_moderators_hear_of_it_once(house: House):
    await flood(house, 19)
    assert await acts(house) == []
    await house.order("a fox", ann(user_id=3000), start=False)  # the twentieth account in two minutes
    ((action, actor, _),) = await acts(house)
    assert (action, actor) == ("safety.raid_began", 0)

    with pytest.raises(TooBusy, match=r"Try again <t:\d+:R>"):
        await house.order("a fox", ann(user_id=3000))
    await house.order("a fox", bob(), start=False)
    for _ in range(3):
        await house.order("a fox", moderator(), start=False)
    assert await house.order("a fox", ann(guild_id=71, user_id=3000), start=False), "others are not slowed"
    house.world.clock.move(minutes=1, seconds=1)
    assert await house.order("a fox", ann(user_id=3000), start=False)

    house.world.clock.move(minutes=10)
    for _ in range(2):
        assert await house.order("a fox", ann(user_id=3000), start=False)
    assert len(await acts(house)) == 1


@pytest.mark.further
async def test_a_slow_server_takes_few_requests_of_all_together(house: House):
    await flood(house, 20)
    for n in range(19):
        await house.order("a fox", ann(user_id=4000 + n), start=False)

    with pytest.raises(TooBusy):
        await house.order("a fox", ann(user_id=5000))


async def test_slowness_survives_a_restart_and_ends_early_when_moderators_say_so(world: World):
    async with guarded(world) as before:
        await flood(before, 20)
    async with guarded(world) as later:
        await later.order("a fox", start=False)
        with pytest.raises(TooBusy):
            await later.order("a fox")

        assert await later.intake.calm(GUILD, MOD)
        assert not await later.intake.calm(GUILD, MOD)
        for _ in range(2):
            assert await later.order("a fox", start=False)
        assert [action for action, *_ in await acts(later)] == ["safety.raid_began", "safety.raid_ended"]


async def test_without_a_threshold_nothing_is_ever_slow(world: World):
    world.caps.raid_accounts = None
    async with guarded(world) as house:
        await flood(house, 30)
        assert await acts(house) == []
