"""How Easel answers in a channel: chosen by its moderators, checked, and applied to every answer there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.domain.chat_models import upper_cost_of_words
from bot.domain.manners import UNSET, ChannelManner, Offered
from bot.domain.words import WordsCall
from bot.errors import BadInput, UserFacingError
from bot.storage.audit import AuditLine
from bot.texts import mark, tr

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.domain.chat_models import ChatModel
    from bot.domain.conversation import Manner
    from bot.domain.requests import Requester
    from bot.services.wordsmith import Wordsmith
    from bot.storage.manners import Manners as Rows

NO_SUCH_MODEL = mark("That model is not offered here any more. Choose another, or let Easel choose.")


class Manners:
    """Keeps what was chosen for channels. Who may choose is checked by who asks."""

    def __init__(self, *, rows: Rows, wordsmith: Wordsmith, clock: Callable[[], datetime]) -> None:
        self._rows = rows
        self._wordsmith = wordsmith
        self._clock = clock

    async def of(self, channel_id: int) -> ChannelManner:
        """Return what was chosen for a channel."""
        return await self._rows.of(channel_id)

    async def applied(self, who: Requester, channel_id: int, manner: Manner) -> Manner:
        """Return a wish for an answer with what was chosen for its channel, or for that of its thread.

        A model that is not there any more is passed over.
        """
        place = channel_id if who.parent_id is None else who.parent_id
        chosen = await self._rows.of(place)
        applied = chosen.applied(manner)
        if applied.model is not None and not self._is_offered(applied.model):
            return chosen.without_model().applied(manner)
        draws = applied.model in {one.id for one in self._wordsmith.drawing()}
        return replace(applied, draws=draws)

    async def choose(self, who: Requester, channel_id: int, chosen: ChannelManner) -> None:
        """Choose for a channel, or raise BadInput."""
        if chosen.model is not None and not self._is_offered(chosen.model):
            raise BadInput(tr(NO_SUCH_MODEL))
        before = await self._rows.of(channel_id)
        detail = {
            "channel": channel_id,
            "persona": "set" if chosen.persona else "none",
            "persona_changed": int(chosen.persona != before.persona),
            "model": chosen.model,
            "temperature": None if chosen.temperature is None else str(chosen.temperature),
            "history": int(chosen.history),
            "days": chosen.days,
        }
        action = "chat.reset" if chosen == UNSET else "chat.settings"
        line = AuditLine(
            who.guild_id or 0, who.user_id, action, f"channel:{channel_id}", detail, self._clock()
        )
        await self._rows.set(channel_id, chosen, line)

    def offered(self) -> tuple[Offered, ...]:
        """Return the models to choose from; none while the provider's list was never read."""
        drawing = tuple(_offered(model, draws=True) for model in self._wordsmith.drawing())
        known = {one.id for one in drawing}
        try:
            talking = self._wordsmith.models()
        except UserFacingError:
            talking = ()
        return (*(_offered(model, draws=False) for model in talking if model.id not in known), *drawing)

    def _is_offered(self, model_id: str) -> bool:
        return any(one.id == model_id for one in self.offered())


def _offered(model: ChatModel, *, draws: bool) -> Offered:
    """Return a model to choose, with what an answer of ordinary length may cost at most."""
    return Offered(model.id, draws, upper_cost_of_words(WordsCall((), draws=draws), model))
