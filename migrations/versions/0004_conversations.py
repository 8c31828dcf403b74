"""Conversations: turns as a tree, the messages that carry them, their files, and summaries.

A turn that was deleted keeps its place in the tree and nothing else, so that what answers it stays reachable.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.columns import NUMBER, number, one_of, table, text

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SPEAKERS = ("person", "easel")
FILES = ("picture", "document")


def upgrade() -> None:
    """Create everything."""
    _turns()
    _files()
    _threads()


def _turns() -> None:
    table(
        "turn",
        sa.Column("id", NUMBER, primary_key=True),
        number("channel_id"),
        number("guild_id", nullable=True),
        number("parent_id", sa.ForeignKey("turn.id", ondelete="SET NULL"), nullable=True),
        text("speaker", sa.CheckConstraint(one_of("speaker", SPEAKERS), name="turn_speaker")),
        number("user_id", nullable=True),
        text("name"),
        text("text"),
        text("reasoning"),
        text("annotations"),
        number("job_id", nullable=True),
        number("forgotten", sa.CheckConstraint("forgotten IN (0, 1)")),
        number("awaiting", sa.CheckConstraint("awaiting IN (0, 1)")),
        number("private", sa.CheckConstraint("private IN (0, 1)")),
        number("created_at"),
    )
    op.create_index("turn_awaiting", "turn", ["id"], sqlite_where=sa.text("awaiting = 1"))
    op.create_index("turn_channel", "turn", ["channel_id", "id"])
    op.create_index("turn_said", "turn", ["created_at"], sqlite_where=sa.text("forgotten = 0"))
    op.create_index("turn_person", "turn", ["user_id", "id"])
    op.create_index("turn_parent", "turn", ["parent_id"])
    op.create_index("turn_job", "turn", ["job_id"])
    table(
        "turn_message",
        sa.Column("message_id", NUMBER, primary_key=True, autoincrement=False),
        number("turn_id", sa.ForeignKey("turn.id", ondelete="CASCADE")),
        number("position", sa.CheckConstraint("position >= 0")),
    )
    op.create_index("turn_message_of", "turn_message", ["turn_id"])


def _files() -> None:
    table(
        "turn_file",
        number("turn_id", sa.ForeignKey("turn.id", ondelete="CASCADE")),
        number("position", sa.CheckConstraint("position >= 0")),
        text("kind", sa.CheckConstraint(one_of("kind", FILES), name="turn_file_kind")),
        text("blob", sa.CheckConstraint("length(blob) = 64")),
        text("media_type"),
        text("filename"),
        number("size_bytes", sa.CheckConstraint("size_bytes > 0")),
        number("width", nullable=True),
        number("height", nullable=True),
        number("pages", nullable=True),
        text("caption", nullable=True),
        sa.PrimaryKeyConstraint("turn_id", "position"),
    )
    op.create_index("turn_file_blob", "turn_file", ["blob"])
    table(
        "turn_summary",
        sa.Column(
            "turn_id",
            NUMBER,
            sa.ForeignKey("turn.id", ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
        ),
        text("text"),
        number("created_at"),
    )


def _threads() -> None:
    """Create the threads that were begun for a conversation, and what moderators set for a channel."""
    table(
        "chat_thread",
        sa.Column("channel_id", NUMBER, primary_key=True, autoincrement=False),
        number("guild_id"),
        number("parent_id"),
        number("owner_id"),
        text("title"),
        number("ended", sa.CheckConstraint("ended IN (0, 1)")),
        number("created_at"),
    )
    op.create_index("chat_thread_parent", "chat_thread", ["parent_id"])
    table(
        "channel_setting",
        sa.Column("channel_id", NUMBER, primary_key=True, autoincrement=False),
        number("guild_id"),
        text("chosen"),
        number("updated_at"),
    )
