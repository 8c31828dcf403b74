"""What an answer may cost without a word of its asker."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.chat_models import upper_cost_of_words
from bot.domain.money import show
from bot.domain.words import WordsCall
from bot.errors import Pricey

if TYPE_CHECKING:
    from bot.domain.chat_models import ChatModel

ASK_FIRST_MICROUSD = 50_000
ROUNDS = 2
"""Times that a model speaks for one answer in which it uses a tool: its price is said for so many."""


def require_consent(call: WordsCall, model: ChatModel) -> None:
    """Raise Pricey, which says the price, where an answer may cost more than people expect."""
    upper_microusd = _upper(call, model)
    if upper_microusd > _expected(call, model):
        raise Pricey(
            f"This answer may cost up to {show(upper_microusd)}, for all that the model has to read. "
            "Nothing was sent, and nothing was charged yet."
        )


def agreed_microusd(call: WordsCall, model: ChatModel) -> int:
    """Return what all rounds of an answer may cost together, once its asker agreed or needed not to."""
    return max(_upper(call, model), _expected(call, model))


def _upper(call: WordsCall, model: ChatModel) -> int:
    return upper_cost_of_words(call, model) * (ROUNDS if call.tools else 1)


def _expected(call: WordsCall, model: ChatModel) -> int:
    """Return what nobody is asked about; that a model draws costs what moderators chose for the channel."""
    drawing = upper_cost_of_words(WordsCall((), draws=True), model) if call.draws else 0
    return ASK_FIRST_MICROUSD + ROUNDS * drawing
