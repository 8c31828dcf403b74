from __future__ import annotations

import base64
import io
from typing import Any

import httpx
import pytest
from PIL import Image

from sandbox.model.app import create_app
from sandbox.model.loopback import LoopbackModel
from sandbox.model.seals import seal


async def ask(body: Any, key: str = "sk-or-key") -> httpx.Response:
    transport = httpx.ASGITransport(app=create_app(LoopbackModel()))
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as http:
        return await http.post("/api/v1/moderations", json=body, headers={"Authorization": f"Bearer {key}"})


def drawn(*words: str, media_type: str = "jpeg") -> str:
    file = io.BytesIO()
    seal(Image.new("RGB", (80, 60), "navy"), words).save(file, media_type)
    return f"data:image/{media_type};base64,{base64.b64encode(file.getvalue()).decode()}"


def picture(url: str) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url}}


@pytest.mark.parametrize(
    ("words", "flagged", "least"),
    [((), False, 0.0), (("duel",), False, 0.5), (("gladiator",), True, 0.9)],
    ids=["harmless", "delicate", "flagged"],
)
async def test_a_picture_gets_a_verdict_by_its_seal(words: tuple[str, ...], flagged: bool, least: float):
    reply = await ask({"input": [picture(drawn(*words))]})

    (verdict,) = reply.json()["results"]
    assert verdict["flagged"] is verdict["categories"]["violence"] is flagged
    assert verdict["category_scores"]["violence"] >= least
    assert verdict["category_applied_input_types"]["violence"] == ["image"]


async def test_two_pictures_are_too_many_as_openai_says_it():
    reply = await ask({"input": [picture(drawn())] * 2})

    assert reply.json()["error"]["code"] == "too_many_images"
    assert reply.json()["error"]["message"] == "Number of images (2) exceeds maximum of 1"


async def test_each_text_gets_a_verdict():
    reply = await ask({"model": "omni-moderation-latest", "input": ["a fox", "a Molotov"]})

    assert [one["flagged"] for one in reply.json()["results"]] == [False, True]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ([], 400),
        ({}, 400),
        ({"input": []}, 400),
        ({"input": [""]}, 400),
        ({"input": [3]}, 400),
        ({"input": {"type": "text"}}, 400),
        ({"input": "a", "user": "1"}, 400),
        ({"input": "a", "model": "gpt-4o"}, 404),
        ({"input": "vesuvius"}, 503),
        ({"input": ["a", {"type": "text", "text": "a"}]}, 400),
        ({"input": [{"type": "text", "text": ""}]}, 400),
        ({"input": [{"type": "image_url", "image_url": "data:"}]}, 400),
        ({"input": [picture("https://cdn.example/cat.png")]}, 400),
        ({"input": [picture("data:image/png;base64,AAAA")]}, 400),
        ({"input": [picture("data:image/bmp;base64,AAAA")]}, 400),
        ({"input": [picture(drawn()) | {"detail": "low"}]}, 400),
        ({"input": [picture(drawn())] * 2}, 400),
    ],
)
async def test_other_shapes_are_refused(body: Any, status: int):
    assert (await ask(body)).status_code == status


async def test_a_key_is_needed():
    assert (await ask({"input": "a"}, "other")).status_code == 401
