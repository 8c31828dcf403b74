"""Which attachment of its message a file of a conversation came as, so that its removal can be followed."""

from __future__ import annotations

from alembic import op

from migrations.columns import number

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the column; files of before do not tell, and go with their message alone."""
    op.add_column("turn_file", number("attachment_id", nullable=True))
