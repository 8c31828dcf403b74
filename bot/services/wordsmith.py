"""Answers in words, by the operator's models in their order, on somebody's account."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.domain.access import Asked, Family
from bot.domain.standing import WORTH_SAYING_S
from bot.domain.words import WordsReply
from bot.errors import (
    Cancelled,
    ModelGone,
    ModelUnavailable,
    OptionUnsupported,
    Restarting,
    TooBusy,
    UserFacingError,
)
from bot.services.door import OPEN
from bot.services.till import Account, Entry, Till
from bot.storage.disk import NO_ROOM
from bot.texts import mark, tr

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

    from bot.domain.asks import Purpose
    from bot.domain.chat_models import ChatModel
    from bot.domain.quotas import Reading
    from bot.domain.requests import Reference, Requester
    from bot.domain.words import WordsCall
    from bot.model.catalogue import Catalogue
    from bot.services.door import Door
    from bot.services.pseudonyms import Pseudonyms
    from bot.services.till import TextSeen

TAG = 6
"""Hexadecimal digits; nobody can choose their own."""
STOPPED = "stopped"
"""The finish reason of an answer that its person stopped."""
NOBODY = mark("No model can answer right now. Try again in a while.")
NOTHING_SAID = mark("Stopped before anything was said. Nothing was charged.")
CLOSED = mark("Easel is being restarted. Ask again in a minute.")


class Wordsmith:
    """Asks for words. Every call goes through a bill, so that none is made that nobody pays for."""

    def __init__(
        self,
        *,
        till: Till,
        catalogue: Catalogue,
        chat_models: Sequence[str],
        pseudonyms: Pseudonyms,
        image_models: Sequence[str] = (),
        has_room: Callable[[], bool] = lambda: True,
        door: Door = OPEN,
    ) -> None:
        self._till = till
        self._catalogue = catalogue
        self._chat_models = tuple(chat_models)
        self._pseudonyms = pseudonyms
        self._drawing_order = tuple(image_models)
        self._image_models = frozenset(image_models)
        self._has_room = has_room
        self._door = door
        self._closed = False

    def models(self, asked: str | None = None) -> tuple[ChatModel, ...]:
        """Return the models to ask, in order, or raise as `Catalogue.resolve_chat` does.

        By name a model that draws can be asked as well: many of them answer in words too.
        """
        if asked in self._image_models:
            return self._catalogue.resolve_chat((asked,), asked)
        return self._catalogue.resolve_chat(self._chat_models, asked)

    def drawing(self) -> tuple[ChatModel, ...]:
        """Return the operator's models that talk and draw in one turn, in order; none where none is there."""
        found: list[ChatModel] = []
        for model_id in self._drawing_order:
            with suppress(ModelGone, ModelUnavailable):
                found += self.models(model_id)
        return tuple(model for model in found if model.draws)

    def tag(self, user_id: int) -> str:
        """Return what tells a person from others of their name upstream, and says nothing else of them."""
        return self._pseudonyms.of_person(user_id)[:TAG]

    def close(self) -> None:
        """Take no more requests; answers under way may end."""
        self._closed = True

    def require_open(self) -> None:
        """Raise Restarting where no more requests are taken."""
        if self._closed:
            raise Restarting(tr(CLOSED))

    @asynccontextmanager
    async def bill(
        self,
        who: Requester,
        purpose: Purpose,
        *,
        messages: int = 1,
        for_server: bool = False,
        texts: Sequence[str] = (),
        files: Sequence[Reference] = (),
        on_wait: Callable[[float], None] = lambda _: None,
    ) -> AsyncGenerator[Bill]:
        """Yield an account for the answers that one request takes.

        Leaving the block means that the person has what they asked for: all answers are settled at their
        true cost, the first of them as `messages`. Where the block raises, nobody is charged, and what the
        provider took all the same is the operator's. `for_server` leaves the person's own allowance alone,
        and passes the door unasked. `texts` and `files` are the person's own, as far as they
        did not pass it before. `on_wait` is told for how many seconds a busy model is waited for, where
        that is worth a word, and 0 once it is not any more.
        """
        self.require_open()
        if not self._has_room():
            raise TooBusy(tr(NO_ROOM))
        if not for_server:
            await self.admit(who, Asked(purpose.family, tuple(texts), tuple(files)))
        bill = Bill(self, self._till, Account(who, purpose, for_server), messages, on_wait)
        try:
            yield bill
        except BaseException as error:
            await asyncio.shield(bill.release(error))
            raise
        await asyncio.shield(bill.settle())

    async def admit(self, who: Requester, asked: Asked) -> None:
        """Let somebody in, or raise what the door says."""
        await self._door.admit(who, asked)

    def addressed(self, call: WordsCall, model: ChatModel, who: Requester) -> WordsCall:
        """Return a call as it is sent: to a model, from a person and a channel under other names."""
        return replace(
            call,
            model_id=model.id,
            user_key=self._pseudonyms.of_person(who.user_id),
            session_key=self._pseudonyms.of_channel(who.channel_id),
        )

    def mark_gone(self, model_id: str) -> None:
        """Pass over a model that the provider called gone."""
        self._catalogue.mark_gone(model_id)


