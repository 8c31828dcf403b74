from __future__ import annotations

import asyncio

import pytest
from house_kit import House, open_house
from provider_kit import NOW, hangs, trouble
from world_kit import World, ann, bob

from bot.domain.jobs import JobState
from bot.errors import TooBusy


async def refused(house, who=None) -> str:
    with pytest.raises(TooBusy) as caught:
        await house.order(who=who)
    return str(caught.value)


async def test_a_full_house_refuses_politely(world: World):
    world.caps.max_waiting, world.caps.max_running = 2, 1
    world.provider.script = [hangs]
    async with open_house(world) as house:
        for _ in range(3):
            await house.order()

        said = await refused(house, bob())

        assert said == "Easel has its hands full right now. Try again in a minute; nothing was charged."
        assert await house.used(who=bob()) == 0


async def test_it_says_when_room_is_expected(world: World):
    world.caps.max_waiting, world.caps.max_running = 1, 1
    async with open_house(world) as house:
        house.queue._pace.note((await house.done()).plan.model_id, 1, 30.0)
        world.provider.script = [hangs]
        for _ in range(2):
            await house.order()

        said = await refused(house, bob())

        room_at = house.queue.room_at()
        assert room_at is not None
        assert room_at > NOW
        assert f"Try again <t:{int(room_at.timestamp()) + 1}:R>; nothing was charged." in said


async def test_a_burst_does_not_pass_the_bound(world: World):
    world.caps.max_waiting, world.caps.max_running = 3, 1
    world.provider.script = [hangs]
    async with open_house(world) as house:
        opened = await asyncio.gather(
            *(house.order(who=ann(user_id=900 + n)) for n in range(20)), return_exceptions=True
        )

        assert sum(isinstance(one, TooBusy) for one in opened) == 16


async def test_a_full_server_leaves_others_alone(world: World):
    world.caps.max_per_server, world.caps.max_running = 2, 0
    async with open_house(world) as house:
        await house.order()
        await house.order(who=bob())

        said = await refused(house, ann(user_id=5))
        assert said.startswith("This server has 2 requests under way. Try again")

        assert await house.order(who=ann(guild_id=71))
        assert await house.order(who=ann(guild_id=None))


async def test_a_full_server_is_told_of_its_own_room(world: World):
    world.caps.max_per_server = 2
    async with open_house(world) as house:
        house.queue._pace.note((await house.done()).plan.model_id, 1, 30.0)
        world.provider.script = [hangs] * 3
        elsewhere = await house.order(who=ann(guild_id=71))
        world.clock.move(seconds=5)
        first, _ = await house.order(), await house.order(who=bob())

        said = await refused(house, ann(user_id=5))

        assert elsewhere is not None
        assert first is not None
        ready_at = house.queue.standing(first.id).ready_at
        assert ready_at is not None
        assert house.queue.room_at() == house.queue.standing(elsewhere.id).ready_at
        assert house.queue.room_at() != ready_at
        assert f"Try again <t:{int(ready_at.timestamp()) + 1}:R>; nothing was charged." in said


async def test_a_full_server_whose_requests_all_wait_is_told_when_the_first_may_end(world: World):
    world.caps.max_per_server, world.caps.max_running = 1, 1
    async with open_house(world) as house:
        house.queue._pace.note((await house.done()).plan.model_id, 1, 30.0)
        world.provider.script = [hangs]
        await house.order(who=ann(guild_id=71))
        waits = await house.order()

        said = await refused(house, bob())

        assert waits is not None
        ready_at = house.queue.standing(waits.id).ready_at
        assert ready_at is not None
        assert f"Try again <t:{int(ready_at.timestamp()) + 1}:R>; nothing was charged." in said


async def test_a_full_disk_takes_no_orders_and_holds_nothing(house: House, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(house.studio, "_has_room", lambda: False)

    assert "no room left" in await refused(house)

    assert await house.used() == 0


async def test_an_account_without_credit_is_one_alarm_no_charge_and_a_refusal_at_once(world: World):
    heard: list[str] = []
    world.provider.script = [lambda _: trouble(402)] * 100
    async with open_house(world) as house:
        house.workshop._caller._model._turnstile._alert = heard.append
        asked_of = [await house.done() for _ in range(100)]

        assert len(heard) == 1
        assert len(world.provider.bodies) == 1
        assert {job.state for job in asked_of} == {JobState.FAILED}
        assert await house.used() == 0
        assert await house.open_holds() == 0
