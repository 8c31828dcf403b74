"""A moderation model of the operator's that looks at what people bring and at what was made for them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog

from bot.domain.moderation import Standing, Verdict
from bot.domain.requests import Upload
from bot.errors import BadInput, ModelUnavailable, NotFound, PictureBlocked, PictureUnusable, WordsBlocked
from bot.model.circuit import CircuitState
from bot.model.moderation import ModerationFailed
from bot.storage.audit import AuditLine
from bot.texts import mark, tr

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from bot.domain.access import Asked
    from bot.domain.images import Picture
    from bot.domain.requests import Kept, Reference, Requester, Stored
    from bot.model.moderation import ModerationModel
    from bot.services.glances import Glances
    from bot.storage.audit import Audit
    from bot.storage.server_settings import ServerSettings
    from bot.storage.verdicts import Verdicts

log = structlog.get_logger(__name__)
NAME, OFF = "safety.moderation", "off"
MOST_NAMED = 200
"""Characters of the categories in the audit; words and pictures themselves are never in it."""
WORDS = mark("There are words in this that are not allowed here. Nothing was charged; try other words.")
PICTURE = mark(
    "A picture that you bring or use seems to show what is not allowed here. Nothing was charged; try "
    "another one."
)
UNCHECKED = mark("This could not be checked just now. Nothing was charged; try again in a moment.")
DOWN = (
    "The moderation model is not asked: it failed again and again. Look at MODERATION_URL, MODERATION_KEY "
    "and MODERATION_MODEL."
)


@dataclass(frozen=True, slots=True)
class Policy:
    """What the operator chose for it.

    Without a verdict requests pass where it `fails_open`: the image models have safety systems of their own.
    """

    fails_open: bool = True
    sees_pictures: bool = True


@dataclass(frozen=True, slots=True)
class Made:
    """What there is to say of pictures that were made, and which are to be kept back or are delicate."""

    verdict: Verdict = field(default_factory=Verdict)
    """What holds for all of them together."""
    flagged_ids: tuple[str, ...] = ()
    delicate_ids: tuple[str, ...] = ()
    """Those that are flagged as well: moderators may let them be shown."""
    unchecked_ids: tuple[str, ...] = ()
    """Those without a verdict, where there has to be one."""

    @property
    def kept_back(self) -> frozenset[str]:
        """Return the pictures that are not shown as they come."""
        return frozenset((*self.flagged_ids, *self.unchecked_ids))


class Moderation:
    """Turns away what a moderation model flags; one of the checks of the door.

    `alert` tells the operator that the model gives no verdict.
    """

    def __init__(
        self,
        model: ModerationModel | None,
        glances: Glances,
        verdicts: Verdicts,
        settings: ServerSettings,
        audit: Audit,
        *,
        policy: Policy,
        alert: Callable[[str], None],
        clock: Callable[[], datetime],
    ) -> None:
        self._model = model
        self._glances = glances
        self._verdicts = verdicts
        self._settings = settings
        self._audit = audit
        self._policy = policy
        self._alert = alert
        self._clock = clock

    @property
    def is_there(self) -> bool:
        """Tell whether the operator has such a model."""
        return self._model is not None

    @property
    def circuit(self) -> tuple[str, CircuitState] | None:
        """Return the model's name and whether it is asked at present; None where there is none."""
        return None if self._model is None else (self._model.model_id, self._model.state)

    def why_not_ready(self) -> str | None:
        """Say why nothing is taken for want of a verdict, or None where requests pass."""
        is_open = self._model is not None and self._model.state is CircuitState.OPEN
        return DOWN if is_open and not self._policy.fails_open else None

    async def standing(self, guild_id: int) -> Standing:
        """Return how it stands in a server, for its moderators."""
        return Standing(
            is_there=self._model is not None,
            is_on=await self.is_on(guild_id),
            sees_pictures=self._policy.sees_pictures,
            is_down=self._model is not None and self._model.state is not CircuitState.CLOSED,
            fails_open=self._policy.fails_open,
        )

    async def is_on(self, guild_id: int | None) -> bool:
        """Tell whether the model looks at what is asked for in a server, or in direct messages."""
        if self._model is None:
            return False
        return guild_id is None or (await self._settings.of(guild_id)).get(NAME) != OFF

    async def sees(self, guild_id: int | None) -> bool:
        """Tell whether the model looks at pictures too."""
        return self._policy.sees_pictures and await self.is_on(guild_id)

    async def choose(self, guild_id: int, actor_id: int, *, is_on: bool) -> None:
        """Turn it on or off for a server; BadInput where the operator has none."""
        if self._model is None:
            raise BadInput(tr("The bot's operator has set up no moderation model."))
        line = AuditLine(guild_id, actor_id, NAME, "", {"on": int(is_on)}, self._clock())
        await self._settings.choose({NAME: None if is_on else OFF}, line)

    async def __call__(self, who: Requester, asked: Asked) -> None:
        """Raise WordsBlocked or PictureBlocked for what is flagged, ModelUnavailable for want of a verdict.

        Pictures are looked at one by one, all at once. BadInput where one cannot be read.
        """
        await self.look(who, asked)

    async def look(self, who: Requester, asked: Asked) -> frozenset[Reference]:
        """Return the pictures that are asked with and delicate; raise as a check does."""
        model = self._model
        if model is None or not await self.is_on(who.guild_id):
            return frozenset()
        texts = tuple(text for text in asked.texts if text.strip())
        try:
            if texts and (found := (await model.words(texts)).refused):
                await self._tell(who, asked, found, "words")
                raise WordsBlocked(tr(WORDS))
            seen = await self._shown_by(model, asked.pictures) if self._policy.sees_pictures else {}
            if (verdict := Verdict.of_all(seen.values())).refused:
                await self._tell(who, asked, verdict.refused, "picture")
                raise PictureBlocked(tr(PICTURE))
        except ModerationFailed as error:
            self._without(error)
            if not self._policy.fails_open:
                raise ModelUnavailable(tr(UNCHECKED)) from None
            return frozenset()
        return frozenset(one for one, it in seen.items() if it != Verdict())

    async def made(self, guild_id: int | None, pictures: Sequence[Picture]) -> Made:
        """Return what the model says of pictures that were made in a server, or in direct messages."""
        model = self._model
        if model is None or not await self.sees(guild_id):
            return Made()
        found = await asyncio.gather(*(self._of_made(model, one) for one in pictures))
        known = {one.id: it for one, it in zip(pictures, found, strict=True) if it is not None}
        lacking = () if self._policy.fails_open else (one.id for one in pictures if one.id not in known)
        return Made(
            Verdict.of_all(known.values()),
            flagged_ids=tuple(name for name, it in known.items() if it.refused),
            delicate_ids=tuple(name for name, it in known.items() if it != Verdict()),
            unchecked_ids=tuple(lacking),
        )

    async def _of_made(self, model: ModerationModel, picture: Picture) -> Verdict | None:
        """Return the verdict on a picture, or None where there is none."""
        try:
            return await self._of_kept(model, picture.blob)
        except (ModerationFailed, NotFound, PictureUnusable) as error:
            self._without(error)
            return None

    async def _of_kept(self, model: ModerationModel, blob: str) -> Verdict:
        """Return the verdict on a picture that Easel has, which is looked at once."""
        verdict = await self._verdicts.of(blob, model.judge)
        if verdict is None:
            verdict = await model.picture(await self._glances.of_kept(blob))
            await self._verdicts.keep(blob, model.judge, verdict, self._clock())
        if verdict != Verdict():
            await self._verdicts.cover(blob)
        return verdict

    async def _shown_by(
        self, model: ModerationModel, references: Sequence[Reference]
    ) -> dict[Reference, Verdict]:
        """Return the verdicts on the pictures among what somebody brings or uses again."""

        async def look(reference: Reference) -> Verdict:
            if isinstance(reference, Upload):
                small = await self._glances.of_upload(reference)
                return Verdict() if small is None else await model.picture(small)
            return await self._used_again(model, reference)

        return dict(zip(references, await asyncio.gather(*map(look, references)), strict=True))

    async def _used_again(self, model: ModerationModel, reference: Stored | Kept) -> Verdict:
        """Return the verdict on a kept picture; of one that is gone or damaged whoever uses it says so."""
        blob = await self._glances.blob_of(reference)
        try:
            return Verdict() if blob is None else await self._of_kept(model, blob)
        except (NotFound, PictureUnusable):
            return Verdict()

    def _without(self, error: Exception) -> None:
        """Note that there is no verdict."""
        log.warning("no verdict of the moderation model", reason=type(error).__name__, said=_said(error))
        if isinstance(error, ModerationFailed):
            passes = "pass unchecked" if self._policy.fails_open else "are refused"
            self._alert(
                f"The moderation model gives no verdict ({error}): look at MODERATION_URL, MODERATION_KEY "
                f"and MODERATION_MODEL. Meanwhile requests {passes}."
            )

    async def _tell(self, who: Requester, asked: Asked, found: Sequence[str], what: str) -> None:
        detail = {
            "entry": named(found),
            "place": asked.family.value,
            "whose": "moderation model",
            "what": what,
        }
        line = AuditLine(who.guild_id or 0, 0, "safety.blocked", str(who.user_id), detail, self._clock())
        await self._audit.add(line)


def named(categories: Sequence[str]) -> str:
    """Return categories as the audit has them."""
    return ", ".join(categories)[:MOST_NAMED]


def _said(error: Exception) -> str:
    return str(error) if isinstance(error, ModerationFailed) else ""
