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


def upgrade() -> None:
    """Create everything."""
    _settings()
    _languages()
    _grants()
    _allowances()


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


def _grants() -> None:
    """Keep what moderators granted people, and what jobs took of it."""
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


def _allowances() -> None:
    """Keep since when spending counts, and which alerts about a budget were given."""
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
