"""What can go wrong with a paid call: one table of reasons, with what may be done about each."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import Enum

from bot.errors import (
    AccountTrouble,
    ModelError,
    ModelGone,
    ModelRejected,
    ModelUnavailable,
    NothingCame,
    OutcomeUnknown,
    PictureDeclined,
    PictureRefused,
    PromptTooLong,
)
from bot.texts import mark, tr, trn


class Retry(Enum):
    """Whether a paid call may be sent once more; there is no idempotency key upstream."""

    NEVER = "never"
    SAME = "same"
    SMALLER = "smaller"
    """With as many tokens as the account can pay for."""


class Signal(Enum):
    """What an answer says of the provider rather than of the request."""

    FINE = "fine"
    """It works: it took a decision, be it against the request."""
    BUSY = "busy"
    """It asks for fewer calls at once."""
    STRAINED = "strained"
    """It asks for fewer calls, and it does not work."""
    DOWN = "down"
    ACCOUNT = "account"
    """It takes no call that this key would have to pay for."""
    UNKNOWN = "unknown"
    """It answered, and the answer did not arrive whole."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A row of the table: the error, its sentence, whether to send again, why (not), and what it signals."""

    error: type[ModelError]
    sentence: str
    retry: Retry
    why: str
    signal: Signal = Signal.FINE


REFUSED = mark("The safety system of the model refused this request. Try other words or another picture.")
TOO_LONG = mark("That is too long for the model. Use a shorter prompt.")
BAD_REQUEST = mark(
    "The model does not accept this request. Change the words or the options, or choose another model."
)
BAD_PICTURE = mark("The model cannot read one of the pictures. Attach it as PNG, JPEG or WebP and try again.")
TOO_BIG = mark("The pictures are too big for the model. Attach smaller ones.")
GONE = mark("This model is not available any more. Choose another one.")
BUSY = mark("The model is busy right now. Please try again in a moment.")
BUSY_UNTIL = mark("The model is busy right now. Please try again {when}.")
DOWN = mark("The model is not available right now. Please try again later.")
DOWN_UNTIL = mark("The model is not available right now. Please try again {when}.")
LATE = mark("The model did not answer in time. Please try again later.")
ACCOUNT = mark("The bot's account with the model needs its operator's attention. Please tell them.")
RULE = mark("A rule of the bot's operator does not allow this request. Try other words.")
LOST = mark(
    "The connection to the model broke before the picture came. You were not charged; please try again."
)
EMPTY = mark("The model sent nothing back. Please try again or change the words.")
DAMAGED = mark("The picture arrived damaged. You were not charged; please try again.")
OUT_OF_BUDGET = mark("The model ran out of room before it drew the picture. Ask for something simpler.")
DECLINED = mark("The model answered in words instead of a picture.")

LONG_TALK = mark("That is too long for the model. Ask something shorter, or begin a new conversation.")
BIG_FILES = mark("What is attached is too big for the model. Attach smaller pictures or files.")
CANNOT = mark("This model cannot do what that needs. Choose another one.")
ANSWER_LOST = mark("The connection to the model broke before the answer was complete. Please try again.")
ANSWER_CUT = mark("The model ran out of room before it said anything. Ask for something shorter.")
IN_WORDS = {
    "context_length_exceeded": LONG_TALK,
    "token_limit_exceeded": LONG_TALK,
    "string_too_long": LONG_TALK,
    "payload_too_large": BIG_FILES,
    "unsupported": CANNOT,
    "lost": ANSWER_LOST,
    "unanswered": ANSWER_LOST,
    "out_of_budget": ANSWER_CUT,
}
"""Sentences for those who wanted an answer in words, where the table's own speak of drawing."""

UNTIL = {BUSY: BUSY_UNTIL, DOWN: DOWN_UNTIL}
"""Sentences that say when to try again, where the provider does."""

_DECIDED = "the request itself is at fault; the same again gives the same"
_UNBILLED = "a status other than 200 is never charged, and it may pass"
_OPERATOR = "only the operator can mend it"
_NO_MODEL = "the model does not come back by asking again"
_SENT = "it was sent, so it may have been charged"
_SAFETY = "a safety refusal is final, on every model"

