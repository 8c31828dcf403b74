"""Every column of the database, what it says of whom, and what becomes of it when people delete.

PRIVACY.md shows this to people, word for word; tests hold it against the database and the deletion.
"""

from __future__ import annotations

from bot.storage.holding import KEPT, NEVER, WHOLE, Table
from bot.storage.holdings_made import MADE

TABLES = (
    *MADE,
    Table(
        "favourite",
        "Which pictures somebody likes.",
        "Yours; and anybody's of a picture that is deleted.",
        names=("user_id",),
        facts=("picture_id", "added_at"),
        exported=True,
    ),
    Table(
        "preference",
        "What somebody set for themselves with /preferences.",
        "All of it, where you delete everything.",
        names=("user_id",),
        words=("chosen",),
        facts=("updated_at",),
        exported=True,
    ),
    Table(
        "tray",
        "Pictures at hand as references, for a day.",
        WHOLE,
        names=("user_id",),
        places=("guild_id",),
        facts=("picture_id", "added_at", "expires_at"),
        exported=True,
    ),
    Table(
        "draft",
        "What was begun and not decided, and searches of the gallery: for an hour or so.",
        "All of it, and what others have begun about a message of yours.",
        names=("user_id", "quoted_user_id"),
        words=("content",),
        places=("quoted_message_id",),
        facts=("id", "expires_at"),
        exported=True,
    ),
    Table(
        "style",
        "Templates, of a person or of a server.",
        "Yours. Those that you made for a server stay the server's, and do not say who made them.",
        names=("user_id", "created_by"),
        words=("name", "name_key", "template", "note"),
        places=("guild_id", "preview_picture_id", "preview_job_id"),
        facts=("id", "updated_at"),
        exported=True,
    ),
    Table(
        "channel_setting",
        "How moderators let Easel answer in a channel.",
        "Never by a person: it is the server's.",
        places=("channel_id", "guild_id"),
        facts=("chosen", "updated_at"),
    ),
    Table(
        "server_setting",
        "What moderators chose for their server.",
        "Never by a person: it is the server's.",
        places=("guild_id",),
        facts=("name", "value", "updated_at"),
    ),
    Table(
        "policy",
        "Allowances that moderators set: for all, for a role, for a person.",
        KEPT,
        names=("subject_id",),
        places=("guild_id",),
        facts=("scope", "meter", "cap"),
        kept=("subject_id",),
        exported=True,
    ),
    Table(
        "allowance_grant",
        "What moderators granted somebody beyond their allowance.",
        KEPT,
        names=("user_id", "actor_id"),
        words=("reason",),
        places=("guild_id",),
        facts=("id", "meter", "amount", "used", "created_at", "expires_at"),
        kept=("user_id", "actor_id", "reason"),
        exported=True,
    ),
    Table(
        "grant_use",
        "What requests took of a grant.",
        "With the grant.",
        names=("user_id",),
        places=("guild_id",),
        facts=("grant_id", "job_id", "meter", "amount", "anchor_at"),
        kept=("user_id",),
    ),
    Table(
        "allowance_reset",
        "Since when somebody's spending counts, where moderators began it anew.",
        KEPT,
        names=("user_id",),
        places=("guild_id",),
        facts=("meter", "reset_at"),
        kept=("user_id",),
        exported=True,
    ),
    Table(
        "budget_alert",
        "Which alerts of a budget were given.",
        "Never by a person: it is the server's.",
        places=("guild_id",),
        facts=("month", "budget", "percent"),
    ),
    Table(
        "ban",
        "Who may not use Easel in a server.",
        KEPT,
        names=("user_id", "banned_by"),
        words=("reason",),
        places=("guild_id",),
        facts=("at", "until"),
        kept=("user_id", "banned_by", "reason"),
        exported=True,
    ),
    Table(
        "refusal",
        "When requests were refused that were deleted since, for a day; by a pseudonym that says nothing "
        "without this installation's secret.",
        "Never: a break would end by deleting. It goes by itself, within a day and an hour.",
        words=("pseudonym",),
        places=("guild_id",),
        facts=("id", "at"),
        kept=("pseudonym",),
    ),
    Table(
        "access_rule",
        "In which channels and with which roles Easel may be used.",
        "Never by a person: it is the server's.",
        places=("guild_id", "target_id"),
        facts=("family", "kind"),
    ),
    Table(
        "log_cursor",
        "How far the log channel of a server has come.",
        "Never by a person: it is the server's.",
        places=("guild_id",),
        facts=("audit_id", "posting_id"),
    ),
    Table(
        "owner_notice",
        "What the owner of a server is to be told, and was told in the last hours.",
        "Never by a person: it is the server's. It goes by itself, within two hours.",
        places=("guild_id", "message_id"),
        facts=("id", "kind", "audit_id", "at", "told_at", "tries", "again_at", "is_late"),
    ),
    Table(
        "review",
        "Why pictures wait for moderators, and what was decided.",
        "With the request.",
        names=("decided_by",),
        words=("why", "reason"),
        places=("guild_id", "channel_id", "message_id"),
        facts=("job_id", "created_at", "decided_at"),
        kept=("decided_by",),
    ),
    Table(
        "reported",
        "Cards that were reported, and what was decided.",
        "That it was yours. That it was reported stays the server's.",
        names=("decided_by",),
        places=("message_id", "channel_id", "guild_id", "job_id", "card_channel_id", "card_message_id"),
        facts=("state", "created_at", "decided_at", "is_due"),
        kept=("decided_by",),
    ),
    Table(
        "report",
        "Who reported a card, and why.",
        "What you reported.",
        names=("reporter_id",),
        words=("reason",),
        places=("message_id",),
        facts=("created_at",),
        exported=True,
    ),
    Table(
        "ledger",
        "Amounts that were held, charged and given back.",
        "The name. The amounts stay. That of the current month keeps its name until the month is over, "
        "so that nobody gets a new allowance by deleting.",
        names=("user_id",),
        places=("guild_id",),
        facts=(
            *("id", "job_id", "kind", "images", "microusd", "absorbed_microusd", "anchor_at"),
            *("recorded_at", "messages"),
        ),
        exported=True,
    ),
    Table(
        "spent",
        "Sums of the ledger, by person, server and day.",
        "The sums of a person, with the names of the ledger.",
        names=("user_id",),
        places=("guild_id",),
        facts=("owner", "unit", "starts_at", "jobs", "images", "messages", "microusd", "absorbed_microusd"),
    ),
    Table(
        "audit",
        "Who did what as a moderator, and to whom.",
        "Never by a person: a server can see what was done in it. It goes with the server.",
        names=("actor_id",),
        words=("subject", "detail"),
        places=("guild_id",),
        facts=("id", "action", "at"),
        kept=("actor_id", "subject", "detail"),
        exported=True,
    ),
    Table(
        "privacy_choice",
        "What somebody chose with /privacy, and when they took their data along last.",
        "Never: without it Easel would keep again what you asked it not to keep.",
        names=("user_id",),
        facts=("keeps_talk", "days", "exported_at", "updated_at"),
        kept=("user_id",),
        exported=True,
    ),
    Table(
        "erasure",
        "A deletion that is under way, or waits for the month to end to take the name from the books.",
        "Once it has ended.",
        names=("user_id",),
        places=("guild_id",),
        facts=("id", "extent", "since_at", "before_at", "asked_at", "wiped"),
        exported=True,
    ),
    Table(
        "removed_server",
        "Servers that Easel was taken out of, and when.",
        "When the server is deleted, or Easel is back.",
        places=("guild_id",),
        facts=("removed_at",),
    ),
    Table(
        "storing",
        "Files that are being stored, so that those are found that a crash leaves without a holder.",
        "Within two hours.",
        words=("blob",),
        facts=("id", "since", "is_left"),
    ),
    Table(
        "loose_blob", "Files that nobody holds, until they are deleted.", "Within seconds.", words=("blob",)
    ),
    Table(
        "meta",
        "Small facts of this installation: its secret, the models' list, what Discord was told.",
        NEVER,
        facts=("key", "value"),
    ),
)


def described() -> str:
    """Return the table of PRIVACY.md."""
    rows = ["| table | what it holds | columns | what goes when you delete | in your export |", "|-|-|-|-|-|"]
    for one in TABLES:
        columns = ", ".join(f"`{name}`" for name in one.columns)
        rows.append(
            f"| `{one.name}` | {one.what} | {columns} | {one.goes} | {'yes' if one.exported else 'no'} |"
        )
    return "\n".join(rows)
