"""The provider's own books: what each call cost and what became of it; tests hold the ledger against them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sandbox.model.asks import Ask, Transport
    from sandbox.model.refusals import Json

OPENAI_TOKENS = {
    "low": {"square": 272, "portrait": 408, "landscape": 400},
    "medium": {"square": 1056, "portrait": 1584, "landscape": 1568},
    "high": {"square": 4160, "portrait": 6240, "landscape": 6208},
}
"""Output tokens of a picture by quality and shape (OpenAI's price table)."""
GEMINI_TOKENS = 1120
TOKENS_PER_MEGAPIXEL = 4096
AUTO_QUALITY = "medium"
NANO = Decimal("0.000000001")


@dataclass(frozen=True, slots=True)
class Usage:
    """What a call used and what it cost, in dollars."""

    prompt_tokens: int = 0
    text_tokens: int = 0
    image_tokens: int = 0
    reasoning_tokens: int = 0
    prompt_usd: Decimal = Decimal(0)
    completion_usd: Decimal = Decimal(0)

    @property
    def cost_usd(self) -> Decimal:
        """Return the whole price, to the nano-dollar."""
        return (self.prompt_usd + self.completion_usd).quantize(NANO)

    @property
    def cost_microusd(self) -> int:
        """Return the price as a ledger keeps it, halves rounded up."""
        return int((self.cost_usd * 1_000_000).to_integral_value(ROUND_HALF_UP))

    @property
    def completion_tokens(self) -> int:
        """Return every output token: words, reasoning and picture."""
        return self.text_tokens + self.image_tokens + self.reasoning_tokens

    def wire(self) -> Json:
        """Return the `usage` object of an answer."""
        return {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "total_tokens": self.prompt_tokens + self.completion_tokens,
            "cost": float(self.cost_usd),
            "is_byok": False,
            "prompt_tokens_details": {
                "cached_tokens": 0,
                "cache_write_tokens": 0,
                "audio_tokens": 0,
                "video_tokens": 0,
            },
            "cost_details": {
                "upstream_inference_cost": float(self.cost_usd),
                "upstream_inference_prompt_cost": float(self.prompt_usd),
                "upstream_inference_completions_cost": float(self.completion_usd),
            },
            "completion_tokens_details": {
                "reasoning_tokens": self.reasoning_tokens,
                "image_tokens": self.image_tokens,
                "audio_tokens": 0,
            },
        }


NOTHING = Usage()


def usage_of(ask: Ask, *, pictures: int, words: str = "", reasoning_tokens: int = 0) -> Usage:
    """Return what an answer with so many pictures and these words used and costs."""
    model = ask.model
    text_tokens = -(-len(words.encode()) // 4)
    references = _line(ask, "input_reference") * len(ask.references)
    return Usage(
        prompt_tokens=ask.prompt_tokens,
        text_tokens=text_tokens,
        image_tokens=picture_tokens(ask) * pictures,
        reasoning_tokens=reasoning_tokens,
        prompt_usd=(model.prompt_usd * ask.prompt_tokens + references).quantize(NANO),
        completion_usd=(
            model.completion_usd * (text_tokens + reasoning_tokens) + picture_usd(ask) * pictures
        ).quantize(NANO),
    )


def picture_tokens(ask: Ask) -> int:
    """Return the output tokens of one picture."""
    width, height = ask.size
    if ask.model.provider == "Google":
        return GEMINI_TOKENS
    if ask.model.provider != "OpenAI":
        return TOKENS_PER_MEGAPIXEL * width * height // (1024 * 1024)
    shape = "square" if width == height else ("landscape" if width > height else "portrait")
    quality = AUTO_QUALITY if ask.quality == "auto" else ask.quality
    return OPENAI_TOKENS.get(quality, OPENAI_TOKENS["high"])[shape]


def picture_usd(ask: Ask) -> Decimal:
    """Return the price of one picture by the model's price lines."""
    quality = AUTO_QUALITY if ask.quality == "auto" else ask.quality
    lines = [line for line in ask.model.image_prices if line["billable"] == "output_image"]
    line = next((line for line in lines if line.get("variant", quality) == quality), None)
    if line is None:
        return Decimal(0)
    width, height = ask.size
    amounts = {"token": Decimal(picture_tokens(ask)), "megapixel": Decimal(width * height) / (1024 * 1024)}
    return Decimal(str(line["cost_usd"])) * amounts.get(line["unit"], Decimal(1))


def _line(ask: Ask, billable: str) -> Decimal:
    """Return the price of a price line, nothing where there is none."""
    return sum(
        (Decimal(str(line["cost_usd"])) for line in ask.model.image_prices if line["billable"] == billable),
        Decimal(0),
    )


@dataclass(frozen=True, slots=True)
class RecordedCall:
    """One paid request as the provider saw it."""

    id: str
    at: datetime
    transport: Transport
    key: str
    body: Json
    """The parsed request, whole."""
    model: str | None = None
    prompt: str = ""
    references: tuple[bytes, ...] = ()
    status: int | None = None
    """The HTTP status of the answer; None while the call runs, or where none was sent."""
    outcome: str = "running"
    """`running`, `drawn`, `answered`, `refused`, `dropped` (the client hung up), or the name of a fault."""
    pictures: int = 0
    usage: Usage = NOTHING
    finished_at: datetime | None = None

    @property
    def cost_microusd(self) -> int:
        """Return what was charged, in micro-dollars."""
        return self.usage.cost_microusd


class Books:
    """Every call, in the order of arrival, and the account's credit."""

    def __init__(self, clock: Callable[[], datetime], credits_usd: Decimal) -> None:
        self._clock = clock
        self._calls: dict[str, RecordedCall] = {}
        self._made = Counter[str]()
        self.credits_usd = credits_usd

    @property
    def calls(self) -> list[RecordedCall]:
        """Return the calls so far, the first one first."""
        return list(self._calls.values())

    @property
    def spent_usd(self) -> Decimal:
        """Return what all calls cost together, in dollars."""
        return sum((call.usage.cost_usd for call in self._calls.values()), Decimal(0))

    @property
    def left_usd(self) -> Decimal:
        """Return the credit that is left, in dollars."""
        return self.credits_usd - self.spent_usd

    def find(self, call_id: str) -> RecordedCall | None:
        """Return a call by its generation id."""
        return self._calls.get(call_id)

    def open(self, transport: Transport, key: str, body: Json) -> str:
        """Record that a call came in; return its generation id."""
        at = self._clock()
        self._made[transport] += 1
        prefix = "gen-img" if transport == "images" else "gen"
        call_id = f"{prefix}-{int(at.timestamp())}-{transport}{self._made[transport]:06d}"
        self._calls[call_id] = RecordedCall(call_id, at, transport, key, body)
        return call_id

    def accept(self, call_id: str, ask: Ask) -> None:
        """Record what the call asks for."""
        pictures = tuple(reference.data for reference in ask.references)
        call = self._calls[call_id]
        self._calls[call_id] = replace(call, model=ask.model.id, prompt=ask.prompt, references=pictures)

    def close(
        self, call_id: str, outcome: str, *, status: int | None, pictures: int = 0, usage: Usage = NOTHING
    ) -> None:
        """Record how the call ended and what it cost."""
        self._calls[call_id] = replace(
            self._calls[call_id],
            outcome=outcome,
            status=status,
            pictures=pictures,
            usage=usage,
            finished_at=self._clock(),
        )
