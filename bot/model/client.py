"""The client of the model's API: paid calls for pictures and for words, and what the account says."""

from __future__ import annotations

import asyncio
import logging
import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from bot.domain.capabilities import CHAT_MAX_TOKENS, Offer, Transport
from bot.domain.chat_models import LEAST_DRAWING_TOKENS, ChatModel
from bot.errors import ModelUnavailable
from bot.model import account, chat, pictures, talk
from bot.model.attempt import Ask, Attempt
from bot.model.bodies import Body
from bot.model.failures import Failure, Retry, Signal
from bot.model.lanes import LONGEST_PAUSE_S, LONGEST_WAIT_S
from bot.model.pressure import Turnstile
from bot.model.reads import ReadFailed, read_json
from bot.model.speech import CAPS
from bot.model.streams import PictureFollower
from bot.model.word_stream import Teller, WordsFollower

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import httpx

    from bot.domain.calls import PictureCall, PictureReply
    from bot.domain.places import Places
    from bot.domain.words import WordsCall, WordsReply
    from bot.model.account import Generation, KeyStatus
    from bot.model.backend import Backend
    from bot.model.partials import PartialSeen
    from bot.model.pressure import ModelLoad, Visit
    from bot.model.word_stream import TextSeen

R = TypeVar("R")
log = logging.getLogger(__name__)

MAX_RUNNING = 32
ATTEMPT_TIMEOUT_S = 200.0
"""Pictures take up to two minutes; OpenRouter's edge gives up before this."""
BUSY_TRIES = 6
"""How often a model that has too many calls is asked for pictures."""
SHORTEST_WAIT_S, JITTER_S = 0.5, 3.0
LEAST_ANSWER_TOKENS = 256
"""An answer that is cut off sooner is not worth sending again for."""
GENERATION_ATTEMPTS = 7
"""About fifteen seconds: a call is recorded some seconds after it ended."""


def _unheard(_seconds: float) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class _Hooks:
    """Whom to tell of a call's progress."""

    on_sent: Callable[[], Awaitable[None]] | None
    on_generation_id: Callable[[str], None] | None
    on_refused: Callable[[], Awaitable[None]] | None
    on_reply: Callable[[], Awaitable[None]] | None = None
    on_wait: Callable[[float], None] = _unheard


