"""Answers in words over real sockets: whole and streamed, sent again or never, broken and kept."""

from __future__ import annotations

import asyncio
import json

import pytest
from model_kit import KEY, PNG, answer, chat_reply, error, image_part
from stream_kit import stream
from time_kit import PATIENCE_S, settle
from words_kit import DONE, a_words_call, chunk, recorded

from bot.domain.chat_models import ChatModel
from bot.domain.words import Message, PicturePart, Tool
from bot.errors import (
    AccountTrouble,
    ModelGone,
    ModelRejected,
    ModelUnavailable,
    NothingCame,
    OptionUnsupported,
    OutcomeUnknown,
    PictureRefused,
)

CALL = a_words_call()
USAGE = {"prompt_tokens": 24, "completion_tokens": 9, "cost": 0.000009}
WHOLE = answer(chat_reply(content="Good evening.", usage=USAGE), X_Generation_Id="gen-9")


@pytest.fixture
def heard():
    return []


@pytest.fixture
def on_text(heard):
    async def hear(words):
        heard.append(words)

    return hear


async def test_who_waits_for_a_busy_model_is_told_for_how_long(server, model):
    server.script = [error(429, Retry_After="5"), WHOLE]
    told: list[float] = []

    await model.answer(CALL, on_wait=told.append)

    assert told == [5.0, 0.0]


async def test_a_whole_answer(server, model):
    server.script = [WHOLE]
    sent, ids = [], []

    async def on_sent():
        sent.append(len(server.seen))

    def on_generation_id(generation_id):
        ids.append(generation_id)

    reply = await model.answer(CALL, on_sent=on_sent, on_generation_id=on_generation_id)

    assert (reply.text, reply.finish_reason, reply.cost_microusd) == ("Good evening.", "stop", 9)
    assert (reply.generation_id, reply.served_by) == ("gen-9", "google/gemini-2.5-flash-image")
    assert (sent, ids) == ([0], ["gen-9"])
    (request,) = server.seen
    assert (request.path, request.headers["authorization"]) == ("/api/v1/chat/completions", f"Bearer {KEY}")
    assert "stream" not in request.fields
    assert request.fields["max_tokens"] == 4096


async def test_words_come_while_the_stream_goes_on(server, model, heard):
    second = asyncio.Event()

    async def on_text(words):
        heard.append(words)
        second.set()

    async def send(writer):
        await stream(b": OPENROUTER PROCESSING\n\n", chunk("Good "), ends=False)(writer)
        await second.wait()
        rest = chunk("evening.") + chunk("", "stop", usage=USAGE) + DONE
        writer.write(b"%x\r\n%b\r\n0\r\n\r\n" % (len(rest), rest))

    server.script = [send]
    reply = await model.answer(CALL, on_text=on_text)

    assert heard == ["Good ", "evening."]
    assert (reply.text, reply.cost_microusd, reply.generation_id) == ("Good evening.", 9, "gen-img-1")
    assert server.seen[0].fields["stream"] is True


async def test_a_provider_that_cannot_stream_is_heard_at_once(server, model, heard, on_text):
    server.script = [WHOLE]

    assert (await model.answer(CALL, on_text=on_text)).text == "Good evening."
    assert heard == ["Good evening."]


async def test_a_stream_without_words_tells_of_none(server, model, heard, on_text):
    server.script = [stream(recorded("tool_calls.sse"))]

    assert len((await model.answer(CALL, on_text=on_text)).tool_calls) == 2
    assert heard == []


