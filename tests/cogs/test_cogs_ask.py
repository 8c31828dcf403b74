"""A question that is dear is asked about first, and goes on at its asker's word alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import discord
import httpx
import pytest
from cogs_kit import CALLBACK
from documents_kit import pdf_bytes
from people_kit import attachment, press, slash, snowflake
from provider_kit import words
from world_kit import ANN, BOB

from bot.domain.quotas import Meter

if TYPE_CHECKING:
    from checks_kit import Call
    from cogs_kit import Stage
    from world_kit import World


FOLLOW = "POST /webhooks/#/token"


@pytest.fixture(autouse=True)
def limits(world: World):
    world.caps.person = {Meter.MESSAGES_PER_DAY: 100, Meter.USD_PER_DAY: 10_000_000}
    for model in world.provider.lists["models"]:
        model["pricing"] = {"prompt": "0.00001", "completion": "0.00001"}


def now() -> int:
    """Return the number of an interaction whose token lives."""
    return discord.utils.time_snowflake(discord.utils.utcnow()) - int(snowflake(0))


def assert_changed(calls: list[Call]) -> None:
    """Assert that a press is acknowledged by a change of the message that asked for the price."""
    first = calls[0]
    assert (first.name, first.payload["type"]) == (CALLBACK, 7)
    assert first.payload["data"]["content"] == "-# 💸 The price was agreed to; what came of it follows."
    assert first.payload["data"]["components"] == []


async def test_dear_question_goes_on_at_the_word_of_its_asker_alone(stage: Stage):
    upload = stage.house.world.attach(pdf_bytes(*["a"] * 9), "a.pdf")
    file = attachment(8, upload.size_bytes, upload.url, "a.pdf")
    question = {"question": "Sum it up.", "file": "8", "closely": True, "thinking": "high"}
    asked = await stage.act(slash("ask", question, (file,)))

    payload = asked[-1].payload.get("data", asked[-1].payload)
    (row,) = payload["components"]
    (button,) = row["components"]
    assert "may cost up to $0." in payload["content"]
    assert button["label"] == "Send anyway"
    assert button["custom_id"] == "v2:anyway:1:high:high:0"
    assert stage.house.world.provider.bodies == []

    other = await stage.said(press(button["custom_id"], interaction_id=2, user_id=BOB))
    assert "Only the person who asked" in other
    assert stage.house.world.provider.bodies == []

    answered = await stage.act(press(button["custom_id"], interaction_id=now()))
    assert_changed(answered)
    assert answered[1].name == FOLLOW
    said = answered[-1].payload["content"]
    assert said.startswith(f"-# <@{ANN}> asks:\n> Sum it up.\nGood evening.")
    body = stage.house.world.provider.bodies[0]
    assert body["reasoning"]["effort"] == "high"
    assert await stage.house.used(Meter.MESSAGES_PER_DAY) == 1

    assert "is answered" in await stage.said(press(button["custom_id"], interaction_id=4))
    assert len(stage.house.world.provider.bodies) == 1


@pytest.mark.further
async def test_again_asks_whoever_presses_it_about_a_high_price(stage: Stage):
    upload = stage.house.world.attach(pdf_bytes(*["a"] * 9), "a.pdf")
    file = attachment(8, upload.size_bytes, upload.url, "a.pdf")
    await stage.act(slash("ask", {"question": "Sum it up.", "file": "8"}, (file,)))
    await stage.act(press("v2:anyway:1:low:usual:0", interaction_id=3))
    assert len(stage.house.world.provider.bodies) == 1

    asked = await stage.act(press("v2:retell:1", interaction_id=4, user_id=BOB))

    payload = asked[-1].payload.get("data", asked[-1].payload)
    assert "may cost up to $0." in payload["content"]
    button = payload["components"][0]["components"][0]["custom_id"]
    assert button == "v2:anyway:1:low:usual:0:anew"
    assert len(stage.house.world.provider.bodies) == 1

    assert_changed(await stage.act(press(button, interaction_id=5, user_id=BOB)))
    assert len(stage.house.world.provider.bodies) == 2


async def test_what_was_agreed_to_is_no_question_any_more_where_the_answer_fails(stage: Stage):
    upload = stage.house.world.attach(pdf_bytes(*["a"] * 9), "a.pdf")
    file = attachment(8, upload.size_bytes, upload.url, "a.pdf")
    await stage.act(slash("ask", {"question": "Sum it up.", "file": "8"}, (file,)))
    refused = httpx.Response(400, json={"error": {"code": 400, "message": "no"}})
    stage.house.world.provider.script.append(lambda _: refused)

    calls = await stage.act(press("v2:anyway:1:low:usual:0", interaction_id=now()))

    assert_changed(calls)
    assert [call.name for call in calls] == [CALLBACK, FOLLOW]
    assert calls[-1].payload["flags"] & 64
    assert "does not accept this request" in calls[-1].payload["content"]


async def test_answer_that_was_agreed_to_comes_where_its_question_cannot_be_changed(stage: Stage):
    upload = stage.house.world.attach(pdf_bytes(*["a"] * 9), "a.pdf")
    file = attachment(8, upload.size_bytes, upload.url, "a.pdf")
    await stage.act(slash("ask", {"question": "Sum it up.", "file": "8"}, (file,)))
    stage.remote.refuse(CALLBACK, 404, 10008)

    calls = await stage.act(press("v2:anyway:1:low:usual:0", interaction_id=now()))

    assert [call.payload.get("type") for call in calls[:2]] == [7, 4]
    assert calls[-1].payload["content"].startswith(f"-# <@{ANN}> asks:\n> Sum it up.\nGood evening.")


SCHEMA = b'{"type": "object", "properties": {"total": {"type": "number"}}}'


@pytest.mark.further
@pytest.mark.parametrize("by_schema", [False, True])
async def test_dear_files_are_taken_out_of_at_the_word_of_whoever_wants_it(stage: Stage, by_schema):
    given = {8: (pdf_bytes(*["a"] * 9), "a.pdf"), 9: (SCHEMA, "s.json")}
    uploads = {n: stage.house.world.attach(*one) for n, one in given.items()}
    files = [attachment(n, one.size_bytes, one.url, one.filename) for n, one in uploads.items()]
    wanted = {"schema": "9"} if by_schema else {"fields": "total as number"}
    stage.house.world.provider.script.append(lambda _: words(json.dumps({"total": 12.5})))

    asked = await stage.act(slash("extract", {"file": "8", **wanted}, tuple(files[: 1 + by_schema])))

    payload = asked[-1].payload.get("data", asked[-1].payload)
    button = payload["components"][0]["components"][0]
    assert "may cost up to $0." in payload["content"]
    assert (button["label"], button["custom_id"][:17]) == ("Send anyway", "v2:extractpriced:")
    assert stage.house.world.provider.bodies == []
    assert await stage.house.used(Meter.MESSAGES_PER_DAY) == 0

    assert "Start again" in await stage.said(press(button["custom_id"], interaction_id=2, user_id=BOB))
    answered = await stage.act(press(button["custom_id"], interaction_id=3))
    assert_changed(answered)
    said = answered[-1].payload.get("data", answered[-1].payload)["content"]
    assert said.startswith(f"<@{ANN}>\n**a.pdf**\n```\ntotal  12.5\n```")
    assert await stage.house.used(Meter.MESSAGES_PER_DAY) == 1

    assert "has been sent already" in await stage.said(press(button["custom_id"], interaction_id=4))
    assert len(stage.house.world.provider.bodies) == 1
