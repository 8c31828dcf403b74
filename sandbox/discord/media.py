"""Files on the CDN: signed addresses that expire, and the media that components and embeds point at."""

import hashlib
import hmac
import mimetypes
import re
import warnings
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import PurePath
from typing import Any, cast
from urllib.parse import quote, urlsplit

from PIL import Image

from sandbox.discord.entities import Attachment, Json, Upload

ADDRESS_LIFE = timedelta(days=1)
SECRET = b"the sandbox signs, it does not protect"
MEDIA_KEYS = ("media", "file")
EMBED_KEYS = ("image", "thumbnail")
ADDRESS = re.compile(r"/discord/cdn/(?:ephemeral-)?attachments/(\d+)/(\d+)/([^/?]+)")


def signature(path: str, issued: str, expires: str) -> str:
    """Return what `hm` must be for a path and its `is` and `ex`."""
    return hmac.new(SECRET, f"{path}?ex={expires}&is={issued}".encode(), hashlib.sha256).hexdigest()


def signed_url(base_url: str, attachment: Attachment, now: datetime) -> str:
    """Return an address of the file that is good for a day from `now`, as Discord signs them."""
    kind = "ephemeral-attachments" if attachment.is_ephemeral else "attachments"
    name = quote(attachment.filename)
    path = f"/discord/cdn/{kind}/{attachment.channel_id}/{attachment.id}/{name}"
    issued = f"{int(now.timestamp()):x}"
    expires = f"{int((now + ADDRESS_LIFE).timestamp()):x}"
    return f"{base_url}{path}?ex={expires}&is={issued}&hm={signature(path, issued, expires)}&"


def safe_filename(name: str) -> str:
    """Return a file's name as Discord keeps it: letters, digits, `_`, `-` and `.`."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "_", name).strip(".") or "unknown"


def make_attachment(
    attachment_id: int, channel_id: int, upload: Upload, description: str | None = None
) -> Attachment:
    """Return a file as the CDN keeps it; width and height are there when it opens as a picture."""
    name = safe_filename(upload.filename)
    kind = upload.content_type or mimetypes.guess_type(name)[0] or "application/octet-stream"
    width, height = _dimensions(upload.content) if kind.startswith("image/") else (None, None)
    return Attachment(
        id=attachment_id,
        channel_id=channel_id,
        filename=name,
        content=upload.content,
        content_type=kind,
        description=description,
        width=width,
        height=height,
        is_spoiler=name.startswith("SPOILER_"),
        title=None if upload.filename.isascii() else PurePath(upload.filename).stem,
    )


def _dimensions(content: bytes) -> tuple[int | None, int | None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        try:
            with Image.open(BytesIO(content)) as picture:
                return picture.size
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
            return None, None


def attachment_payload(attachment: Attachment, url: str) -> Json:
    """Return a file in Discord's JSON."""
    payload: Json = {
        "id": str(attachment.id),
        "filename": attachment.filename,
        "size": attachment.size,
        "url": url,
        "proxy_url": url,
        "content_type": attachment.content_type,
    }
    if attachment.width is not None:
        payload |= {"width": attachment.width, "height": attachment.height}
    if attachment.title is not None:
        payload["title"] = attachment.title
    if attachment.description is not None:
        payload["description"] = attachment.description
    if attachment.is_ephemeral:
        payload["ephemeral"] = True
    if attachment.is_spoiler:
        payload["flags"] = 1 << 3
    return payload


def walk(value: object) -> Iterator[Json]:
    """Yield every JSON object in `value`, outer ones first."""
    if isinstance(value, dict):
        node = cast("Json", value)
        yield node
        for child in node.values():
            yield from walk(child)
    elif isinstance(value, list):
        for child in cast("list[Any]", value):
            yield from walk(child)


def media_of(components: list[Json]) -> list[Json]:
    """Return every media object (`{"url": …}`) that components show, in order."""
    return [
        node[key]
        for node in walk(components)
        for key in MEDIA_KEYS
        if isinstance(node.get(key), dict) and "url" in node[key]
    ]


def embed_media(embeds: list[Json]) -> list[Json]:
    """Return every picture object of embeds."""
    return [embed[key] for embed in embeds for key in EMBED_KEYS if isinstance(embed.get(key), dict)]


def referenced(url: str, attachments: Mapping[int, Attachment]) -> Attachment | None:
    """Return the attachment of a message that `url` means, by its name or by its CDN address."""
    if url.startswith("attachment://"):
        name = url.removeprefix("attachment://")
        return next((one for one in attachments.values() if one.filename == name), None)
    match = ADDRESS.fullmatch(urlsplit(url).path)
    return attachments.get(int(match[2])) if match else None
