"""Discord may tell of the same click twice: it is answered once, and paid for once."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import discord
import httpx
import pytest
from cogs_kit import CALLBACK
from documents_kit import pdf_bytes
from people_kit import (
    a_message,
    a_user,
    attachment,
    completing,
    finished,
    form,
    message_menu,
    press,
    slash,
    snowflake,
)
from provider_kit import picture_bytes, words
from world_kit import BOB, CHANNEL

from bot.app.overhearing import once
from bot.domain.quotas import Meter

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from cogs_kit import Stage
    from world_kit import World

    Payload = dict[str, Any]
    Begun = Callable[[Stage], Awaitable[Payload]]

DESCRIBED = {
    "caption": "A fox",
    "alt_text": "A fox in snow.",
    "prompt_faithful": "a fox",
    "prompt_medium": "a fox in oils",
    "prompt_mood": "a fox at night",
    "prompt_viewpoint": "a fox from above",
}


@pytest.fixture(autouse=True)
def limits(world: World):
    world.caps.person = {Meter.MESSAGES_PER_DAY: 100, Meter.USD_PER_DAY: 10_000_000}


def now() -> int:
    """Return the number of an interaction whose token lives."""
    return discord.utils.time_snowflake(discord.utils.utcnow()) - int(snowflake(0))


def cat(stage: Stage) -> Payload:
    upload = stage.house.world.attach(picture_bytes((8, 2, 3)))
    return attachment(8, upload.size_bytes, upload.url) | {"content_type": "image/png"}


def says(stage: Stage, answer: Any) -> None:
    stage.house.world.provider.script.extend([lambda _: words(json.dumps(answer))] * 2)


async def shown_form(stage: Stage, menu: str) -> str:
    message = a_message(1234, CHANNEL) | {"author": a_user(BOB), "attachments": [cat(stage)]}
    (shown,) = await stage.act(message_menu(menu, message))
    return shown.payload["data"]["custom_id"]


async def asked(_stage: Stage) -> Payload:
    return slash("ask", {"question": "Why?"}, interaction_id=now())


async def asked_about(stage: Stage) -> Payload:
    return form(await shown_form(stage, "Ask about this"), {"question": "Why?"}, interaction_id=now())


async def asked_again(stage: Stage) -> Payload:
    await stage.act(slash("ask", {"question": "Why?"}))
    return press("v2:retell:1", interaction_id=now())


async def extracted(stage: Stage) -> Payload:
    says(stage, {"total": 1})
    file = cat(stage)
    return slash("extract", {"file": "8", "fields": "total as number"}, (file,), interaction_id=now())


async def extracted_by_form(stage: Stage) -> Payload:
    says(stage, {"total": 1})
    filled = {"fields": "total as number"}
    return form(await shown_form(stage, "Extract data"), filled, interaction_id=now())


async def described(stage: Stage) -> Payload:
    says(stage, DESCRIBED)
    return slash("describe", {"image": "8"}, (cat(stage),), interaction_id=now())


async def described_by_menu(stage: Stage) -> Payload:
    says(stage, DESCRIBED)
    message = a_message(1234, CHANNEL) | {"author": a_user(BOB), "attachments": [cat(stage)]}
    return message_menu("Describe image", message, interaction_id=now())


async def drawn(_stage: Stage) -> Payload:
    return slash("imagine", {"prompt": "a fox"}, interaction_id=now())


IN_WORDS = (asked, asked_about, asked_again, extracted, extracted_by_form, described, described_by_menu)
every_way = pytest.mark.parametrize("begun", IN_WORDS, ids=lambda one: one.__name__)


async def hear(stage: Stage, *payloads: Payload) -> None:
    """Let the gateway tell of something, and wait for all that comes of it."""
    before = asyncio.all_tasks()
    for payload in payloads:
        stage.bot._connection.parsers["INTERACTION_CREATE"](payload)
    await finished(before)
    await stage.house.rest()
    await finished(before)


async def spent(stage: Stage) -> tuple[int, int, int]:
    """Return the calls that were made, and what the person paid for them."""
    used = stage.house.used
    bodies = stage.house.world.provider.bodies
    return len(bodies), await used(Meter.MESSAGES_PER_DAY), await used(Meter.USD_PER_DAY)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("begun", [*IN_WORDS, drawn], ids=lambda one: one.__name__)
async def test_a_click_that_is_told_twice_at_once_is_answered_once(stage: Stage, begun: Begun):
    payload = await begun(stage)
    calls, messages, _ = await spent(stage)
    answers = len(stage.remote.named(CALLBACK))

    await hear(stage, payload, payload, payload)

    after = await spent(stage)
    assert after[:2] == (calls + 1, messages + (begun is not drawn))
    assert len(stage.remote.named(CALLBACK)) == answers + 1
    assert await stage.house.database.read("SELECT 1 FROM owed") == []


@pytest.mark.sampled(2)
@every_way
async def test_a_click_that_is_told_again_after_its_answer_changes_nothing(stage: Stage, begun: Begun):
    payload = await begun(stage)
    await hear(stage, payload)
    before, requests = await spent(stage), len(stage.remote.calls)

    await hear(stage, payload)

    assert await spent(stage) == before
    assert len(stage.remote.calls) == requests


@pytest.mark.sampled(2)
@every_way
async def test_a_click_that_an_earlier_process_answered_changes_nothing(stage: Stage, begun: Begun):
    payload = await begun(stage)
    await stage.act(payload)
    before, requests = await spent(stage), len(stage.remote.calls)

    await stage.act(payload)  # as a process does that remembers nothing: past what hears of each once

    assert await spent(stage) == before
    again = stage.remote.calls[requests:]
    assert again == [] or all("sent already" in str(call.payload) for call in again), "a form is sent once"


async def test_an_agreement_that_is_told_again_after_it_failed_agrees_to_nothing(stage: Stage):
    provider = stage.house.world.provider
    for model in provider.lists["models"]:
        model["pricing"] = {"prompt": "0.00001", "completion": "0.00001"}
    upload = stage.house.world.attach(pdf_bytes(*["a"] * 9), "a.pdf")
    file = attachment(8, upload.size_bytes, upload.url, "a.pdf")
    await stage.act(slash("ask", {"question": "Sum it up.", "file": "8"}, (file,)))
    provider.script.append(lambda _: httpx.Response(400, json={"error": {"code": 400, "message": "no"}}))
    payload = press("v2:anyway:1:low:usual:0", interaction_id=now())
    await stage.act(payload)
    before, requests = await spent(stage), len(stage.remote.calls)

    await stage.act(payload)

    assert (await spent(stage), len(stage.remote.calls)) == (before, requests)
    assert before[0] == 1
    assert await stage.house.database.read("SELECT 1 FROM turn WHERE awaiting = 1") == []


def test_as_many_are_remembered_as_there_is_room_for():
    happened: list[str] = []
    hear = once(lambda data: happened.append(data["id"]), most=2)

    for name in ("1", "2", "2", "1", "3", "2", "1"):
        hear({"id": name, "type": 2})

    assert happened == ["1", "2", "3", "1"]


def test_suggestions_take_no_room():
    happened: list[int] = []
    hear = once(lambda data: happened.append(data["type"]), most=1)
    wished = completing("imagine", {"model": "a"}, "model")

    for payload in (press("v1:again:1", interaction_id=1), wished, wished, press("v1:again:1")):
        hear(payload)

    assert happened == [3, 4, 4]
