"""Pictures that are shown while they are drawn, over real sockets."""

from __future__ import annotations

import asyncio
import base64
import json

import pytest
from model_kit import PNG, a_call, answer, error, good, image_part, images_reply
from stream_kit import CALL, DONE, OTHER, USAGE, completed, event, partial, stream

from bot.domain.calls import PictureBytes
from bot.domain.capabilities import Transport
from bot.model.splitter import Caps, UnreadableReply
from bot.model.streams import PictureStream


async def test_partial_pictures_come_before_the_whole(server, streaming, shown, show):
    server.script = [
        stream(b": OPENROUTER PROCESSING\n\n", partial(0, OTHER), partial(1), completed(usage=USAGE), DONE)
    ]

    reply = await streaming.draw(CALL, on_partial=show)

    assert shown == [(0, PictureBytes(OTHER, "image/png")), (1, PictureBytes(PNG, "image/png"))]
    assert [one.data for one in reply.pictures] == [PNG]
    assert (reply.cost_microusd, reply.generation_id) == (40_000, "gen-img-1")


async def test_only_the_wish_to_stream_is_added_to_the_request(server, streaming, show):
    server.script = [stream(completed(usage=USAGE), DONE)]
    await streaming.draw(CALL, on_partial=show)
    server.script = [good(Transport.IMAGES)]
    await streaming.draw(CALL)

    streamed, plain = (request.body for request in server.seen)
    assert streamed == plain[:-1] + b',"stream":true}'


@pytest.mark.parametrize("transport", list(Transport), ids=str)
async def test_a_model_that_does_not_stream_is_not_asked_to(server, model, shown, show, transport):
    server.script = [good(transport)]

    assert (await model.draw(a_call(transport), on_partial=show)).pictures

    assert "stream" not in server.seen[0].fields
    assert shown == []


async def test_chat_is_not_asked_to_stream(server, streaming, show):
    server.script = [good(Transport.CHAT)]

    await streaming.draw(a_call(Transport.CHAT), on_partial=show)

    assert "stream" not in server.seen[0].fields


async def test_a_provider_that_cannot_stream_answers_in_one_piece(server, streaming, shown, show):
    server.script = [answer(images_reply(PNG), X_Generation_Id="gen-2")]

    reply = await streaming.draw(CALL, on_partial=show)

    assert (reply.cost_microusd, reply.generation_id, shown) == (40_000, "gen-2", [])


async def test_several_pictures_come_one_by_one_with_one_bill(server, streaming, show):
    server.script = [stream(partial(0), completed(), completed(), completed(OTHER, USAGE), DONE)]

    reply = await streaming.draw(a_call(Transport.IMAGES, count=2), on_partial=show)

    assert [one.data for one in reply.pictures] == [PNG, OTHER]
    assert reply.cost_microusd == 40_000


async def test_where_no_cost_is_said_none_is_known(server, streaming, show):
    server.script = [stream(completed(), DONE)]

    assert (await streaming.draw(CALL, on_partial=show)).cost_microusd is None


async def test_names_beside_the_data_do_as_well(server, streaming, shown, show):
    data = json.dumps({"b64_json": base64.b64encode(PNG).decode(), "partial_image_index": None})
    named = "event: image_generation.{}\r\ndata: {}\r\n\r\n"
    server.script = [
        stream(named.format("partial_image", data).encode(), named.format("completed", data).encode())
    ]

    assert (await streaming.draw(CALL, on_partial=show)).pictures
    assert shown == [(0, PictureBytes(PNG, "image/png"))]


async def test_someone_slow_holds_up_neither_the_stream_nor_the_reply(server, streaming):
    seen, left = [], []

    async def slow(index, _):
        seen.append(index)
        try:
            await asyncio.Event().wait()
        finally:
            left.append(index)

    server.script = [stream(partial(0), partial(1), partial(2), completed(usage=USAGE), DONE)]
    async with asyncio.timeout(30):
        reply = await streaming.draw(CALL, on_partial=slow)

    assert reply.pictures
    assert seen == left == [0]


async def test_a_failure_to_show_loses_no_picture(server, streaming, caplog):
    async def broken(index, picture):
        raise LookupError("the message is gone")

    server.script = [stream(partial(0), partial(1), completed(usage=USAGE), DONE)]

    assert (await streaming.draw(CALL, on_partial=broken)).pictures
    assert caplog.text.count("partial picture not shown") == 1


async def test_cancelling_ends_the_showing_as_well(server, streaming):
    begun, left = asyncio.Event(), []

    async def slow(index, _):
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            left.append(index)

    server.script = [stream(partial(0), hangs=asyncio.Event())]
    drawing = asyncio.create_task(streaming.draw(CALL, on_partial=slow))
    await begun.wait()
    drawing.cancel()

    with pytest.raises(asyncio.CancelledError):
        await drawing
    assert left == [0]


async def test_what_failed_before_the_stream_is_sent_once_more(server, streaming, shown, show):
    server.script = [error(502), stream(partial(0), completed(usage=USAGE), DONE)]

    assert (await streaming.draw(CALL, on_partial=show)).pictures

    assert server.seen[0].body == server.seen[1].body
    assert len(shown) == 1


@pytest.mark.further
async def test_large_pictures_come_through_in_many_pieces(server, streaming, shown, show):
    large = PNG + bytes(range(256)) * 8000
    body = partial(0, large) + completed(large, USAGE) + DONE
    server.script = [stream(*(body[at : at + 70_001] for at in range(0, len(body), 70_001)))]

    reply = await streaming.draw(CALL, on_partial=show)

    assert reply.pictures[0].data == shown[0][1].data == large


@pytest.mark.parametrize(
    "pieces",
    [
        [completed(PNG + bytes([number])) for number in range(3)],
        [completed(PNG + bytes([number]) * 300) for number in range(2)],
        [partial(0, PNG * 2)],
    ],
    ids=["pictures", "bytes kept", "one picture"],
)
def test_more_than_any_honest_stream_ends_it(pieces):
    reader = PictureStream(None, lambda *_: None, Caps(raw_bytes=2000, picture_bytes=1500, pictures=2))

    for piece in pieces[:-1]:
        reader.feed(piece)

    with pytest.raises(UnreadableReply):
        reader.feed(pieces[-1])


def test_image_parts_of_chat_are_no_pictures_of_a_stream():
    reader = PictureStream(None, lambda *_: None)
    reader.feed(event("image_generation.completed", images=[image_part()]))

    assert getattr(reader.close(), "name", None) == "damaged"
