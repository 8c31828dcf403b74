"""A paid call from its first byte to its last: check, record, misbehave if told to, draw, charge, answer."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from starlette.requests import ClientDisconnect, Request

from sandbox.model import chat_checks, images_checks, replies, speaker, studio, words
from sandbox.model.billing import NOTHING, usage_of
from sandbox.model.credit import afford
from sandbox.model.fault_answers import ANSWER_FAULTS
from sandbox.model.fault_refusals import REFUSAL_FAULTS
from sandbox.model.faults import LINE_FAULTS, Fault
from sandbox.model.keys import bearer
from sandbox.model.refusals import Refusal, invalid
from sandbox.model.sending import COMMENT, KEEP_ALIVE, Line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.types import Receive, Scope, Send

    from sandbox.model.asks import Ask, Transport
    from sandbox.model.billing import RecordedCall
    from sandbox.model.eyes import Memory
    from sandbox.model.loopback import LoopbackModel
    from sandbox.model.refusals import Json
    from sandbox.model.replies import Answer

CHECKS = {"chat": chat_checks.check, "images": images_checks.check}
MIN_PICTURE_TOKENS = 2000
"""Below this budget, reasoning eats everything before a picture comes (a budget of 1,024 gave none)."""
SLOW_S = 20.0
MISBEHAVIOUR = LINE_FAULTS.keys() - {"slow", "keep_alives"}
BROKEN = MISBEHAVIOUR | {"stream_error", "stream_cut"}
"""Faults after which the client holds no picture, so that the pictures endpoint does not charge."""


class PaidEndpoint:
    """`POST /chat/completions` or `POST /images`, as an ASGI application."""

    def __init__(self, model: LoopbackModel, transport: Transport) -> None:
        self._model = model
        self._transport: Transport = transport

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        line = Line(scope, receive, send)
        request = Request(scope, receive)
        try:
            key = bearer(request.headers)
            body = await _json_object(request)
        except Refusal as refusal:
            await send_refusal(line, refusal)
            return
        except ClientDisconnect:
            return
        call_id = self._model.books.open(self._transport, key, body)
        self._model.note_change()
        try:
            await self._serve(line, call_id, body)
        except Refusal as refusal:
            self._model.books.close(call_id, "refused", status=refusal.status)
            await send_refusal(line, refusal, call_id)
        finally:
            self._model.note_change()

    async def _serve(self, line: Line, call_id: str, body: Json) -> None:
        """Check the request, do the work, and send what came of it."""
        model = self._model
        if model.schema is not None:
            model.schema.check(self._transport, body)
        ask = await asyncio.to_thread(CHECKS[self._transport], body, model.catalogue)
        model.books.accept(call_id, ask)
        afford(ask, model.books.left_usd)
        fault = model.faults.take(ask)
        if fault is not None and fault.name in REFUSAL_FAULTS:
            await model.work()
            raise REFUSAL_FAULTS[fault.name].make(dict(fault.options))
        await Job(model, line, ask, call_id, fault).run()


class Job:
    """The work on one accepted request."""

    def __init__(self, model: LoopbackModel, line: Line, ask: Ask, call_id: str, fault: Fault | None) -> None:
        self._model = model
        self._line = line
        self._ask = ask
        self._call_id = call_id
        self._fault = fault
        self._streams = ask.streams

    async def run(self) -> None:
        """Draw, charge and answer."""
        work = asyncio.create_task(self._work())
        try:
            if self._ask.transport == "images" or self._streams:
                await self._while_listening(work)
            else:
                await self._with_keep_alives(work, KEEP_ALIVE)
        finally:
            if not work.done():
                work.cancel()
        if work.cancelled():
            self._model.books.close(self._call_id, "dropped", status=None)
            return
        answer = work.result()
        self._close(answer)
        await self._send(answer)

    async def _work(self) -> Answer:
        """Take the time that a model takes, and return its answer."""
        fault = self._fault
        extra_s = fault.seconds(SLOW_S) if fault and fault.name == "slow" else 0.0
        if self._streams and self._ask.transport == "images":
            answer = await self._shown_work(extra_s)
        else:
            await self._model.work(extra_s)
            answer = await asyncio.to_thread(_answer, self._ask, self._model.memory)
        if fault is not None and fault.name in ANSWER_FAULTS:
            answer = ANSWER_FAULTS[fault.name].spoil(answer, self._ask)
        if self._ask.transport == "images" and not answer.pictures:
            # The pictures endpoint charges all or nothing.
            answer = replace(answer, usage=NOTHING)
        return answer

    async def _shown_work(self, extra_s: float) -> Answer:
        """Draw, and send each picture as it sharpens over the time that the model takes."""
        answer = await asyncio.to_thread(_answer, self._ask, self._model.memory)
        steps = await asyncio.to_thread(_partials, self._ask, answer)
        share = 1 / (len(steps) + 1)
        for index, partial in enumerate(steps):
            await self._model.work(extra_s, share)
            await self._sign_of_life(replies.partial_event(index, partial))
        await self._model.work(extra_s, share)
        return answer

    async def _while_listening(self, work: asyncio.Task[Answer]) -> None:
        """Wait for the work; a client that hangs up ends it, uncharged."""
        leaving = asyncio.create_task(self._line.gone())
        if self._streams:
            watching = asyncio.create_task(self._with_keep_alives(work, COMMENT))
        else:
            watching = asyncio.create_task(asyncio.wait((work,)))
        await asyncio.wait((watching, leaving), return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            work.cancel()
        leaving.cancel()
        await asyncio.gather(watching, leaving, work, return_exceptions=True)

    async def _with_keep_alives(self, work: asyncio.Task[Answer], sign: bytes) -> None:
        """Wait for the work; every now and then send a sign of life, which commits the status to 200."""
        if self._fault is not None and self._fault.name == "keep_alives":
            await self._sign_of_life(sign * 12)
        while not work.done():
            await asyncio.wait((work,), timeout=self._model.keep_alive_s)
            if not work.done():
                await self._sign_of_life(sign)

    async def _sign_of_life(self, sign: bytes) -> None:
        if self._fault is not None and self._fault.name == "reset_before_headers":
            return
        if not self._line.started:
            await self._line.start(200, self._headers())
        await self._line.more(sign)

    def _close(self, answer: Answer) -> None:
        """Write the call into the books; on the pictures endpoint a broken line is not charged."""
        outcome = self._fault.name if self._fault else ("drawn" if answer.pictures else "answered")
        broken = self._fault is not None and self._fault.name in BROKEN
        usage = NOTHING if broken and self._ask.transport == "images" else answer.usage
        self._model.books.close(
            self._call_id, outcome, status=200, pictures=len(answer.pictures), usage=usage
        )

    async def _send(self, answer: Answer) -> None:
        """Send the answer, rightly or wrongly."""
        pieces = self._pieces(answer)
        fault = self._fault
        if fault is not None and fault.name in MISBEHAVIOUR:
            await self._line.misbehave(fault, self._headers(), pieces)
            return
        if not self._streams:
            await self._line.whole(200, self._headers(), b"".join(pieces))
            return
        if not self._line.started:
            await self._line.start(200, self._headers())
        if self._ask.transport == "chat" and self._model.word_pace_s:
            await self._send_at_pace(pieces, answer)
            return
        for piece in pieces:
            await self._line.more(piece)
        await self._line.finish()

    async def _send_at_pace(self, pieces: Iterable[bytes], answer: Answer) -> None:
        """Send an answer as fast as a model speaks; for whoever hangs up it stops, and so does the bill."""
        leaving = asyncio.create_task(self._line.gone())
        spoken, said = [*pieces], answer.content or ""
        for sent, piece in enumerate(spoken):
            await asyncio.wait((leaving,), timeout=self._model.word_pace_s)
            if leaving.done():
                usage = usage_of(self._ask, pictures=0, words=said[: len(said) * sent // len(spoken)])
                self._model.books.close(self._call_id, "dropped", status=200, usage=usage)
                return
            await self._line.more(piece)
        leaving.cancel()
        await self._line.finish()

    def _pieces(self, answer: Answer) -> Iterable[bytes]:
        """Return the body: events of a stream, or one JSON document."""
        call = cast("RecordedCall", self._model.books.find(self._call_id))
        if self._ask.transport == "images":
            if self._streams:
                return self._events(call, [*replies.images_events(call, answer)])
            return [json.dumps(replies.images_reply(call, answer)).encode()]
        if self._streams:
            return self._events(call, [*replies.chat_events(call, self._ask, answer)])
        return [json.dumps(replies.chat_reply(call, self._ask, answer)).encode()]

    def _events(self, call: RecordedCall, events: list[bytes]) -> list[bytes]:
        """Return the events of a stream, or what a fault leaves of them."""
        name = self._fault.name if self._fault else ""
        begun = [] if self._ask.transport == "images" else events[: len(events) // 2]
        if name == "stream_error":
            code = str(cast("Fault", self._fault).options.get("code", "server_error"))
            return [*begun, *replies.broken_events(self._ask, call, code)]
        if name == "stream_cut":
            return begun
        return events[:-1] if name == "no_done" else events

    def _headers(self) -> dict[str, str]:
        """Return the headers of an answer."""
        media_type = "text/event-stream" if self._streams else "application/json"
        return {
            "Content-Type": media_type,
            "X-Generation-Id": self._call_id,
            "X-Provider-Name": self._ask.model.provider,
        }


def _answer(ask: Ask, memory: Memory) -> Answer:
    """Draw, or talk."""
    if not ask.draws:
        return speaker.answer(ask, memory)
    if ask.transport == "chat" and ask.max_tokens is not None and ask.max_tokens < MIN_PICTURE_TOKENS:
        spent = usage_of(ask, pictures=0, reasoning_tokens=ask.max_tokens)
        return replies.Answer("", usage=spent, finish_reason="length")
    said = (
        words.beside_a_picture(ask.prompt) if "text" in ask.model.outputs and ask.transport == "chat" else ""
    )
    pictures = studio.draw(ask)
    memory.remember(ask.prompt, pictures)
    return replies.Answer(said, pictures, usage_of(ask, pictures=ask.count, words=said))


def _partials(ask: Ask, answer: Answer) -> list[replies.EncodedPicture]:
    """Return every picture in the states before its last, one picture after the other."""
    return [step for picture in answer.pictures for step in studio.partials(picture, ask.output_format)]


async def _json_object(request: Request) -> Json:
    """Return the request's body, or refuse what is no JSON object."""
    if request.headers.get("content-type", "").split(";")[0].strip() != "application/json":
        raise invalid("Content-Type must be application/json")
    try:
        body: object = json.loads(await request.body())
    except (ValueError, RecursionError) as error:
        raise invalid("The body is not valid JSON") from error
    if not isinstance(body, dict):
        raise invalid("The body must be a JSON object")
    return cast("Json", body)


async def send_refusal(line: Line, refusal: Refusal, call_id: str | None = None) -> None:
    """Send an error answer: JSON, or the edge's page of HTML."""
    html: str | None = refusal.error.get("html")
    headers = {"Content-Type": "application/json" if html is None else "text/html; charset=UTF-8"}
    if call_id is not None and html is None:
        headers["X-Generation-Id"] = call_id
    body = json.dumps(refusal.body) if html is None else html
    await line.whole(refusal.status, headers | refusal.headers, body.encode())
