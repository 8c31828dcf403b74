"""What every request asks for and people seldom change: kept until a table that it came from changes.

SQLite itself tells of the changes, by triggers of the one connection that writes, so that no statement can be
forgotten, now or later. What was read before a change is never returned once the change was awaited.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Hashable, Mapping

Topic = Literal[
    "access_rule", "audit", "ban", "channel_setting", "chat_thread", "preference", "refusal", "refused",
    "secret", "server_setting",
]  # fmt: skip
"""A table, or some rows of one that changes all the time (`ROWS`)."""
TOPICS: tuple[Topic, ...] = get_args(Topic)
MOST = 20_000
"""Answers that are kept, of some hundred bytes each; what was read longest ago is forgotten."""
ROWS: Mapping[Topic, tuple[str, str]] = {
    "refused": ("job", "state = 'refused'"),
    "secret": ("meta", "key = 'secret'"),
}
"""Topics that are not whole tables: which rows they are of which table, said of one column."""
OLD_AND_NEW = {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}
TRIGGER = """
    CREATE TEMP TRIGGER {topic}_{event} AFTER {event} ON main.{table} WHEN {condition}
    BEGIN SELECT changed('{topic}'); END
"""


class Memory:
    """Answers, each with the topics that it is about and how often those had changed when it was asked."""

    def __init__(self) -> None:
        self._changes = dict.fromkeys(TOPICS, 0)
        self._changing: set[Topic] = set()
        self._kept: dict[Hashable, tuple[tuple[int, ...], object]] = {}

    def watch(self, connection: sqlite3.Connection) -> None:
        """Let the connection that writes tell what it changes."""
        connection.create_function("changed", 1, self._changing.add)
        connection.execute("PRAGMA temp_store = MEMORY")
        for topic in TOPICS:
            for event, rows in OLD_AND_NEW.items():
                table, said = ROWS.get(topic, (topic, ""))
                condition = " OR ".join(f"{row}.{said}" for row in rows) if said else "TRUE"
                connection.execute(TRIGGER.format(topic=topic, event=event, table=table, condition=condition))

    def committed(self) -> None:
        """Note that what was changed can be read from now on; before anybody is told that it was written."""
        for topic in self._changing:
            self._changes[topic] += 1
        self._changing.clear()

    def now(self, about: tuple[Topic, ...]) -> tuple[int, ...]:
        """Return how often topics have changed; taken before what is to be kept is read."""
        return tuple(self._changes[topic] for topic in about)

    def find(self, key: Hashable, now: tuple[int, ...]) -> tuple[object] | None:
        """Return what was kept by a key, if that is still true; alone in a tuple, since it may be None."""
        kept = self._kept.get(key)
        return (kept[1],) if kept is not None and kept[0] == now else None

    def keep(self, key: Hashable, now: tuple[int, ...], answer: object) -> None:
        """Keep what was read after `now` was taken."""
        self._kept.pop(key, None)
        self._kept[key] = (now, answer)
        if len(self._kept) > MOST:
            del self._kept[next(iter(self._kept))]
