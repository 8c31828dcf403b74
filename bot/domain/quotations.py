"""What somebody says something about: another message, quoted before their own words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Quotation:
    """A message as it is quoted, with who wrote it. Where it has no words, its files alone are quoted."""

    message_id: int
    user_id: int
    text: str
    edited_at: datetime | None = None
    """When the message was edited last."""


@dataclass(frozen=True, slots=True)
class Edition:
    """What an edit leaves of a message that may be quoted: `text` is empty where Discord keeps it back."""

    message_id: int
    channel_id: int
    text: str
    edited_at: datetime
    attachment_ids: frozenset[int] = frozenset()
    filenames: frozenset[str] = frozenset()
    """Of pictures that hang on it without being attached, such as those of links."""

    def has(self, attachment_id: int | None, filename: str) -> bool:
        """Tell whether a file still hangs on the message."""
        known: Collection[int | str] = self.filenames if attachment_id is None else self.attachment_ids
        return (filename if attachment_id is None else attachment_id) in known
