from __future__ import annotations

import asyncio
import socket

import aiohttp
import pytest

from bot.errors import ModelUnavailable, StartupError
from bot.telemetry.health import served_health
from bot.telemetry.metrics import Metrics


async def well():
    return None


async def ill():
    return "not connected yet"


async def broken():
    raise ConnectionRefusedError


async def troubled():
    raise ModelUnavailable("The list of models was never read.")


async def stuck():
    await asyncio.Event().wait()


async def get(port, path):
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}{path}") as answer:
        return answer.status, answer.headers, await answer.text()


async def test_a_busy_port_is_one_sentence():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(StartupError, match=rf"^Port {port} is in use: .* HTTP_PORT .*\.$"):
            async with served_health("127.0.0.1", port, Metrics(), {}):
                pass


async def test_an_address_of_another_machine_is_one_sentence():
    with pytest.raises(StartupError, match=r"HTTP_HOST"):
        async with served_health("192.0.2.1", 0, Metrics(), {}):
            pass


async def test_a_port_without_rights_is_one_sentence(monkeypatch):
    async def refuse(_site):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("aiohttp.web.TCPSite.start", refuse)

    with pytest.raises(StartupError, match=r"above 1023"):
        async with served_health("127.0.0.1", 80, Metrics(), {}):
            pass


async def test_alive_even_when_not_ready():
    async with served_health("127.0.0.1", 0, Metrics(), {"gateway": ill}) as port:
        status, _, text = await get(port, "/healthz")

    assert (status, text) == (200, "ok\n")


@pytest.mark.parametrize(
    ("checks", "status", "said"),
    [
        pytest.param({}, 200, '"ready": true', id="nothing to check"),
        pytest.param({"gateway": well}, 200, '"gateway": "ok"', id="well"),
        pytest.param({"gateway": well, "database": ill}, 503, "not connected yet", id="one ill"),
        pytest.param({"database": broken}, 503, "ConnectionRefusedError", id="a check that fails"),
        pytest.param({"provider": troubled}, 503, "never read", id="a check that raises ours"),
        pytest.param({"provider": stuck}, 503, "no answer within 0.02 seconds", id="a check that hangs"),
    ],
)
async def test_readiness_says_what_is_wrong(checks, status, said):
    async with served_health("127.0.0.1", 0, Metrics(), checks, timeout_s=0.02) as port:
        answered, _, text = await get(port, "/readyz")

    assert answered == status
    assert said in text


async def test_metrics_are_served_as_prometheus_wants():
    metrics = Metrics()
    metrics.error("refused")

    async with served_health("127.0.0.1", 0, metrics, {}) as port:
        status, headers, text = await get(port, "/metrics")

    assert status == 200
    assert headers["Content-Type"].startswith("text/plain; version=")
    assert 'easel_errors_total{kind="refused"} 1.0' in text
