"""Calls over real sockets while a model is busy, down, or refuses the account."""

from __future__ import annotations

import asyncio

import pytest
from model_kit import KEY, a_call, error, good
from time_kit import PATIENCE_S, until

from bot.domain.capabilities import Transport
from bot.errors import AccountTrouble, ModelError, ModelUnavailable, OutcomeUnknown
from bot.model.backend import Backend
from bot.model.circuit import CircuitState
from bot.model.client import OpenRouter
from bot.model.pressure import ModelLoad
from bot.transport.client import open_client

MINI = "openai/gpt-5-image-mini"


async def broken(writer):
    writer.transport.abort()


async def failed_draws(model: OpenRouter, number: int, kind: type[ModelError] = ModelUnavailable) -> None:
    for _ in range(number):
        with pytest.raises(kind):
            await model.draw(a_call())


@pytest.mark.parametrize(
    ("fault", "kind"),
    [(error(500), ModelUnavailable), (error(503), ModelUnavailable), (broken, OutcomeUnknown)],
    ids=["500", "503", "no answer"],
)
async def test_a_model_that_is_down_is_left_alone_after_five_calls(server, model, fault, kind):
    server.script = [fault]
    await failed_draws(model, 5, kind)
    seen, sent = len(server.seen), []

    async def on_sent():
        sent.append(1)

    with pytest.raises(ModelUnavailable, match="try again in 30 seconds") as caught:
        await model.draw(a_call(), on_sent=on_sent)

    assert caught.value.retry_after_s == pytest.approx(30, abs=1)
    assert (len(server.seen), sent) == (seen, [])
    with pytest.raises(ModelUnavailable):
        model.available(MINI)
    model.available("another/model")


async def test_a_server_that_is_not_there_is_down(waits):
    async def sleep(seconds):
        waits.append(seconds)

    async with open_client() as http:
        model = OpenRouter(http, Backend("http://127.0.0.1:9/api/v1", KEY), sleep=sleep)
        await failed_draws(model, 5)
        assert model.loads()[0].circuit is CircuitState.OPEN


async def test_those_whose_failures_close_a_model_are_told_when_it_is_asked_again(server, model):
    server.script = [error(500)]
    told = [
        str(one)
        for one in await asyncio.gather(*(model.draw(a_call()) for _ in range(5)), return_exceptions=True)
    ]

    assert sum("in 30 seconds" in one for one in told) >= 1
    assert all("available" in one for one in told)


async def test_a_reply_that_breaks_off_does_not_say_that_the_model_is_down(server, model):
    async def half(writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")

    server.script = [half]
    await failed_draws(model, 6, OutcomeUnknown)

    model.available(MINI)


@pytest.mark.parametrize("status", [400, 404, 413, 429])
async def test_what_is_decided_does_not_say_that_the_model_is_down(server, model, status):
    server.script = [error(status)]
    for _ in range(6):
        await asyncio.gather(model.draw(a_call()), return_exceptions=True)

    model.available(MINI)


async def test_a_hundred_calls_without_credit_are_one_alert_and_refused_unasked(server, model, waits, caplog):
    server.script = [error(402, "Insufficient credits")]
    outcomes = await asyncio.gather(*(model.draw(a_call()) for _ in range(100)), return_exceptions=True)
    asked = len(server.seen)

    with pytest.raises(AccountTrouble, match="in 10 minutes"):
        await model.draw(a_call())
    assert (len(server.seen), waits) == (asked, [])
    assert {type(one) for one in outcomes} == {AccountTrouble}
    assert asked <= 32
    assert [record.levelname for record in caplog.records].count("ERROR") == 1


async def test_the_limit_follows_the_answers(server, model):
    server.script = [error(429), good(Transport.CHAT)]

    await model.draw(a_call())

    assert model.loads() == (ModelLoad(MINI, 16, 0, 0, CircuitState.CLOSED),)


async def test_a_call_is_noted_as_sent_when_its_turn_comes(server):
    go_on = asyncio.Event()

    async def slow(writer):
        await go_on.wait()
        await good(Transport.CHAT)(writer)

    server.script, sent = [slow], []
    async with open_client() as http:
        model = OpenRouter(http, Backend(server.url, KEY), max_running=1)

        async def draw(name):
            async def on_sent():
                sent.append(name)

            return await model.draw(a_call(), on_sent=on_sent)

        drawing = [asyncio.create_task(draw(name)) for name in range(3)]
        await until(lambda: server.seen)
        assert sent == [0]
        drawing[1].cancel()
        go_on.set()
        outcomes = await asyncio.gather(*drawing, return_exceptions=True)

    assert sent == [0, 2]
    assert isinstance(outcomes[1], asyncio.CancelledError)
    assert len(server.seen) == 2


async def test_a_slow_model_does_not_starve_another(server):
    stuck = asyncio.Event()

    async def by_model(writer):
        if server.seen[-1].fields["model"] == "slow/model":
            await stuck.wait()
        await good(Transport.CHAT)(writer)

    server.script = [by_model]
    async with open_client() as http:
        model = OpenRouter(http, Backend(server.url, KEY), max_running=4)
        await model.draw(a_call())
        slow = [asyncio.create_task(model.draw(a_call(model_id="slow/model"))) for _ in range(20)]
        await until(lambda: model.loads()[-1].in_flight == 3)

        async with asyncio.timeout(PATIENCE_S):
            for _ in range(5):
                await model.draw(a_call())

        assert [load.in_flight for load in model.loads()] == [0, 3]
        stuck.set()
        await asyncio.gather(*slow)
