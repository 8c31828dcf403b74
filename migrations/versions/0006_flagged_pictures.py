"""Which pictures are delicate, so that they can be covered wherever they are shown."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.columns import NUMBER

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what a moderation model says of a picture; what is there already is not looked at again."""
    delicate = sa.Column(
        "delicate",
        NUMBER,
        sa.CheckConstraint("delicate IN (0, 1)", name="picture_delicate"),
        nullable=False,
        server_default=sa.text("0"),
    )
    op.add_column("picture", delicate)
