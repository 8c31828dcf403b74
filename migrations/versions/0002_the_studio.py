"""The studio: captions, styles, preferences, favourites, references at hand, what waits for a word, batches.

The gallery is a table of its own beside pictures, so that what is asked of it (whose, where, since when,
with which words) is read from one index, however many pictures there are.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.columns import NUMBER, number, one_of, table, text

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BATCH_STATES = ("running", "paused", "done", "cancelled")
ROW_STATES = ("waiting", "running", "done", "failed", "cancelled")

SEARCH = (
    """
    CREATE VIRTUAL TABLE gallery_text USING fts5(
        place, prompt, caption,
        content='gallery', content_rowid='id', tokenize='unicode61 remove_diacritics 2'
    )
    """,
    """
    CREATE TRIGGER gallery_text_added AFTER INSERT ON gallery BEGIN
        INSERT INTO gallery_text (rowid, place, prompt, caption)
        VALUES (NEW.id, NEW.place, NEW.prompt, NEW.caption);
    END
    """,
    """
    CREATE TRIGGER gallery_text_removed AFTER DELETE ON gallery BEGIN
        INSERT INTO gallery_text (gallery_text, rowid, place, prompt, caption)
        VALUES ('delete', OLD.id, OLD.place, OLD.prompt, OLD.caption);
    END
    """,
    """
    CREATE TRIGGER gallery_text_changed AFTER UPDATE OF place, prompt, caption ON gallery BEGIN
        INSERT INTO gallery_text (gallery_text, rowid, place, prompt, caption)
        VALUES ('delete', OLD.id, OLD.place, OLD.prompt, OLD.caption);
        INSERT INTO gallery_text (rowid, place, prompt, caption)
        VALUES (NEW.id, NEW.place, NEW.prompt, NEW.caption);
    END
    """,
)
"""SQLite's own full-text search; PostgreSQL will want its own beside it."""


def upgrade() -> None:
    """Create everything."""
    op.create_index("job_person", "job", ["user_id", "id"])
    op.add_column("job", sa.Column("untold", NUMBER, nullable=False, server_default="0"))
    op.create_index("job_untold", "job", ["id"], sqlite_where=sa.text("untold = 1"))
    _gallery()
    _people()
    _styles()
    _batches()
    for statement in SEARCH:
        op.execute(statement)


def _gallery() -> None:
    """Create what can be found again: one row for each result, and favourites."""
    table(
        "gallery",
        sa.Column("id", NUMBER, primary_key=True),
        text("picture_id", sa.ForeignKey("picture.id", ondelete="CASCADE"), sa.UniqueConstraint()),
        number("job_id"),
        number("user_id", nullable=True),
        number("guild_id"),
        number("channel_id"),
        number("private", sa.CheckConstraint("private IN (0, 1)")),
        text("place"),
        text("model_id"),
        text("style", nullable=True),
        text("prompt"),
        text("caption", nullable=True),
        number("created_at"),
    )
    op.create_index("gallery_person", "gallery", ["user_id", "id"])
    op.create_index("gallery_server", "gallery", ["guild_id", "id"])
    op.create_index("gallery_server_person", "gallery", ["guild_id", "user_id", "id"])
    table(
        "favourite",
        number("user_id"),
        text("picture_id", sa.ForeignKey("picture.id", ondelete="CASCADE")),
        number("added_at"),
        sa.PrimaryKeyConstraint("user_id", "picture_id"),
    )
    op.create_index("favourite_picture", "favourite", ["picture_id"])


def _people() -> None:
    """Create what someone has set, has at hand, or has not decided yet."""
    table(
        "preference",
        sa.Column("user_id", NUMBER, primary_key=True, autoincrement=False),
        text("chosen"),
        number("updated_at"),
    )
    table(
        "tray",
        number("user_id"),
        number("guild_id"),
        text("picture_id", sa.ForeignKey("picture.id", ondelete="CASCADE")),
        number("added_at"),
        number("expires_at"),
        sa.PrimaryKeyConstraint("user_id", "guild_id", "picture_id"),
    )
    op.create_index("tray_picture", "tray", ["picture_id"])
    table(
        "draft",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=False),
        number("user_id"),
        text("content"),
        number("expires_at"),
    )
    op.create_index("draft_expiry", "draft", ["expires_at"])


def _styles() -> None:
    """Create templates: a server's own have user 0, a person's own guild 0."""
    table(
        "style",
        sa.Column("id", NUMBER, primary_key=True),
        number("guild_id"),
        number("user_id"),
        text("name"),
        text("name_key"),
        text("template"),
        text("variables"),
        text("preview_picture_id", sa.ForeignKey("picture.id", ondelete="SET NULL"), nullable=True),
        number("created_by"),
        number("updated_at"),
        sa.UniqueConstraint("guild_id", "user_id", "name_key"),
        sa.CheckConstraint("(guild_id = 0) <> (user_id = 0)", name="style_owner"),
    )


def _batches() -> None:
    """Create lists of prompts that are drawn one after another; `id` is the Discord event that asked."""
    table(
        "batch",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=False),
        text("state", sa.CheckConstraint(one_of("state", BATCH_STATES), name="batch_state")),
        number("user_id"),
        number("guild_id", nullable=True),
        number("channel_id"),
        text("title"),
        text("request"),
        number("upload_limit_bytes"),
        number("card_message_id", nullable=True),
        number("card_channel_id", nullable=True),
        number("created_at"),
        number("updated_at"),
    )
    op.create_index("batch_person", "batch", ["user_id", "id"])
    table(
        "batch_row",
        number("batch_id", sa.ForeignKey("batch.id", ondelete="CASCADE")),
        number("ordinal", sa.CheckConstraint("ordinal >= 0")),
        text("prompt"),
        number("seed", nullable=True),
        text("state", sa.CheckConstraint(one_of("state", ROW_STATES), name="batch_row_state")),
        number("job_id", nullable=True),
        number("attempts", sa.CheckConstraint("attempts >= 0")),
        text("failure", nullable=True),
        sa.PrimaryKeyConstraint("batch_id", "ordinal"),
    )
    op.create_index("batch_row_job", "batch_row", ["job_id"])
