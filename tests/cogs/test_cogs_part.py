from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from checks_kit import check_document, check_limits, components_of, texts_of
from cogs_kit import CALLBACK, EDIT, Stage
from people_kit import form, pick, press, slash, snowflake
from world_kit import ANN, BOB

from bot.domain.images import Role
from bot.domain.requests import Kind, Stored

if TYPE_CHECKING:
    from checks_kit import Call

JOB = int(snowflake(1))
B2, C3 = 1 << 5, 1 << 10
"""Cells of four columns, as bits."""


@pytest.fixture
async def drawn(stage: Stage) -> Stage:
    """A card that Ann asked for, of one picture, 16 by 24: four columns and six rows."""
    await stage.act(slash("imagine", {"prompt": "a fox", "aspect": "2:3", "quality": "low"}))
    return stage


def _ids(payload: dict[str, Any]) -> list[str]:
    return [one["custom_id"] for one in components_of(payload) if "custom_id" in one]


def _checked(call: Call) -> dict[str, Any]:
    payload = call.payload.get("data", call.payload)
    check_limits(payload, call.files)
    check_document(call)
    return payload


async def test_the_grid_of_a_picture_is_shown_for_one_person(drawn: Stage):
    (call,) = await drawn.act(press(f"v1:part:{JOB}", user_id=BOB, interaction_id=2))

    payload = _checked(call)
    assert payload["flags"] & 64
    assert len(call.files) == 1
    assert _ids(payload) == [f"v2p:cells:{JOB}-0", f"v2:partsay:{JOB}-0:0"]
    menu, button = (one for one in components_of(payload) if "custom_id" in one)
    assert [option["value"] for option in menu["options"]][:5] == ["A1", "B1", "C1", "D1", "A2"]
    assert len(menu["options"]) == 24
    assert button["disabled"], "nothing is chosen yet"


async def test_of_several_pictures_one_is_picked_and_its_grid_takes_the_place(stage: Stage):
    await stage.act(slash("imagine", {"prompt": "a fox", "count": 2}))

    (asked,) = await stage.act(press(f"v1:part:{JOB}", interaction_id=2))
    deferred, shown = await stage.act(pick(f"v2p:part:{JOB}", f"{JOB}-1", interaction_id=3))

    assert _ids(_checked(asked)) == [f"v2p:part:{JOB}"]
    assert (deferred.payload["type"], shown.name) == (6, EDIT)
    assert f"v2p:cells:{JOB}-1" in _ids(_checked(shown))


async def test_what_is_chosen_is_shown_and_the_way_on_opens(drawn: Stage):
    before, first = await drawn.act(pick(f"v2p:cells:{JOB}-0", "C3", "B2", interaction_id=2))
    _, other = await drawn.act(pick(f"v2p:cells:{JOB}-0", "A1", interaction_id=3))

    payload = _checked(first)
    assert before.payload["type"] == 6
    assert "**B2 to C3** is to change." in "\n".join(texts_of(payload))
    assert f"v2:partsay:{JOB}-0:{B2 | C3}" in _ids(payload)
    (menu,) = [one for one in components_of(payload) if one["type"] == 3]
    assert [option["value"] for option in menu["options"] if option["default"]] == ["B2", "C3"]
    assert first.files != other.files, "the rest is darkened"


@pytest.mark.further
async def test_the_form_asks_what_should_be_there(drawn: Stage):
    (call,) = await drawn.act(press(f"v2:partsay:{JOB}-0:{B2 | C3}", interaction_id=2))

    check_document(call)
    assert call.payload["data"]["custom_id"] == f"v2:partsay:{JOB}-0:{B2 | C3}"
    assert _ids(call.payload["data"]) == ["prompt", "private"]
    labels = [one.get("description") for one in components_of(call.payload["data"]) if one["type"] == 18]
    assert labels[0] == "In B2 to C3 of the grid"


