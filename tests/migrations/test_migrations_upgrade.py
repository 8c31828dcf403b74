from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from later_steps import HEAD, LATER, LOOSE, NEXT, SECOND, UPGRADE
from sqlalchemy import event
from sqlalchemy.engine import Engine

import migrations
from bot.errors import StartupError
from migrations import files

ROOT = Path(__file__).parents[2]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "easel.db"


@pytest.fixture
def url(path):
    return f"sqlite:///{path}"


def scripts(tmp_path, second):
    folder = tmp_path / "scripts"
    shutil.copytree(files.SCRIPTS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / f"{NEXT}_second.py").write_text(second)
    return folder


def query(path, sql):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


def change(path, sql):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(sql)
        connection.commit()


def schema(path):
    return query(path, "SELECT type, name, sql FROM sqlite_master ORDER BY type, name")


def start(url, *arguments, **environment):
    return subprocess.Popen(
        [sys.executable, "-c", UPGRADE, url, *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_new_database_gets_everything_and_is_for_its_owner_alone(path, url):
    assert migrations.current(url) is None
    assert migrations.upgrade(url, backups=path.parent / "backups") == migrations.head()

    assert migrations.current(url) == migrations.head()
    assert path.stat().st_mode & 0o077 == 0
    assert query(path, "PRAGMA integrity_check") == [("ok",)]
    assert not (path.parent / "backups").exists()


@pytest.mark.further
def test_every_table_refuses_values_of_another_type(path, url):
    migrations.upgrade(url, backups=None)
    tables = query(
        path, "SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
    )

    assert {name for name, strict in tables if not strict} == {"alembic_version", "sqlite_schema"}


def test_our_list_of_revisions_is_alembics():
    config = Config()
    config.set_main_option("script_location", str(files.SCRIPTS))
    revisions = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]

    assert tuple(reversed(revisions)) == files.known_revisions()


@pytest.mark.further
def test_nothing_to_do_is_quick_and_loads_no_alembic(url):
    migrations.upgrade(url, backups=None)
    code = (
        "import sys, time, migrations\n"
        "began = time.process_time()\n"
        "assert migrations.upgrade(sys.argv[1], backups=None) is None\n"
        "assert time.process_time() - began < 0.1\n"
        "assert not {'alembic', 'sqlalchemy'} & set(sys.modules)\n"
    )

    subprocess.run([sys.executable, "-c", code, url], cwd=ROOT, check=True)


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory):
    made = tmp_path_factory.mktemp("upgraded") / "easel.db"
    migrations.upgrade(f"sqlite:///{made}", backups=None)
    change(made, "INSERT INTO meta (key, value) VALUES ('kept', 'value')")
    return made


@pytest.fixture
def database(upgraded, path):
    path.parent.mkdir()
    shutil.copy(upgraded, path)
    return path


def test_upgrade_keeps_the_rows_and_a_copy_from_before(database, url, tmp_path, monkeypatch):
    before = schema(database)
    monkeypatch.setattr(files, "SCRIPTS", scripts(tmp_path, SECOND))

    assert migrations.upgrade(url, backups=tmp_path / "backups") == NEXT
    assert migrations.upgrade(url, backups=tmp_path / "backups") is None
    assert query(database, "SELECT value, added_at FROM meta") == [("value", 5)]
    assert query(database, "SELECT words FROM added") == [("semi;colon",)]
    (copy,) = (tmp_path / "backups").iterdir()
    assert copy.name.startswith(f"easel-{HEAD}-before-{NEXT}-")
    assert schema(copy) == before
    assert query(copy, "SELECT value FROM meta") == [("value",)]
    assert copy.stat().st_mode & 0o077 == 0


def count_statements(run):
    statements = []

    def count(_connection, _cursor, statement, *_):
        statements.append(statement)

    event.listen(Engine, "before_cursor_execute", count)
    try:
        run()
    finally:
        event.remove(Engine, "before_cursor_execute", count)
    return len(statements)


def fail_at(position):
    seen = []

    def fail(_connection, _cursor, statement, *_):
        seen.append(statement)
        if len(seen) == position:
            raise sqlite3.OperationalError("made to fail")

    return fail


def upgrade_failing_at(url, position):
    fail = fail_at(position)
    event.listen(Engine, "before_cursor_execute", fail)
    try:
        with pytest.raises((StartupError, sqlite3.OperationalError)):
            migrations.upgrade(url, backups=None)
    finally:
        event.remove(Engine, "before_cursor_execute", fail)


@pytest.mark.parametrize("apart", [41, pytest.param(1, marks=pytest.mark.slow)])
def test_fault_at_any_statement_leaves_nothing_of_a_new_database(path, url, tmp_path, apart):
    total = count_statements(lambda: migrations.upgrade(f"sqlite:///{tmp_path}/counted.db", backups=None))
    assert total > 20

    for position in range(total, 0, -apart):
        upgrade_failing_at(url, position)
        assert schema(path) == [], position
    assert migrations.upgrade(url, backups=None) == migrations.head()


def test_fault_at_any_statement_leaves_the_old_database(database, url, tmp_path, monkeypatch):
    before = schema(database)
    monkeypatch.setattr(files, "SCRIPTS", scripts(tmp_path, SECOND))
    other = tmp_path / "counted.db"
    shutil.copy(database, other)
    total = count_statements(lambda: migrations.upgrade(f"sqlite:///{other}", backups=None))

    for position in range(1, total + 1):
        upgrade_failing_at(url, position)
        assert schema(database) == before, position
        assert migrations.current(url) == HEAD
    assert migrations.upgrade(url, backups=None) == NEXT


