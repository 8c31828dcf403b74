"""What moderators decide for their servers, and the language that people are answered in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.columns import number, one_of, table, text

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create everything."""
    _settings()
    _languages()
    _reviews()
    _reports()
    _conduct()


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


def _reviews() -> None:
    """Let pictures wait for moderators: whether they may be shown is in the job, all else beside it."""
    op.add_column("job", sa.Column("review", sa.Text(), nullable=True))
    table(
        "review",
        number("job_id", sa.ForeignKey("job.id", ondelete="CASCADE")),
        number("guild_id"),
        text("why"),
        number("created_at"),
        number("channel_id", nullable=True),
        number("message_id", nullable=True),
        number("decided_by", nullable=True),
        number("decided_at", nullable=True),
        text("reason", nullable=True),
        sa.PrimaryKeyConstraint("job_id"),
    )
    op.create_index("review_guild", "review", ["guild_id", "created_at"])


def _reports() -> None:
    """Keep what members report, by message, and what each of them says."""
    table(
        "reported",
        number("message_id"),
        number("channel_id"),
        number("guild_id"),
        number("job_id", sa.ForeignKey("job.id", ondelete="SET NULL"), nullable=True),
        text("state", sa.CheckConstraint(one_of("state", ("open", "dismissed", "deleted")))),
        number("created_at"),
        number("card_channel_id", nullable=True),
        number("card_message_id", nullable=True),
        number("decided_by", nullable=True),
        number("decided_at", nullable=True),
        sa.PrimaryKeyConstraint("message_id"),
    )
    op.create_index("reported_guild", "reported", ["guild_id", "state", "created_at"])
    op.create_index("reported_job", "reported", ["job_id"])
    table(
        "report",
        number("message_id", sa.ForeignKey("reported.message_id", ondelete="CASCADE")),
        number("reporter_id"),
        text("reason"),
        number("created_at"),
        sa.PrimaryKeyConstraint("message_id", "reporter_id"),
        with_rowid=False,
    )
    op.create_index("report_reporter", "report", ["reporter_id", "created_at"])


def _conduct() -> None:
    """Find quickly what somebody was refused."""
    op.create_index(
        "job_refused",
        "job",
        ["user_id", "updated_at"],
        sqlite_where=sa.text("state = 'refused'"),
        postgresql_where=sa.text("state = 'refused'"),
    )
    op.create_index("audit_subject", "audit", ["guild_id", "subject", "at"])
