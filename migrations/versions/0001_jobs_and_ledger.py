"""Jobs, their paid calls and pictures, the ledger; policies, audit and meta.

Ids are Discord's snowflakes where Discord has one; times are microseconds since 1970 in UTC.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.columns import NUMBER, number, one_of, table, text

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

JOB_STATES = ("queued", "sent", "produced", "delivered", "settled", "refused", "failed", "cancelled")
UNFINISHED = ("queued", "sent", "produced", "delivered")
CALL_STATES = ("planned", "sent", "received", "failed", "lost")
KINDS = ("hold", "settle", "release")
METERS = ("images_per_day", "images_per_month", "usd_per_day", "usd_per_month")

TRIGGERS = (
    """
    CREATE TRIGGER ledger_keeps_amounts
    BEFORE UPDATE OF id, job_id, kind, guild_id, images, microusd, absorbed_microusd, anchor_at, recorded_at
    ON ledger
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END
    """,
    """
    CREATE TRIGGER ledger_forgets_people_only BEFORE UPDATE OF user_id ON ledger WHEN NEW.user_id IS NOT NULL
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END
    """,
    """
    CREATE TRIGGER ledger_keeps_rows BEFORE DELETE ON ledger
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END
    """,
    """
    CREATE TRIGGER ledger_ends_a_hold BEFORE INSERT ON ledger
    WHEN NEW.kind <> 'hold' AND NOT EXISTS (
        SELECT 1 FROM ledger
        WHERE job_id = NEW.job_id AND kind = 'hold' AND anchor_at = NEW.anchor_at
        AND images + NEW.images >= 0 AND microusd + NEW.microusd >= 0
    )
    BEGIN SELECT RAISE(ABORT, 'a settle or release needs its hold and never goes below zero'); END
    """,
    """
    CREATE TRIGGER audit_keeps_lines BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END
    """,
    """
    CREATE TRIGGER audit_keeps_rows BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END
    """,
)
"""In SQLite's words; PostgreSQL will want its own beside them."""


def upgrade() -> None:
    """Create everything."""
    _jobs()
    _calls()
    _pictures()
    _ledger()
    _administration()
    for trigger in TRIGGERS:
        op.execute(trigger)


def _jobs() -> None:
    """Create a row for each request for pictures; `id` is the Discord event that asked."""
    table(
        "job",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=False),
        text("state", sa.CheckConstraint(one_of("state", JOB_STATES), name="job_state")),
        number("user_id", nullable=True),
        number("guild_id", nullable=True),
        number("channel_id"),
        text("request"),
        text("plan"),
        number("held_images", sa.CheckConstraint("held_images >= 0")),
        number("held_microusd", sa.CheckConstraint("held_microusd >= 0")),
        number("application_id"),
        text("token"),
        number("token_expires_at"),
        number("upload_limit_bytes", sa.CheckConstraint("upload_limit_bytes > 0")),
        number("can_post_in_channel", sa.CheckConstraint("can_post_in_channel IN (0, 1)")),
        number("parent_job_id", sa.ForeignKey("job.id", ondelete="SET NULL"), nullable=True),
        text("failure", nullable=True),
        number("cost_microusd", sa.CheckConstraint("cost_microusd >= 0")),
        number("card_message_id", nullable=True),
        number("card_channel_id", nullable=True),
        number("created_at"),
        number("updated_at"),
        text("lease_owner", nullable=True),
        number("lease_until", nullable=True),
    )
    unfinished = sa.text(one_of("state", UNFINISHED))
    op.create_index("job_unfinished", "job", ["user_id", "guild_id"], sqlite_where=unfinished)
    op.create_index("job_parent", "job", ["parent_job_id"])


def _calls() -> None:
    """Create the paid requests of a job."""
    table(
        "call",
        number("job_id", sa.ForeignKey("job.id", ondelete="CASCADE")),
        number("ordinal", sa.CheckConstraint("ordinal >= 0")),
        number("count", sa.CheckConstraint("count > 0")),
        number("seed", nullable=True),
        text("state", sa.CheckConstraint(one_of("state", CALL_STATES), name="call_state")),
        text("generation_id", nullable=True),
        number("cost_microusd", sa.CheckConstraint("cost_microusd >= 0")),
        text("failure", nullable=True),
        number("sent_at", nullable=True),
        number("ended_at", nullable=True),
        sa.PrimaryKeyConstraint("job_id", "ordinal"),
    )