async def test_a_whole_reply_may_begin_with_white_space_and_hold_everything(server, model):
    message = {
        "reasoning": "Hm",
        "tool_calls": [{"id": "a", "type": "function", "function": {"name": "draw", "arguments": "{}"}}],
        "annotations": [{"type": "file", "file": {"name": "a.pdf"}}],
    }
    body = chat_reply(content="A", images=[image_part()], message=message, finish_reason="vibes")
    server.script = [answer(" \n" * 5000 + json.dumps(body))]

    reply = await model.answer(CALL)

    assert (reply.text, reply.reasoning, reply.finish_reason) == ("A", "Hm", "vibes")
    assert (reply.tool_calls[0].name, reply.annotations[0].title) == ("draw", "a.pdf")
    assert [one.data for one in reply.pictures] == [PNG]


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (chat_reply(content=None, message={"refusal": "I can't."}), PictureRefused, "I can't."),
        (chat_reply(content="So f", finish_reason="content_filter"), PictureRefused, "So f"),
        (chat_reply(content="", finish_reason="length"), ModelRejected, ""),
        (chat_reply(content=None), NothingCame, ""),
        (chat_reply(content="It", choice={"error": {"code": 502}}), ModelUnavailable, "It"),
        ({"error": {"code": 500, "message": "Internal"}}, ModelUnavailable, ""),
    ],
    ids=["refusal", "content filter", "no room", "nothing", "error in the choice", "error in a 200"],
)
async def test_replies_that_are_no_answer_are_final(server, model, reply, kind, words):
    server.script = [answer(reply)]

    with pytest.raises(kind) as caught:
        await model.answer(CALL)

    assert (caught.value.words, len(server.seen)) == (words, 1)
    assert not {"picture came", "drew", "drawing"} & set(str(caught.value).split())


@pytest.mark.parametrize(
    ("failed", "kind", "sentence"),
    [
        (error(400, metadata={"error_type": "context_length_exceeded"}), ModelRejected, "new conversation"),
        (error(404, "No endpoints found that support tool use"), ModelRejected, "cannot do what that needs"),
        (error(404, "No endpoints found that support image input"), ModelRejected, "cannot do what"),
        (error(413), ModelRejected, "What is attached is too big"),
        (
            error(404, availability={"code": "model_deprecated", "retryable": False}),
            ModelGone,
            "not available",
        ),
        (error(403, metadata={"reasons": ["violence"]}), PictureRefused, "refused"),
        (error(401), AccountTrouble, "operator"),
    ],
    ids=["too long", "no tools", "no pictures", "too big", "gone", "refused", "a bad key"],
)
async def test_refused_requests_are_said_in_words_that_fit(server, model, on_text, failed, kind, sentence):
    server.script = [failed]

    with pytest.raises(kind, match=sentence):
        await model.answer(CALL, on_text=on_text)

    assert len(server.seen) == 1


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
async def test_what_failed_before_a_200_is_sent_once_more(server, model, heard, on_text, streamed):
    sent = []

    async def on_sent():
        sent.append(1)

    last = stream(chunk("Yes", "stop"), DONE) if streamed else WHOLE
    server.script = [error(502), last]

    await model.answer(CALL, on_text=on_text if streamed else None, on_sent=on_sent)

    assert server.seen[0].body == server.seen[1].body
    assert (sent, heard) == ([1, 1], ["Yes"] if streamed else [])


async def test_as_many_tokens_as_the_account_affords_are_asked_for(server, model):
    server.script = [error(402, "you can only afford 300"), WHOLE]

    await model.answer(CALL)

    assert [request.fields["max_tokens"] for request in server.seen] == [4096, 300]


@pytest.mark.parametrize(
    ("afforded", "draws"), [(255, False), (4096, False), (8000, True)], ids=["few", "no fewer", "no picture"]
)
async def test_too_few_tokens_are_not_worth_it(server, model, afforded, draws):
    server.script = [error(402, f"you can only afford {afforded}")]

    with pytest.raises(AccountTrouble):
        await model.answer(a_words_call(draws=draws, max_tokens=4096 if not draws else 9000))

    assert len(server.seen) == 1


