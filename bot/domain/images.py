"""A picture that Easel keeps, and where it came from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """Why a picture is kept."""

    REFERENCE = "reference"
    RESULT = "result"


EXTENSIONS = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp", "image/gif": "gif"}
"""File name endings by media type; what Easel takes and gives."""
FILENAME = re.compile(r"(?:SPOILER_)?easel-(?P<id>\d+-r?\d+)\.\w+", re.ASCII)
"""The name under which a picture was posted, whatever kind of file it became on its way."""


@dataclass(frozen=True, slots=True)
class PictureInfo:
    """What a picture's own bytes say of it; width and height as shown, upright."""

    media_type: str
    width: int
    height: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Picture:
    """A kept picture: a row, with its bytes in a blob named by their SHA-256."""

    id: str
    job_id: int
    role: Role
    ordinal: int
    blob: str
    info: PictureInfo
    seed: int | None = None
    call_ordinal: int | None = None
    parents: tuple[str, ...] = ()
    caption: str | None = None
    """What it shows, in words, once somebody has said so."""
    is_delicate: bool = False
    """Whether a moderation model has something to say of it that is no reason to keep it back."""

    @property
    def filename(self) -> str:
        """Return the name under which it is posted: ASCII, as Discord's attachment:// wants it."""
        return f"easel-{self.id}.{EXTENSIONS[self.info.media_type]}"


def picture_id(job_id: int, role: Role, ordinal: int) -> str:
    """Return the id of a job's picture; the same picture always gets the same id."""
    return f"{job_id}-{'r' if role is Role.REFERENCE else ''}{ordinal}"


def job_of(written: str) -> int | None:
    """Return the job that a card's or a picture's id names, or None where it is no such id."""
    job_id, _, rest = written.strip().lstrip("#").partition("-")
    is_picture = not rest or rest.removeprefix("r").isdecimal()
    return int(job_id) if job_id.isdecimal() and len(job_id) <= 19 and is_picture else None
