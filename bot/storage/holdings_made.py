"""What people say and draw, as it is kept, table by table."""

from __future__ import annotations

from bot.storage.holding import WITH_BATCH, WITH_PICTURE, WITH_TURN, Table

MADE = (
    Table(
        "job",
        "One request for pictures or words: the prompt and options, what it cost, where its card is.",
        "All but its state, dates, model, sizes and cost, which the books need. What is under way is "
        "called off first.",
        names=("user_id",),
        words=("request", "plan", "token", "failure", "language", "role_ids"),
        places=("guild_id", "channel_id", "parent_job_id", "card_message_id", "card_channel_id"),
        facts=(
            *("id", "kind", "state", "held_images", "held_microusd", "application_id", "token_expires_at"),
            *("upload_limit_bytes", "can_post_in_channel", "cost_microusd", "created_at", "updated_at"),
            *("lease_owner", "lease_until", "untold", "review"),
        ),
        exported=True,
    ),
    Table(
        "call",
        "The paid calls of a request, with the provider's name for each.",
        "The seed, the provider's name for it and the reason of a failure.",
        words=("seed", "generation_id", "failure"),
        facts=(
            *("job_id", "ordinal", "count", "state", "cost_microusd", "withheld_microusd"),
            *("estimate_microusd", "ask_at", "sent_at", "ended_at"),
        ),
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
            *("size_bytes", "created_at", "delicate"),
        ),
        exported=True,
    ),
    Table(
        "verdict",
        "What a moderation model said of a picture, so that it is looked at once.",
        "With the last picture that has the same bytes.",
        words=("blob",),
        facts=("judge", "refused", "delicate", "at"),
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
        "batch",
        "A list of prompts under way or drawn.",
        "All of it; what is under way is cancelled first.",
        names=("user_id",),
        words=("title", "request", "token", "role_ids", "reason", "language"),
        places=("guild_id", "channel_id", "parent_id", "card_message_id", "card_channel_id"),
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
        words=("name", "text", "reasoning", "annotations", "language", "unusable"),
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
        "turn_quote",
        "What was said about which message: its words, and who wrote it.",
        "With either message, and with what is deleted of whoever wrote the quoted one.",
        names=("user_id",),
        words=("text",),
        places=("message_id",),
        facts=("turn_id", "edited_at"),
        exported=True,
    ),
    Table(
        "turn_file",
        "Files of what was said; their bytes are a file.",
        "With its message, or when it is removed from it, and with the message that it was quoted from; the "
        "bytes once nobody else holds the same.",
        words=("blob", "filename", "caption"),
        facts=(
            *("turn_id", "position", "kind", "media_type", "size_bytes", "width", "height", "pages"),
            *("attachment_id", "is_quoted"),
        ),
        exported=True,
    ),
    Table(
        "turn_return",
        "Where an answer goes that is not given yet.",
        WITH_TURN,
        words=("token", "manner"),
        facts=(
            *("turn_id", "application_id", "token_expires_at", "upload_limit_bytes"),
            *("can_post_in_channel", "event_id", "agreed"),
        ),
    ),
    Table(
        "owed",
        "Where an answer goes that somebody waits for, so that no restart leaves them waiting.",
        "Once it is given, and all of it.",
        names=("user_id",),
        words=("token", "language"),
        places=("guild_id", "channel_id"),
        facts=(
            *("id", "purpose", "private", "application_id", "token_expires_at", "upload_limit_bytes"),
            *("can_post_in_channel", "owner", "created_at"),
        ),
    ),
    Table(
        "heard",
        "Which questions came, by Discord's number for each, so that none is answered twice.",
        "Never: it does not say whose. It goes by itself, with the first question after an hour.",
        facts=("id", "at"),
    ),
    Table(
        "turn_found",
        "Pictures of the gallery that an answer shows.",
        "With its message, or with the picture.",
        facts=("turn_id", "position", "picture_id"),
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
)
