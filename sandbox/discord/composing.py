"""Makes and changes messages from the bodies and files that the bot sends, all or nothing."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.discord import body_checks
from sandbox.discord.component_checks import check_fields, check_optional_text, number_components, objects
from sandbox.discord.entities import Attachment, Channel, Json, Message, MessageFlag, Upload
from sandbox.discord.media import embed_media, media_of, referenced, safe_filename
from sandbox.discord.mentions import ANY, mark_mentions
from sandbox.discord.permissions import Permission
from sandbox.discord.reading import number
from sandbox.discord.refusals import Refusal, invalid, missing_permissions, too_large, wrong_length

if TYPE_CHECKING:
    from sandbox.discord.world import World

MAX_FILES = 10
NEW_FILE = {"id", "filename", "description", "title", "is_spoiler", "duration_secs", "waveform"}
# discord.py sends back all it knows of a file that is to stay.
KEPT_FILE = NEW_FILE | {
    *("proxy_url", "size", "url", "spoiler", "height", "width", "content_type", "flags", "ephemeral"),
}
EMBED_PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".gif")


@dataclass(slots=True, frozen=True)
class Rules:
    """What differs between the routes: fields known, mentions parsed by default, what the author may do."""

    known: set[str]
    permissions: int
    mentions: frozenset[str] = ANY
    is_edit: bool = False


def upload_limit(world: "World", channel: Channel) -> int:
    """Return the bytes one file may have in that channel."""
    return channel.guild.upload_limit if channel.guild else world.upload_limit


def compose(world: "World", message: Message, body: Json, files: Mapping[int, Upload], rules: Rules) -> None:
    """Give `message` what the body says, or refuse and leave it as it was."""
    asked = number(body, "flags")
    is_v2 = message.is_v2 or bool(asked & MessageFlag.COMPONENTS_V2)
    if (
        rules.is_edit
        and message.is_v2
        and body.get("flags") is not None
        and not asked & MessageFlag.COMPONENTS_V2
    ):
        raise invalid(("flags",), "MESSAGE_FLAGS_COMPONENTS_V2", "IS_COMPONENTS_V2 cannot be removed.")
    body_checks.check_body(body, rules.known, is_v2=is_v2)
    content = str(body["content"] or "") if "content" in body else message.content
    embeds: list[Json] = list(body["embeds"] or []) if "embeds" in body else message.embeds
    components = message.components
    if "components" in body:
        components = number_components(copy.deepcopy(list(body["components"] or [])))
    attachments = _attachments(world, message, body, files)
    _check_permissions(rules.permissions, files, embeds if "embeds" in body else [], body)
    _check_whole(content, embeds, components, attachments, body, message, is_v2=is_v2)
    for attachment in attachments:
        world.attachments[attachment.id] = attachment
    for attachment in message.attachments:
        if attachment not in attachments:
            world.attachments.pop(attachment.id, None)
    message.content, message.embeds, message.components = content, embeds, components
    message.attachments = attachments
    if not rules.is_edit:
        message.flags |= asked
        message.poll = _poll(body)
    elif body.get("flags") is not None or is_v2:
        kept = message.flags & ~MessageFlag.SUPPRESS_EMBEDS
        message.flags = kept | asked & (MessageFlag.SUPPRESS_EMBEDS | MessageFlag.COMPONENTS_V2)
    mark_mentions(world, message, body.get("allowed_mentions"), rules.mentions)


def _check_permissions(granted: int, files: Mapping[int, Upload], embeds: list[Json], body: Json) -> None:
    needed = Permission.ATTACH_FILES if files else 0
    needed |= Permission.EMBED_LINKS if embeds else 0
    needed |= Permission.SEND_POLLS if body.get("poll") else 0
    if granted & needed != needed:
        raise missing_permissions()


def _check_whole(
    content: str,
    embeds: list[Json],
    components: list[Json],
    attachments: list[Attachment],
    body: Json,
    message: Message,
    *,
    is_v2: bool,
) -> None:
    if is_v2 and (content or embeds):
        raise invalid(
            ("content" if content else "embeds",),
            "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
            "What the message had must be removed when it becomes IS_COMPONENTS_V2",
        )
    if is_v2 and not components:
        raise wrong_length(("components",), 1, 40)
    poll = body.get("poll") or message.poll
    body_checks.refuse_empty(
        has_anything=bool(
            content.strip() or embeds or components or attachments or poll or body.get("sticker_ids")
        )
    )
    _check_references(embeds, components, attachments)


def _check_references(embeds: list[Json], components: list[Json], attachments: list[Attachment]) -> None:
    own = {attachment.id: attachment for attachment in attachments}
    for media in (*media_of(components), *embed_media(embeds)):
        url = media.get("url", "")
        if url.startswith("attachment://") and referenced(url, own) is None:
            raise invalid(
                ("components",),
                "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND",
                f"The referenced attachment {url} was not found",
            )
    for media in embed_media(embeds):
        url = media.get("url", "")
        if url.startswith("attachment://") and not url.lower().endswith(EMBED_PICTURES):
            raise invalid(
                ("embeds",), "URL_TYPE_INVALID_SCHEME", "An embed shows .jpg, .jpeg, .png, .webp or .gif."
            )


def _attachments(
    world: "World", message: Message, body: Json, files: Mapping[int, Upload]
) -> list[Attachment]:
    """Return the message's files after the request: those listed, or without a list all and the new."""
    limit = upload_limit(world, message.channel)
    if any(len(upload.content) > limit for upload in files.values()):
        raise too_large()
    listed = body.get("attachments")
    if listed is None:
        attachments = [*message.attachments, *(_new(world, message, one, {}) for one in files.values())]
    else:
        attachments = _listed(world, message, objects(("attachments",), listed), files)
    if len(attachments) > MAX_FILES:
        raise Refusal(400, 30015, f"Maximum number of attachments in a message reached ({MAX_FILES})")
    return attachments


