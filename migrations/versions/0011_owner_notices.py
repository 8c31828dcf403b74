"""What owners of servers are to be told, until they were."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.columns import number, one_of, table, text

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create everything."""
    table(
        "owner_notice",
        sa.Column("id", sa.Integer(), primary_key=True, nullable=False),
        number("guild_id"),
        text("kind", sa.CheckConstraint(one_of("kind", ("alert", "report")), name="knows_kind")),
        number("audit_id", nullable=True),
        number("message_id", nullable=True),
        number("at"),
        number("told_at", nullable=True),
        number("tries", sa.CheckConstraint("tries >= 0", name="holds_tries")),
        number("again_at"),
        number("is_late", sa.CheckConstraint("is_late IN (0, 1)", name="holds_is_late")),
    )
    op.create_index("owner_notice_of_server", "owner_notice", ["guild_id", "kind"])
    op.create_index(
        "owner_notice_waits", "owner_notice", ["again_at"], sqlite_where=sa.text("told_at IS NULL")
    )
