"""A made-up provider: what it lists, draws and refuses."""

from __future__ import annotations

import asyncio
import base64
import io
import itertools
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Sequence


NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
MINI, FLUX, GEMINI = (
    "openai/gpt-5-image-mini",
    "black-forest-labs/flux.2-pro",
    "google/gemini-3.1-flash-image",
)
TALKER, SECOND_TALKER = "openai/gpt-4o-mini", "openai/gpt-6-luna"
PRICE = 0.01
"""What the made-up provider asks for a picture, in dollars."""
PRICE_MICROUSD = 10_000
WORDS_PRICE = 0.0004
"""What the made-up provider asks for an answer, in dollars."""
WORDS_MICROUSD = 400


def picture_bytes(
    colour: tuple[int, ...] = (200, 60, 40), size: tuple[int, int] = (16, 24), kind: str = "PNG"
) -> bytes:
    """Return a real picture."""
    file = io.BytesIO()
    Image.new("RGB", size, colour[:3]).save(file, kind)
    return file.getvalue()


def noise(size: tuple[int, int] = (512, 512), start: int = 0) -> bytes:
    """Return a PNG that does not compress: about three bytes a pixel."""
    import random

    file = io.BytesIO()
    data = random.Random(start).randbytes(3 * size[0] * size[1])  # noqa: S311 - a pattern, not a secret
    Image.frombytes("RGB", size, data).save(file, "PNG")
    return file.getvalue()


def _enum(*values: str) -> dict[str, Any]:
    return {"type": "enum", "values": list(values)}


def _entry(model_id: str, inputs: Sequence[str], outputs: Sequence[str], **more: Any) -> dict[str, Any]:
    return {
        "id": model_id,
        "name": model_id.partition("/")[2],
        "architecture": {"input_modalities": list(inputs), "output_modalities": list(outputs)},
        **more,
    }


def _talker(model_id: str) -> dict[str, Any]:
    return _entry(
        model_id,
        ("text", "image", "file"),
        ("text",),
        supported_parameters=["temperature", "tools", "tool_choice", "structured_outputs", "reasoning"],
        pricing={"prompt": "0.00000015", "completion": "0.0000006"},
        context_length=128_000,
    )


def pages() -> dict[str, Any]:
    """Return the provider's lists: one model by pictures, one by seed, one through chat alone."""
    both = ("text", "image")
    mini = {
        "n": {"type": "range", "min": 1, "max": 4},
        "aspect_ratio": _enum("1:1", "3:2", "2:3"),
        "quality": _enum("auto", "low", "medium", "high"),
        "background": _enum("transparent", "opaque"),
        "output_format": _enum("png", "webp"),
        "input_references": {"type": "range", "min": 0, "max": 4},
    }
    flux = {
        "aspect_ratio": _enum("1:1", "16:9"),
        "seed": {"type": "boolean"},
        "input_references": {"type": "range", "min": 0, "max": 2},
    }
    price = {"billable": "output_image", "unit": "image", "cost_usd": "0.02"}
    return {
        "models": [
            _entry(
                GEMINI,
                both,
                both,
                supported_parameters=["seed", "temperature"],
                pricing={"prompt": "0.0000003", "completion": "0.0000025", "image_output": "0.00003"},
                expiration_date="2027-01-10",
            ),
            *map(_talker, (TALKER, SECOND_TALKER)),
        ],
        "images": [
            _entry(MINI, both, ("image",), supported_parameters=mini),
            _entry(FLUX, both, ("image",), supported_parameters=flux),
        ],
        "endpoints": {name: {"endpoints": [{"pricing": [price]}]} for name in (MINI, FLUX)},
        "read_at": NOW.isoformat(),
    }


Answer = Callable[[httpx.Request], Awaitable[httpx.Response] | httpx.Response]


