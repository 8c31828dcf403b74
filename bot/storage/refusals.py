"""Refusals that outlive the deletion of what was refused, for as long as they count towards a break."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING

from bot.domain.conduct import MEMORY
from bot.storage import meta
from bot.storage.codec import to_micros

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

SECRET, SECRET_BYTES = "secret", 32
"""By which people are told apart where nobody may read who they are; the same as for the provider."""
KEEP = """
    INSERT INTO refusal (pseudonym, guild_id, at)
    SELECT :pseudonym, COALESCE(guild_id, 0), updated_at FROM job
    WHERE id = :job_id AND state = 'refused' AND user_id = :user_id AND updated_at > :since
"""
FORGET = "DELETE FROM refusal WHERE at <= :until"


def keep(connection: sqlite3.Connection, job_id: int, user_id: int, before: int) -> None:
    """Remember when a job was refused that loses its name, by a pseudonym; inside that transaction."""
    key = {"key": SECRET, "value": secrets.token_hex(SECRET_BYTES)}
    connection.execute(meta.SET_ONCE, key)
    since = before - int(MEMORY.total_seconds() * 1_000_000)
    name = pseudonym(connection, user_id)
    connection.execute(KEEP, {"job_id": job_id, "user_id": user_id, "pseudonym": name, "since": since})


def pseudonym(connection: sqlite3.Connection, user_id: int) -> str:
    """Return what somebody is called here; it says nothing without this installation's secret."""
    row = connection.execute(meta.GET, {"key": SECRET}).fetchone()
    if row is None:
        return ""  # then nothing is remembered of anybody
    return hmac.new(bytes.fromhex(row["value"]), f"refused:{user_id}".encode(), hashlib.sha256).hexdigest()


def forget(connection: sqlite3.Connection, now: datetime) -> None:
    """Delete the refusals that count no more."""
    connection.execute(FORGET, {"until": to_micros(now - MEMORY)})