REASONS: dict[str, Reason] = {
    # OpenRouter's own vocabulary of `error_type` (27).
    "context_length_exceeded": Reason(PromptTooLong, TOO_LONG, Retry.NEVER, _DECIDED),
    "max_tokens_exceeded": Reason(ModelRejected, BAD_REQUEST, Retry.NEVER, _DECIDED),
    "token_limit_exceeded": Reason(PromptTooLong, TOO_LONG, Retry.NEVER, _DECIDED),
    "string_too_long": Reason(PromptTooLong, TOO_LONG, Retry.NEVER, _DECIDED),
    "authentication": Reason(AccountTrouble, ACCOUNT, Retry.NEVER, _OPERATOR, Signal.ACCOUNT),
    # A 403 may be about this one request, so it says nothing of the next.
    "permission_denied": Reason(AccountTrouble, ACCOUNT, Retry.NEVER, _OPERATOR),
    "payment_required": Reason(
        AccountTrouble, ACCOUNT, Retry.SMALLER, "fewer tokens may still be affordable", Signal.ACCOUNT
    ),
    "rate_limit_exceeded": Reason(ModelUnavailable, BUSY, Retry.SAME, _UNBILLED, Signal.BUSY),
    "provider_overloaded": Reason(ModelUnavailable, BUSY, Retry.SAME, _UNBILLED, Signal.STRAINED),
    "provider_unavailable": Reason(ModelUnavailable, DOWN, Retry.SAME, _UNBILLED, Signal.STRAINED),
    "invalid_request": Reason(ModelRejected, BAD_REQUEST, Retry.NEVER, _DECIDED),
    "invalid_prompt": Reason(ModelRejected, BAD_REQUEST, Retry.NEVER, _DECIDED),
    "not_found": Reason(ModelGone, GONE, Retry.NEVER, _NO_MODEL),
    "precondition_failed": Reason(ModelRejected, BAD_REQUEST, Retry.NEVER, _DECIDED),
    "payload_too_large": Reason(ModelRejected, TOO_BIG, Retry.NEVER, _DECIDED),
    "unprocessable": Reason(ModelRejected, BAD_REQUEST, Retry.NEVER, _DECIDED),
    "content_policy_violation": Reason(PictureRefused, REFUSED, Retry.NEVER, _SAFETY),
    "refusal": Reason(PictureRefused, REFUSED, Retry.NEVER, _SAFETY),
    "invalid_image": Reason(ModelRejected, BAD_PICTURE, Retry.NEVER, _DECIDED),
    "image_too_large": Reason(ModelRejected, TOO_BIG, Retry.NEVER, _DECIDED),
    "image_too_small": Reason(ModelRejected, BAD_PICTURE, Retry.NEVER, _DECIDED),
    "unsupported_image_format": Reason(ModelRejected, BAD_PICTURE, Retry.NEVER, _DECIDED),
    "image_not_found": Reason(ModelRejected, BAD_PICTURE, Retry.NEVER, _DECIDED),
    "image_download_failed": Reason(ModelRejected, BAD_PICTURE, Retry.NEVER, _DECIDED),
    "server": Reason(ModelUnavailable, DOWN, Retry.SAME, _UNBILLED, Signal.DOWN),
    "timeout": Reason(ModelUnavailable, LATE, Retry.SAME, _UNBILLED, Signal.DOWN),
    "unmapped": Reason(ModelUnavailable, DOWN, Retry.SAME, _UNBILLED, Signal.DOWN),
    # What Easel tells apart besides.
    "no_credit": Reason(AccountTrouble, ACCOUNT, Retry.NEVER, _OPERATOR, Signal.ACCOUNT),
    "guardrail": Reason(ModelRejected, RULE, Retry.NEVER, "the operator's own rule at the provider"),
    "unsupported": Reason(ModelRejected, BAD_REQUEST, Retry.NEVER, _DECIDED),
    "unreachable": Reason(ModelUnavailable, DOWN, Retry.SAME, "nothing was sent", Signal.DOWN),
    "lost": Reason(OutcomeUnknown, LOST, Retry.NEVER, _SENT, Signal.UNKNOWN),
    "unanswered": Reason(OutcomeUnknown, LOST, Retry.NEVER, _SENT, Signal.DOWN),
    "empty": Reason(NothingCame, EMPTY, Retry.SAME, "answers without tokens are not charged"),
    "empty_but_charged": Reason(NothingCame, EMPTY, Retry.NEVER, "it was charged"),
    "damaged": Reason(NothingCame, DAMAGED, Retry.NEVER, "it may have been charged"),
    "out_of_budget": Reason(ModelRejected, OUT_OF_BUDGET, Retry.NEVER, "the same budget ends the same way"),
    "declined": Reason(PictureDeclined, DECLINED, Retry.NEVER, "it is an answer, and it was charged"),
}


@dataclass(frozen=True, slots=True)
class Failure:
    """A call that brought no picture and no answer: its row of the table and what is known beside."""

    name: str
    retry: Retry
    """The row's own answer, or NEVER where a 200 came first: then it may have been charged."""
    retry_after_s: float | None = None
    affordable_tokens: int | None = None
    billed_microusd: int = 0
    generation_id: str | None = None
    words: str = ""

    @property
    def signal(self) -> Signal:
        """Return what the row says of the provider."""
        return REASONS[self.name].signal

    def final(self) -> Failure:
        """Return the same, not to be sent again."""
        return replace(self, retry=Retry.NEVER)

    def error(self, *, in_words: bool = False) -> ModelError:
        """Return the error to raise; `in_words` gives the sentence for those who wanted no picture."""
        reason = REASONS[self.name]
        sentence = IN_WORDS.get(self.name, reason.sentence) if in_words else reason.sentence
        until = UNTIL.get(sentence) if self.retry_after_s else None
        return reason.error(
            tr(until, when=how_soon(self.retry_after_s or 0)) if until else tr(sentence),
            billed_microusd=self.billed_microusd,
            generation_id=self.generation_id,
            words=self.words,
            retry_after_s=self.retry_after_s,
        )


def failure(
    name: str, *, billed_microusd: int = 0, generation_id: str | None = None, words: str = ""
) -> Failure:
    """Return a failure that no answer of the provider describes."""
    return Failure(
        name,
        REASONS[name].retry,
        billed_microusd=billed_microusd,
        generation_id=generation_id,
        words=words,
    )


def how_soon(seconds: float) -> str:
    """Return when that is, rounded up so that it is not too early."""
    if seconds <= 90:
        return trn("in {count} second", "in {count} seconds", max(5, math.ceil(seconds / 5) * 5))
    if seconds <= 5400:
        return trn("in {count} minute", "in {count} minutes", math.ceil(seconds / 60))
    return trn("in {count} hour", "in {count} hours", math.ceil(seconds / 3600))