@pytest.mark.parametrize("ends", [True, False], ids=["ended", "broken off"])
async def test_a_stream_that_stops_too_soon_keeps_what_came(server, model, heard, on_text, ends):
    server.script = [stream(chunk("It was a "), chunk("dark"), ends=ends)]

    with pytest.raises(OutcomeUnknown) as caught:
        await model.answer(CALL, on_text=on_text)

    assert caught.value.words == "".join(heard) == "It was a dark"
    assert (caught.value.generation_id, len(server.seen)) == ("gen-img-1", 1)
    assert "before the answer was complete" in str(caught.value)


async def test_a_stream_that_breaks_after_its_finish_is_an_answer(server, model, on_text):
    server.script = [stream(chunk("Yes"), chunk("", "stop", usage=USAGE), ends=False)]

    assert (await model.answer(CALL, on_text=on_text)).cost_microusd == 9


async def test_an_error_in_mid_stream_keeps_what_came(server, model, heard, on_text):
    server.script = [stream(recorded("error_with_null_finish.sse"))]

    with pytest.raises(ModelUnavailable) as caught:
        await model.answer(CALL, on_text=on_text)

    assert caught.value.words == "".join(heard) == "It was a dark"
    assert len(server.seen) == 1


async def test_a_connection_that_never_answers_says_nothing(server, model, on_text):
    async def hang_up(writer):
        writer.transport.abort()

    server.script = [hang_up]

    with pytest.raises(OutcomeUnknown) as caught:
        await model.answer(CALL, on_text=on_text)

    assert caught.value.words == ""


async def test_a_silent_stream_is_cut_by_the_total_time(server, streaming, on_text, loop_clock):
    hanging = asyncio.Event()
    server.script = [stream(chunk("It"), hangs=hanging)]
    answering = asyncio.create_task(streaming.answer(CALL, on_text=on_text))
    await hanging.wait()
    await settle()
    await loop_clock.move(60)

    with pytest.raises(OutcomeUnknown) as caught:
        async with asyncio.timeout(PATIENCE_S):
            await answering
    assert caught.value.words == "It"


async def test_cancelling_closes_the_connection(server, model):
    begun, closed = asyncio.Event(), asyncio.Event()

    async def send(writer):
        await stream(chunk("It"), ends=False)(writer)
        try:
            while not writer.transport.is_closing():
                writer.write(b"2\r\n:\n\r\n")
                await writer.drain()
                await asyncio.sleep(0.005)
        finally:
            closed.set()

    async def on_text(_):
        begun.set()

    server.script = [send]
    answering = asyncio.create_task(model.answer(CALL, on_text=on_text))
    await begun.wait()
    answering.cancel()

    with pytest.raises(asyncio.CancelledError):
        await answering
    async with asyncio.timeout(PATIENCE_S):
        await closed.wait()
    assert model.loads()[0].in_flight == 0


async def test_whoever_listens_may_end_the_call(server, model):
    async def on_text(_):
        raise LookupError("the message is gone")

    server.script = [stream(chunk("It"), hangs=asyncio.Event())]

    with pytest.raises(LookupError):
        await model.answer(CALL, on_text=on_text)
    await asyncio.sleep(0)
    assert model.loads()[0].in_flight == 0


async def test_what_a_model_cannot_do_is_not_sent(server, model):
    model._chat_model_of = lambda model_id: ChatModel(
        model_id, "Plain", input_modalities=frozenset({"text"}), supported_parameters=frozenset()
    )

    with pytest.raises(OptionUnsupported, match="Plain cannot see pictures or use tools"):
        await model.answer(
            a_words_call(Message.user("x", PicturePart(None)), tools=(Tool("a", "", {}),))  # pyright: ignore[reportArgumentType] - never sent
        )

    assert server.seen == []


async def test_words_and_pictures_share_their_circuit(server, model, waits):
    server.script = [error(401)]
    with pytest.raises(AccountTrouble):
        await model.answer(CALL)

    with pytest.raises(AccountTrouble, match="try again in"):
        model.available(CALL.model_id)
    with pytest.raises(AccountTrouble):
        await model.answer(CALL)
    assert len(server.seen) == 1
