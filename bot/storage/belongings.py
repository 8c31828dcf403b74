"""What is whose, table by table: how it is found, counted and deleted, of a person and of a server.

What is said here, PRIVACY.md tells people; `holdings` names every column.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from bot.domain.privacy import Extent

if TYPE_CHECKING:
    from collections.abc import Mapping

ENDED = "state IN ('settled', 'refused', 'failed', 'cancelled')"
UNDER_WAY = "state IN ('queued', 'sent', 'produced', 'delivered')"
CARD_ASKS = f"""
    {ENDED} AND review <> 'waiting' AND id IN (SELECT job_id FROM review WHERE message_id IS NOT NULL)
"""
"""Moderators' card still shows pictures that are decided on: it is closed while it is known where it is."""
OPEN = "(state IN ('running', 'paused') OR pending = 1)"
IN_SPAN = "created_at >= :since AND created_at < :before"
ANCHORED = "anchor_at >= :since AND anchor_at < :before"
BY_EVENT = "id >= :since_id AND id < :before_id"
"""A Discord event's id begins with its moment."""
MINE = "user_id = :user_id"
OURS = "guild_id = :guild_id AND user_id IS NOT NULL"
SAID = f"{IN_SPAN} AND forgotten = 0"
FOLLOWS = """
    speaker = 'easel' AND EXISTS (
        SELECT 1 FROM turn AS asked WHERE asked.id = turn.parent_id AND asked.forgotten = 1
        AND asked.created_at >= :since AND asked.created_at < :before
    )
"""
"""What Easel said to the person after what is forgotten, even a moment too late to be in the span."""
PERSON_TURNS = f"user_id = :user_id AND forgotten = 0 AND (({IN_SPAN}) OR ({FOLLOWS}))"
SERVER_TURNS = f"guild_id = :guild_id AND {SAID}"


@dataclass(frozen=True, slots=True)
class Belongings:
    """The statements about what is somebody's.

    `rest_of` are those of EVERYTHING; `rest_whole` are of what has no date, and goes only where all goes.
    """

    turns: str
    jobs: str
    unfinished_jobs: str
    unfinished_batches: str
    unname: str
    named: str
    count_turns: str
    count_files: str
    count_pictures: str
    count_jobs: str
    count_batches: str
    batches: str
    quoting: str = ""
    """Turns of others that quote what is theirs; empty where those go as well."""
    counted: Mapping[str, str] = field(default_factory=dict[str, str])
    rest_of: tuple[str, ...] = ()
    rest_whole: tuple[str, ...] = ()

    def counts(self, extent: Extent) -> dict[str, str]:
        """Return what counts the rest, by name."""
        counts = {"requests": self.count_jobs, "batches": self.count_batches}
        return {**counts, **self.counted} if extent is Extent.EVERYTHING else counts

    def rest(self, extent: Extent, *, whole: bool) -> tuple[str, ...]:
        """Return what deletes all that is neither said nor drawn."""
        if extent is not Extent.EVERYTHING:
            return (self.batches,)
        return (self.batches, *self.rest_of, *(self.rest_whole if whole else ()))


def of_person() -> Belongings:
    """Return what is a person's, in all places."""
    return PERSON


def of_server() -> Belongings:
    """Return what is a server's: of everybody in it, and of those who run it."""
    return SERVER


def _drawn(jobs: str) -> str:
    return f"""
        SELECT COUNT(*) AS count, COALESCE(SUM(size_bytes), 0) AS bytes FROM picture
        WHERE role = 'result' AND job_id IN (SELECT id FROM job WHERE {jobs})
    """


def _made(turns: str, jobs: str, batches: str) -> Belongings:
    """Return the statements that a person's things and a server's share."""
    return Belongings(
        turns=f"SELECT id FROM turn WHERE {turns} ORDER BY id LIMIT :most",
        jobs=f"SELECT id FROM job WHERE {jobs} AND {IN_SPAN} AND {ENDED} LIMIT :most",
        unfinished_jobs=f"""
            SELECT id FROM job WHERE {jobs} AND {IN_SPAN} AND {UNDER_WAY}
            UNION SELECT id FROM job WHERE {jobs} AND {IN_SPAN} AND {CARD_ASKS}
        """,
        unfinished_batches=f"SELECT id FROM batch WHERE {batches} AND {IN_SPAN} AND {OPEN}",
        unname=f"""
            UPDATE ledger SET user_id = NULL
            WHERE id IN (SELECT id FROM ledger WHERE {jobs} AND {ANCHORED} LIMIT :most)
        """,
        named=f"SELECT 1 FROM ledger WHERE {jobs} AND {ANCHORED} LIMIT 1",
        count_turns=f"SELECT COUNT(*) AS count FROM turn WHERE {turns}",
        count_files=f"""
            SELECT COUNT(*) AS count FROM turn_file WHERE turn_id IN (SELECT id FROM turn WHERE {turns})
        """,
        count_pictures=_drawn(f"{jobs} AND {IN_SPAN}"),
        count_jobs=f"SELECT COUNT(*) AS count FROM job WHERE {jobs} AND {IN_SPAN}",
        count_batches=f"SELECT COUNT(*) AS count FROM batch WHERE {batches} AND {IN_SPAN}",
        batches=f"DELETE FROM batch WHERE {batches} AND {IN_SPAN} AND NOT {OPEN}",
    )