@dataclass
class Provider:
    """The model's API. It draws what is asked for, unless the script has another answer first."""

    script: list[Answer] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    generations: dict[str, float] = field(default_factory=dict)
    lookups: list[str] = field(default_factory=list)
    lookup: Answer | None = None
    lists: dict[str, Any] = field(default_factory=pages)
    gates: list[asyncio.Event] = field(default_factory=list)
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    pictures: itertools.count[int] = field(default_factory=itertools.count)

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/generation"):
            return await self._generation(request)
        self.bodies.append(json.loads(await request.aread()))
        self.reached.set()
        if self.script:
            answer = self.script.pop(0)(request)
            return answer if isinstance(answer, httpx.Response) else await answer
        return self.draw(request)

    async def _generation(self, request: httpx.Request) -> httpx.Response:
        asked = request.url.params["id"]
        self.lookups.append(asked)
        if self.lookup is not None:
            answer = self.lookup(request)
            return answer if isinstance(answer, httpx.Response) else await answer
        if asked not in self.generations:
            return httpx.Response(404, json={"error": {"message": "not found", "code": 404}})
        return httpx.Response(200, json={"data": {"id": asked, "total_cost": self.generations[asked]}})

    def draw(self, request: httpx.Request, count: int | None = None) -> httpx.Response:
        """Answer as the provider does, with so many pictures."""
        body = json.loads(request.content)
        if body["model"] in {TALKER, SECOND_TALKER}:
            return words("Good evening.", streams=body.get("stream", False))
        many = count if count is not None else body.get("n", 1)
        if request.url.path.endswith("/images"):
            return images(*(self.fresh() for _ in range(many)), cost=PRICE * many)
        return chat(*(self.fresh() for _ in range(many)), cost=PRICE * many)

    def fresh(self) -> bytes:
        """Return a picture that was not drawn before."""
        n = next(self.pictures)
        return picture_bytes((n % 256, n // 256 % 256, 90))


def images(
    *drawn: bytes, cost: float | None = PRICE, headers: dict[str, str] | None = None
) -> httpx.Response:
    """Return a reply of the pictures endpoint."""
    data = [{"b64_json": base64.b64encode(one).decode(), "media_type": "image/png"} for one in drawn]
    return httpx.Response(
        200,
        headers=headers,
        json={"created": 0, "data": data, "usage": {"completion_tokens": 9, "cost": cost}},
    )


def chat(*drawn: bytes, cost: float | None = PRICE, **message: Any) -> httpx.Response:
    """Return a reply of the chat endpoint."""
    urls = [f"data:image/png;base64,{base64.b64encode(one).decode()}" for one in drawn]
    said = {
        "role": "assistant",
        "content": "Here it is.",
        "images": [{"type": "image_url", "image_url": {"url": url}} for url in urls],
        **message,
    }
    usage = {"completion_tokens": 1290, "cost": cost}
    choice = {"index": 0, "finish_reason": "stop", "message": said}
    return httpx.Response(200, json={"id": "gen-1", "model": GEMINI, "choices": [choice], "usage": usage})


def words(
    *said: str,
    cost: float | None = WORDS_PRICE,
    streams: bool = False,
    finish: str = "stop",
    headers: dict[str, str] | None = None,
    **message: Any,
) -> httpx.Response:
    """Return an answer in words, whole or as a stream of its pieces."""
    usage = {"prompt_tokens": 20, "completion_tokens": 5, "cost": cost}
    about = {"id": "gen-w", "model": TALKER}
    if not streams:
        choice = {
            "index": 0,
            "finish_reason": finish,
            "message": {"role": "assistant", "content": "".join(said) or None, **message},
        }
        return httpx.Response(200, headers=headers, json={**about, "choices": [choice], "usage": usage})
    pieces = [{"index": 0, "delta": {"content": piece}, "finish_reason": None} for piece in said]
    last = {"index": 0, "delta": {"content": "", **message}, "finish_reason": finish}
    events: list[dict[str, Any]] = [{**about, "choices": [choice]} for choice in (*pieces, last)]
    events.append({**about, "choices": [], "usage": usage})
    text = "".join(f"data: {json.dumps(event)}\n\n" for event in events) + "data: [DONE]\n\n"
    return httpx.Response(200, headers={"content-type": "text/event-stream", **(headers or {})}, text=text)


def refusal(message: str = "Rejected by the safety system.") -> httpx.Response:
    """Return the provider's way to say no."""
    return httpx.Response(
        403,
        json={
            "error": {
                "code": 403,
                "message": message,
                "error_type": "content_policy_violation",
                "metadata": {"error_type": "content_policy_violation", "reasons": ["violence"]},
            }
        },
    )


def trouble(status: int, message: str = "trouble", **headers: str) -> httpx.Response:
    """Return an error of the provider."""
    return httpx.Response(status, headers=headers, json={"error": {"code": status, "message": message}})


def breaks(_request: httpx.Request) -> httpx.Response:
    """Break the connection after sending."""
    raise httpx.ReadError("reset by peer")


def loses(request: httpx.Request) -> httpx.Response:
    """Send the id of a generation, then break while the answer comes."""

    async def body():
        yield b'{"data": [{"b64_json": "'
        raise httpx.ReadError("reset by peer", request=request)

    return httpx.Response(200, headers={"X-Generation-Id": "gen-9"}, content=body())


async def hangs(_request: httpx.Request) -> httpx.Response:
    """Never answer."""
    await asyncio.Event().wait()
    raise AssertionError
