"""What an answer may cost without a word of its asker."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.domain.chat_models import upper_cost_of_words
from bot.domain.money import show
from bot.domain.words import WordsCall
from bot.errors import Pricey
from bot.texts import tr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.chat_models import ChatModel

ASK_FIRST_MICROUSD = 50_000
ROUNDS = 2
"""Times that a model speaks for one answer in which it uses a tool: its price is said for so many."""


def require_consent(call: WordsCall, model: ChatModel) -> None:
    """Raise Pricey, which says the price, where an answer may cost more than people expect."""
    if _is_dear(call, model):
        raise _pricey(_most(call, model))


def require_consent_to_read(calls: Sequence[WordsCall], model: ChatModel) -> None:
    """Raise Pricey, which says what all of it may cost, where reading alone costs more than people expect."""
    reading = sum(upper_cost_of_words(replace(call, max_tokens=1), model) for call in calls)
    if reading > ASK_FIRST_MICROUSD:
        raise _pricey(sum(upper_cost_of_words(call, model) for call in calls))


def _pricey(microusd: int) -> Pricey:
    return Pricey(
        tr(
            "This answer may cost up to {cost}, for all that the model has to read. Nothing was "
            "sent, and nothing was charged yet.",
            cost=show(microusd),
        )
    )


def agreed_microusd(call: WordsCall, model: ChatModel) -> int:
    """Return what all rounds of an answer may cost together, once nobody has to be asked any more."""
    if _is_dear(call, model):
        return _most(call, model)
    return ASK_FIRST_MICROUSD + ROUNDS * _drawing(call, model)


def _is_dear(call: WordsCall, model: ChatModel) -> bool:
    """Tell whether a call may cost more than people expect, beside the drawing that a channel is set to."""
    return upper_cost_of_words(call, model) > ASK_FIRST_MICROUSD + _drawing(call, model)


def _most(call: WordsCall, model: ChatModel) -> int:
    return upper_cost_of_words(call, model) * (ROUNDS if call.tools else 1)


def _drawing(call: WordsCall, model: ChatModel) -> int:
    return upper_cost_of_words(WordsCall((), draws=True), model) if call.draws else 0
