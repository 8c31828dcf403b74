"""What turns quote stands beside them, by message and person, so that it goes with what it is from.

What was quoted before stays among the words of the turns: nothing tells which message it is from. And the
answers in words that somebody waits for, by the ways to them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.columns import NUMBER, number, one_of, table, text

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

PURPOSES = ("chat", "describe", "extract")


def upgrade() -> None:
    """Create everything."""
    _quotations()
    _owed()


def _quotations() -> None:
    table(
        "turn_quote",
        sa.Column(
            "turn_id",
            NUMBER,
            sa.ForeignKey("turn.id", ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
        ),
        number("message_id"),
        number("user_id"),
        text("text"),
        number("edited_at", nullable=True),
    )
    op.create_index("turn_quote_message", "turn_quote", ["message_id"])
    op.create_index("turn_quote_person", "turn_quote", ["user_id", "message_id"])
    is_quoted = sa.CheckConstraint("is_quoted IN (0, 1)", name="turn_file_is_quoted")
    column = sa.Column("is_quoted", NUMBER, is_quoted, nullable=False, server_default=sa.text("0"))
    op.add_column("turn_file", column)
    op.add_column("draft", number("quoted_message_id", nullable=True))
    op.add_column("draft", number("quoted_user_id", nullable=True))
    op.create_index("draft_quoted", "draft", ["quoted_message_id"])


def _owed() -> None:
    table(
        "owed",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=False),
        number("user_id"),
        number("guild_id", nullable=True),
        number("channel_id"),
        text("purpose", sa.CheckConstraint(one_of("purpose", PURPOSES), name="owed_purpose")),
        number("private", sa.CheckConstraint("private IN (0, 1)")),
        text("language"),
        number("application_id"),
        text("token"),
        number("token_expires_at"),
        number("upload_limit_bytes"),
        number("can_post_in_channel", sa.CheckConstraint("can_post_in_channel IN (0, 1)")),
        text("owner"),
        number("created_at"),
    )
    op.create_index("owed_person", "owed", ["user_id"])
