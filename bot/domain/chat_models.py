"""What a model that answers in words takes and costs, and what an answer may cost at most."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from bot.domain.capabilities import PICTURE_TOKENS
from bot.domain.money import microusd_ceiling
from bot.domain.tokens import file_tokens, picture_tokens, text_tokens
from bot.domain.words import Detail, FilePart, PicturePart, Text
from bot.errors import OptionUnsupported
from bot.texts import listed, tr

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from bot.domain.words import Message, Part, WordsCall

CONTEXT_TOKENS = 128_000
"""Taken for a model whose own is not known."""
MESSAGE_TOKENS = 4
"""What each message costs beside its words, and the start of the answer."""
LEAST_TOKENS = 16
"""Some providers refuse a smaller bound of the answer."""
LEAST_DRAWING_TOKENS = 8192
"""Reasoning, picture and words share the budget; with less the picture may be what is cut."""
UNPRICED_MICROUSD = 10_000
"""Held for an answer of a model that has no price in the catalogue."""
SCHEMA_PARAMETERS = {"structured_outputs", "response_format"}


@dataclass(frozen=True, slots=True)
class WordPrices:
    """A model's prices in dollars for each token; None where the catalogue says nothing."""

    prompt: Decimal | None = None
    completion: Decimal | None = None
    cache_read: Decimal | None = None
    cache_write: Decimal | None = None
    picture: Decimal = Decimal(0)
    """For each picture that goes in, beside its tokens."""
    drawn_token: Decimal | None = None
    request: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class ChatModel:
    """A model that answers in words.

    `supported_parameters` is None where the provider's list says nothing of what its models take (LiteLLM,
    vLLM, OpenAI): then it is asked for whatever is wanted.
    """

    id: str
    name: str
    input_modalities: frozenset[str] = field(default=frozenset({"text", "image", "file"}))
    output_modalities: frozenset[str] = field(default=frozenset({"text", "image"}))
    supported_parameters: frozenset[str] | None = None
    context_length: int = CONTEXT_TOKENS
    max_completion_tokens: int | None = None
    prices: WordPrices = WordPrices()
    expires_on: date | None = None

    def takes(self, parameter: str) -> bool:
        """Tell whether the model honours a field of the request."""
        return self.supported_parameters is None or parameter in self.supported_parameters

    @property
    def sees(self) -> bool:
        """Tell whether it takes pictures."""
        return "image" in self.input_modalities

    @property
    def reads_files(self) -> bool:
        """Tell whether it takes documents."""
        return "file" in self.input_modalities

    @property
    def uses_tools(self) -> bool:
        """Tell whether it calls tools."""
        return self.takes("tools")

    @property
    def obeys_schemas(self) -> bool:
        """Tell whether its answers can be made to follow a schema."""
        return any(map(self.takes, SCHEMA_PARAMETERS))

    @property
    def draws(self) -> bool:
        """Tell whether it may answer with pictures too."""
        return "image" in self.output_modalities

    def budget(self, call: WordsCall) -> int:
        """Return the bound of an answer in tokens, as it is sent."""
        least = LEAST_DRAWING_TOKENS if call.draws else LEAST_TOKENS
        most = self.max_completion_tokens or self.context_length
        return min(max(call.max_tokens, least), most)

    def require(self, call: WordsCall) -> None:
        """Raise OptionUnsupported where the call needs what the model cannot do."""
        parts = [part for message in call.messages for part in message.parts]
        needs = (
            (tr("see pictures"), self.sees or not any(isinstance(part, PicturePart) for part in parts)),
            (tr("read files"), self.reads_files or not any(isinstance(part, FilePart) for part in parts)),
            (tr("use tools"), self.uses_tools or not call.tools),
            (tr("answer by a schema"), self.obeys_schemas or call.schema is None),
            (tr("draw"), self.draws or not call.draws),
        )
        missing = [need for need, is_met in needs if not is_met]
        if missing:
            what = listed(missing, "or")
            raise OptionUnsupported(
                tr("{model} cannot {what}. Choose another model.", model=self.name, what=what)
            )


def prompt_tokens(call: WordsCall, model: ChatModel) -> int:
    """Return how many tokens a prompt has, rather too many than too few; the model's context is the bound."""
    counted = sum(_message_tokens(message, model) for message in call.messages) + MESSAGE_TOKENS
    if call.tools:
        counted += sum(
            text_tokens(f"{tool.name} {tool.description} {json.dumps(dict(tool.parameters), default=str)}")
            + MESSAGE_TOKENS
            for tool in call.tools
        )
    if call.schema is not None:
        counted += text_tokens(json.dumps(dict(call.schema.schema), default=str))
    return min(counted, model.context_length)


def upper_cost_of_words(call: WordsCall, model: ChatModel) -> int:
    """Return what an answer may cost at most, in micro-dollars."""
    prices = model.prices
    if prices.prompt is None or prices.completion is None:
        return UNPRICED_MICROUSD
    usd = prices.request + max(prices.prompt, prices.cache_write or Decimal(0)) * prompt_tokens(call, model)
    usd += prices.picture * sum(isinstance(part, PicturePart) for part in _parts(call))
    usd += prices.completion * model.budget(call)
    if call.draws:
        drawn_token = prices.drawn_token or prices.completion
        usd += drawn_token * PICTURE_TOKENS["high"]
    return microusd_ceiling(usd)


def _parts(call: WordsCall) -> Iterator[Part]:
    for message in call.messages:
        yield from message.parts


def _message_tokens(message: Message, model: ChatModel) -> int:
    said = [message.name or "", *(f"{call.name} {call.arguments}" for call in message.tool_calls)]
    said += [annotation.raw for annotation in message.annotations]
    looked_at = [PicturePart(picture, Detail.AUTO) for picture in message.pictures]
    words = sum(text_tokens(text) for text in said)
    return words + MESSAGE_TOKENS + sum(_part_tokens(part, model) for part in (*message.parts, *looked_at))


def _part_tokens(part: Part, model: ChatModel) -> int:
    if isinstance(part, Text):
        return text_tokens(part.text)
    if isinstance(part, PicturePart):
        return picture_tokens(model.id, part.detail, part.size)
    return file_tokens(model.id, part)
