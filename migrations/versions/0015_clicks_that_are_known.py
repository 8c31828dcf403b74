"""Which clicks that cost an answer in words were heard, for when one is told again after a restart."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.columns import NUMBER, number, table

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create it; what is owed an answer was heard."""
    key = sa.Column("id", NUMBER, primary_key=True, autoincrement=False)
    table("heard", key, number("at"))
    op.create_index("heard_at", "heard", ["at"])
    op.execute("INSERT INTO heard (id, at) SELECT id, created_at FROM owed")
    op.execute("""
        INSERT INTO heard (id, at)
        SELECT event_id, MIN(created_at) FROM turn_return JOIN turn ON turn.id = turn_return.turn_id
        WHERE event_id NOT IN (SELECT id FROM heard) GROUP BY event_id
    """)
