"""Words are paid for as pictures are: jobs of a kind of their own, counted as messages beside dollars."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.columns import NUMBER, number, one_of, table, text

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

METERS = ("images_per_day", "images_per_month", "messages_per_day", "usd_per_day", "usd_per_month")
SUMS = ["anchor_at", "images", "messages", "microusd"]

TRIGGERS = (
    """
    CREATE TRIGGER ledger_keeps_amounts
    BEFORE UPDATE OF id, job_id, kind, guild_id, images, messages, microusd, absorbed_microusd, anchor_at,
        recorded_at
    ON ledger
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END
    """,
    """
    CREATE TRIGGER ledger_ends_a_hold BEFORE INSERT ON ledger
    WHEN NEW.kind <> 'hold' AND NOT EXISTS (
        SELECT 1 FROM ledger
        WHERE job_id = NEW.job_id AND kind = 'hold' AND anchor_at = NEW.anchor_at
        AND images + NEW.images >= 0 AND messages + NEW.messages >= 0 AND microusd + NEW.microusd >= 0
    )
    BEGIN SELECT RAISE(ABORT, 'a settle or release needs its hold and never goes below zero'); END
    """,
)
"""In SQLite's words; PostgreSQL will want its own beside them."""


def upgrade() -> None:
    """Change everything."""
    op.add_column(
        "job",
        sa.Column(
            "kind",
            sa.Text(),
            sa.CheckConstraint(one_of("kind", ("pictures", "words")), name="job_kind"),
            nullable=False,
            server_default="pictures",
        ),
    )
    _ledger()
    _policy()
    _batches()


def _ledger() -> None:
    """Count messages; every sum is still read from an index alone."""
    for trigger in ("ledger_keeps_amounts", "ledger_ends_a_hold"):
        op.execute(f"DROP TRIGGER {trigger}")
    op.add_column("ledger", sa.Column("messages", NUMBER, nullable=False, server_default="0"))
    for trigger in TRIGGERS:
        op.execute(trigger)
    for index in ("ledger_person", "ledger_server", "ledger_operator"):
        op.drop_index(index, "ledger")
    op.create_index("ledger_person", "ledger", ["user_id", "guild_id", *SUMS])
    op.create_index("ledger_server", "ledger", ["guild_id", *SUMS])
    op.create_index("ledger_operator", "ledger", [*SUMS, "absorbed_microusd", "kind", "job_id"])


def _policy() -> None:
    """Let a limit be on messages; SQLite changes a condition by a new table alone."""
    op.rename_table("policy", "policy_before")
    table(
        "policy",
        number("guild_id"),
        text("scope", sa.CheckConstraint("scope IN ('default', 'role', 'person')", name="policy_scope")),
        number("subject_id"),
        text("meter", sa.CheckConstraint(one_of("meter", METERS), name="policy_meter")),
        number("cap", sa.CheckConstraint("cap >= 0"), nullable=True),
        sa.PrimaryKeyConstraint("guild_id", "scope", "subject_id", "meter"),
    )
    op.execute("INSERT INTO policy SELECT guild_id, scope, subject_id, meter, cap FROM policy_before")
    op.drop_table("policy_before")


def _batches() -> None:
    """Let batches be taken up while something is `pending`, and be shown in pages, written down before."""
    for column in (
        number("application_id"),
        text("token"),
        number("token_expires_at"),
        number("can_post_in_channel"),
        text("role_ids"),
        number("pending"),
    ):
        column.server_default = sa.DefaultClause("0" if column.type is NUMBER else "")
        op.add_column("batch", column)
    op.add_column("batch", text("reason", nullable=True))
    op.add_column("batch", text("lease_owner", nullable=True))
    op.add_column("batch", number("lease_until", nullable=True))
    op.create_index("batch_pending", "batch", ["user_id"], sqlite_where=sa.text("pending = 1"))
    op.add_column("batch_row", number("page", nullable=True))
    table(
        "batch_page",
        number("batch_id", sa.ForeignKey("batch.id", ondelete="CASCADE")),
        number("ordinal", sa.CheckConstraint("ordinal > 0")),
        text("kind", sa.CheckConstraint(one_of("kind", ("pictures", "files")), name="batch_page_kind")),
        number("posted", sa.CheckConstraint("posted IN (0, 1)")),
        number("channel_id", nullable=True),
        number("message_id", nullable=True),
        sa.PrimaryKeyConstraint("batch_id", "ordinal"),
    )
