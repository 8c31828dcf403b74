"""Which bytes are being stored, so that those are found again that a crash left without a holder."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.columns import number, table

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

HELD = """
    CREATE TRIGGER stored_for_{holder} AFTER INSERT ON {holder} BEGIN
        DELETE FROM storing WHERE blob = NEW.blob;
    END
"""


def upgrade() -> None:
    """Create it, empty."""
    blob = sa.Column("blob", sa.Text(), primary_key=True, nullable=False)
    table("storing", blob, number("since"), with_rowid=False)
    for holder in ("picture", "turn_file"):
        op.execute(HELD.format(holder=holder))
