"""Everything that can go wrong on purpose.

EaselError
├── StartupError                  the process cannot start; the message tells the operator what to mend
│   └── DatabaseDamaged           SQLite cannot make sense of the file any more
├── Superseded                    another process has taken the job over, or it was called off
├── HeardBefore                   Discord tells the same click again; whoever clicked has their answer
├── DiscordAway                   Discord is in trouble; what was to be shown is shown later
└── UserFacingError               str() is one sentence for the person who asked
    ├── BadInput                  what was given cannot be used; nothing was charged
    │   ├── OptionUnsupported     the model lacks an option that was asked for
    │   ├── WordsBlocked          it holds words that the server or the operator does not allow
    │   ├── PictureBlocked        it shows what the operator's moderation model does not let in
    │   ├── PictureUnusable       an attachment is not a picture that can be used
    │   └── DocumentUnusable      an attachment is not a document that can be read
    ├── NotAllowed                this person may not do that
    │   └── TurnedAway            a rule of the server says so: a ban, a pause, not here, not this role
    ├── NotFound                  the card, job or picture is not known (any more)
    │   └── KeptApart             it is delicate, and its server shows it in age-restricted channels alone
    ├── QuotaExceeded             an allowance is used up; says which and when it lifts
    ├── Pricey                    it costs more than people expect; nothing is sent until they agree
    ├── TooBusy                   the queue is full
    │   └── Restarting            the process is about to stop, and begins nothing more
    ├── StorageTrouble            the disk takes nothing more, or the bucket does not answer
    ├── TooLate                   what should be cancelled is done, or has ended
    ├── Cancelled                 somebody who may do so has called the job off
    ├── PictureDenied             moderators looked at it and keep it back
    ├── Undeliverable             Discord would not take the result
    │   └── Unreachable           it may take it later: there is no way to the person right now
    └── ModelError                the model gave no picture or no answer; whoever asked is not charged
        ├── PictureRefused        a safety system said no; never carried to another model
        │   └── PictureFlagged    the moderation model said it, of pictures that were made
        ├── PictureDeclined       the model answered in words instead
        ├── NothingCame           an empty answer, twice
        ├── AnswerUnusable        the answer has not the form that was asked for
        ├── OutcomeUnknown        the connection broke after sending; the provider may have charged
        ├── ModelRejected         the provider calls the request itself wrong
        │   └── PromptTooLong     what the model would have to read does not fit it
        ├── ModelGone             retired or unknown; the next model of the list may do
        └── ModelUnavailable      trouble that passes: rate limits, outages, timeouts
            └── AccountTrouble    no credit or a bad key; the operator has to act
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.quotas import Limit


class EaselError(Exception):
    """Root of the tree."""


class StartupError(EaselError):
    """The process cannot start; the message is one sentence for the operator."""


class DatabaseDamaged(StartupError):
    """A database's file is damaged; a copy of before has to take its place."""


class Superseded(EaselError):
    """Somebody else has taken a job over, or called it off: there is nothing left to do for it here."""


class HeardBefore(EaselError):
    """Discord tells the same click again: its answer is given or under way, and nobody is told more."""


class DiscordAway(EaselError):
    """Discord has been in trouble for as long as is waited at a time; what was to be shown can wait.

    `retry_after_s` is Discord's own advice, where it gave one.
    """

    def __init__(self, reason: str, retry_after_s: float = 0.0) -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s


class UserFacingError(EaselError):
    """A failure whose text is one sentence for the person who asked."""


class BadInput(UserFacingError):
    """What was given cannot be used."""


class OptionUnsupported(BadInput):
    """The chosen model lacks an option that was asked for."""


class WordsBlocked(BadInput):
    """What was asked for holds words that are not allowed where it was asked."""


class PictureBlocked(BadInput):
    """A picture that was brought shows what is not allowed where it was brought."""


class PictureUnusable(BadInput):
    """An attachment is not a picture that can be used."""


class DocumentUnusable(BadInput):
    """An attachment is not a document that can be read."""


class NotAllowed(UserFacingError):
    """Whoever asks may not do that."""


class TurnedAway(NotAllowed):
    """A rule that a server's moderators set turns somebody away.

    `reason` is what a moderator wrote to it, which nobody else is shown; `since` is when they set it.
    """

    def __init__(self, message: str, reason: str = "", since: datetime | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.since = since


class NotFound(UserFacingError):
    """The card, job or picture is not known, or not any more."""


class KeptApart(NotFound):
    """It is delicate, and shown only in age-restricted channels of its server."""


class QuotaExceeded(UserFacingError):
    """A limit leaves no room; carries the limit, so that a card can say when it lifts."""

    def __init__(self, message: str, limit: Limit) -> None:
        super().__init__(message)
        self.limit = limit


class Pricey(UserFacingError):
    """What was asked costs more than people expect: it waits for their word."""


class TooBusy(UserFacingError):
    """The queue is full."""


class Restarting(TooBusy):
    """The process is about to stop: it begins nothing more."""


class StorageTrouble(UserFacingError):
    """The disk takes nothing more, or the bucket does not answer; later they may.

    What was to be written is not written, none of it, and what was to be read is not lost.
    """


class TooLate(UserFacingError):
    """What should be cancelled is done, or has ended."""


class Cancelled(UserFacingError):
    """Somebody who may do so has called the job off."""


class PictureDenied(UserFacingError):
    """Moderators of the server decided that the pictures are not shown, or nobody decided in time."""


class Undeliverable(UserFacingError):
    """Discord would not take the result, in any of the ways there are."""


class Unreachable(Undeliverable):
    """Every way to the person is closed: no token, no channel, no direct message. The result can wait."""


class ModelError(UserFacingError):
    """The model gave no picture or no answer.

    `billed_microusd` is what the provider charged all the same, `words` what the model had said when it
    failed, or in place of a picture, and `retry_after_s` the provider's own advice, where it gave one.
    """

    kind = "model"

    def __init__(
        self,
        message: str,
        *,
        billed_microusd: int = 0,
        generation_id: str | None = None,
        words: str = "",
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message)
        self.billed_microusd = billed_microusd
        self.generation_id = generation_id
        self.words = words
        self.retry_after_s = retry_after_s


class PictureRefused(ModelError):
    """A safety system said no."""

    kind = "refused"


class PictureFlagged(PictureRefused):
    """The moderation model flags pictures that were made, so that they are not shown."""

    kind = "flagged"


class PictureDeclined(ModelError):
    """The model answered in words instead of a picture; `words` is what it said."""

    kind = "declined"


class NothingCame(ModelError):
    """An answer without words and without a picture."""

    kind = "empty"


class AnswerUnusable(ModelError):
    """The answer has not the form that was asked for."""

    kind = "unusable"


class OutcomeUnknown(ModelError):
    """The connection broke after the request was sent, so the provider may have charged for it."""

    kind = "unknown"


class ModelRejected(ModelError):
    """The provider calls the request itself wrong; sending it again cannot help."""

    kind = "rejected"


class PromptTooLong(ModelRejected):
    """What the model would have to read does not fit it."""


class ModelGone(ModelError):
    """The model is retired or unknown upstream."""

    kind = "gone"


class ModelUnavailable(ModelError):
    """Trouble that passes, some of it at the time that the provider advises."""

    kind = "unavailable"


class AccountTrouble(ModelUnavailable):
    """No credit left or a key that is not accepted: the operator has to act."""

    kind = "account"
