from __future__ import annotations

import asyncio
import errno
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot import __main__ as cli
from bot.errors import StartupError, StorageTrouble
from bot.storage.copies import Copies
from bot.storage.database import Database

ROOT = Path(__file__).parents[1]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def invoke(folder):
    told_to_stop = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield lambda *words: CliRunner().invoke(cli.main, words)
    for number, does in told_to_stop.items():
        signal.signal(number, does)


def started(*words, cwd):
    """Start the command as a person does: another process, without inherited settings."""
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", "bot", *words],
        cwd=cwd,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_running_without_secrets_says_so_in_two_lines_and_touches_nothing(folder):
    process = started("run", cwd=folder)

    assert process.returncode == 2
    assert process.stdout == ""
    first, second = process.stderr.splitlines()
    assert first.startswith("DISCORD_TOKEN is not set")
    assert second.startswith("OPENROUTER_API_KEY is not set")
    assert list(folder.iterdir()) == []


def test_a_wrong_setting_stops_every_command_with_one_line(folder):
    (folder / ".env").write_text("HTTP_PORT=many\n")

    process = started("usage", cwd=folder)

    assert process.returncode == 2
    assert process.stderr == "HTTP_PORT must be a port from 1 to 65535, or 0 for none.\n"


@pytest.mark.parametrize(
    "error", [StorageTrouble("no room"), OSError(errno.ENOSPC, "No space left on device")]
)
def test_a_start_on_a_full_disk_is_one_line(invoke, monkeypatch, error):
    def full():
        raise error

    monkeypatch.setattr(cli, "_settings", full)

    result = invoke("run")

    assert result.exit_code == 2
    assert (
        result.stderr
        == "There is no room left on the disk. Make some where the database and the pictures are.\n"
    )


def test_what_is_no_want_of_room_stays_a_fault(invoke, monkeypatch):
    def broken():
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(cli, "_settings", broken)

    assert invoke("run").exit_code == 1


@pytest.mark.further
def test_help_needs_nothing_heavy():
    code = (
        "import sys; from bot.__main__ import main; main(['-h'], standalone_mode=False); print(*sys.modules)"
    )

    process = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )

    *said, modules = process.stdout.splitlines()
    for command in ("run", "sandbox", "doctor", "usage", "backup", "restore", "migrate"):
        assert any(line.strip().startswith(f"{command} ") for line in said)
    assert not {"discord", "httpx", "PIL", "pydantic", "sqlalchemy", "aiohttp"} & set(modules.split())


@pytest.mark.further
def test_a_start_loads_nothing_that_nobody_needs_yet():
    code = (
        "import pkgutil, sys, bot.app, bot.settings, bot.telemetry.logs, cogs, migrations; "
        "[__import__(found.name) for found in pkgutil.iter_modules(cogs.__path__, 'cogs.')]; "
        "print(*sys.modules)"
    )

    process = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )

    later = {"aiohttp.web", "alembic", "babel.messages", "jsonschema", "matplotlib", "pypdf", "sqlalchemy"}
    assert later & set(process.stdout.split()) == set()


def test_every_command_is_explained_in_full_on_one_line(invoke):
    assert "...\n" not in invoke("--help").output.partition("Commands:")[2]


def test_the_version_is_said(invoke):
    assert invoke("--version").output == "easel, version 0.1.0\n"


@pytest.mark.further
def test_migrate_makes_the_database_and_then_has_nothing_to_do(invoke, folder):
    first, second = invoke("migrate"), invoke("migrate")

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert first.output.startswith("The database is at revision ")
    assert second.output == "The database is up to date.\n"
    assert (folder / "data/easel.db").exists()


@pytest.mark.further
def test_usage_is_a_table(invoke):
    invoke("migrate")

    result = invoke("usage", "--days", "1")

    assert result.exit_code == 0
    assert [line.split()[0] for line in result.output.splitlines()][::2] == ["day", "all"]


@pytest.mark.further
def test_a_backup_comes_back(invoke, folder):
    invoke("migrate")
    backed_up = invoke("backup", "copy")
    refused = invoke("restore", "copy")
    (folder / "data").rename(folder / "lost")
    restored = invoke("restore", "copy")

    assert (backed_up.exit_code, backed_up.output) == (
        0,
        f"Backed up 0 files and the database to {folder}/copy.\n",
    )
    assert refused.exit_code == 2
    assert (restored.exit_code, restored.output) == (
        0,
        f"Restored 0 files and the database from {folder}/copy.\n",
    )
    assert invoke("migrate").output == "The database is up to date.\n"


@pytest.mark.parametrize("flipped", [0, -4096], ids=["its first page", "its last page"])
def test_a_damaged_database_stops_the_start_and_names_the_last_good_copy(invoke, folder, flipped):
    (folder / ".env").write_text(
        "DISCORD_TOKEN=a\nOPENROUTER_API_KEY=b\nDISCORD_API_URL=http://127.0.0.1:1\n"
    )
    invoke("migrate")
    copies = Copies(f"sqlite:///{folder}/data/easel.db", folder / "data/backups", keep=1)
    copy = asyncio.run(copies.make(datetime.now(UTC)))
    database = folder / "data/easel.db"
    data = bytearray(database.read_bytes())
    start = flipped % len(data)
    data[start : start + 4096] = bytes(byte ^ 0x10 for byte in data[start : start + 4096])
    database.write_bytes(data)

    process = started("run", cwd=folder)

    assert process.returncode == 2
    assert "Traceback" not in process.stderr
    assert f"The last good copy is {copy}." in process.stderr
    database.rename(folder / "damaged.db")
    assert invoke(*process.stderr.split("easel ")[-1].split()).exit_code == 0
    assert invoke("migrate").output == "The database is up to date.\n"


