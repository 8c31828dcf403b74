"""The sandbox as a process: started, driven from outside, ended without a trace."""

import asyncio
import base64
import signal
import socket
import sys
import time

import httpx
import pytest
from discord_bodies import png

from sandbox.__main__ import main, parse
from sandbox.bot_process import BotProcess
from sandbox.server import Sandbox

FILE = {"type": 11, "name": "file", "description": "x"}
DRAW = {"name": "draw", "description": "x", "options": [FILE]}


@pytest.fixture
async def control(sandbox):
    async with httpx.AsyncClient(base_url=f"{sandbox.url}/discord/control") as http:
        await http.put(
            f"{sandbox.url}/discord/api/v10/applications/{sandbox.world.application_id}/commands",
            headers={"authorization": f"Bot {sandbox.world.token}"},
            json=[DRAW],
        )
        yield http


@pytest.mark.further
async def test_world_is_shown(control):
    world = (await control.get("/world")).json()

    assert [channel["name"] for channel in world["channels"]] == [
        "studio",
        "gallery-nsfw",
        "no-files",
        "moderators",
    ]
    assert [command["name"] for command in world["commands"]] == ["draw"]
    assert world["bot_online"] is False


@pytest.mark.further
async def test_command_is_run_and_watched_from_outside(sandbox, control):
    body = {"as": "Ada", "name": "draw", "files": {"file": ["a.png", base64.b64encode(png()).decode()]}}
    interaction = (await control.post("/slash", json=body)).json()
    assert interaction["state"] == "waiting"
    kept = next(iter(sandbox.world.interactions.values()))
    path = f"{sandbox.url}/discord/api/v10/interactions/{kept.id}/{kept.token}/callback"
    buttons = [{"type": 1, "components": [{"type": 2, "style": 1, "label": "Go", "custom_id": "go"}]}]

    await control.post(path, json={"type": 4, "data": {"content": "hello", "components": buttons}})
    after = (await control.get(f"/interactions/{interaction['id']}?wait=5")).json()

    assert (after["state"], after["messages"][0]["content"]) == ("answered", "hello")
    (seen,) = (await control.get("/messages?as=Grace&in=studio")).json()
    pressed = await control.post("/press", json={"as": "Grace", "message": seen["id"], "button": "Go"})
    assert pressed.json()["state"] == "waiting"
    waited = (await control.get(f"/interactions/{pressed.json()['id']}?wait=0.01")).json()
    assert waited["state"] == "waiting"
    requests = (await control.get("/requests")).json()
    assert [(one["method"], one["status"]) for one in requests] == [("PUT", 200), ("POST", 204)]


async def test_people_speak_and_time_passes(sandbox, control):
    said = (await control.post("/say", json={"as": "Ada", "text": "hello"})).json()
    before = sandbox.world.clock.now()

    await control.post("/clock", json={"advance_s": 3600})

    assert said["content"] == "hello"
    assert (sandbox.world.clock.now() - before).total_seconds() >= 3600


@pytest.mark.further
async def test_refusals_and_typing_errors_are_told(control):
    refused = await control.post("/slash", json={"as": "Ada", "name": "unknown"})
    missing = await control.post("/say", json={"as": "Nobody", "text": "x"})

    assert (refused.status_code, "unknown" in refused.json()["refused"]) == (409, True)
    assert (missing.status_code, missing.json()) == (404, {"missing": "Nobody"})
    for act in ("reconnect", "invalidate", "close"):
        assert (await control.post("/gateway", json={"do": act})).json() == {"connections": 0}


async def test_model_is_served_beside(sandbox):
    async with httpx.AsyncClient() as http:
        answer = await http.get(
            f"{sandbox.environment()['OPENROUTER_BASE_URL']}/key",
            headers={"authorization": f"Bearer {sandbox.environment()['OPENROUTER_API_KEY']}"},
        )

    assert answer.status_code == 200


async def test_taken_port_is_refused(sandbox):
    port = int(sandbox.url.rpartition(":")[2])

    with pytest.raises(OSError, match="in use"):
        async with Sandbox(port=port, page=False):
            pass


