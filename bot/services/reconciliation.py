"""Compares what the provider counted with what the ledger says, once a day."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from bot.domain.money import show
from bot.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.model.client import OpenRouter
    from bot.storage.ledger import Ledger
    from bot.storage.meta import Meta
    from bot.telemetry.metrics import Metrics

log = structlog.get_logger(__name__)
KEY = "reconciliation"
EVERY = timedelta(days=1)
WORTH_A_WORD_MICROUSD = 10_000
"""A cent in a day; less may be a call that one side had counted and the other not yet."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two counts of the same spending, each from where it stood when they were first compared."""

    key: str
    """The provider's name for the key; another key is another count."""
    since: str
    compared_at: str
    provider_from_microusd: int
    ledger_from_microusd: int
    provider_microusd: int
    ledger_microusd: int

    @property
    def difference_microusd(self) -> int:
        """Return what the provider counted over what the ledger says; below zero the other way round."""
        provider = self.provider_microusd - self.provider_from_microusd
        return provider - (self.ledger_microusd - self.ledger_from_microusd)

    def __str__(self) -> str:
        """Return it as a sentence for the operator."""
        counted = f"since {self.since[:10]}, compared on {self.compared_at[:10]}"
        if self.difference_microusd == 0:
            return f"the provider's count and the ledger agree {counted}."
        over = "more" if self.difference_microusd > 0 else "less"
        return f"the provider counted {show(abs(self.difference_microusd))} {over} than the ledger {counted}."


class Reconciliation:
    """Keeps the comparison in the database, in the log and in the metrics."""

    def __init__(
        self,
        *,
        model: OpenRouter,
        ledger: Ledger,
        meta: Meta,
        metrics: Metrics,
        clock: Callable[[], datetime],
    ) -> None:
        self._model = model
        self._ledger = ledger
        self._meta = meta
        self._metrics = metrics
        self._clock = clock

    async def compare_daily(self) -> None:
        """Compare, unless that was done within the last day."""
        before = await last(self._meta)
        if before is not None:
            self._metrics.unexplained_microusd.set(before.difference_microusd)
            if self._clock() - datetime.fromisoformat(before.compared_at) < EVERY:
                return
        await self._compare(before)

    async def _compare(self, before: Comparison | None) -> None:
        booked = await self._ledger.booked()
        try:
            status = await self._model.key()
        except ModelError as error:
            log.warning("not reconciled", reason=error.kind)
            return
        now = self._clock().isoformat()
        used = status.used_microusd
        if before is None or before.key != status.label or used < before.provider_microusd:
            found = Comparison(status.label, now, now, used, booked, used, booked)
            before = found
        else:
            found = replace(before, compared_at=now, provider_microusd=used, ledger_microusd=booked)
        await self._meta.set(KEY, json.dumps(asdict(found)))
        self._metrics.unexplained_microusd.set(found.difference_microusd)
        moved = found.difference_microusd - before.difference_microusd
        say = log.warning if abs(moved) >= WORTH_A_WORD_MICROUSD else log.info
        say("reconciled", difference_microusd=found.difference_microusd, since_last_microusd=moved)


async def last(meta: Meta) -> Comparison | None:
    """Return what was compared last, or None where nothing was yet."""
    kept = await meta.get(KEY)
    return None if kept is None else Comparison(**json.loads(kept))
