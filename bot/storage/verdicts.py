"""What a moderation model said of kept pictures, by their bytes; it goes with the last that has them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bot.domain.moderation import Verdict
from bot.storage.codec import to_micros

if TYPE_CHECKING:
    from datetime import datetime

    from bot.storage.database import Database

OF = "SELECT refused, delicate FROM verdict WHERE blob = :blob AND judge = :judge"
KEEP = """
    INSERT INTO verdict (blob, judge, refused, delicate, at)
    SELECT :blob, :judge, :refused, :delicate, :now WHERE EXISTS (
        SELECT 1 FROM picture WHERE blob = :blob UNION ALL SELECT 1 FROM turn_file WHERE blob = :blob)
    ON CONFLICT (blob) DO UPDATE SET
        judge = excluded.judge, refused = excluded.refused, delicate = excluded.delicate, at = excluded.at
"""
COVER = "UPDATE picture SET delicate = 1 WHERE blob = :blob AND delicate = 0"


class Verdicts:
    """The verdicts of the database. `judge` names the model and what its operator does not want refused."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, blob: str, judge: str) -> Verdict | None:
        """Return what a judge said of a picture, or None where it has not looked."""
        rows = await self._database.read(OF, {"blob": blob, "judge": judge})
        if not rows:
            return None
        return Verdict(tuple(json.loads(rows[0]["refused"])), tuple(json.loads(rows[0]["delicate"])))

    async def keep(self, blob: str, judge: str, verdict: Verdict, now: datetime) -> None:
        """Keep what a judge says of a picture that is kept."""
        said = {"refused": json.dumps(verdict.refused), "delicate": json.dumps(verdict.delicate)}
        await self._database.change(KEEP, {"blob": blob, "judge": judge, **said, "now": to_micros(now)})

    async def cover(self, blob: str) -> None:
        """Let all pictures that have these bytes be delicate."""
        await self._database.change(COVER, {"blob": blob})
