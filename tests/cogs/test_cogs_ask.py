"""A question that is dear is asked about first, and goes on at its asker's word alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from documents_kit import pdf_bytes
from people_kit import attachment, press, slash
from provider_kit import words
from world_kit import ANN, BOB

from bot.domain.quotas import Meter

if TYPE_CHECKING:
    from cogs_kit import Stage
    from world_kit import World


@pytest.fixture(autouse=True)
def limits(world: World):
    world.caps.person = {Meter.MESSAGES_PER_DAY: 100, Meter.USD_PER_DAY: 10_000_000}
    for model in world.provider.lists["models"]:
        model["pricing"] = {"prompt": "0.00001", "completion": "0.00001"}


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

    answered = await stage.act(press(button["custom_id"], interaction_id=3))
    said = answered[-1].payload.get("data", answered[-1].payload)["content"]
    assert said.startswith(f"-# <@{ANN}> asks:\n> Sum it up.\nGood evening.")
    body = stage.house.world.provider.bodies[0]
    assert body["reasoning"]["effort"] == "high"
    assert await stage.house.used(Meter.MESSAGES_PER_DAY) == 1

    assert "is answered" in await stage.said(press(button["custom_id"], interaction_id=4))
    assert len(stage.house.world.provider.bodies) == 1


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

    await stage.act(press(button, interaction_id=5, user_id=BOB))
    assert len(stage.house.world.provider.bodies) == 2


SCHEMA = b'{"type": "object", "properties": {"total": {"type": "number"}}}'


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
    said = answered[-1].payload.get("data", answered[-1].payload)["content"]
    assert said.startswith("**a.pdf**\n```\ntotal  12.5\n```")
    assert await stage.house.used(Meter.MESSAGES_PER_DAY) == 1

    assert "has been sent already" in await stage.said(press(button["custom_id"], interaction_id=4))
    assert len(stage.house.world.provider.bodies) == 1