def _listed(
    world: "World", message: Message, entries: list[Json], files: Mapping[int, Upload]
) -> list[Attachment]:
    own = {attachment.id: attachment for attachment in message.attachments}
    result: list[Attachment] = []
    used: set[int] = set()
    for index, entry in enumerate(entries):
        number = _number(("attachments", index), entry)
        is_new = number in files
        check_fields(("attachments", index), entry, NEW_FILE if is_new else KEPT_FILE)
        check_optional_text(("attachments", index), entry, "description", 1024)
        if is_new and number not in used:
            used.add(number)
            result.append(_new(world, message, files[number], entry))
        elif number in own and own[number] not in result:
            result.append(own[number])
        else:
            raise invalid(
                ("attachments", index, "id"), "ATTACHMENT_NOT_FOUND", "No such file, or named twice."
            )
    if missing := files.keys() - used:
        raise invalid(
            ("attachments",), "ATTACHMENT_NOT_LISTED", f"files{sorted(missing)} are not in attachments."
        )
    return result


def _number(path: tuple[str | int, ...], entry: Json) -> int:
    value: Any = entry.get("id")
    if not str(value).isdigit():
        raise invalid((*path, "id"), "NUMBER_TYPE_COERCE", f'Value "{value}" is not snowflake.')
    return int(value)


def _new(world: "World", message: Message, upload: Upload, entry: Json) -> Attachment:
    from sandbox.discord.media import make_attachment

    name = safe_filename(str(entry.get("filename") or upload.filename))
    named = Upload(name, upload.content, upload.content_type)
    made = make_attachment(world.ids.next(), message.channel.id, named, entry.get("description"))
    made.is_spoiler = made.is_spoiler or bool(entry.get("is_spoiler"))
    return made


def _poll(body: Json) -> Json | None:
    given = body.get("poll")
    if given is None:
        return None
    return {
        "question": given["question"],
        "answers": [{"answer_id": n, **answer} for n, answer in enumerate(given["answers"], 1)],
        "expiry": None,
        "allow_multiselect": bool(given.get("allow_multiselect")),
        "layout_type": given.get("layout_type") or 1,
        "results": {"answer_counts": [], "is_finalized": False},
    }
