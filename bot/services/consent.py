"""What an answer may cost without a word of its asker."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.chat_models import upper_cost_of_words
from bot.domain.money import show
from bot.errors import Pricey

if TYPE_CHECKING:
    from bot.domain.chat_models import ChatModel
    from bot.domain.words import WordsCall

ASK_FIRST_MICROUSD = 50_000


def require_consent(call: WordsCall, model: ChatModel) -> None:
    """Raise Pricey, which says the price, where a call may cost more than people expect."""
    upper_microusd = upper_cost_of_words(call, model)
    if upper_microusd > ASK_FIRST_MICROUSD:
        raise Pricey(
            f"This answer may cost up to {show(upper_microusd)}, for all that the model has to read. "
            "Nothing was sent, and nothing was charged yet."
        )
