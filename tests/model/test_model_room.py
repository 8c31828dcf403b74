"""A reply waits for memory before it is read, not after."""

from __future__ import annotations

import asyncio

import pytest
from model_kit import PNG, a_call, answer, good, images_reply
from stream_kit import opened

from bot.domain.capabilities import Transport
from bot.errors import OutcomeUnknown

LARGE = PNG + bytes(8 * 1024**2)
CALL = a_call(Transport.IMAGES)


@pytest.mark.further
async def test_a_large_reply_is_let_in_once_and_only_then_read(server, model):
    server.script = [answer(images_reply(LARGE))]
    asked, let_in = asyncio.Event(), asyncio.Event()

    async def on_reply():
        assert not asked.is_set()
        asked.set()
        await let_in.wait()

    drawing = asyncio.create_task(model.draw(CALL, on_reply=on_reply))
    await asyncio.wait_for(asked.wait(), 5)
    for _ in range(50):
        await asyncio.sleep(0)
    assert not drawing.done()
    let_in.set()

    assert [one.data for one in (await drawing).pictures] == [LARGE]


async def test_a_small_reply_need_not_wait(server, model):
    server.script = [good(Transport.IMAGES)]

    async def on_reply():
        raise AssertionError

    assert (await model.draw(CALL, on_reply=on_reply)).pictures


async def test_waiting_for_memory_counts_as_waiting_for_the_reply(server):
    server.script = [answer(images_reply(LARGE), X_Generation_Id="gen-9")]

    async def on_reply():
        await asyncio.Event().wait()

    async for hasty in opened(server, 0.3):
        with pytest.raises(OutcomeUnknown) as caught:
            await hasty.draw(CALL, on_reply=on_reply)

        assert caught.value.generation_id == "gen-9"