ADDED = "added_at >= :since AND added_at < :before"
CHANGED = "updated_at >= :since AND updated_at < :before"
PERSON = replace(
    _made(PERSON_TURNS, MINE, MINE),
    count_turns=f"""
        SELECT (SELECT COUNT(*) FROM turn WHERE {PERSON_TURNS}) + COUNT(DISTINCT message_id) AS count
        FROM turn_quote WHERE user_id = :user_id AND message_id >= :since_id AND message_id < :before_id
            AND EXISTS (SELECT 1 FROM turn WHERE turn.id = turn_quote.turn_id AND private = 0)
            AND NOT EXISTS (
                SELECT 1 FROM turn_message JOIN turn ON turn.id = turn_message.turn_id
                WHERE turn_message.message_id = turn_quote.message_id AND turn.user_id = :user_id
            )
    """,
    quoting="""
        SELECT turn_id FROM turn_quote
        WHERE user_id = :user_id AND message_id >= :since_id AND message_id < :before_id
        ORDER BY turn_id LIMIT :most
    """,
    counted={
        "styles": f"SELECT COUNT(*) AS count FROM style WHERE {MINE} AND id >= :since AND id < :before",
        "favourites": f"SELECT COUNT(*) AS count FROM favourite WHERE {MINE} AND {ADDED}",
        "others": f"""
            SELECT (SELECT COUNT(*) FROM tray WHERE {MINE} AND {ADDED})
                + (SELECT COUNT(*) FROM draft WHERE {MINE} AND {BY_EVENT})
                + (SELECT COUNT(*) FROM preference WHERE {MINE} AND :since = 0) AS count
        """,
    },
    rest_of=(
        f"DELETE FROM style WHERE {MINE} AND id >= :since AND id < :before",
        "UPDATE style SET created_by = 0 WHERE created_by = :user_id AND id >= :since AND id < :before",
        f"DELETE FROM favourite WHERE {MINE} AND {ADDED}",
        f"DELETE FROM tray WHERE {MINE} AND {ADDED}",
        f"DELETE FROM draft WHERE {MINE} AND {BY_EVENT}",
        f"DELETE FROM owed WHERE {MINE} AND {IN_SPAN}",
        "DELETE FROM draft WHERE quoted_user_id = :user_id AND quoted_message_id < :before_id",
        f"DELETE FROM report WHERE reporter_id = :user_id AND {IN_SPAN}",
        f"""
            UPDATE chat_thread SET owner_id = 0, title = 'New conversation'
            WHERE owner_id = :user_id AND {IN_SPAN}
        """,
    ),
    rest_whole=(f"DELETE FROM preference WHERE {MINE} AND updated_at < :before",),
)
GUILD = "guild_id = :guild_id"
SERVER = replace(
    _made(SERVER_TURNS, OURS, GUILD),
    counted={
        "styles": f"SELECT COUNT(*) AS count FROM style WHERE {GUILD}",
        "favourites": "SELECT 0 AS count",
        "others": f"SELECT COUNT(*) AS count FROM tray WHERE {GUILD} AND {ADDED}",
    },
    rest_of=(
        f"DELETE FROM style WHERE {GUILD} AND updated_at < :before",
        f"DELETE FROM tray WHERE {GUILD} AND {ADDED}",
        f"DELETE FROM owed WHERE {GUILD} AND {IN_SPAN}",
        f"DELETE FROM chat_thread WHERE {GUILD} AND {IN_SPAN}",
        f"DELETE FROM channel_setting WHERE {GUILD} AND {CHANGED}",
        f"DELETE FROM server_setting WHERE {GUILD} AND {CHANGED}",
        f"DELETE FROM policy WHERE {GUILD}",
        f"DELETE FROM allowance_grant WHERE {GUILD} AND {IN_SPAN}",
        f"DELETE FROM allowance_reset WHERE {GUILD}",
        f"DELETE FROM budget_alert WHERE {GUILD}",
        f"DELETE FROM ban WHERE {GUILD}",
        f"DELETE FROM refusal WHERE {GUILD}",
        f"DELETE FROM access_rule WHERE {GUILD}",
        f"DELETE FROM log_cursor WHERE {GUILD}",
        f"DELETE FROM owner_notice WHERE {GUILD}",
        f"DELETE FROM review WHERE {GUILD} AND {IN_SPAN}",
        f"DELETE FROM reported WHERE {GUILD} AND {IN_SPAN}",
        f"DELETE FROM audit WHERE {GUILD} AND at >= :since AND at < :before",
    ),
)
