"""A moderation model for tests: it judges the pictures and the words that it is really sent."""

from __future__ import annotations

import base64
import io
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
from PIL import Image
from provider_kit import images, picture_bytes

from bot.model.backend import Backend
from bot.model.moderation import ModerationModel
from bot.services.apart import Apart
from bot.services.door import Door
from bot.services.moderation import Policy

if TYPE_CHECKING:
    from house_kit import House
    from provider_kit import Answer

BAD, NEARLY = (255, 0, 0), (255, 0, 255)
"""Colours of pictures that are flagged, and of those that nearly are."""
GREEN, BLUE = (0, 120, 40), (0, 40, 120)
"""Colours that are harmless."""
NEAR = 40


@dataclass
class Judge:
    """Flags the word "molotov", and pictures by their colour; `is_down` answers 503."""

    is_down: bool = False
    always: float | None = None
    """What every picture scores, whatever it shows; flagged from 0.9 on."""
    blind_to: tuple[int, int, int] | None = None
    """The colour of pictures that it fails at."""
    sizes: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    """Of the pictures that it was sent."""
    asked: int = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        if self.is_down:
            return httpx.Response(503)
        given = json.loads(request.content)["input"]
        if isinstance(given[0], str):
            return self._reply(*(0.95 if "molotov" in text else 0.0 for text in given))
        (part,) = given
        score = self._score(part["image_url"]["url"])
        return httpx.Response(400) if score is None else self._reply(score)

    def _score(self, url: str) -> float | None:
        data = base64.b64decode(url.removeprefix("data:image/jpeg;base64,"), validate=True)
        with Image.open(io.BytesIO(data)) as image:
            self.sizes.append(image.size)
            pixel = image.convert("RGB").getpixel((0, 0))
        if self.always is not None:
            return self.always
        if self.blind_to is not None and _is_near(pixel, self.blind_to):
            return None
        if _is_near(pixel, BAD):
            return 0.95
        return 0.5 if _is_near(pixel, NEARLY) else 0.0

    def _reply(self, *scores: float) -> httpx.Response:
        results = [
            {
                "flagged": score >= 0.9,
                "categories": {"violence": score >= 0.9},
                "category_scores": {"violence": score},
            }
            for score in scores
        ]
        return httpx.Response(200, json={"results": results})


def _is_near(pixel: Any, colour: tuple[int, int, int]) -> bool:
    return all(abs(a - b) <= NEAR for a, b in zip(pixel, colour, strict=True))


def judged(house: House, **policy: bool) -> Judge:
    """Let a judge look at what comes into a house, and at what is made there."""
    judge, moderation = Judge(), house.moderation
    http = httpx.AsyncClient(transport=httpx.MockTransport(judge))
    moderation._model = ModerationModel(
        http, Backend("https://judge.example/v1", "key"), "omni", clock=house.world.clock.seconds
    )
    moderation._policy = Policy(**policy)
    apart = Apart(moderation.look, house.showings.views, house.pictures)
    house.studio._door = house.wordsmith._door = Door(apart)
    house.describer._looks_first = moderation.look
    return judge


def drawing(house: House, *calls: tuple[tuple[int, int, int], ...]) -> None:
    """Let the provider draw pictures of these colours, each call a cent and a bit for each of its own."""

    def answer(call: tuple[tuple[int, int, int], ...]) -> Answer:
        drawn = [picture_bytes(one, (16, 24 + n)) for n, one in enumerate(call)]
        return lambda _request: images(*drawn, cost=0.010001 * len(call))

    house.world.provider.script.extend(map(answer, calls))
