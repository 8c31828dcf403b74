"""Which calls are booked at an estimate, and its being put right once the provider says what they cost.

The ledger stays append-only but for that: an amount that nobody was charged may change while a call of its
job has a cost that is still to be asked.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.columns import NUMBER, number

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TRIGGERS = (
    """
    CREATE TRIGGER ledger_keeps_amounts
    BEFORE UPDATE OF id, job_id, kind, guild_id, images, messages, microusd, anchor_at, recorded_at ON ledger
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END
    """,
    """
    CREATE TRIGGER ledger_corrects_estimates BEFORE UPDATE OF absorbed_microusd ON ledger
    WHEN NEW.kind = 'hold'
    OR NOT EXISTS (SELECT 1 FROM call WHERE call.job_id = NEW.job_id AND ask_at IS NOT NULL)
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END
    """,
    """
    CREATE TRIGGER ledger_sums_are_corrected AFTER UPDATE OF absorbed_microusd ON ledger BEGIN
        UPDATE spent
        SET absorbed_microusd = absorbed_microusd + NEW.absorbed_microusd - OLD.absorbed_microusd
        WHERE unit IN (86400000000, 900000000) AND starts_at = NEW.anchor_at - NEW.anchor_at % unit
        AND (
            (owner = 'operator' AND user_id = 0 AND guild_id = 0)
            OR (owner = 'server' AND user_id = 0 AND guild_id = NEW.guild_id)
            OR (owner = 'person' AND user_id = NEW.user_id AND guild_id = NEW.guild_id)
        );
    END
    """,
)
"""In SQLite's words; PostgreSQL will want its own beside them."""


def upgrade() -> None:
    """Add what is to be asked; what was booked before stays as it is."""
    positive = sa.CheckConstraint("estimate_microusd >= 0", name="holds_estimate_microusd")
    op.add_column("call", sa.Column("estimate_microusd", NUMBER, positive, nullable=True))
    op.add_column("call", number("ask_at", nullable=True))
    op.create_index("call_to_ask", "call", ["ask_at"], sqlite_where=sa.text("ask_at IS NOT NULL"))
    op.execute("DROP TRIGGER ledger_keeps_amounts")
    for trigger in TRIGGERS:
        op.execute(trigger)
