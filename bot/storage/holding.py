"""How a table of the database is told to people: what it says of whom, and what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass

WITH_PICTURE = "With its picture."
WITH_TURN = "With its message."
WITH_BATCH = "With its batch."
WHOLE = "All of it."
KEPT = "Never by a person: it is the server's word about them, and is in their export."
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
