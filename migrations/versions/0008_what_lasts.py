"""Roles that a request was held with, refusals that outlive a deletion, and what was called off."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.columns import number, table, text

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create everything; requests of before are read without roles, as they were."""
    op.add_column("job", sa.Column("role_ids", sa.Text(), nullable=False, server_default=sa.text("''")))
    op.create_index("job_called_off", "job", ["id"], sqlite_where=sa.text("review = 'called_off'"))
    table(
        "refusal",
        number("id"),
        text("pseudonym"),
        number("guild_id"),
        number("at"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("refusal_person", "refusal", ["pseudonym", "guild_id"])
    op.create_index("refusal_at", "refusal", ["at"])
