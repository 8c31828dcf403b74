"""A moderation model that speaks OpenAI's API: `POST /moderations`."""

from __future__ import annotations

import asyncio
import base64
import time
from decimal import Decimal
from typing import TYPE_CHECKING

import httpx
import structlog

from bot.domain.moderation import Leniency, Verdict
from bot.model.circuit import Circuit, CircuitState
from bot.model.failures import Signal
from bot.model.shapes import items, parse_or_none, record

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.domain.calls import PictureBytes
    from bot.model.backend import Backend

log = structlog.get_logger(__name__)
TIMEOUT_S = 5.0
"""For a whole call about words: somebody waits for it before anything is drawn."""
PICTURE_TIMEOUT_S = 10.0
"""For a whole call about a picture, which has to be sent first."""
AT_ONCE = 4
"""Pictures that are asked about at the same time; a free account of OpenAI's has 250 requests a minute."""
MAX_BYTES = 1024**2
SIGNALS = {
    401: Signal.ACCOUNT,
    402: Signal.ACCOUNT,
    403: Signal.ACCOUNT,
    408: Signal.DOWN,
    429: Signal.STRAINED,
}
"""What a status says of the server; every other one below 500 is about what was asked."""


class ModerationFailed(Exception):
    """No verdict came; says why in one word or a status, and never what was asked."""

    def __init__(self, why: str, signal: Signal = Signal.DOWN) -> None:
        super().__init__(why)
        self.signal = signal


class ModerationModel:
    """Tells what of words and pictures a model flags.

    While the server is down it is not asked: after five failures within a minute for half a minute, and for
    longer as long as it stays down (`Circuit`); one request then finds out whether it is back.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        backend: Backend,
        model_id: str,
        leniency: Leniency | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._http = http
        self._backend = backend
        self.model_id = model_id
        self._leniency = leniency or Leniency()
        self._clock = clock
        self._circuit = Circuit()
        self._pictures = asyncio.Semaphore(AT_ONCE)

    @property
    def judge(self) -> str:
        """Return what its verdicts follow from: the model, and what the operator does not want refused."""
        let_in = ",".join(sorted(self._leniency.categories))
        return f"{self.model_id} {self._leniency.least_score} {let_in}".strip()

    @property
    def state(self) -> CircuitState:
        """Return whether the server is asked at present."""
        return self._circuit.state(self._clock())

    async def words(self, texts: Sequence[str]) -> Verdict:
        """Return what holds for texts together, or raise ModerationFailed."""
        return await self._judged(list(texts), len(texts), TIMEOUT_S)

    async def picture(self, picture: PictureBytes) -> Verdict:
        """Return what holds for a picture, or raise ModerationFailed. The model takes one at a time."""
        async with self._pictures:
            encoded = base64.b64encode(picture.data).decode()
            url = f"data:{picture.media_type};base64,{encoded}"
            return await self._judged(
                [{"type": "image_url", "image_url": {"url": url}}], 1, PICTURE_TIMEOUT_S
            )

    async def _judged(self, given: Sequence[object], count: int, timeout_s: float) -> Verdict:
        """Ask where the circuit lets through, and tell it how that went."""
        if self._circuit.refusal(self._clock()) is not None:
            raise ModerationFailed("not asked", Signal.UNKNOWN)
        shown, signal = self._circuit.admit(self._clock()), Signal.UNKNOWN
        try:
            verdict = self._verdict(parse_or_none(await self._asked(given, timeout_s)), count)
            signal = Signal.FINE
        except ModerationFailed as error:
            signal = error.signal
            raise
        finally:
            if self._circuit.report(shown, signal, self._clock()):
                log.warning("moderation model left alone", signal=signal.value)
        return verdict

    async def _asked(self, given: Sequence[object], timeout_s: float) -> bytes:
        try:
            async with asyncio.timeout(timeout_s):
                return await self._send({"model": self.model_id, "input": given}, timeout_s)
        except (httpx.RequestError, TimeoutError) as error:
            raise ModerationFailed(type(error).__name__) from None

    async def _send(self, asked: dict[str, object], timeout_s: float) -> bytes:
        headers, body = self._backend.headers(), bytearray()
        async with self._http.stream(
            "POST", self._backend.url("/moderations"), json=asked, headers=headers, timeout=timeout_s
        ) as response:
            if not response.is_success:
                raise ModerationFailed(str(response.status_code), _signal(response.status_code))
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > MAX_BYTES:
                    raise ModerationFailed("too long")
        return bytes(body)

    def _verdict(self, reply: object, count: int) -> Verdict:
        """Read a reply with so many verdicts; raise ModerationFailed where it is none."""
        results = [record(one) for one in items(record(reply).get("results"))]
        if len(results) != count or not all(isinstance(one.get("flagged"), bool) for one in results):
            raise ModerationFailed("no verdict")
        return Verdict.of_all(
            self._leniency.judge(
                is_flagged=one["flagged"] is True,
                categories={name: it is True for name, it in record(one.get("categories")).items()},
                scores={
                    name: float(it)
                    for name, it in record(one.get("category_scores")).items()
                    if isinstance(it, int | float | Decimal)
                },
            )
            for one in results
        )


def _signal(status: int) -> Signal:
    return SIGNALS.get(status, Signal.DOWN if status >= 500 or status < 400 else Signal.FINE)
