"""Forgets what people say who do not want it to be kept, as soon as it is answered."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.domain.conversation import Turn
    from bot.services.sweeper import Sweeper
    from bot.storage.choices import PrivacyChoices

PATIENCE = timedelta(minutes=30)
"""How long a question waits whose price its asker has to agree to."""
BATCH = 100


class Discretion:
    """Keeps nothing of what it is told not to keep."""

    def __init__(self, choices: PrivacyChoices, sweeper: Sweeper, clock: Callable[[], datetime]) -> None:
        self._choices = choices
        self._sweeper = sweeper
        self._clock = clock

    async def after(self, turn: Turn) -> None:
        """Forget a question and its answer, now that it was given, where its asker wants that."""
        if turn.user_id is None or (await self._choices.of(turn.user_id)).keeps_talk:
            return
        await self._choices.forget_exchange(turn.id, turn.user_id)
        await self._sweeper.sweep_soon()

    async def catch_up(self) -> None:
        """Forget what was not: after a power cut, and questions whose price nobody agreed to."""
        moment = self._clock() - PATIENCE
        for user_id in await self._choices.discreet():
            while await self._choices.forget_said(user_id, moment, BATCH) == BATCH:
                pass
        await self._sweeper.sweep()
