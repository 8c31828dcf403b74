"""A moderation model of the operator's that looks at words before they are taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from bot.errors import ModelUnavailable, WordsBlocked
from bot.model.moderation import ModerationFailed
from bot.storage.audit import AuditLine
from bot.texts import tr

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.domain.access import Asked
    from bot.domain.requests import Requester
    from bot.model.moderation import ModerationModel
    from bot.storage.audit import Audit

log = structlog.get_logger(__name__)
MOST_NAMED = 200
"""Characters of the categories in the audit; the words themselves are never in it."""


class Moderation:
    """Turns away what a moderation model flags; one of the checks of the door.

    `alert` tells the operator that the model gives no verdict. Then requests pass, unless `fails_open` is
    False: then they are refused until it does.
    """

    def __init__(
        self,
        model: ModerationModel | None,
        audit: Audit,
        *,
        fails_open: bool,
        alert: Callable[[str], None],
        clock: Callable[[], datetime],
    ) -> None:
        self._model = model
        self._audit = audit
        self._fails_open = fails_open
        self._alert = alert
        self._clock = clock

    async def __call__(self, who: Requester, asked: Asked) -> None:
        """Raise WordsBlocked for what is flagged, ModelUnavailable where there has to be a verdict."""
        texts = tuple(text for text in asked.texts if text.strip())
        if self._model is None or not texts:
            return
        try:
            categories = await self._model.flagged(texts)
        except ModerationFailed as error:
            self._without(error)
            return
        if categories is not None:
            await self._refuse(who, asked, categories)

    def _without(self, error: ModerationFailed) -> None:
        """Go on without a verdict, or raise ModelUnavailable."""
        log.warning("no verdict of the moderation model", reason=str(error))
        self._alert(
            f"The moderation model gives no verdict ({error}): look at MODERATION_URL, MODERATION_KEY and "
            f"MODERATION_MODEL. Meanwhile requests {'pass unchecked' if self._fails_open else 'are refused'}."
        )
        if not self._fails_open:
            raise ModelUnavailable(
                tr("This could not be checked just now. Nothing was charged; try again in a moment.")
            )

    async def _refuse(self, who: Requester, asked: Asked, categories: tuple[str, ...]) -> None:
        named = ", ".join(categories)[:MOST_NAMED]
        detail = {"entry": named, "place": asked.family.value, "whose": "moderation model"}
        line = AuditLine(who.guild_id or 0, 0, "safety.blocked", str(who.user_id), detail, self._clock())
        await self._audit.add(line)
        raise WordsBlocked(
            tr("There are words in this that are not allowed here. Nothing was charged; try other words.")
        )