def test_taken_port_is_said_with_what_to_do(capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        assert main(["--port", str(port), "--no-bot", "--no-page"]) == 1

    said = (
        f"Port {port} cannot be used: Address already in use. Stop what uses it, or name another with --port."
    )
    assert capsys.readouterr().out == f"{said}\n"


def test_a_host_that_is_not_here_is_said_with_what_to_do(capsys):
    assert main(["--host", "192.0.2.1", "--port", "0", "--no-bot", "--no-page"]) == 1

    said = capsys.readouterr().out
    assert said.startswith("192.0.2.1 cannot be listened on: ")
    assert said.endswith(". Name another address with --host.\n")


@pytest.mark.parametrize("port", ["-1", "65536", "80000"])
def test_a_port_that_cannot_be_is_refused(port: str, capsys):
    with pytest.raises(SystemExit):
        parse([f"--port={port}"])

    assert "a port is a number from 0 to 65535" in capsys.readouterr().err


def test_options_have_defaults():
    options = parse([])

    assert (options.host, options.port, options.no_bot, options.no_page, options.latency) == (
        "127.0.0.1", 8400, False, False, 1.5,
    )  # fmt: skip


async def test_bot_process_starts_once_stops_and_starts_again():
    bot = BotProcess(
        {"GREETING": "hi"}, ("-c", "import os, time; assert os.environ['GREETING']; time.sleep(60)")
    )
    assert (bot.is_running, bot.exit_code, await bot.wait()) == (False, None, None)
    await bot.stop()

    await bot.start()
    first = bot._process
    await bot.start()
    assert bot._process is first
    await bot.restart()
    assert bot._process is not first
    assert bot.is_running
    await bot.stop()

    assert bot.exit_code == -signal.SIGTERM


async def test_settings_of_a_real_bot_stay_out(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "sqlite:////real/easel.db")
    folder = tmp_path / "new" / "data"
    code = "import os, sys; sys.exit('DATABASE_URL' in os.environ or os.getcwd() != os.environ['FOLDER'])"
    bot = BotProcess({"FOLDER": str(folder)}, ("-c", code), folder=folder)

    await bot.start()

    assert await bot.wait() == 0


def wait_for(flag):
    deadline = time.monotonic() + 60
    while not flag.exists() and time.monotonic() < deadline:
        time.sleep(0.01)


async def test_stubborn_bot_is_killed(tmp_path):
    flag = tmp_path / "up"
    code = (
        "import pathlib, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        f"pathlib.Path({str(flag)!r}).touch(); time.sleep(60)"
    )
    bot = BotProcess({}, ("-c", code))
    await bot.start()
    await asyncio.to_thread(wait_for, flag)

    await bot.stop(0.1)

    assert bot.exit_code == -signal.SIGKILL


@pytest.mark.further
@pytest.mark.parametrize(
    "number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=["ctrl-c", "sigterm", "closed"]
)
async def test_sandbox_ends_cleanly(number, tmp_path):
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sandbox", "--port", "0", "--no-bot", "--no-page", "--data-dir", str(tmp_path),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout
    line = (await asyncio.wait_for(process.stdout.readline(), 60)).decode()
    url = next(word for word in line.split() if word.startswith("http"))
    async with httpx.AsyncClient() as http:
        assert (await http.get(f"{url}/discord/api/v10/gateway")).status_code == 200
        process.send_signal(number)
        out, err = await asyncio.wait_for(process.communicate(), 60)

    assert (process.returncode, out, err) == (0, b"", b"")


@pytest.mark.further
async def test_control_starts_and_stops_the_bot(sandbox, control):
    sandbox._bot = BotProcess({}, ("-c", "import time; time.sleep(60)"))

    started = (await control.post("/bot", json={"do": "start"})).json()
    stopped = (await control.post("/bot", json={"do": "stop"})).json()

    assert started == {"running": True, "exit_code": None}
    assert stopped == {"running": False, "exit_code": -signal.SIGTERM}
    await sandbox.restart_bot()
    assert sandbox.bot.is_running
