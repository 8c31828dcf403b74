"""Whether there is room for one more job: of all, of a server, of a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from bot.domain.quotas import Owner

if TYPE_CHECKING:
    import sqlite3

    from bot.domain.jobs import Bounds
    from bot.storage.ledger import Payer

Kind = Literal["pictures", "words"]

COUNT_BESIDE = """
    SELECT COUNT(*) AS of_all, COUNT(*) FILTER (WHERE guild_id = :guild_id) AS of_server,
        COUNT(*) FILTER (WHERE user_id = :user_id AND in_batch = 0) AS of_person
    FROM (
        SELECT *, EXISTS (SELECT 1 FROM batch_row WHERE batch_row.job_id = job.id) AS in_batch FROM job
        WHERE state IN ('queued', 'sent', 'produced', 'delivered') AND id <> :id AND kind = :kind
    ) AS beside
    WHERE state <> 'produced' OR (failure IS NULL AND in_batch = 0)
"""
"""Of a batch, jobs count that are drawn; it draws a few at a time, however many one person may have."""


class NoRoom(Exception):
    """As many jobs as allowed have not ended: of all (OPERATOR), of the server, or of the person."""

    def __init__(self, owner: Owner) -> None:
        super().__init__(owner)
        self.owner = owner


def check(
    connection: sqlite3.Connection, job_id: int, payer: Payer, bounds: Bounds, kind: Kind = "pictures"
) -> None:
    """Raise NoRoom where other jobs of a kind fill the house, the server or the person's share."""
    values = {"id": job_id, "user_id": payer.user_id, "guild_id": payer.guild_id, "kind": kind}
    beside = connection.execute(COUNT_BESIDE, values).fetchone()
    if beside["of_all"] >= bounds.of_all:
        raise NoRoom(Owner.OPERATOR)
    if payer.guild_id is not None and beside["of_server"] >= bounds.per_server:
        raise NoRoom(Owner.SERVER)
    if beside["of_person"] >= bounds.per_person:
        raise NoRoom(Owner.PERSON)