async def test_the_model_is_told_which_part_and_nothing_else_is_lost(drawn: Stage):
    values = {"prompt": "a red hat", "private": [True]}

    await drawn.act(form(f"v2:partsay:{JOB}-0:{B2 | C3}", values, user_id=BOB, interaction_id=2))

    child = await drawn.house.job(int(snowflake(2)))
    asked = child.request
    assert (asked.kind, asked.prompt, asked.private, child.user_id) == (Kind.EDIT, "a red hat", True, BOB)
    assert (asked.aspect, asked.quality, asked.references) == ("2:3", "low", (Stored(f"{JOB}-0"),))
    assert drawn.house.world.provider.bodies[-1]["prompt"] == (
        "a red hat\n\nChange only the centre of the picture, from 25 % to 75 % of its width, counted "
        "from the left, and from 17 % to 50 % of its height, counted from the top. "
        "Leave everything else exactly as it is."
    )
    assert len(drawn.house.world.provider.bodies[-1]["input_references"]) == 1


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("payload", "says"),
    [
        (press("v1:part:5", interaction_id=2), "no longer here"),
        (pick(f"v2p:part:{JOB}", "5-0", interaction_id=2), "no longer here"),
        (pick(f"v2p:part:{JOB}", interaction_id=2), "no longer here"),
        (pick(f"v2p:cells:{JOB}-0", "Z9", interaction_id=2), "no such cell"),
        (pick(f"v2p:cells:{JOB}-9", "A1", interaction_id=2), "no longer here"),
        (press("v2:partsay", interaction_id=2), "no longer here"),
        (press(f"v2:partsay:{JOB}-0", interaction_id=2), "not here any more"),
        (press(f"v2:partsay:{JOB}-0:x", interaction_id=2), "not here any more"),
        (press(f"v2:partsay:{JOB}-0:{'9' * 60}", interaction_id=2), "not here any more"),
        (press(f"v2:partsay:{JOB}-0:0", interaction_id=2), "at least one cell"),
        (form(f"v2:partsay:{JOB}-0:0", {"prompt": "x"}, interaction_id=2), "at least one cell"),
        (form(f"v2:partsay:{JOB}-0:1", {"prompt": "  "}, interaction_id=2), "form is empty"),
    ],
)
async def test_what_makes_no_sense_is_said_in_one_sentence(drawn: Stage, payload: dict[str, Any], says: str):
    assert says in await drawn.said(payload)
    assert len(drawn.house.world.provider.bodies) == 1


@pytest.mark.sampled
@pytest.mark.parametrize(
    "payload",
    [
        press(f"v1:part:{JOB}", user_id=BOB, interaction_id=2),
        pick(f"v2p:part:{JOB}", f"{JOB}-0", user_id=BOB, interaction_id=2),
        pick(f"v2p:cells:{JOB}-0", "A1", user_id=BOB, interaction_id=2),
        press(f"v2:partsay:{JOB}-0:1", user_id=BOB, interaction_id=2),
        form(f"v2:partsay:{JOB}-0:1", {"prompt": "x"}, user_id=BOB, interaction_id=2),
    ],
    ids=["button", "picture", "cells", "say", "form"],
)
async def test_another_person_s_private_picture_is_nobody_s_to_change(stage: Stage, payload: dict[str, Any]):
    await stage.act(slash("imagine", {"prompt": "mine", "private": True}, user_id=ANN))

    assert "no longer here" in await stage.said(payload)


async def test_a_picture_that_cannot_be_read_any_more_is_said_to_be_gone(drawn: Stage):
    (picture,) = await drawn.house.pictures.of_job(JOB, Role.RESULT)
    await drawn.house.blobs.delete(picture.blob)

    deferred, told = await drawn.act(pick(f"v2p:cells:{JOB}-0", "A1", interaction_id=2))

    assert deferred.payload["type"] == 6
    assert told.payload["flags"] & 64
    assert "not kept any more" in told.payload["content"]


async def test_a_refused_form_is_private_too(drawn: Stage):
    (call,) = await drawn.act(form(f"v2:partsay:{JOB}-0:1", {"prompt": ""}, interaction_id=2))

    assert call.name == CALLBACK
    assert call.payload["data"]["flags"] & 64
