"""What moderators decide for their servers, and the language that people are answered in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.columns import NUMBER, number, one_of, table, text

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

METERS = ("images_per_day", "images_per_month", "messages_per_day", "usd_per_day", "usd_per_month")


AUDIT_KEEPS_ROWS = """
    CREATE TRIGGER audit_keeps_rows BEFORE DELETE ON audit
    WHEN OLD.at > (CAST(strftime('%s', 'now') AS INTEGER) - 2592000) * 1000000
        AND NOT EXISTS (SELECT 1 FROM erasure WHERE erasure.guild_id = OLD.guild_id AND wiped = 0)
    BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END
"""
"""No line of the last 30 days goes but with its server. In SQLite's words; PostgreSQL will want its own."""
FAMILIES = ("draw", "talk", "read")


def upgrade() -> None:
    """Create everything."""
    _settings()
    _languages()
    _reviews()
    _reports()
    _conduct()
    _conversations()
    _allowances()
    _access()
    _audit()
    _privacy()


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


def _privacy() -> None:
    """Create what people chose for what is kept of them, and what is being deleted.

    The lines of a server in the audit can be deleted while the server is, however young they are.
    """
    table(
        "privacy_choice",
        sa.Column("user_id", NUMBER, primary_key=True, autoincrement=False),
        number("keeps_talk", sa.CheckConstraint("keeps_talk IN (0, 1)")),
        number("days", sa.CheckConstraint("days > 0"), nullable=True),
        number("exported_at", nullable=True),
        number("updated_at"),
    )
    table(
        "erasure",
        sa.Column("id", NUMBER, primary_key=True),
        number("user_id", nullable=True),
        number("guild_id", nullable=True),
        text("extent", sa.CheckConstraint(one_of("extent", ("everything", "history", "talk")))),
        number("since_at"),
        number("before_at"),
        number("asked_at"),
        number("wiped", sa.CheckConstraint("wiped IN (0, 1)")),
        sa.CheckConstraint("(user_id IS NULL) <> (guild_id IS NULL)", name="erasure_owner"),
    )
    op.create_index("erasure_server", "erasure", ["guild_id"])
    table(
        "removed_server",
        sa.Column("guild_id", NUMBER, primary_key=True, autoincrement=False),
        number("removed_at"),
    )
    table("loose_blob", sa.Column("blob", sa.Text(), primary_key=True, nullable=False), with_rowid=False)
    named = sa.text("user_id IS NOT NULL")
    op.create_index("job_server", "job", ["guild_id", "created_at"], sqlite_where=named)
    op.create_index("turn_server", "turn", ["guild_id", "created_at"], sqlite_where=sa.text("forgotten = 0"))
    op.create_index("batch_server", "batch", ["guild_id"])
    op.create_index("ledger_names", "ledger", ["guild_id", "anchor_at"], sqlite_where=named)
    op.execute("DROP TRIGGER audit_keeps_rows")
    op.execute(AUDIT_KEEPS_ROWS)


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
    op.create_index("turn_found_picture", "turn_found", ["picture_id"])  # else each deleted picture reads all


def _allowances() -> None:
    """Keep since when spending counts, alerts that were given, what was granted, and what jobs took of it."""
    _grants()
    table(
        "allowance_reset",
        number("guild_id"),
        number("user_id"),
        text("meter", sa.CheckConstraint(one_of("meter", METERS), name="allowance_reset_meter")),
        number("reset_at"),
        sa.PrimaryKeyConstraint("guild_id", "user_id", "meter"),
        with_rowid=False,
    )
    table(
        "budget_alert",
        number("guild_id"),
        text("month"),
        number("budget"),
        number("percent"),
        sa.PrimaryKeyConstraint("guild_id", "month", "budget", "percent"),
        with_rowid=False,
    )


def _grants() -> None:
    """Create what was granted to people, and what jobs took of it."""
    table(
        "allowance_grant",
        sa.Column("id", NUMBER, primary_key=True),
        number("guild_id"),
        number("user_id"),
        text("meter", sa.CheckConstraint(one_of("meter", METERS), name="allowance_grant_meter")),
        number("amount", sa.CheckConstraint("amount > 0")),
        number("used", sa.CheckConstraint("used >= 0 AND used <= amount", name="allowance_grant_used")),
        text("reason"),
        number("actor_id"),
        number("created_at"),
        number("expires_at"),
    )
    op.create_index("allowance_grant_person", "allowance_grant", ["guild_id", "user_id", "expires_at"])
    table(
        "grant_use",
        number("grant_id", sa.ForeignKey("allowance_grant.id", ondelete="CASCADE")),
        number("job_id", sa.ForeignKey("job.id", ondelete="CASCADE")),
        number("user_id"),
        number("guild_id"),
        text("meter"),
        number("amount", sa.CheckConstraint("amount >= 0")),
        number("anchor_at"),
        sa.PrimaryKeyConstraint("grant_id", "job_id"),
        with_rowid=False,
    )
    op.create_index("grant_use_job", "grant_use", ["job_id"])
    op.create_index("grant_use_person", "grant_use", ["user_id", "guild_id", "meter", "anchor_at", "amount"])


def _access() -> None:
    """Create who may not use Easel, and where and with which roles it may be used."""
    table(
        "ban",
        number("guild_id"),
        number("user_id"),
        number("banned_by"),
        text("reason"),
        number("at"),
        number("until", nullable=True),
        sa.PrimaryKeyConstraint("guild_id", "user_id"),
        with_rowid=False,
    )
    table(
        "access_rule",
        number("guild_id"),
        text("family", sa.CheckConstraint(one_of("family", FAMILIES), name="access_rule_family")),
        text("kind", sa.CheckConstraint(one_of("kind", ("channel", "role")), name="access_rule_kind")),
        number("target_id"),
        sa.PrimaryKeyConstraint("guild_id", "family", "kind", "target_id"),
        with_rowid=False,
    )
    op.add_column("batch", sa.Column("parent_id", NUMBER, nullable=True))


def _audit() -> None:
    """Remember what each log channel has of the audit."""
    table(
        "log_cursor",
        sa.Column("guild_id", NUMBER, primary_key=True, autoincrement=False),
        number("audit_id"),
        number("posting_id", nullable=True),
    )
    op.create_index("audit_log", "audit", ["guild_id", "id"])
