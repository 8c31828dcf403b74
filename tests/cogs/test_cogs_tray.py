from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from checks_kit import check_document, components_of, texts_of
from people_kit import pick, press, slash, snowflake
from world_kit import BOB

from bot.domain.requests import Stored

if TYPE_CHECKING:
    from cogs_kit import Stage

JOB = int(snowflake(1))


@pytest.fixture
async def drawn(stage: Stage) -> Stage:
    """Two cards: of one picture, and of six."""
    await stage.act(slash("imagine", {"prompt": "a fox"}))
    await stage.act(slash("imagine", {"prompt": "owls", "count": 6}, user_id=BOB, interaction_id=2))
    return stage


async def at_hand(stage: Stage, n: int, **more) -> list[str]:
    """Return the descriptions of what /tray shows."""
    (call,) = await stage.act(slash("tray", interaction_id=n, **more))
    check_document(call)
    assert call.payload["data"]["flags"] & 64
    galleries = [one for one in components_of(call.payload["data"]) if one["type"] == 12]
    return [item["description"] for gallery in galleries for item in gallery["items"]]


async def test_an_empty_tray_says_how_to_fill_it(stage: Stage):
    (call,) = await stage.act(slash("tray"))

    assert "no references at hand" in "".join(texts_of(call.payload["data"]))


async def test_drawing_with_an_empty_tray_is_refused_before_anything_is_held(stage: Stage):
    said = await stage.said(slash("imagine", {"prompt": "a fox", "at_hand": True}))

    assert "no references at hand" in said
    assert await stage.house.used() == 0


async def test_a_picture_at_hand_guides_what_its_owner_draws_and_nobody_else(drawn: Stage):
    await drawn.act(press(f"v1:tray:{JOB}", interaction_id=3))

    assert await at_hand(drawn, 4) == ["Reference 1"]
    assert await at_hand(drawn, 5, user_id=BOB) == []
    await drawn.act(slash("imagine", {"prompt": "in ink", "at_hand": True}, interaction_id=6))
    job = await drawn.house.job(int(snowflake(6)))
    assert job.request.references == (Stored(f"{JOB}-0"),)


@pytest.mark.further
async def test_of_several_pictures_the_chosen_ones_are_put_at_hand_and_the_oldest_make_room(drawn: Stage):
    other = int(snowflake(2))
    await drawn.act(press(f"v1:tray:{JOB}", interaction_id=3))
    drawn.house.world.clock.now += timedelta(minutes=1)

    (asked,) = await drawn.act(press(f"v1:tray:{other}", interaction_id=4))
    (menu,) = [one for one in components_of(asked.payload["data"]) if one["type"] == 3]
    assert (menu["max_values"], len(menu["options"])) == (4, 6)
    chosen = [menu["options"][n]["value"] for n in (0, 1, 3, 5)]
    await drawn.act(pick(menu["custom_id"], *chosen, interaction_id=5))

    assert await at_hand(drawn, 6) == [f"Reference {n}" for n in (1, 2, 3, 4)]
    await drawn.act(slash("imagine", {"prompt": "in ink", "at_hand": True}, interaction_id=7))
    job = await drawn.house.job(int(snowflake(7)))
    assert set(job.request.references) == {Stored(picture_id) for picture_id in chosen}


async def test_a_picture_that_was_not_offered_is_not_put_at_hand(drawn: Stage):
    said = await drawn.said(pick(f"v2p:tray:{JOB}", f"{snowflake(2)}-0", interaction_id=3))

    assert "no longer here" in said
    assert await at_hand(drawn, 4) == []


async def test_what_is_at_hand_goes_by_itself_after_a_day_and_at_once_when_asked(drawn: Stage):
    await drawn.act(press(f"v1:tray:{JOB}", interaction_id=3))
    await drawn.act(press(f"v1:tray:{JOB}", user_id=BOB, interaction_id=4))

    await drawn.act(press("v2:trayclear", user_id=BOB, interaction_id=5))
    assert (await at_hand(drawn, 6), await at_hand(drawn, 7, user_id=BOB)) == (["Reference 1"], [])
    drawn.house.world.clock.now += timedelta(days=1)
    assert await at_hand(drawn, 8) == []


@pytest.mark.further
async def test_deleted_pictures_are_not_at_hand(drawn: Stage):
    await drawn.act(press(f"v1:tray:{JOB}", interaction_id=3))
    await drawn.act(press(f"v1:delete:{JOB}", interaction_id=4))

    assert await at_hand(drawn, 5) == []
    assert "no longer here" in await drawn.said(press(f"v1:tray:{JOB}", interaction_id=6))
