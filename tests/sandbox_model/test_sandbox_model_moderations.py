from __future__ import annotations

from typing import Any

import httpx
import pytest

from sandbox.model.app import create_app
from sandbox.model.loopback import LoopbackModel


async def ask(body: Any, key: str = "sk-or-key") -> httpx.Response:
    transport = httpx.ASGITransport(app=create_app(LoopbackModel()))
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as http:
        return await http.post("/api/v1/moderations", json=body, headers={"Authorization": f"Bearer {key}"})


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
    ],
)
async def test_other_shapes_are_refused(body: Any, status: int):
    assert (await ask(body)).status_code == status


async def test_a_key_is_needed():
    assert (await ask({"input": "a"}, "other")).status_code == 401
