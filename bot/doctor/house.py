"""Looks at the machine: SQLite, the disk, the database, the place of the pictures."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
from contextlib import aclosing
from typing import TYPE_CHECKING

import migrations
from bot.doctor.finding import ok, problem, warning
from bot.errors import DatabaseDamaged, StartupError
from bot.services.reconciliation import last
from bot.storage.blobs import Blobs
from bot.storage.copies import Copies
from bot.storage.database import OLDEST_SQLITE, Database
from bot.storage.ledger import Ledger
from bot.storage.meta import Meta

if TYPE_CHECKING:
    from pathlib import Path

    from bot.doctor.finding import Finding
    from bot.services.reconciliation import Comparison
    from bot.settings import Settings

DRIFTED = "sums of what was spent disagree with the rows of the ledger. Restore a backup, and report it."
OLDER = "it has an older form. The next start upgrades it, or do it now: easel migrate."
PLENTY_MICROUSD = 1_000_000
"""A difference to the provider's count that calls under way do not explain."""
GIB = 1024**3
PLENTY_BYTES = 2 * GIB
"""A thousand pictures, roughly."""
LEAST_BYTES = GIB // 8
"""With less, a few pictures fill the disk and the database cannot write."""


async def examine_house(settings: Settings) -> list[Finding]:
    """Return what was found on this machine."""
    return [
        _sqlite(),
        *await asyncio.to_thread(_disk, settings.data_dir),
        *await _database(settings),
        await _pictures(settings.blob_url),
    ]


def _sqlite() -> Finding:
    version = sqlite3.sqlite_version
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        return problem(
            "SQLite", f"version {version} is too old. Use a Python built with SQLite 3.37 or newer."
        )
    return ok("SQLite", f"version {version}.")


def _disk(folder: Path) -> list[Finding]:
    """Look at the data folder, or at where it will be made."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        return [problem("data folder", f"{there} cannot be written to. Change its owner, or set DATA_DIR.")]
    free = shutil.disk_usage(there).free
    found = ok("data folder", f"{folder} can be written to.")
    size = f"{free / GIB:.1f} GiB free"
    if free < LEAST_BYTES:
        return [found, problem("disk", f"{size}. Make room, or set DATA_DIR to another disk.")]
    if free < PLENTY_BYTES:
        return [found, warning("disk", f"{size}. Make room soon.")]
    return [found, ok("disk", f"{size}.")]


async def _database(settings: Settings) -> list[Finding]:
    """Look at the database's version and health, and at its ledger; works beside a running bot."""
    url = settings.database_url
    try:
        revision = await asyncio.to_thread(migrations.current, url)
        if revision is None:
            return [ok("database", "there is none yet; the first start makes it.")]
        if revision < migrations.head():
            return [warning("database", OLDER)]
        async with aclosing(await Database.open_beside(url)) as database:
            await database.quick_check()
            compared = await last(Meta(database))
            drifted = await Ledger(database).drifted()
    except DatabaseDamaged as error:
        copies = Copies(url, settings.backups, keep=settings.daily_backups)
        return [problem("database", f"{error} {await copies.advice()}")]
    except StartupError as error:
        return [problem("database", str(error))]
    if drifted:
        return [problem("database", DRIFTED), *_ledger(compared)]
    return [ok("database", f"sound, at revision {revision}."), *_ledger(compared)]


def _ledger(compared: Comparison | None) -> list[Finding]:
    """Say whether our books agree with the provider's, where they were compared."""
    if compared is None:
        return []
    if abs(compared.difference_microusd) < PLENTY_MICROUSD:
        return [ok("ledger", str(compared))]
    return [warning("ledger", f"{compared} Does something else spend with this key?")]


async def _pictures(url: str) -> Finding:
    """Store a few bytes where pictures go, and take them away again."""
    try:
        await (await Blobs.open(url)).probe()
    except StartupError as error:
        return problem("pictures", str(error))
    return ok("pictures", "they can be stored and deleted.")
