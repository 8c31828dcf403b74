"""Why files of what was said could not be used, so that it is still told after a restart."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the column; turns of before name none."""
    op.add_column("turn", sa.Column("unusable", sa.Text(), nullable=False, server_default="[]"))
