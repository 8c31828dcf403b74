"""What breaks on the wire: never sent again once sent, and never with the key in it."""

from __future__ import annotations

import asyncio
import logging
import traceback

import pytest
from model_kit import KEY, PNG, a_call, answer, chat_reply, error, good, image_part, images_reply

from bot.domain.capabilities import Transport
from bot.errors import ModelError, ModelRejected, ModelUnavailable, OutcomeUnknown
from bot.model.backend import Backend
from bot.model.client import OpenRouter
from bot.transport.client import open_client

BOTH = pytest.mark.parametrize("transport", list(Transport), ids=str)


async def broken(writer):
    writer.transport.abort()


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

    assert 0.25 < took < 60  # the drip lasts half an hour
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
