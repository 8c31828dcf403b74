from __future__ import annotations

import json
import sqlite3
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

import migrations
from bot.doctor import Grade, examine
from bot.doctor.discord import PERMISSIONS, invitation
from bot.settings import Settings
from bot.storage.database import Database

TOKEN = "the-canary-token-of-this-test"
KEY = "the-canary-key-of-this-test"
SOON = (datetime.now(UTC) + timedelta(days=20)).date().isoformat()


def plain(body, status=200):
    return web.Response(text=body if isinstance(body, str) else json.dumps(body), status=status)


class World:
    """A loopback Discord and model provider, well unless told otherwise."""

    def __init__(self):
        self.url = ""
        self.hello = '{"op": 10, "d": {"heartbeat_interval": 41250}}'
        self.pages = {
            "/users/@me": (200, {"id": "42", "username": "Easel"}),
            "/applications/@me": (200, {"id": "43", "flags": 0}),
            "/gateway/bot": (200, {"url": "", "session_start_limit": {"remaining": 990}}),
            "/key": (
                200,
                {"data": {"label": "k", "limit": 20, "limit_remaining": 12.5, "usage_monthly": 7.5}},
            ),
            "/images/models": (404, {}),
        }
        self.models = {"openai/gpt-5-image-mini": None, "openai/gpt-4o-mini": None}
        self.seen = []

    async def page(self, request):
        path = request.path
        self.seen.append((path, request.headers.get("Authorization")))
        if path == "/models":
            return plain({"data": [self.model(*entry) for entry in self.models.items()]})
        status, body = self.pages[path]
        return plain(body, status)

    def model(self, model_id, ends_on):
        modalities = ["image", "text"] if "image" in model_id else ["text"]
        return {
            "id": model_id,
            "name": model_id,
            "architecture": {"input_modalities": ["text", "image"], "output_modalities": modalities},
            "supported_parameters": [],
            "pricing": {},
            "expiration_date": ends_on,
        }

    async def gateway(self, request):
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_str(self.hello)
        await socket.close()
        return socket