def test_wrong_statement_is_said_in_a_sentence_and_undone_and_the_mended_one_works(
    database, url, tmp_path, monkeypatch
):
    before = schema(database)
    folder = scripts(tmp_path, SECOND.replace("UPDATE meta SET", "UPDATE no_such_table SET"))
    monkeypatch.setattr(files, "SCRIPTS", folder)

    with pytest.raises(StartupError, match=r"failed and was undone: .*no_such_table"):
        migrations.upgrade(url, backups=None)
    assert schema(database) == before
    (folder / "versions" / f"{NEXT}_second.py").write_text(SECOND)
    shutil.rmtree(folder / "versions" / "__pycache__", ignore_errors=True)
    assert migrations.upgrade(url, backups=None) == NEXT


def test_upgrade_that_would_leave_loose_rows_is_undone(database, url, tmp_path, monkeypatch):
    monkeypatch.setattr(files, "SCRIPTS", scripts(tmp_path, LOOSE))

    with pytest.raises(StartupError, match="point nowhere"):
        migrations.upgrade(url, backups=None)
    assert query(database, "SELECT COUNT(*) FROM call") == [(0,)]
    assert migrations.current(url) == HEAD


def test_newer_database_is_refused_in_a_sentence_and_left_alone(database, url, tmp_path):
    change(database, "UPDATE alembic_version SET version_num = '0099'")

    with pytest.raises(StartupError, match=r"newer Easel\. Install that version"):
        migrations.upgrade(url, backups=tmp_path / "backups")
    assert migrations.current(url) == "0099"
    assert not (tmp_path / "backups").exists()


def test_somebody_elses_database_is_refused_and_left_alone(path, url):
    path.parent.mkdir()
    change(path, "CREATE TABLE mine (id)")

    with pytest.raises(StartupError, match="not one of Easel's"):
        migrations.upgrade(url, backups=None)
    assert [name for _, name, _ in schema(path)] == ["mine"]


def test_database_in_use_is_refused_after_a_while(database, url, tmp_path, monkeypatch):
    monkeypatch.setattr(files, "SCRIPTS", scripts(tmp_path, SECOND))
    lock = files.DatabaseLock.take(database)
    assert lock

    with lock, pytest.raises(StartupError, match="Stop it, then upgrade"):
        migrations.upgrade(url, backups=None, patience_s=0.1)
    assert migrations.upgrade(url, backups=None) == NEXT


def test_waiting_starter_goes_on_when_another_has_upgraded(database, url, tmp_path, monkeypatch):
    folder = scripts(tmp_path, SECOND)
    lock = files.DatabaseLock.take(database)
    assert lock
    monkeypatch.setattr(files, "SCRIPTS", folder)
    results = []
    waiting = threading.Thread(target=lambda: results.append(migrations.upgrade(url, backups=None)))
    waiting.start()
    change(database, LATER)
    waiting.join(10)

    lock.free()
    assert results == [None]


def test_upgrade_done_while_the_lock_was_taken_is_not_repeated(database, url, tmp_path, monkeypatch):
    monkeypatch.setattr(files, "SCRIPTS", scripts(tmp_path, SECOND))
    take = files.DatabaseLock.take

    def take_late(path):
        change(path, LATER)
        return take(path)

    monkeypatch.setattr(files.DatabaseLock, "take", take_late)

    assert migrations.upgrade(url, backups=tmp_path / "backups") is None
    assert not (tmp_path / "backups").exists()


def test_copy_that_cannot_be_made_stops_the_upgrade(database, url, tmp_path, monkeypatch):
    monkeypatch.setattr(files, "SCRIPTS", scripts(tmp_path, SECOND))
    (tmp_path / "file").touch()

    with pytest.raises(StartupError, match="could not be copied"):
        migrations.upgrade(url, backups=tmp_path / "file" / "backups")
    assert migrations.current(url) == HEAD


@pytest.mark.further
def test_eight_starters_at_once_make_one_database(path, url):
    starters = [start(url) for _ in range(8)]
    outcomes = [(starter.communicate(timeout=60), starter.returncode) for starter in starters]

    assert {code for _, code in outcomes} == {0}, outcomes
    printed = sorted(out.strip() for (out, _), _ in outcomes)
    assert printed == sorted([migrations.head(), *["None"] * 7])
    assert query(path, "PRAGMA integrity_check") == [("ok",)]


def test_eight_starters_at_once_upgrade_and_copy_once(database, url, tmp_path):
    folder = scripts(tmp_path, SECOND)
    starters = [start(url, folder) for _ in range(8)]
    outcomes = [(starter.communicate(timeout=60), starter.returncode) for starter in starters]

    assert {code for _, code in outcomes} == {0}, outcomes
    assert len(list((database.parent / "backups").iterdir())) == 1
    assert query(database, "SELECT words FROM added") == [("semi;colon",)]


@pytest.mark.parametrize("kills", [1, pytest.param(20, marks=pytest.mark.slow)])
def test_killed_upgrade_leaves_the_old_database_and_the_next_start_needs_no_hands(
    database, url, tmp_path, kills
):
    before, folder = schema(database), scripts(tmp_path, SECOND)
    for kill in range(kills):
        marker = tmp_path / f"in the middle, {kill}"
        killed = start(url, folder, PAUSE_IN_THE_MIDDLE=str(marker))
        deadline = time.monotonic() + 60
        while not marker.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        killed.send_signal(signal.SIGKILL)
        killed.communicate()

        assert marker.exists()
        assert schema(database) == before
    again = start(url, folder)
    out, error = again.communicate(timeout=60)
    assert (out.strip(), again.returncode) == (NEXT, 0), error
    assert query(database, "SELECT value FROM meta") == [("value",)]
