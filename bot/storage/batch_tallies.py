"""How many rows of a batch stand where, and what their pictures cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.runs import Tally

if TYPE_CHECKING:
    import sqlite3

TALLY = """
    SELECT CASE WHEN row.state = 'running' AND job.review = 'waiting' THEN 'held'
        WHEN row.state = 'running' AND job.state IN ('produced', 'delivered', 'settled') THEN 'drawn'
        WHEN row.state = 'running' THEN 'drawing'
        WHEN row.state = 'done' AND job.state = 'produced' THEN 'kept'
        WHEN row.state = 'done' AND job.state = 'failed' THEN 'failed' ELSE row.state END AS standing,
        COUNT(*) AS count
    FROM batch_row AS row LEFT JOIN job ON job.id = row.job_id WHERE row.batch_id = :id GROUP BY standing
"""
COST = """
    SELECT COALESCE(SUM(call.cost_microusd), 0) AS microusd FROM batch_row AS row
    JOIN job ON job.id = row.job_id JOIN call ON call.job_id = job.id
    WHERE row.batch_id = :id AND call.state = 'received'
    AND job.state NOT IN ('failed', 'refused', 'cancelled')
"""


def tally(connection: sqlite3.Connection, batch_id: int) -> Tally:
    """Count the rows of a batch by where they and their jobs stand, all as of one moment."""
    count = {row["standing"]: row["count"] for row in connection.execute(TALLY, {"id": batch_id})}
    cost = connection.execute(COST, {"id": batch_id}).fetchone()["microusd"]
    count["done"] = count.get("done", 0) + count.get("kept", 0)
    return Tally(**count, cost_microusd=cost)