class Bill:
    """What the answers of one request cost; opened by `Wordsmith.bill` and closed with its block."""

    def __init__(
        self,
        wordsmith: Wordsmith,
        till: Till,
        account: Account,
        messages: int,
        on_wait: Callable[[float], None],
    ) -> None:
        self._wordsmith = wordsmith
        self._till = till
        self._account = account
        self._messages = messages
        self._on_wait = on_wait
        self._entries: list[Entry] = []
        self.when_priced: Callable[[int], Awaitable[None]] | None = None
        """Awaited with what the answers cost, where that is known only after they are settled."""

    @property
    def cost_microusd(self) -> int:
        """Return what the answers so far cost, as far as that is known."""
        return sum(entry.charge.microusd for entry in self._entries if entry.is_received)

    @property
    def upper_microusd(self) -> int:
        """Return what the answers so far cost at most."""
        return sum(entry.charge.microusd for entry in self._entries)

    @property
    def price_microusd(self) -> int | None:
        """Return what the answers so far cost, or None where that is not known yet."""
        return self.cost_microusd if self.is_cost_known else None

    @property
    def is_cost_known(self) -> bool:
        """Tell whether every answer so far has said what it cost; one that was stopped has not."""
        return all(entry.is_received for entry in self._entries)

    def settled(self, readings: Sequence[Reading]) -> tuple[Reading, ...]:
        """Return readings as they will be once this is settled: more is held than was spent."""
        surplus = sum(entry.surplus_microusd for entry in self._entries)
        return tuple(
            replace(reading, used=reading.used - (surplus if reading.limit.meter.is_money else 0))
            for reading in readings
        )

    async def answer(
        self,
        call: WordsCall,
        *,
        model: str | None = None,
        on_text: TextSeen | None = None,
        stop: asyncio.Event | None = None,
    ) -> WordsReply:
        """Return what a model answers, or raise QuotaExceeded, TooBusy, BadInput or a ModelError.

        Whose the call is, and which model's, is filled in. The next model is asked where one is gone or
        cannot do what the call needs, never where one refuses. `on_text` is awaited with the words as they
        come; once `stop` is set the model is stopped, and what it said so far is returned, marked as STOPPED.
        """
        candidates = _able(self._wordsmith.models(model), call)
        for candidate in candidates:
            addressed = self._wordsmith.addressed(call, candidate, self._account.who)
            entry = await self._till.open(self._account, addressed, candidate, self._messages)
            try:
                reply = await self._send(entry, addressed, on_text, stop)
            except BaseException as error:
                await asyncio.shield(self._till.release(entry, error))
                if not isinstance(error, ModelGone):
                    raise
                self._wordsmith.mark_gone(candidate.id)
                if candidate is candidates[-1]:
                    raise
            else:
                self._entries.append(entry)
                self._messages = 0
                return reply
        raise ModelUnavailable(tr(NOBODY))

    @asynccontextmanager
    async def apart(self) -> AsyncGenerator[None]:
        """Charge nobody for the answers of a part that raises a UserFacingError; the others stay."""
        count, messages = len(self._entries), self._messages
        try:
            yield
        except UserFacingError as error:
            await asyncio.shield(self._release_from(count, error))
            self._messages = messages
            raise

    async def admit_drawing(self, words: str) -> None:
        """Let somebody draw with an answer, as with a command of their own, or raise what the door says."""
        await self._wordsmith.admit(self._account.who, Asked(Family.DRAW, (words,)))

    async def settle(self) -> None:
        """Charge everything; the person has it."""
        for entry in self._entries:
            await self._till.settle(entry, self._priced)

    async def _priced(self) -> None:
        if self.when_priced is not None and self.is_cost_known:
            await self.when_priced(self.cost_microusd)

    async def release(self, error: BaseException) -> None:
        """Charge nobody; the person has nothing."""
        await self._release_from(0, error)

    async def _release_from(self, count: int, error: BaseException) -> None:
        while len(self._entries) > count:
            await self._till.release(self._entries[-1], error)
            self._entries.pop()

    def _held_up(self, seconds: float) -> None:
        self._on_wait(seconds if seconds >= WORTH_SAYING_S else 0.0)

    async def _send(
        self, entry: Entry, call: WordsCall, on_text: TextSeen | None, stop: asyncio.Event | None
    ) -> WordsReply:
        if stop is None:
            return await self._till.send(entry, call, on_text, self._held_up)
        said: list[str] = []

        async def hear(words: str) -> None:
            said.append(words)
            if on_text is not None:
                await on_text(words)

        sending = asyncio.create_task(self._till.send(entry, call, hear, self._held_up), name="answer")
        stopping = asyncio.create_task(stop.wait(), name="stop")
        try:
            await asyncio.wait({sending, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                return sending.result()
        finally:
            stopping.cancel()
            sending.cancel()
            await asyncio.wait({sending})
        if not sending.cancelled():
            return sending.result()
        if not said:
            raise Cancelled(tr(NOTHING_SAID))
        return WordsReply("".join(said), STOPPED, None, generation_id=entry.generation_id)


def _able(models: Sequence[ChatModel], call: WordsCall) -> tuple[ChatModel, ...]:
    """Return the models that can do what a call needs, or raise OptionUnsupported as the first of them."""
    able: list[ChatModel] = []
    first: OptionUnsupported | None = None
    for model in models:
        try:
            model.require(call)
        except OptionUnsupported as error:
            first = first or error
        else:
            able.append(model)
    if first is not None and not able:
        raise first
    return tuple(able)
