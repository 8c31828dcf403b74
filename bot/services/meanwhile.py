"""What becomes of messages while something that is said with them, or about them, is taken in."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator

    Change = Callable[[], Awaitable[object]]


@dataclass(slots=True)
class _Listener:
    message_ids: set[int] = field(default_factory=set[int])
    changes: list[Change] = field(default_factory=list["Change"])


class Meanwhile:
    """Remembers changes of messages for those who are taking something in that has to do with them."""

    def __init__(self) -> None:
        self._listeners: dict[int, _Listener] = {}

    @contextmanager
    def listening(self, key: int, *message_ids: int) -> Generator[list[Change]]:
        """Yield what becomes of messages from here on; whoever listens by the same key hears the same."""
        listener = self._listeners.setdefault(key, _Listener())
        listener.message_ids.update(message_ids)
        try:
            yield listener.changes
        finally:
            if self._listeners.get(key) is listener:
                del self._listeners[key]

    def hush(self, key: int) -> None:
        """Remember nothing more for a key: what was taken in is kept, and found where it is."""
        self._listeners.pop(key, None)

    def note(self, message_id: int, change: Change) -> None:
        """Remember a change of a message for whoever listens."""
        for listener in self._listeners.values():
            if message_id in listener.message_ids:
                listener.changes.append(change)

    @property
    def is_idle(self) -> bool:
        """Tell whether nobody listens."""
        return not self._listeners