class OpenRouter:
    """An API of OpenRouter's shape.

    `offer_of` says what a model that draws takes through a transport, `chat_model_of` what one that answers
    in words takes; the catalogue's `offer` and `described` are meant. `max_running` paid calls are under way
    at once, at most. `alert` hears what the operator has to mend. `clock`, `sleep` and `jitter` (0 to 1) are
    there for tests.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        backend: Backend,
        *,
        offer_of: Callable[[str, Transport], Offer] = lambda _, transport: Offer(transport),
        chat_model_of: Callable[[str], ChatModel] = lambda model_id: ChatModel(model_id, model_id),
        max_running: int = MAX_RUNNING,
        attempt_timeout_s: float = ATTEMPT_TIMEOUT_S,
        alert: Callable[[str], None] = log.error,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._http = http
        self._backend = backend
        self._offer_of = offer_of
        self._chat_model_of = chat_model_of
        self._turnstile = Turnstile(max_running, alert=alert)
        self._attempt_timeout_s = attempt_timeout_s
        self._clock = clock
        self._sleep = sleep
        self._jitter = jitter

    async def draw(
        self,
        call: PictureCall,
        *,
        on_sent: Callable[[], Awaitable[None]] | None = None,
        on_generation_id: Callable[[str], None] | None = None,
        on_refused: Callable[[], Awaitable[None]] | None = None,
        on_reply: Callable[[], Awaitable[None]] | None = None,
        on_partial: PartialSeen | None = None,
        on_wait: Callable[[float], None] = _unheard,
    ) -> PictureReply:
        """Make one paid call and return its pictures, or raise a ModelError.

        It waits for its turn, as many calls as the model can bear being under way at once; where the model is
        down, ModelUnavailable says at once when to try again, and nothing is sent.

        It is sent a second time only where the first is known not to have been charged. `on_sent` is awaited
        each time, when it is the call's turn and before anything leaves; `on_refused` before it waits to be
        sent again: nothing is at the provider then, and an id that came is void; `on_reply` when more than a
        reply's first bytes would be read: it may wait for memory, but a stream is not held up.
        `on_generation_id` is told the id when headers bring it, before the reply is read; `on_wait` for how
        many seconds the call waits before it is sent again, or for a model that asked all calls to wait, and
        0 once that is over.

        `on_partial` is awaited with partial pictures and their place in the row, 0 first, where the model
        streams them: one at a time, never after this returns or raises, and where it is slow only with the
        latest. After 1 s it is cancelled so that the whole picture need not wait for it; if it raises, that
        is logged and no further one is shown.
        """

        def smaller(tokens: int) -> Ask[PictureReply] | None:
            may = call.transport is Transport.CHAT and LEAST_DRAWING_TOKENS <= tokens < CHAT_MAX_TOKENS
            return self._picture_ask(call, tokens) if may else None

        ask = self._picture_ask(call, on_partial=on_partial if self._streams(call) else None)
        hooks = _Hooks(on_sent, on_generation_id, on_refused, on_reply, on_wait)
        outcome = await self._pay(call.model_id, ask, smaller, hooks, BUSY_TRIES)
        if isinstance(outcome, Failure):
            raise outcome.error()
        return outcome

    async def answer(
        self,
        call: WordsCall,
        *,
        on_sent: Callable[[], Awaitable[None]] | None = None,
        on_generation_id: Callable[[str], None] | None = None,
        on_refused: Callable[[], Awaitable[None]] | None = None,
        on_text: TextSeen | None = None,
        on_wait: Callable[[float], None] = _unheard,
    ) -> WordsReply:
        """Make one paid call and return its answer, or raise a ModelError whose `words` are what came of it.

        It waits for its turn, is sent again and tells of itself as `draw` does. OptionUnsupported says before
        anything is sent that the model cannot do what the call needs.

        With `on_text` the answer is streamed: it is awaited with the words as they come, each once, in order,
        and never after this returns or raises. It should be quick, for the stream waits; what it raises ends
        the call, as cancelling it does, and with the connection the model stops too.
        """
        model = self._chat_model_of(call.model_id)
        model.require(call)
        budget, tell = model.budget(call), Teller(on_text) if on_text else None
        least = LEAST_DRAWING_TOKENS if call.draws else LEAST_ANSWER_TOKENS

        def smaller(tokens: int) -> Ask[WordsReply] | None:
            return self._words_ask(call, model, tokens, tell) if least <= tokens < budget else None

        ask = self._words_ask(call, model, budget, tell)
        hooks = _Hooks(on_sent, on_generation_id, on_refused, on_wait=on_wait)
        outcome = await self._pay(call.model_id, ask, smaller, hooks)
        if isinstance(outcome, Failure):
            raise outcome.error(in_words=True)
        if tell and not tell.told:
            await tell(outcome.text)
        return outcome

    def available(self, model_id: str) -> None:
        """Raise ModelUnavailable or AccountTrouble, as `draw` would, where a model is known to be down."""
        self._turnstile.available(model_id)

    def solvent(self) -> None:
        """Raise AccountTrouble where the key was refused or its credit is used up, for whichever model."""
        self._turnstile.solvent()

    def places(self, model_id: str) -> Places:
        """Return how many calls of a model may be under way now."""
        return self._turnstile.places(model_id)

    def watch(self, changed: Callable[[], None]) -> None:
        """Call `changed` whenever that becomes another: a pause begins or ends, an answer moves a limit."""
        self._turnstile.watch(changed)

    def loads(self) -> tuple[ModelLoad, ...]:
        """Return how busy each model is that was asked for so far, and whether it is down."""
        return self._turnstile.loads()

    async def key(self) -> KeyStatus:
        """Return what is left of the key's limit, or raise a ModelError."""
        try:
            return account.key_status(await read_json(self._http, self._backend, "/key"))
        except ReadFailed as error:
            raise error.failed.error() from None

    async def generation(self, generation_id: str) -> Generation | None:
        """Return a call as recorded by the provider, or None where it is not known; ModelError in trouble.

        It may be unknown for some seconds after the call, so it is asked for a few times.
        """
        try:
            reply = await read_json(
                self._http,
                self._backend,
                "/generation",
                {"id": generation_id},
                again_on=frozenset({404}),
                attempts=GENERATION_ATTEMPTS,
            )
        except ReadFailed as error:
            if error.status == 404:
                return None
            raise error.failed.error() from None
        return account.generation(reply)

    async def _pay(
        self,
        model_id: str,
        ask: Ask[R],
        smaller: Callable[[int], Ask[R] | None],
        hooks: _Hooks,
        most_tries: int = 2,
    ) -> R | Failure:
        """Send once, and a second time where the first is known not to have been charged.

        A model that has too many calls is asked up to `most_tries` times: whoever comes a moment later waits
        for it as well. `smaller` returns what to send where so many tokens are all that can be paid for.
        """
        with self._turnstile.visit(model_id) as visit:
            outcome = await self._try(visit, ask, hooks)
            left = most_tries - 1
            while isinstance(outcome, Failure) and left > 0 and not visit.is_turned_away:
                is_busy = most_tries > 2 and outcome.signal is Signal.BUSY
                longest_s = LONGEST_PAUSE_S if is_busy else LONGEST_WAIT_S
                if (again := await self._again(ask, outcome, smaller, hooks, longest_s)) is None:
                    break
                left = left - 1 if is_busy else 0
                outcome = await self._try(visit, again, hooks)
            visit.conclude(outcome if isinstance(outcome, Failure) else None)
        return self._timed(model_id, outcome) if isinstance(outcome, Failure) else outcome

    def _timed(self, model_id: str, failed: Failure) -> Failure:
        """Return a failure with when the model is asked again, where it is left alone because of it."""
        if failed.retry_after_s is not None or failed.signal not in {Signal.DOWN, Signal.STRAINED}:
            return failed
        try:
            self._turnstile.available(model_id)
        except ModelUnavailable as left_alone:
            return replace(failed, retry_after_s=left_alone.retry_after_s)
        return failed

    async def _try(self, visit: Visit, ask: Ask[R], hooks: _Hooks) -> R | Failure:
        """Send once, when it is this call's turn."""
        attempt = Attempt(
            self._http,
            ask,
            clock=self._clock,
            on_generation_id=hooks.on_generation_id,
            on_reply=hooks.on_reply,
        )
        async with visit.turn(hooks.on_wait) as turn:
            if hooks.on_sent is not None:
                await hooks.on_sent()
            outcome = await attempt.run(self._attempt_timeout_s)
            turn.note(outcome if isinstance(outcome, Failure) else None)
        return outcome

    async def _again(
        self,
        ask: Ask[R],
        failed: Failure,
        smaller: Callable[[int], Ask[R] | None],
        hooks: _Hooks,
        longest_s: float,
    ) -> Ask[R] | None:
        """Return what to send after a failure, having waited; None where nothing may be sent."""
        again = None
        if failed.retry is Retry.SMALLER:
            again = smaller(failed.affordable_tokens or 0)
        elif failed.retry is Retry.SAME and (failed.retry_after_s or 0) <= longest_s:
            again = ask
        if again is not None and hooks.on_refused is not None:
            await hooks.on_refused()
        if again is not ask:
            return again
        wait_s = self._wait_s(failed.retry_after_s)
        log.info("sending again reason=%s wait_s=%.1f", failed.name, wait_s)
        hooks.on_wait(wait_s)
        await self._sleep(wait_s)
        hooks.on_wait(0.0)
        return again

    def _wait_s(self, advice_s: float | None) -> float:
        """Return how long to wait: as advised and a little more, so that not all come back at once."""
        if advice_s is not None:
            return advice_s + self._jitter()
        return SHORTEST_WAIT_S + JITTER_S * self._jitter()

    def _streams(self, call: PictureCall) -> bool:
        """Tell whether partial pictures may come of a call."""
        if call.transport is not Transport.IMAGES:
            return False
        return self._offer_of(call.model_id, Transport.IMAGES).streams

    def _picture_ask(
        self, call: PictureCall, max_tokens: int = CHAT_MAX_TOKENS, *, on_partial: PartialSeen | None = None
    ) -> Ask[PictureReply]:
        """Write the request for the transport of a call."""
        headers = self._backend.headers()
        if call.transport is Transport.IMAGES:
            return Ask(
                url=self._backend.url(pictures.PATH),
                headers=headers,
                body=Body(pictures.fields(call, self._backend, streams=on_partial is not None)),
                read=pictures.read,
                follower=partial(PictureFollower, on_partial) if on_partial else None,
            )
        offer = self._offer_of(call.model_id, Transport.CHAT)
        body = Body(chat.fields(call, offer, self._backend, max_tokens))
        return Ask(url=self._backend.url(chat.PATH), headers=headers, body=body, read=chat.read)

    def _words_ask(
        self, call: WordsCall, model: ChatModel, max_tokens: int, tell: Teller | None
    ) -> Ask[WordsReply]:
        """Write the request for an answer in words."""
        return Ask(
            url=self._backend.url(chat.PATH),
            headers=self._backend.headers(),
            body=Body(talk.fields(call, model, self._backend, max_tokens, streams=tell is not None)),
            read=talk.read,
            caps=CAPS,
            follower=partial(WordsFollower, tell) if tell else None,
        )
