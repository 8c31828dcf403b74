"""What moderators decide for their servers, and the language that people are answered in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.columns import NUMBER, number, one_of, table, text

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

FAMILIES = ("draw", "talk", "read")
YOUNG_DAYS = 30
"""How old a line of the audit is at least before anything can remove it; retention asks for more."""


def upgrade() -> None:
    """Create everything."""
    _settings()
    _languages()
    _access()
    _audit()


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
    """Let old lines of the audit be removed, no young one ever; remember what each log channel has."""
    table(
        "log_cursor",
        sa.Column("guild_id", NUMBER, primary_key=True, autoincrement=False),
        number("audit_id"),
        number("posting_id", nullable=True),
    )
    op.create_index("audit_log", "audit", ["guild_id", "id"])
    op.execute("DROP TRIGGER audit_keeps_rows")
    op.execute(
        f"""
        CREATE TRIGGER audit_keeps_rows BEFORE DELETE ON audit
        WHEN OLD.at > (CAST(strftime('%s', 'now') AS INTEGER) - {YOUNG_DAYS * 86_400}) * 1000000
        BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END
        """
    )
