"""Which bytes are being stored, so that those are found again that a crash left without a holder."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.columns import NUMBER, number, table, text

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

HELD = """
    CREATE TRIGGER stored_for_{holder} AFTER INSERT ON {holder} BEGIN
        DELETE FROM storing WHERE id = (SELECT MIN(id) FROM storing WHERE blob = NEW.blob AND is_left = 0);
    END
"""
"""Whoever stores has a row of their own: the same bytes may be on their way for two at once."""


def upgrade() -> None:
    """Create it, empty."""
    is_left = sa.Column("is_left", NUMBER, sa.CheckConstraint("is_left IN (0, 1)"), nullable=False)
    table("storing", sa.Column("id", NUMBER, primary_key=True), text("blob"), number("since"), is_left)
    op.create_index("storing_blob", "storing", ["blob"])
    for holder in ("picture", "turn_file"):
        op.execute(HELD.format(holder=holder))
