"""Paid calls over real sockets: what comes back, what is sent again, and what never is."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import traceback

import pytest
from model_kit import KEY, PNG, a_call, answer, chat_reply, image_part, images_reply

from bot.domain.calls import PictureBytes
from bot.domain.capabilities import Offer, Transport
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
)
from bot.model.backend import Backend
from bot.model.client import OpenRouter
from bot.transport.client import open_client

BOTH = pytest.mark.parametrize("transport", list(Transport), ids=str)


def good(transport):
    reply = chat_reply(images=[image_part()]) if transport is Transport.CHAT else images_reply(PNG)
    return answer(reply, X_Generation_Id="gen-9")


def error(status, message="no", **extra):
    headers = {name: extra.pop(name) for name in list(extra) if name[0].isupper()}
    return answer({"error": {"code": status, "message": message, **extra}}, status, **headers)


async def broken(writer):
    writer.transport.abort()


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

    await model.draw(a_call())

    assert waits == [wait]


async def test_nobody_waits_a_minute(server, model, waits):
    server.script = [error(429, Retry_After="60")]

    with pytest.raises(ModelUnavailable) as caught:
        await model.draw(a_call())

    assert caught.value.retry_after_s == 60
    assert (len(server.seen), waits) == (1, [])


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


@BOTH
@pytest.mark.parametrize("share", [0, 1, 50, 99], ids=lambda share: f"{share} percent")
async def test_a_reply_cut_off_is_never_sent_again(server, model, transport, share):
    whole = chat_reply(images=[image_part()]) if transport is Transport.CHAT else images_reply(PNG)
    size = len(str(whole))
    server.script = [answer(whole, cut=size * share // 100, X_Generation_Id="gen-7")]

    with pytest.raises(OutcomeUnknown) as caught:
        await model.draw(a_call(transport))

    assert len(server.seen) == 1
    assert caught.value.generation_id == "gen-7"


async def test_a_reset_before_headers_is_never_sent_again(server, model):
    server.script = [broken]

    with pytest.raises(OutcomeUnknown) as caught:
        await model.draw(a_call())

    assert len(server.seen) == 1
    assert caught.value.generation_id is None


@pytest.mark.parametrize("body", ["<html>Bad Gateway</html>", "[" * 200_000, '{"a": NaN}', ""], ids=len)
async def test_a_200_that_is_no_json_is_not_sent_again(server, model, body):
    server.script = [answer(body)]

    with pytest.raises(OutcomeUnknown):
        await model.draw(a_call())

    assert len(server.seen) == 1


async def test_an_error_page_of_html_goes_by_its_status(server, model):
    server.script = [answer("<html>Bad Gateway</html>", 502, Content_Type="text/html"), good(Transport.CHAT)]

    assert (await model.draw(a_call())).pictures


async def test_an_error_body_that_breaks_off_goes_by_its_status(server, model):
    server.script = [answer({"error": {"message": "x" * 1000}}, 400, cut=10)]

    with pytest.raises(ModelRejected):
        await model.draw(a_call())


async def test_an_error_body_without_end_is_not_read_to_the_end(server, model):
    async def endless(writer):
        writer.write(b"HTTP/1.1 400 X\r\nConnection: close\r\n\r\n")
        while True:
            writer.write(bytes(65536))
            await writer.drain()

    server.script = [endless]

    with pytest.raises(ModelRejected):
        await model.draw(a_call())


async def test_a_slow_drip_is_cut_by_the_total_time(server):
    async def drip(writer):
        writer.write(b"HTTP/1.1 200 OK\r\nX-Generation-Id: gen-5\r\nContent-Length: 100000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.02)

    server.script = [drip]
    async with open_client() as http:
        model = OpenRouter(http, Backend(server.url, KEY), attempt_timeout_s=0.3)
        started = asyncio.get_running_loop().time()
        with pytest.raises(OutcomeUnknown) as caught:
            await model.draw(a_call())
        took = asyncio.get_running_loop().time() - started

    assert 0.25 < took < 2
    assert caught.value.generation_id == "gen-5"
    assert len(server.seen) == 1


async def test_a_server_that_is_not_there_is_tried_twice_and_nothing_was_sent(waits):
    async def sleep(seconds):
        waits.append(seconds)

    async with open_client() as http:
        model = OpenRouter(http, Backend("http://127.0.0.1:9/api/v1", KEY), sleep=sleep)
        with pytest.raises(ModelUnavailable):
            await model.draw(a_call())

    assert len(waits) == 1
    assert 0.5 <= waits[0] <= 3.5


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


async def test_sent_is_told_once_before_anything_leaves(server, model):
    server.script = [error(502), good(Transport.CHAT)]
    told = []

    async def on_sent():
        told.append(("sent", len(server.seen)))

    async def on_generation_id(generation_id):
        told.append((generation_id, len(server.seen)))

    await model.draw(a_call(), on_sent=on_sent, on_generation_id=on_generation_id)

    assert told == [("sent", 0), ("gen-9", 2)]


async def test_the_generation_is_told_before_the_reply_is_there(server, model):
    seen = asyncio.Event()

    async def late(writer):
        writer.write(b"HTTP/1.1 200 OK\r\nX-Generation-Id: gen-3\r\nContent-Length: 5000\r\n\r\n   ")
        await writer.drain()
        await seen.wait()

    async def on_generation_id(generation_id):
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


async def test_cancelling_stops_the_call(server, model):
    started = asyncio.Event()

    async def silent(writer):
        started.set()
        await writer.wait_closed()

    server.script = [silent]
    drawing = asyncio.create_task(model.draw(a_call()))
    await started.wait()
    drawing.cancel()

    with pytest.raises(asyncio.CancelledError):
        await drawing
    assert len(server.seen) == 1


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


FAULTS = [
    *(error(status) for status in (400, 401, 402, 403, 404, 413, 429, 500)),
    answer("<html>", 200),
    answer({"error": {"code": 401, "message": f"key {KEY} is wrong"}}, 401),
    broken,
]


@pytest.mark.parametrize("fault", FAULTS, ids=range(len(FAULTS)))
async def test_the_key_is_in_no_error_and_no_log(server, model, caplog, fault):
    caplog.set_level(logging.INFO)
    server.script = [fault]

    with pytest.raises(ModelError) as caught:
        await model.draw(a_call())

    trace = "".join(traceback.format_exception(caught.value))
    assert KEY not in f"{caught.value}{caught.value!r}{trace}{caplog.text}{vars(caught.value)}"


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
