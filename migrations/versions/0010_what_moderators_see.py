"""Verdicts on kept pictures, what is kept back of a call, and decisions that are not carried out yet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.columns import NUMBER, number, table, text

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

FORGET = """
    CREATE TRIGGER verdict_goes_with_{holder} AFTER DELETE ON {holder} BEGIN
        DELETE FROM verdict WHERE blob = OLD.blob
        AND NOT EXISTS (SELECT 1 FROM picture WHERE blob = OLD.blob)
        AND NOT EXISTS (SELECT 1 FROM turn_file WHERE blob = OLD.blob);
    END
"""
"""What was said of a picture goes with the last that has its bytes."""


def upgrade() -> None:
    """Create everything; what was decided on before counts as carried out."""
    table(
        "verdict",
        sa.Column("blob", sa.Text(), primary_key=True, nullable=False),
        text("judge"),
        text("refused"),
        text("delicate"),
        number("at"),
        with_rowid=False,
    )
    for holder in ("picture", "turn_file"):
        op.execute(FORGET.format(holder=holder))
    op.add_column("call", _whole("withheld_microusd", "withheld_microusd >= 0"))
    op.add_column("reported", _whole("is_due", "is_due IN (0, 1)"))
    op.create_index("reported_due", "reported", ["message_id"], sqlite_where=sa.text("is_due = 1"))
    op.execute("""
        UPDATE review SET message_id = NULL WHERE job_id IN (
            SELECT id FROM job WHERE review IN ('approved', 'denied', 'expired')
        )
    """)
    op.create_index("review_card", "review", ["job_id"], sqlite_where=sa.text("message_id IS NOT NULL"))
    op.drop_index("job_called_off", "job")


def _whole(name: str, condition: str) -> sa.Column[int]:
    """Return a column of whole numbers that begins with 0."""
    check = sa.CheckConstraint(condition, name=f"holds_{name}")
    return sa.Column(name, NUMBER, check, nullable=False, server_default=sa.text("0"))
