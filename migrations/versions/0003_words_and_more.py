"""Words are paid for as pictures are: jobs of a kind of their own, counted as messages beside dollars."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations import gallery
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

SUMMED = (
    """
    INSERT INTO spent
    SELECT 'operator', 0, 0, unit, anchor_at - anchor_at % unit, SUM(kind = 'hold'), SUM(images),
        SUM(messages), SUM(microusd), SUM(absorbed_microusd)
    FROM ledger, (SELECT 86400000000 AS unit UNION ALL SELECT 900000000) GROUP BY 4, 5
    """,
    """
    INSERT INTO spent
    SELECT 'server', 0, guild_id, unit, anchor_at - anchor_at % unit, SUM(kind = 'hold'), SUM(images),
        SUM(messages), SUM(microusd), SUM(absorbed_microusd)
    FROM ledger, (SELECT 86400000000 AS unit UNION ALL SELECT 900000000) GROUP BY 3, 4, 5
    """,
    """
    INSERT INTO spent
    SELECT 'person', user_id, guild_id, unit, anchor_at - anchor_at % unit, SUM(kind = 'hold'), SUM(images),
        SUM(messages), SUM(microusd), SUM(absorbed_microusd)
    FROM ledger, (SELECT 86400000000 AS unit UNION ALL SELECT 900000000)
    WHERE user_id IS NOT NULL GROUP BY 2, 3, 4, 5
    """,
    """
    CREATE TRIGGER ledger_is_summed AFTER INSERT ON ledger BEGIN
        INSERT INTO spent
        SELECT owner, user_id, guild_id, unit, NEW.anchor_at - NEW.anchor_at % unit, NEW.kind = 'hold',
            NEW.images, NEW.messages, NEW.microusd, NEW.absorbed_microusd
        FROM (
            SELECT 'operator' AS owner, 0 AS user_id, 0 AS guild_id, 86400000000 AS unit
            UNION ALL SELECT 'operator', 0, 0, 900000000
            UNION ALL SELECT 'server', 0, NEW.guild_id, 86400000000
            UNION ALL SELECT 'server', 0, NEW.guild_id, 900000000
            UNION ALL SELECT 'person', NEW.user_id, NEW.guild_id, 86400000000
            UNION ALL SELECT 'person', NEW.user_id, NEW.guild_id, 900000000
        )
        WHERE user_id IS NOT NULL
        ON CONFLICT (owner, user_id, guild_id, unit, starts_at) DO UPDATE SET
            jobs = jobs + excluded.jobs, images = images + excluded.images,
            messages = messages + excluded.messages, microusd = microusd + excluded.microusd,
            absorbed_microusd = absorbed_microusd + excluded.absorbed_microusd;
    END
    """,
    """
    CREATE TRIGGER ledger_sums_forget_people AFTER UPDATE OF user_id ON ledger
    WHEN OLD.user_id IS NOT NULL BEGIN
        UPDATE spent SET jobs = jobs - (OLD.kind = 'hold'), images = images - OLD.images,
            messages = messages - OLD.messages, microusd = microusd - OLD.microusd,
            absorbed_microusd = absorbed_microusd - OLD.absorbed_microusd
        WHERE owner = 'person' AND user_id = OLD.user_id AND guild_id = OLD.guild_id
            AND unit IN (86400000000, 900000000) AND starts_at = OLD.anchor_at - OLD.anchor_at % unit;
        DELETE FROM spent
        WHERE owner = 'person' AND user_id = OLD.user_id AND guild_id = OLD.guild_id
            AND unit IN (86400000000, 900000000) AND starts_at = OLD.anchor_at - OLD.anchor_at % unit
            AND jobs = 0;
    END
    """,
)
"""The sums of what is there, and what keeps them. Units are in microseconds: a day, and a quarter of an hour,
at which the days of every zone begin."""


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
    _spent()
    _policy()
    _styles()
    _gallery()
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


def _spent() -> None:
    """Keep sums of the ledger, so that what a window holds is read from a few hundred rows at most."""
    table(
        "spent",
        text("owner", sa.CheckConstraint("owner IN ('person', 'server', 'operator')", name="spent_owner")),
        number("user_id"),
        number("guild_id"),
        number("unit"),
        number("starts_at"),
        *map(number, ("jobs", "images", "messages", "microusd", "absorbed_microusd")),
        sa.PrimaryKeyConstraint("owner", "user_id", "guild_id", "unit", "starts_at"),
        with_rowid=False,
    )
    for statement in SUMMED:
        op.execute(statement)


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


def _styles() -> None:
    """Give styles a note, and a preview that is being drawn; their variables are read from the template."""
    op.drop_column("style", "variables")
    op.add_column("style", sa.Column("note", sa.Text(), nullable=False, server_default=""))
    op.add_column("style", sa.Column("preview_job_id", NUMBER, nullable=True))


def _gallery() -> None:
    """Let what was drawn before be found, words by their beginnings, and favourites by their person."""
    for index in ("gallery_server", "gallery_server_person"):  # a page is read from the words of `place`
        op.drop_index(index, "gallery")
    op.create_index("gallery_picture", "gallery", ["picture_id"], unique=True)
    op.create_index("style_preview", "style", ["preview_picture_id"])  # else each deleted picture reads all
    for statement in gallery.STATEMENTS:
        op.execute(statement)
    gallery.fill(op.get_bind())


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
