"""Paid calls over real sockets: what comes back, what is sent again, and what never is."""

from __future__ import annotations

import asyncio
import base64
import json

import pytest
from model_kit import KEY, PNG, a_call, answer, chat_reply, error, good, image_part, images_reply

from bot.domain.calls import PictureBytes
from bot.domain.capabilities import Offer, Transport
from bot.errors import (
    AccountTrouble,
    ModelGone,
    ModelRejected,
    ModelUnavailable,
    NothingCame,
    OutcomeUnknown,
    PictureDeclined,
    PictureRefused,
)
from bot.model.backend import Backend
from bot.model.client import OpenRouter
from bot.transport.client import open_client

BOTH = pytest.mark.parametrize("transport", list(Transport), ids=str)


@BOTH
async def test_one_call_brings_the_picture_and_its_true_cost(server, model, transport):
    server.script = [good(transport)]

    reply = await model.draw(a_call(transport))

    assert [one.data for one in reply.pictures] == [PNG]
    assert reply.pictures[0].media_type == "image/png"
    assert reply.cost_microusd == (38701 if transport is Transport.CHAT else 40000)
    assert reply.generation_id == "gen-9"
    (request,) = server.seen
    assert request.path == ("/api/v1/chat/completions" if transport is Transport.CHAT else "/api/v1/images")
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.headers["accept-encoding"] == "identity"
    assert "transfer-encoding" not in request.headers


async def test_chat_brings_the_words_and_the_model_that_served(server, model):
    server.script = [good(Transport.CHAT)]

    reply = await model.draw(a_call())

    assert (reply.text, reply.served_by) == ("Here is…", "google/gemini-2.5-flash-image")


@BOTH
@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 524, 529])
async def test_what_passes_is_sent_once_more(server, model, waits, transport, status):
    server.script = [error(status), good(transport)]

    reply = await model.draw(a_call(transport))

    assert reply.pictures
    assert server.seen[0].body == server.seen[1].body
    assert waits == [0.5]


async def test_trouble_that_stays_ends_after_two_tries(server, model):
    server.script = [error(502)]

    with pytest.raises(ModelUnavailable):
        await model.draw(a_call())

    assert len(server.seen) == 2


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, ModelRejected),
        (401, AccountTrouble),
        (402, AccountTrouble),
        (403, AccountTrouble),
        (404, ModelGone),
        (413, ModelRejected),
        (422, ModelRejected),
    ],
)
async def test_what_is_decided_is_sent_once(server, model, status, kind):
    server.script = [error(status)]

    with pytest.raises(kind) as caught:
        await model.draw(a_call())

    assert len(server.seen) == 1
    assert type(caught.value) is kind


@pytest.mark.parametrize(
    ("advice", "wait"),
    [("0", 0.0), ("5", 5.0), (None, 0.5), ("-1", 0.5), ("abc", 0.5)],
    ids=["zero", "five", "absent", "negative", "nonsense"],
)
@pytest.mark.parametrize("status", [429, 503])
async def test_advice_to_wait_is_honoured(server, model, waits, status, advice, wait):
    headers = {} if advice is None else {"Retry_After": advice}
    server.script = [error(status, **headers), good(Transport.CHAT)]
    told: list[float] = []

    await model.draw(a_call(), on_wait=told.append)

    assert waits == [wait]
    assert told == [wait, 0.0]


async def test_nobody_waits_for_more_than_a_minute(server, model, waits):
    server.script = [error(429, Retry_After="61")]

    with pytest.raises(ModelUnavailable) as caught:
        await model.draw(a_call())

    assert caught.value.retry_after_s == 61
    assert (len(server.seen), waits) == (1, [])


async def test_a_busy_model_is_asked_for_pictures_again_and_again(server, model, waits):
    server.script = [*[error(429, Retry_After="0")] * 4, good(Transport.CHAT)]

    assert (await model.draw(a_call())).pictures

    assert len(waits) == 4


async def test_a_model_that_stays_busy_is_asked_a_few_times(server, model, waits):
    server.script = [error(429, Retry_After="0")]

    with pytest.raises(ModelUnavailable, match="busy"):
        await model.draw(a_call())

    assert (len(server.seen), len(waits)) == (6, 5)


async def test_trouble_of_another_kind_is_asked_again_once(server, model):
    server.script = [error(429, Retry_After="0"), error(502), error(502), good(Transport.CHAT)]

    with pytest.raises(ModelUnavailable):
        await model.draw(a_call())

    assert len(server.seen) == 3


async def test_a_small_balance_gets_a_smaller_budget(server, model, waits):
    words = "requires fewer max_tokens. You requested up to 16384 tokens, but can only afford 9000"
    server.script = [error(402, words), good(Transport.CHAT)]

    await model.draw(a_call())

    assert [one.fields["max_tokens"] for one in server.seen] == [16384, 9000]
    assert waits == []


@pytest.mark.parametrize("transport", list(Transport), ids=str)
@pytest.mark.parametrize("afforded", ["800", "99999"], ids=["too few for a picture", "more than asked"])
async def test_no_budget_is_sent_that_cannot_help(server, model, transport, afforded):
    server.script = [error(402, f"but can only afford {afforded}")]

    with pytest.raises(AccountTrouble):
        await model.draw(a_call(transport))

    assert len(server.seen) == 1


