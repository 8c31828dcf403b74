"""Pictures put into words for whoever asks, on their account."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.access import Asked
from bot.domain.asks import Purpose
from bot.domain.descriptions import Described, describing, kept_to, parts, read
from bot.services.door import let_in

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Sequence
    from datetime import datetime

    from bot.domain.requests import Reference, Requester
    from bot.domain.words import Detail
    from bot.services.allowances import Allowances
    from bot.services.sight import Sight
    from bot.services.wordsmith import Bill, Wordsmith

    Covering = Callable[[bool], Awaitable[bool]]


async def _open(_is_delicate: bool) -> bool:
    return False


class Describer:
    """Describes pictures. What cannot be shown to who asked is not charged.

    `looks_first` is a check of its own: the door is passed within Discord's three seconds, which the reading
    of a picture may outlast. It returns the picture where that is delicate. `sayable` returns what may be
    shown of a model's words.
    """

    def __init__(
        self,
        *,
        wordsmith: Wordsmith,
        sight: Sight,
        allowances: Allowances,
        clock: Callable[[], datetime],
        looks_first: Callable[[Requester, Asked], Awaitable[Collection[Reference] | None]] = let_in,
        sayable: Callable[[Requester, Sequence[str]], Awaitable[frozenset[str]]] | None = None,
    ) -> None:
        self._wordsmith = wordsmith
        self._sight = sight
        self._allowances = allowances
        self._clock = clock
        self._looks_first = looks_first
        self._sayable = sayable

    @asynccontextmanager
    async def sitting(self, who: Requester) -> AsyncGenerator[Sitting]:
        """Yield what describes one picture. Leaving the block charges for it; nobody pays where it raises."""
        async with self._wordsmith.bill(who, Purpose.DESCRIBE) as bill:
            yield Sitting(self, bill, who)

    async def described(
        self, sitting: Sitting, reference: Reference, detail: Detail, language: str, covers: Covering
    ) -> Described:
        """Describe a picture; raise a UserFacingError."""
        bill, who = sitting.bill, sitting.who
        delicate = await self._looks_first(who, Asked(Purpose.DESCRIBE.family, (), (reference,)))
        is_covered = await covers(bool(delicate))
        picture, seen = await self._sight.look(reference, detail)
        reply = await bill.answer(describing(seen, language))
        said = read(reply.text)
        kept = said if self._sayable is None else kept_to(said, await self._sayable(who, parts(said)))
        return Described(
            kept,
            picture,
            reply.served_by,
            bill.price_microusd,
            bill.settled(await self._allowances.readings(who, self._clock())),
            leaves_out=kept != said,
            is_covered=is_covered,
        )


@dataclass(frozen=True, slots=True)
class Sitting:
    """One request for a description, until who asked has seen it."""

    describer: Describer
    bill: Bill
    who: Requester

    async def describe(
        self, reference: Reference, detail: Detail, language: str, covers: Covering = _open
    ) -> Described:
        """Describe a picture in a language, by its code; raise as `Describer.described` does.

        `covers` hears whether it is delicate, before anything is paid. It says whether the picture stands
        covered beside its description, or raises where it may not stand there at all.
        """
        return await self.describer.described(self, reference, detail, language, covers)
