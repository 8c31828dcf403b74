"""Every column of the database, what it says of whom, and what becomes of it when people delete.

PRIVACY.md shows this to people, word for word; tests hold it against the database and the deletion.
"""

from __future__ import annotations

from dataclasses import dataclass

WITH_PICTURE = "With its picture."
WITH_TURN = "With its message."
WITH_BATCH = "With its batch."
WHOLE = "All of it."
NEVER = "Never: nothing in it is anybody's."


@dataclass(frozen=True, slots=True)
class Table:
    """A table: `names` are ids of people, `words` what they wrote or made, `places` where, `facts` the rest.

    `kept` are those names and words that stay when a person deletes everything.
    """

    name: str
    what: str
    goes: str
    """What goes when a person deletes it, or when it is older than it may be."""
    names: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    exported: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """Return all of its columns."""
        return (*self.names, *self.words, *self.places, *self.facts)


TABLES = (
    Table(
        "job",
        "One request for pictures or words: the prompt and options, what it cost, where its card is.",
        "All but its state, dates, model, sizes and cost, which the books need. What is under way is "
        "called off first.",
        names=("user_id",),
        words=("request", "plan", "token", "failure", "language"),
        places=("guild_id", "channel_id", "parent_job_id", "card_message_id", "card_channel_id"),
        facts=(
            *("id", "kind", "state", "held_images", "held_microusd", "application_id", "token_expires_at"),
            *("upload_limit_bytes", "can_post_in_channel", "cost_microusd", "created_at", "updated_at"),
            *("lease_owner", "lease_until", "untold"),
        ),
        exported=True,
    ),
    Table(
        "call",
        "The paid calls of a request, with the provider's name for each.",
        "The seed, the provider's name for it and the reason of a failure.",
        words=("seed", "generation_id", "failure"),
        facts=("job_id", "ordinal", "count", "state", "cost_microusd", "sent_at", "ended_at"),
        exported=True,
    ),
    Table(
        "picture",
        "A picture that was drawn, or that guided a drawing; its bytes are a file.",
        "All of it, and the file once nobody else holds the same bytes. Who used your picture as a "
        "reference holds a copy.",
        words=("blob", "seed"),
        facts=(
            *("id", "job_id", "role", "ordinal", "call_ordinal", "media_type", "width", "height"),
            *("size_bytes", "created_at"),
        ),
        exported=True,
    ),
    Table(
        "picture_parent",
        "Which picture was made from which.",
        "With either picture: what others made from yours stays theirs, and does not say from what.",
        facts=("picture_id", "position", "parent_id"),
        exported=True,
    ),
    Table(
        "gallery",
        "What makes a picture found again: its prompt, its caption, where it was drawn.",
        WITH_PICTURE,
        names=("user_id",),
        words=("place", "style", "prompt", "caption"),
        places=("guild_id", "channel_id"),
        facts=("id", "picture_id", "job_id", "private", "model_id", "created_at"),
        exported=True,
    ),
    Table(
        "gallery_text",
        "The index of words of the gallery.",
        WITH_PICTURE,
        words=("prompt", "caption", "place"),
    ),
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
        WHOLE,
        names=("user_id",),
        words=("content",),
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
        "batch",
        "A list of prompts under way or drawn.",
        "All of it; what is under way is cancelled first.",
        names=("user_id",),
        words=("title", "request", "token", "role_ids", "reason", "language"),
        places=("guild_id", "channel_id", "card_message_id", "card_channel_id"),
        facts=(
            *("id", "state", "application_id", "token_expires_at", "upload_limit_bytes"),
            *("can_post_in_channel", "pending", "created_at", "updated_at", "lease_owner", "lease_until"),
        ),
        exported=True,
    ),
    Table(
        "batch_row",
        "The prompts of a batch.",
        WITH_BATCH,
        words=("prompt", "seed", "failure"),
        facts=("batch_id", "ordinal", "state", "job_id", "attempts", "page"),
        exported=True,
    ),
    Table(
        "batch_page",
        "The messages that show a batch.",
        WITH_BATCH,
        places=("channel_id", "message_id"),
        facts=("batch_id", "ordinal", "kind", "posted"),
    ),
    Table(
        "turn",
        "What was said to Easel, and what it answered.",
        "Its words, names and files. In a server an empty place with its time stays, so that what others "
        "answered keeps its place; in direct messages nothing stays.",
        names=("user_id",),
        words=("name", "text", "reasoning", "annotations", "language"),
        places=("channel_id", "guild_id", "parent_id", "job_id"),
        facts=("id", "speaker", "forgotten", "awaiting", "private", "created_at"),
        exported=True,
    ),
    Table(
        "turn_message",
        "Which messages in Discord carry what was said.",
        WITH_TURN,
        places=("message_id",),
        facts=("turn_id", "position"),
    ),
    Table(
        "turn_file",
        "Files of what was said; their bytes are a file.",
        "With its message, and the bytes once nobody else holds the same.",
        words=("blob", "filename", "caption"),
        facts=("turn_id", "position", "kind", "media_type", "size_bytes", "width", "height", "pages"),
        exported=True,
    ),
    Table(
        "turn_summary",
        "What a long conversation was summed up to.",
        "Each that may speak of what is deleted.",
        words=("text",),
        facts=("turn_id", "created_at"),
    ),
    Table(
        "chat_thread",
        "Threads that were opened with /chat new.",
        "Whose it is, and what it is called here.",
        names=("owner_id",),
        words=("title",),
        places=("channel_id", "guild_id", "parent_id"),
        facts=("ended", "created_at"),
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
        "Never by a person: it is the server's word about them, and is in their export.",
        names=("subject_id",),
        places=("guild_id",),
        facts=("scope", "meter", "cap"),
        kept=("subject_id",),
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