def test_pictures_that_are_gone_are_said(invoke, folder, monkeypatch):
    report = type("Report", (), {"files": 3, "missing": 2})()

    async def back_up(*_):
        return report

    monkeypatch.setattr("bot.storage.backup.backup", back_up)

    assert invoke("backup", "copy").stderr == "2 files were missing or damaged before, and are not in it.\n"


def test_the_doctors_problems_are_the_exit_status(invoke, monkeypatch):
    monkeypatch.setenv("DISCORD_API_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("OPENROUTER_BASE_URL", "http://127.0.0.1:1")

    result = invoke("doctor")

    assert result.exit_code == 1
    assert "problem  token: DISCORD_TOKEN is not set" in result.output
    assert "ok       SQLite" in result.output


def test_a_well_house_is_status_zero(invoke, monkeypatch):
    async def examine(_settings):
        return ()

    monkeypatch.setattr("bot.doctor.examine", examine)

    assert invoke("doctor").exit_code == 0


@pytest.mark.further
def test_run_upgrades_the_database_before_the_bot_starts(invoke, monkeypatch):
    seen = []

    async def run(settings):
        database = await Database.open(settings.database_url)
        seen.append(await database.read("SELECT COUNT(*) AS jobs FROM job"))
        await database.aclose()

    monkeypatch.setattr("bot.app.run", run)
    monkeypatch.setattr("bot.telemetry.logs.configure", lambda **kept: seen.append(kept["secrets"]))
    monkeypatch.setenv("DISCORD_TOKEN", "token")
    monkeypatch.setenv("OPENROUTER_API_KEY", "key")

    result = invoke("run")

    assert result.exit_code == 0, result.output
    assert seen[0] == ("token", "key")
    assert seen[1][0]["jobs"] == 0


@pytest.mark.further
def test_an_error_of_the_bots_start_is_one_line(invoke, monkeypatch):
    async def run(_settings):
        raise StartupError("Discord does not accept DISCORD_TOKEN.")

    monkeypatch.setattr("bot.app.run", run)
    monkeypatch.setattr("bot.telemetry.logs.configure", lambda **_: None)
    monkeypatch.setenv("DISCORD_TOKEN", "token")
    monkeypatch.setenv("OPENROUTER_API_KEY", "key")

    result = invoke("run")

    assert (result.exit_code, result.stderr) == (2, "Discord does not accept DISCORD_TOKEN.\n")


def told_to_stop(folder, number, code):
    """Run Easel in a process of its own that executes some code first, where `stop()` sends the signal."""
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "DATA_DIR": str(folder / "data")}
    begin = f"import os, sys; stop = lambda: os.kill(os.getpid(), {int(number)})"
    return subprocess.run(
        [sys.executable, "-c", f"{begin}\n{code}\nfrom bot.__main__ import main\nmain(['run'])"],
        cwd=folder,
        env={**env, "DISCORD_TOKEN": "token", "OPENROUTER_API_KEY": "key"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("number", "module"),
    [
        (signal.SIGTERM, "bot.settings"),
        (signal.SIGINT, "bot.app.house"),
        pytest.param(signal.SIGTERM, "bot.app.house", marks=pytest.mark.further),
        pytest.param(signal.SIGINT, "migrations", marks=pytest.mark.further),
    ],
)
def test_told_to_stop_while_modules_are_imported_it_says_so_and_has_done_well(folder, number, module):
    code = f"""
class Stopping:
    def find_spec(self, name, *_):
        if name == {module!r}:
            stop()
sys.meta_path.insert(0, Stopping())
"""

    process = told_to_stop(folder, number, code)

    assert process.returncode == 0
    assert process.stdout == ""
    assert process.stderr.splitlines()[-1] == "Stopped before anything had begun."
    assert "Traceback" not in process.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_once_more_while_it_leaves_it_leaves(folder, number):
    code = "import atexit, bot.settings; atexit.register(stop); bot.settings.Settings.load = sys.exit"

    process = told_to_stop(folder, number, code)

    assert (process.returncode, process.stdout, process.stderr) == (0, "", "")


def test_what_breaks_unexpectedly_keeps_its_trace(invoke, monkeypatch):
    def broken():
        raise asyncio.InvalidStateError

    monkeypatch.setattr(cli, "_settings", broken)

    assert isinstance(invoke("usage").exception, asyncio.InvalidStateError)


def test_the_sandbox_takes_the_place_of_the_command(invoke, monkeypatch):
    started_with = []
    monkeypatch.setattr(os, "execv", lambda *words: started_with.append(words))

    assert invoke("sandbox", "--port", "0", "--help").exit_code == 0
    assert started_with == [(sys.executable, [sys.executable, "-m", "sandbox", "--port", "0", "--help"])]


def test_a_sandbox_that_is_not_installed_is_one_line(invoke, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)

    result = invoke("sandbox")

    assert (result.exit_code, result.stderr) == (2, "The sandbox is not installed. Type: make sandbox.\n")
