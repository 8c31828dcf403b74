"""The provider of the simulation: it draws, fails, and keeps a record of what it bills."""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
from provider_kit import chat, images, picture_bytes, trouble

if TYPE_CHECKING:
    import random

    from sim_storage import Life

FAULTS = ("bad gateway", "busy", "reset", "timeout", "error in 200", "damaged")
"""Each strikes one request in twenty."""
PROVIDER = "https://openrouter.ai/api/v1"
SHARE = 0.05
PRICES = (10_000, 11_111, 9_973)
"""What a picture costs in micro-dollars: not always the same, so that a mix-up shows."""


@dataclass
class Asked:
    """A request as the provider remembers it."""

    number: int
    job_id: int
    transport: str
    fault: str | None
    billed_microusd: int = 0
    billed_at_s: float | None = None
    """When the answer left, whole."""
    generation_id: str | None = None


@dataclass
class Model:
    """OpenRouter's API. A dropped connection is billed on chat, and not on /images (image-generation.mdx)."""

    rng: random.Random
    asked: list[Asked] = field(default_factory=list[Asked])
    faults: Counter[str] = field(default_factory=Counter[str])

    def serve(self, life: Life) -> httpx.MockTransport:
        """Return the way to the provider for one process."""

        async def handle(request: httpx.Request) -> httpx.Response:
            assert str(request.url).startswith(PROVIDER), request.url
            life.check(RuntimeError)
            if request.url.path.endswith("/generation"):
                return await self._generation(request.url.params["id"])
            if request.url.path.endswith("/key"):
                spent = sum(one.billed_microusd for one in self.asked) / 1_000_000
                return httpx.Response(200, json={"data": {"label": "key", "usage": spent}})
            return await self._draw(request)

        return httpx.MockTransport(handle)

    async def _generation(self, wanted: str) -> httpx.Response:
        await asyncio.sleep(self.rng.uniform(0.05, 0.3))
        for one in self.asked:
            if one.generation_id == wanted:
                cost = one.billed_microusd / 1_000_000
                return httpx.Response(200, json={"data": {"id": wanted, "total_cost": cost}})
        return trouble(404)

    async def _draw(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(await request.aread())
        found = re.search(r"job (\d+)", json.dumps(body))
        assert found
        transport = "images" if request.url.path.endswith("/images") else "chat"
        fault = self._fault()
        asked = Asked(len(self.asked) + 1, int(found[1]), transport, fault)
        self.asked.append(asked)
        many = body.get("n", 1)
        cost = self.rng.choice(PRICES) * many
        try:
            return await self._answer(asked, many, cost)
        except (asyncio.CancelledError, httpx.RequestError):
            if transport == "chat":
                asked.billed_microusd = cost
            raise

    def _fault(self) -> str | None:
        n = int(self.rng.random() / SHARE)
        if n >= len(FAULTS):
            return None
        self.faults[FAULTS[n]] += 1
        return FAULTS[n]

    async def _answer(self, asked: Asked, many: int, cost: int) -> httpx.Response:
        rng = self.rng
        if asked.fault == "bad gateway":
            await asyncio.sleep(rng.uniform(0.1, 2))
            return trouble(502)
        if asked.fault == "busy":
            await asyncio.sleep(rng.uniform(0.05, 0.2))
            return trouble(429, **{"Retry-After": str(rng.randrange(5))})
        if asked.fault == "timeout":
            await asyncio.sleep(180)
            raise httpx.ReadTimeout("nothing came")
        await asyncio.sleep(rng.uniform(3, 12))
        if asked.fault == "reset":
            raise httpx.ReadError("reset by peer")
        if asked.fault == "error in 200":
            return httpx.Response(200, json={"error": {"code": 502, "message": "provider error"}})
        asked.generation_id = f"gen-{asked.number}"
        asked.billed_microusd, asked.billed_at_s = cost, asyncio.get_running_loop().time()
        return self._drawn(asked, many, cost)

    def _drawn(self, asked: Asked, many: int, cost: int) -> httpx.Response:
        drawn = [self._picture(damaged=asked.fault == "damaged") for _ in range(many)]
        make: Any = images if asked.transport == "images" else chat
        response: httpx.Response = make(*drawn, cost=cost / 1_000_000)
        response.headers["X-Generation-Id"] = asked.generation_id or ""
        return response

    def _picture(self, *, damaged: bool) -> bytes:
        whole = picture_bytes(tuple(self.rng.randrange(256) for _ in range(3)))
        return whole[: len(whole) // 2] if damaged else whole
