"""What Discord accepts as the body of a message: fields, lengths, embeds, mentions, polls."""

from sandbox.discord.component_checks import check_components, check_fields, check_text, objects
from sandbox.discord.entities import Json, MessageFlag
from sandbox.discord.reading import entries, number, part
from sandbox.discord.refusals import Refusal, invalid, too_long

MAX_CONTENT = 2000
MAX_EMBED_TEXT = 6000
SHARED = {"content", "embeds", "components", "attachments", "allowed_mentions", "flags"}
# `tts` comes with every body of discord.py, edits too, and Discord does not mind.
CREATE = SHARED | {"tts", "nonce", "enforce_nonce", "message_reference", "sticker_ids", "poll"}
WEBHOOK = SHARED | {"tts", "poll", "username", "avatar_url", "thread_name", "applied_tags"}
CALLBACK = SHARED | {"tts", "poll"}
EDIT = SHARED | {"tts", "poll"}
EMBED = {"title", "type", "description", "url", "timestamp", "color", "footer", "image", "thumbnail"} | {
    *("author", "fields", "provider", "video", "flags"),
}
EMBED_LIMITS = {"title": 256, "description": 4096}
MENTION_KINDS = {"users", "roles", "everyone"}
SETTABLE = (
    MessageFlag.SUPPRESS_EMBEDS
    | MessageFlag.EPHEMERAL
    | MessageFlag.SUPPRESS_NOTIFICATIONS
    | MessageFlag.COMPONENTS_V2
)


def check_body(body: Json, known: set[str], *, is_v2: bool) -> None:
    """Refuse a message's body that Discord would refuse; `is_v2` says what the message is or becomes."""
    check_fields((), body, known)
    content = body.get("content")
    if content is not None and (not isinstance(content, str) or len(content) > MAX_CONTENT):
        raise too_long(("content",), MAX_CONTENT)
    if number(body, "flags") & ~SETTABLE:
        raise invalid(("flags",), "BITFIELD_FLAGS", "These flags cannot be set.")
    if is_v2:
        _refuse_legacy(body)
    check_embeds(body.get("embeds") or [])
    check_mentions(body.get("allowed_mentions"))
    if body.get("components") is not None:
        check_components(body["components"], is_v2=is_v2)
    if body.get("poll") is not None:
        check_poll(body["poll"])


def _refuse_legacy(body: Json) -> None:
    for key in ("content", "embeds", "sticker_ids", "poll"):
        if body.get(key):
            raise invalid(
                (key,),
                "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
                f"The '{key}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2",
            )


def check_embeds(value: object) -> None:
    """Refuse embeds over Discord's limits: ten, and 6000 characters over all of them."""
    embeds = objects(("embeds",), value)
    if len(embeds) > 10:
        raise too_long(("embeds",), 10)
    total = 0
    for index, embed in enumerate(embeds):
        path = ("embeds", index)
        check_fields(path, embed, EMBED)
        for key, limit in EMBED_LIMITS.items():
            if embed.get(key) is not None:
                check_text((*path, key), embed[key], 0, limit)
        total += _embed_text(path, embed)
    if total > MAX_EMBED_TEXT:
        raise invalid(
            ("embeds",), "MAX_EMBED_SIZE_EXCEEDED", f"Embed size exceeds maximum size of {MAX_EMBED_TEXT}"
        )


def _embed_text(path: tuple[str | int, ...], embed: Json) -> int:
    fields = objects((*path, "fields"), embed.get("fields") or [])
    if len(fields) > 25:
        raise too_long((*path, "fields"), 25)
    for index, field in enumerate(fields):
        check_fields((*path, "fields", index), field, {"name", "value", "inline"})
        check_text((*path, "fields", index, "name"), field.get("name"), 1, 256)
        check_text((*path, "fields", index, "value"), field.get("value"), 1, 1024)
    footer, author = part(embed, "footer").get("text", ""), part(embed, "author").get("name", "")
    check_text((*path, "footer", "text"), footer, 0, 2048)
    check_text((*path, "author", "name"), author, 0, 256)
    texts = [embed.get("title"), embed.get("description"), footer, author]
    texts += [text for field in fields for text in (field["name"], field["value"])]
    return sum(len(text) for text in texts if text)


def check_mentions(value: object) -> None:
    """Refuse allowed mentions that contradict themselves or list too many."""
    if value is None:
        return
    given = objects(("allowed_mentions",), [value])[0]
    check_fields(("allowed_mentions",), given, {"parse", "users", "roles", "replied_user"})
    parse = entries(given, "parse")
    if not set(parse) <= MENTION_KINDS:
        raise invalid(
            ("allowed_mentions", "parse"), "BASE_TYPE_CHOICES", "Value must be one of a known kind."
        )
    for kind in ("users", "roles"):
        ids = entries(given, kind)
        if len(ids) > 100:
            raise too_long(("allowed_mentions", kind), 100)
        if ids and kind in parse:
            raise invalid(
                ("allowed_mentions",),
                "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
                f"parse:{kind} excludes {kind}.",
            )


def check_poll(value: object) -> None:
    """Refuse a poll over Discord's limits."""
    poll = objects(("poll",), [value])[0]
    check_fields(("poll",), poll, {"question", "answers", "duration", "allow_multiselect", "layout_type"})
    check_text(("poll", "question", "text"), part(poll, "question").get("text"), 1, 300)
    answers = objects(("poll", "answers"), poll.get("answers"))
    if not 1 <= len(answers) <= 10:
        raise too_long(("poll", "answers"), 10)
    for index, answer in enumerate(answers):
        check_text(("poll", "answers", index), part(answer, "poll_media").get("text"), 1, 55)
    if not 1 <= number(poll, "duration", 24) <= 768:
        raise invalid(("poll", "duration"), "NUMBER_TYPE_MAX", "int value should be 1 to 768.")


def refuse_empty(*, has_anything: bool) -> None:
    """Refuse a message with nothing in it (50006)."""
    if not has_anything:
        raise Refusal(400, 50006, "Cannot send an empty message")
