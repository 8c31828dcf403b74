"""What moderators decide for their servers, and the language that people are answered in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.columns import NUMBER, number, table, text

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create everything."""
    _settings()
    _languages()
    _conversations()


def _settings() -> None:
    """Create what a server's moderators chose for it."""
    table(
        "server_setting",
        number("guild_id"),
        text("name"),
        text("value"),
        number("updated_at"),
        sa.PrimaryKeyConstraint("guild_id", "name"),
        with_rowid=False,
    )
    op.create_index("server_setting_name", "server_setting", ["name"])


def _languages() -> None:
    """Remember in which language an answer is awaited, for who gets it from a later process."""
    for of in ("job", "turn", "batch"):
        op.add_column(of, sa.Column("language", sa.Text(), nullable=True))


def _conversations() -> None:
    """Create where an answer goes that a later process gives, and what was found in the gallery."""
    table(
        "turn_return",
        sa.Column(
            "turn_id",
            NUMBER,
            sa.ForeignKey("turn.id", ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
        ),
        number("application_id"),
        text("token"),
        number("token_expires_at"),
        number("upload_limit_bytes", sa.CheckConstraint("upload_limit_bytes > 0")),
        number("can_post_in_channel", sa.CheckConstraint("can_post_in_channel IN (0, 1)")),
        number("event_id"),
        text("manner"),
        number("agreed", sa.CheckConstraint("agreed IN (0, 1)")),
    )
    table(
        "turn_found",
        number("turn_id", sa.ForeignKey("turn.id", ondelete="CASCADE")),
        number("position", sa.CheckConstraint("position >= 0")),
        text("picture_id", sa.ForeignKey("picture.id", ondelete="CASCADE")),
        sa.PrimaryKeyConstraint("turn_id", "position"),
        with_rowid=False,
    )
