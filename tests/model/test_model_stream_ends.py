"""How a stream of pictures may end, and what that is worth."""

from __future__ import annotations

import asyncio

import pytest
from model_kit import Loopback
from stream_kit import CALL, DONE, USAGE, completed, event, opened, partial, stream
from time_kit import PATIENCE_S, settle

from bot.errors import (
    ModelRejected,
    ModelUnavailable,
    NothingCame,
    OutcomeUnknown,
    PictureRefused,
)


@pytest.mark.parametrize(
    "pieces",
    [
        (),
        (DONE,),
        (partial(0), DONE),
        (partial(0), b"data: {"),
        (event("image_generation.text_chunk", text="<svg>", phase="content"), DONE),
        (b"data: 1\n\ndata: null\n\ndata: [[]]\n\n", DONE),
        (completed(usage=USAGE)[:-40],),
        (b"<html>Bad Gateway</html>",),
    ],
    ids=["empty", "done", "partial", "half an event", "words", "nonsense", "half a picture", "a page"],
)
async def test_a_stream_that_ends_without_a_picture_may_have_been_charged(server, streaming, show, pieces):
    server.script = [stream(*pieces)]

    with pytest.raises(OutcomeUnknown) as caught:
        await streaming.draw(CALL, on_partial=show)

    assert len(server.seen) == 1
    assert caught.value.generation_id == "gen-img-1"


@pytest.mark.parametrize("pieces", [(), (partial(0),), (completed(),)], ids=["start", "partial", "no bill"])
async def test_a_stream_that_breaks_off_is_not_sent_again(server, streaming, show, pieces):
    server.script = [stream(*pieces, ends=False)]

    with pytest.raises(OutcomeUnknown) as caught:
        await streaming.draw(CALL, on_partial=show)

    assert len(server.seen) == 1
    assert caught.value.generation_id == "gen-img-1"


@pytest.mark.parametrize(
    ("last", "ends"),
    [(b"\n", True), (b"\n", False), (b"", True)],
    ids=["without done", "by breaking", "without a blank line"],
)
async def test_a_picture_with_its_bill_counts_however_the_stream_ends(server, streaming, show, last, ends):
    server.script = [stream(partial(0), completed(usage=USAGE)[:-1] + last, ends=ends)]

    assert (await streaming.draw(CALL, on_partial=show)).cost_microusd == 40_000


async def test_nothing_is_waited_for_that_cannot_matter(server, streaming, show):
    server.script = [stream(completed(usage=USAGE), DONE, hangs=asyncio.Event())]

    async with asyncio.timeout(PATIENCE_S):
        assert (await streaming.draw(CALL, on_partial=show)).pictures


async def test_the_next_call_goes_the_way_of_a_stream_that_ends_right_after_its_last_event(show):
    connections = []

    async def converse(reader, writer):
        connections.append(writer)
        while head := await reader.readuntil(b"\r\n\r\n"):
            await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0]))
            await stream(completed(usage=USAGE), DONE, keeps=True)(writer)

    async with await asyncio.start_server(converse, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        async for model in opened(Loopback(url=f"http://127.0.0.1:{port}/api/v1"), 60):
            for _ in range(3):
                assert (await model.draw(CALL, on_partial=show)).pictures
        for writer in connections:
            writer.transport.abort()

    assert len(connections) == 1


@pytest.fixture
def draw_until_the_total_time(server, streaming, show, loop_clock):
    """Draw from a stream that hangs after its pieces."""

    async def draw(*pieces):
        hanging = asyncio.Event()
        server.script = [stream(*pieces, hangs=hanging)]
        drawing = asyncio.create_task(streaming.draw(CALL, on_partial=show))
        await hanging.wait()
        await settle()
        assert not drawing.done()
        await loop_clock.move(60)
        async with asyncio.timeout(PATIENCE_S):
            return await drawing

    return draw


async def test_a_picture_with_its_bill_counts_when_the_total_time_is_over(draw_until_the_total_time):
    assert (await draw_until_the_total_time(completed(usage=USAGE), b": still here\n\n")).pictures


async def test_a_stream_that_says_nothing_is_cut_by_the_total_time(draw_until_the_total_time):
    with pytest.raises(OutcomeUnknown):
        await draw_until_the_total_time(partial(0))


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"message": "no", "code": "moderation_blocked"}, PictureRefused),
        ({"message": "Your request was rejected by the safety system."}, PictureRefused),
        ({"message": "too long", "code": "string_above_max_length"}, ModelRejected),
        ({"message": "oops", "code": None, "type": "server_error"}, ModelUnavailable),
        ({"message": "oops", "code": "502"}, ModelUnavailable),
    ],
    ids=["moderation", "safety by its words", "rejected", "no code", "a status in a string"],
)
@pytest.mark.parametrize("form", ["typed", "bare"])
async def test_an_error_among_the_events_is_final(server, streaming, show, said, kind, form):
    failed = event("error", error=said) if form == "typed" else event("", error=said)
    server.script = [stream(partial(0), failed, completed(usage=USAGE), DONE)]

    with pytest.raises(kind) as caught:
        await streaming.draw(CALL, on_partial=show)

    assert len(server.seen) == 1
    assert (caught.value.billed_microusd, caught.value.generation_id) == (0, "gen-img-1")


async def test_a_damaged_picture_is_said_with_its_cost(server, streaming, show):
    server.script = [stream(completed(b"no picture", USAGE), DONE)]

    with pytest.raises(NothingCame) as caught:
        await streaming.draw(CALL, on_partial=show)

    assert caught.value.billed_microusd == 40_000


async def test_a_damaged_partial_picture_is_passed_over(server, streaming, shown, show):
    cut = partial(0).replace(b'"}', b'=A"}')
    server.script = [stream(cut, partial(1, b"no picture"), partial(2), completed(usage=USAGE), DONE)]

    await streaming.draw(CALL, on_partial=show)

    assert [index for index, _ in shown] == [2]