def _pictures() -> None:
    """Create kept pictures, their bytes in blobs named by SHA-256, and which came from which."""
    table(
        "picture",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        number("job_id", sa.ForeignKey("job.id", ondelete="CASCADE")),
        text("role", sa.CheckConstraint("role IN ('reference', 'result')", name="picture_role")),
        number("ordinal", sa.CheckConstraint("ordinal >= 0")),
        number("call_ordinal", nullable=True),
        text("blob", sa.CheckConstraint("length(blob) = 64")),
        text("media_type"),
        number("width", sa.CheckConstraint("width > 0")),
        number("height", sa.CheckConstraint("height > 0")),
        number("size_bytes", sa.CheckConstraint("size_bytes > 0")),
        number("seed", nullable=True),
        number("created_at"),
        sa.UniqueConstraint("job_id", "role", "ordinal"),
    )
    op.create_index("picture_blob", "picture", ["blob"])
    table(
        "picture_parent",
        text("picture_id", sa.ForeignKey("picture.id", ondelete="CASCADE")),
        number("position", sa.CheckConstraint("position >= 0")),
        text("parent_id", sa.ForeignKey("picture.id", ondelete="CASCADE")),
        sa.PrimaryKeyConstraint("picture_id", "position"),
    )
    op.create_index("picture_parent_of", "picture_parent", ["parent_id"])


def _ledger() -> None:
    """Create signed amounts; a job has one hold and at most one end of it, in the window of its hold."""
    table(
        "ledger",
        sa.Column("id", NUMBER, primary_key=True),
        number("job_id", sa.ForeignKey("job.id")),
        text("kind", sa.CheckConstraint(one_of("kind", KINDS), name="ledger_kind")),
        number("user_id", nullable=True),
        number("guild_id"),
        number("images"),
        number("microusd"),
        number("absorbed_microusd", sa.CheckConstraint("absorbed_microusd >= 0")),
        number("anchor_at"),
        number("recorded_at"),
        sa.UniqueConstraint("job_id", "kind"),
        sa.CheckConstraint("kind <> 'hold' OR (images >= 0 AND microusd >= 0)", name="ledger_hold"),
        sa.CheckConstraint("kind <> 'release' OR (images <= 0 AND microusd <= 0)", name="ledger_release"),
    )
    ends = sa.text("kind IN ('settle', 'release')")
    op.create_index("ledger_one_end", "ledger", ["job_id"], unique=True, sqlite_where=ends)
    sums = ["anchor_at", "images", "microusd"]
    op.create_index("ledger_person", "ledger", ["user_id", "guild_id", *sums])
    op.create_index("ledger_server", "ledger", ["guild_id", *sums])
    op.create_index("ledger_operator", "ledger", [*sums, "absorbed_microusd", "kind", "job_id"])


def _administration() -> None:
    """Create what moderators set, what they did, and small facts about this installation."""
    table(
        "policy",
        number("guild_id"),
        text("scope", sa.CheckConstraint("scope IN ('default', 'role', 'person')", name="policy_scope")),
        number("subject_id"),
        text("meter", sa.CheckConstraint(one_of("meter", METERS), name="policy_meter")),
        number("cap", sa.CheckConstraint("cap >= 0"), nullable=True),
        sa.PrimaryKeyConstraint("guild_id", "scope", "subject_id", "meter"),
    )
    table(
        "audit",
        sa.Column("id", NUMBER, primary_key=True),
        number("guild_id"),
        number("actor_id"),
        text("action"),
        text("subject"),
        text("detail"),
        number("at"),
    )
    op.create_index("audit_guild", "audit", ["guild_id", "at"])
    table(
        "meta",
        sa.Column("key", sa.Text(), primary_key=True, nullable=False),
        text("value"),
    )
