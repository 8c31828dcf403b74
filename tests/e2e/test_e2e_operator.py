"""What the operator sees: health, metrics, and an alarm that reaches them once."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

import aiohttp
import pytest

from tests.e2e.looks import card_after, words

if TYPE_CHECKING:
    from sandbox.discord.people import Person
    from sandbox.server import Sandbox
    from tests.e2e.conftest import Bot

pytestmark = pytest.mark.e2e
AFTER_ONE_PICTURE = (
    'easel_jobs_total{state="settled"} 1.0',
    'easel_jobs_under_way{state="queued"} 0.0',
    "easel_job_wait_seconds_count 1.0",
    'easel_job_run_seconds_count{model="openai/gpt-5-image-mini"} 1.0',
    'easel_model_circuit{model="openai/gpt-5-image-mini",state="closed"} 1.0',
    'easel_ready{part="gateway"} 1.0',
    "easel_gateway_identifies_total 1.0",
    "easel_ack_seconds_count 1.0",
)


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


async def page(port: int, path: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}{path}") as answer:
        return answer.status, await answer.text()


async def test_health_and_metrics_follow_what_happens_and_a_dead_account_is_one_alarm(
    idle_bot: Bot, sandbox: Sandbox, ada: Person, port: int
) -> None:
    await idle_bot.start(HTTP_PORT=str(port), IMAGE_MODELS="openai/gpt-5-image-mini")
    assert await page(port, "/healthz") == (200, "ok\n")
    await card_after(ada, await ada.slash("imagine", {"prompt": "a lamp"}))
    await idle_bot.until_states("settled")

    async with asyncio.timeout(60):
        while (await page(port, "/readyz"))[0] != 200:  # noqa: ASYNC110 - another process has no event
            await asyncio.sleep(0.1)
    _, counted = await page(port, "/metrics")
    assert [line for line in AFTER_ONE_PICTURE if line not in counted] == []

    sandbox.model.faults.add("no_credits", times=100)
    for _ in range(4):
        order = await ada.slash("imagine", {"prompt": "a lamp"})
        await order.until(lambda it: it.original is not None and "operator" in words(it.original), 60)

    status, ready = await page(port, "/readyz")
    assert status == 503
    assert "needs its operator" in ready
    _, counted = await page(port, "/metrics")
    assert 'easel_alarms_total{kind="account"} 1.0' in counted
    assert idle_bot.held()[0] == 1
    assert len(sandbox.model.calls) == 2, "one that was paid, and one that found the account empty"
    owner = next(user for user in sandbox.world.users.values() if user is not sandbox.world.bot)
    inbox = sandbox.world.person(owner.display_name).at("dm")
    await sandbox.world.changed.until(lambda: bool(inbox.messages()), 60)
    (told,) = inbox.messages()
    assert "provider refuses the key, or its credit is used up" in words(told)
