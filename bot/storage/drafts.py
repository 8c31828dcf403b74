"""What someone has begun and not decided yet: kept until it is sent, or until it expires."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.storage import codec
from bot.storage.codec import to_micros

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.requests import PictureRequest
    from bot.storage.database import Database

KEEP = """
    INSERT INTO draft (id, user_id, content, expires_at) VALUES (:id, :user_id, :content, :expires_at)
    ON CONFLICT (id) DO NOTHING
"""
KEEP_QUOTING = """
    INSERT INTO draft (id, user_id, content, expires_at, quoted_message_id, quoted_user_id)
    VALUES (:id, :user_id, :content, :expires_at, :quoted_message_id, :quoted_user_id)
    ON CONFLICT (id) DO NOTHING
"""
GET = "SELECT content FROM draft WHERE id = :id AND user_id = :user_id AND expires_at > :now"
TAKE = """
    DELETE FROM draft WHERE id = :id AND user_id = :user_id AND expires_at > :now RETURNING content
"""
PURGE = "DELETE FROM draft WHERE expires_at <= :now"


class Drafts:
    """Requests that wait for a word of their asker; nobody else finds them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, draft_id: int, user_id: int, request: PictureRequest, expires_at: datetime) -> None:
        """Keep a request under the id of the Discord event that began it."""
        quotation = request.quotation
        values = {
            "id": draft_id,
            "user_id": user_id,
            "content": codec.request_to_json(request),
            "expires_at": to_micros(expires_at),
            "quoted_message_id": None if quotation is None else quotation.message_id,
            "quoted_user_id": None if quotation is None else quotation.user_id,
        }
        await self._database.change(KEEP_QUOTING, values)

    async def get(self, draft_id: int, user_id: int, now: datetime) -> PictureRequest | None:
        """Return what somebody began, or None where it was sent, has expired or is another person's."""
        rows = await self._database.read(GET, _key(draft_id, user_id, now))
        return codec.request_from_json(rows[0]["content"]) if rows else None

    async def take(self, draft_id: int, user_id: int, now: datetime) -> PictureRequest | None:
        """Return what somebody began and forget it: of two presses at once, one gets it."""
        values = _key(draft_id, user_id, now)
        row = await self._database.write(lambda connection: connection.execute(TAKE, values).fetchone())
        return codec.request_from_json(row["content"]) if row else None

    async def purge(self, now: datetime) -> int:
        """Forget what has expired; return how many there were."""
        return await self._database.change(PURGE, {"now": to_micros(now)})


def _key(draft_id: int, user_id: int, now: datetime) -> dict[str, int]:
    return {"id": draft_id, "user_id": user_id, "now": to_micros(now)}