@BOTH
async def test_an_empty_answer_is_asked_once_more(server, model, transport):
    empty = chat_reply(content=None, usage={}) if transport is Transport.CHAT else images_reply(cost=None)
    empty["usage"] = {}
    server.script = [answer(empty), good(transport)]

    assert (await model.draw(a_call(transport))).pictures


async def test_nothing_twice_is_said(server, model):
    server.script = [answer(chat_reply(content="", images=[], usage={"cost": 0}))]

    with pytest.raises(NothingCame):
        await model.draw(a_call())

    assert len(server.seen) == 2


async def test_an_empty_answer_that_cost_is_not_paid_twice(server, model):
    server.script = [answer(chat_reply(content=None, usage={"cost": 0.01}), X_Generation_Id="gen-2")]

    with pytest.raises(NothingCame) as caught:
        await model.draw(a_call())

    assert len(server.seen) == 1
    assert (caught.value.billed_microusd, caught.value.generation_id) == (10_000, "gen-2")


@pytest.mark.parametrize("code", [429, 502, 503])
async def test_an_error_inside_a_200_is_final(server, model, code):
    server.script = [answer({"error": {"code": code, "message": "overloaded"}})]

    with pytest.raises(ModelUnavailable):
        await model.draw(a_call())

    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (chat_reply(content="I would rather not."), PictureDeclined),
        (chat_reply(content=None, finish_reason="content_filter"), PictureRefused),
    ],
    ids=["declined", "refused"],
)
async def test_an_answer_without_a_picture_is_paid_once_and_says_what_it_cost(server, model, reply, kind):
    server.script = [answer(reply)]

    with pytest.raises(kind) as caught:
        await model.draw(a_call())

    assert len(server.seen) == 1
    assert (caught.value.billed_microusd, caught.value.generation_id) == (38701, "gen-1")


async def test_what_happens_to_a_call_is_told_in_order_each_time_it_is_sent(server, model, waits):
    server.script = [error(502), good(Transport.CHAT)]
    told = []

    async def on_sent():
        told.append(("sent", len(server.seen)))

    def on_generation_id(generation_id):
        told.append((generation_id, len(server.seen)))

    async def on_refused():
        told.append(("refused", len(waits)))

    await model.draw(a_call(), on_sent=on_sent, on_generation_id=on_generation_id, on_refused=on_refused)

    assert told == [("sent", 0), ("refused", 0), ("sent", 1), ("gen-9", 2)]
    assert len(waits) == 1


async def test_what_is_not_sent_again_is_not_told_as_refused(server, model):
    server.script = [error(429, Retry_After="61")]

    async def on_refused():
        raise AssertionError

    with pytest.raises(ModelUnavailable):
        await model.draw(a_call(), on_refused=on_refused)


async def test_the_generation_is_told_before_the_reply_is_there(server, model):
    seen = asyncio.Event()

    async def late(writer):
        writer.write(b"HTTP/1.1 200 OK\r\nX-Generation-Id: gen-3\r\nContent-Length: 5000\r\n\r\n   ")
        await writer.drain()
        await seen.wait()

    def on_generation_id(generation_id):
        assert generation_id == "gen-3"
        seen.set()

    server.script = [late]

    with pytest.raises(OutcomeUnknown):
        await model.draw(a_call(), on_generation_id=on_generation_id)


async def test_nothing_is_sent_where_sent_cannot_be_written_down(server, model):
    async def on_sent():
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        await model.draw(a_call(), on_sent=on_sent)

    assert server.seen == []


async def test_keep_alive_whitespace_before_the_reply_is_passed_over(server, model):
    reply = chat_reply(images=[image_part()])
    padded = b"\n         \n" * 400 + json.dumps(reply).encode()
    server.script = [answer(padded)]

    assert (await model.draw(a_call())).pictures[0].data == PNG


async def test_modalities_and_reasoning_follow_the_catalogue(server):
    server.script = [good(Transport.CHAT)]
    offer = Offer(Transport.CHAT, output_modalities=("image",), supported_parameters=("reasoning",))
    async with open_client() as http:
        model = OpenRouter(http, Backend(server.url, KEY), offer_of=lambda *_: offer)
        await model.draw(a_call())

    assert server.seen[0].fields["modalities"] == ["image"]
    assert server.seen[0].fields["reasoning"] == {"effort": "low"}


@BOTH
async def test_a_reference_arrives_as_it_was(server, model, transport):
    photo = bytes(range(256)) * 1000
    server.script = [good(transport)]

    await model.draw(a_call(transport, references=(PictureBytes(photo, "image/jpeg"),)))

    fields = server.seen[0].fields
    part = (
        fields["messages"][0]["content"][1] if transport is Transport.CHAT else fields["input_references"][0]
    )
    head, _, letters = part["image_url"]["url"].partition(",")
    assert (head, base64.b64decode(letters)) == ("data:image/jpeg;base64", photo)