@asynccontextmanager
async def served(world):
    app = web.Application()
    app.add_routes([web.get("/gateway/", world.gateway), web.get("/{path:.*}", world.page)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


@pytest.fixture
def world():
    return World()


@pytest.fixture
def look(world, tmp_path):
    """Return what the doctor finds, by subject."""

    async def examined(**changes):
        async with served(world) as port:
            status, page = world.pages["/gateway/bot"]
            if isinstance(page, dict) and not page.get("url"):
                world.pages["/gateway/bot"] = (status, {**page, "url": f"ws://127.0.0.1:{port}/gateway"})
            env = {
                "DISCORD_TOKEN": TOKEN,
                "OPENROUTER_API_KEY": KEY,
                "DISCORD_API_URL": f"http://127.0.0.1:{port}",
                "OPENROUTER_BASE_URL": f"http://127.0.0.1:{port}",
                "IMAGE_MODELS": "openai/gpt-5-image-mini",
                "CHAT_MODELS": "openai/gpt-4o-mini",
                "DATA_DIR": str(tmp_path / "data"),
                **changes,
            }
            findings = await examine(Settings.load({name: value for name, value in env.items() if value}))
        said = "\n".join(map(str, findings))
        assert TOKEN not in said
        assert KEY not in said
        return findings

    return examined


def graded(findings, subject):
    return [finding.grade for finding in findings if finding.subject == subject]


def said(findings, subject):
    return " ".join(finding.says for finding in findings if finding.subject == subject)


async def test_when_all_is_well_every_line_is_ok(look, world):
    findings = await look()

    assert [finding for finding in findings if finding.grade is not Grade.OK] == []
    assert not any(finding.is_problem for finding in findings)
    assert "Easel" in said(findings, "token")
    assert "$12.50 left; $7.50 spent this month" in said(findings, "key")
    assert said(findings, "invitation") == invitation("43")
    assert str(findings[0]).startswith("ok       SQLite: version 3.")
    assert ("/users/@me", f"Bot {TOKEN}") in world.seen


async def test_each_missing_secret_is_a_problem(look):
    findings = await look(DISCORD_TOKEN="", OPENROUTER_API_KEY="")

    assert graded(findings, "token") == [Grade.PROBLEM]
    assert graded(findings, "key") == [Grade.PROBLEM]
    assert graded(findings, "picture models") == [Grade.OK]


@pytest.mark.parametrize(
    ("path", "answer", "subject", "words"),
    [
        pytest.param(
            "/users/@me", (401, {}), "token", "does not accept DISCORD_TOKEN", id="a token not accepted"
        ),
        pytest.param("/users/@me", (503, {}), "Discord", "answered with 503", id="an outage"),
        pytest.param("/users/@me", (200, "<html>"), "Discord", "answered with 200", id="a page for people"),
        pytest.param("/users/@me", (200, [1]), "Discord", "not Discord", id="something else"),
        pytest.param(
            "/gateway/bot",
            (200, {"url": "ws://127.0.0.1:1/gateway"}),
            "gateway",
            "cannot be reached",
            id="a gateway that is not there",
        ),
        pytest.param("/key", (401, {}), "key", "does not accept OPENROUTER_API_KEY", id="a key not accepted"),
        pytest.param(
            "/key",
            (200, {"data": {"limit": 5, "limit_remaining": 0}}),
            "key",
            "nothing is left",
            id="no credit",
        ),
    ],
)
async def test_trouble_is_a_problem_with_its_remedy(look, world, path, answer, subject, words):
    world.pages[path] = answer

    findings = await look()

    assert graded(findings, subject) == [Grade.PROBLEM]
    assert words in said(findings, subject)


async def test_an_unreachable_world_is_a_problem_in_each_part(look):
    findings = await look(DISCORD_API_URL="http://127.0.0.1:1", OPENROUTER_BASE_URL="http://127.0.0.1:1")

    assert graded(findings, "Discord") == [Grade.PROBLEM]
    assert graded(findings, "key") == [Grade.WARNING]
    assert graded(findings, "picture models") == [Grade.PROBLEM]
    assert graded(findings, "chat models") == [Grade.WARNING]


@pytest.mark.parametrize(
    ("flags", "setting", "grade"),
    [
        pytest.param(0, "true", Grade.PROBLEM, id="wanted but off"),
        pytest.param("odd", "true", Grade.PROBLEM, id="wanted but unknown"),
        pytest.param(1 << 19, "true", Grade.OK, id="wanted and on"),
        pytest.param(1 << 18, "false", Grade.OK, id="on but not wanted"),
    ],
)
async def test_the_intent_is_compared_with_the_setting(look, world, flags, setting, grade):
    world.pages["/applications/@me"] = (200, {"id": "43", "flags": flags})

    findings = await look(MESSAGE_CONTENT_INTENT=setting)

    assert graded(findings, "intents") == [grade]


@pytest.mark.parametrize("hello", ['{"op": 9}', "[]"], ids=["another word", "no word"])
async def test_something_else_at_the_gateway_is_a_problem(look, world, hello):
    world.hello = hello

    findings = await look()

    assert "not Discord's gateway" in said(findings, "gateway")


async def test_few_starts_left_are_a_warning(look, world):
    world.pages["/gateway/bot"] = (200, {"session_start_limit": {"remaining": 3}})

    findings = await look()

    assert graded(findings, "gateway") == [Grade.WARNING]


async def test_a_gateway_of_the_settings_is_the_one_looked_at(look):
    findings = await look(DISCORD_GATEWAY_URL="ws://127.0.0.1:1")

    assert graded(findings, "gateway") == [Grade.PROBLEM]


@pytest.mark.parametrize(
    ("data", "grade", "words"),
    [
        pytest.param({"limit": 5, "limit_remaining": 0.4}, Grade.WARNING, "only $0.40", id="little left"),
        pytest.param(
            {"limit": None, "limit_remaining": None}, Grade.OK, "no limit of its own", id="no limit"
        ),
    ],
)
async def test_a_keys_credit_is_said(look, world, data, grade, words):
    world.pages["/key"] = (200, {"data": data})

    findings = await look()

    assert graded(findings, "key") == [grade]
    assert words in said(findings, "key")


async def test_models_that_are_missing_or_end_are_warnings(look, world):
    world.models = {"openai/gpt-5-image-mini": SOON, "openai/gpt-4o-mini": SOON, "openai/odd": "soon"}

    findings = await look(
        IMAGE_MODELS="openai/gpt-5-image-mini,a/gone", CHAT_MODELS="openai/gpt-4o-mini,openai/odd,a/gone"
    )

    assert graded(findings, "picture models") == [Grade.WARNING, Grade.WARNING, Grade.OK]
    assert graded(findings, "chat models") == [Grade.WARNING, Grade.WARNING, Grade.OK]
    assert SOON in said(findings, "picture models")
    assert SOON in said(findings, "chat models")


async def test_no_model_that_draws_is_a_problem(look, world):
    world.models = {}

    findings = await look()

    assert graded(findings, "picture models") == [Grade.PROBLEM]
    assert graded(findings, "chat models") == [Grade.WARNING]


@pytest.mark.further
async def test_a_database_in_use_is_looked_at_too(look, tmp_path):
    url = f"sqlite:///{tmp_path}/data/easel.db"
    migrations.upgrade(url, backups=None)
    database = await Database.open(url)

    findings = await look()
    await database.aclose()

    assert said(findings, "database") == f"sound, at revision {migrations.head()}."


@pytest.mark.further
async def test_an_older_database_is_a_warning(look, tmp_path):
    url = f"sqlite:///{tmp_path}/data/easel.db"
    migrations.upgrade(url, backups=None)
    with sqlite3.connect(tmp_path / "data/easel.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
    connection.close()

    findings = await look()

    assert graded(findings, "database") == [Grade.WARNING]


async def test_a_file_that_is_no_database_is_a_problem(look, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data/easel.db").write_bytes(b"no database, " * 500)

    findings = await look()

    assert graded(findings, "database") == [Grade.PROBLEM]


async def test_folders_that_are_files_are_problems(look, tmp_path):
    (tmp_path / "data").write_text("in the way")

    findings = await look(BLOB_URL=(tmp_path / "data/blobs").as_uri())

    assert graded(findings, "data folder") == [Grade.PROBLEM]
    assert graded(findings, "pictures") == [Grade.PROBLEM]


async def test_bytes_that_cannot_be_stored_are_a_problem(look, tmp_path):
    (tmp_path / "blobs").mkdir()
    for name in range(256):
        (tmp_path / f"blobs/{name:02x}").write_text("in the way")

    findings = await look(BLOB_URL=(tmp_path / "blobs").as_uri())

    assert "Pictures cannot be kept" in said(findings, "pictures")


@pytest.mark.parametrize(
    ("free", "grade"),
    [pytest.param(2**20, Grade.PROBLEM, id="none"), pytest.param(2**30, Grade.WARNING, id="little")],
)
async def test_a_full_disk_is_said(look, monkeypatch, free, grade):
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": free}))

    assert graded(await look(), "disk") == [grade]


async def test_an_old_sqlite_is_a_problem(look, monkeypatch):
    monkeypatch.setattr("sqlite3.sqlite_version_info", (3, 36, 0))

    assert graded(await look(), "SQLite") == [Grade.PROBLEM]


def test_the_invitation_asks_for_what_readme_says():
    assert sum(PERMISSIONS.values()) == 563_259_191_446_592
    assert "scope=bot+applications.commands" in invitation("43")
