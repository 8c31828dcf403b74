"""Something of everything that the database can hold, for people whose words can be told apart."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from storage_maker import Maker

from bot.domain.images import Picture, Role
from bot.domain.requests import PictureRequest, StyleUse
from bot.storage import codec, gallery, pictures
from bot.storage.codec import to_micros
from bot.storage.job_rows import job_to_values
from bot.storage.jobs import INSERT

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

BLOB = "{:064x}"
SQL = {
    "ledger": """
        INSERT INTO ledger (job_id, kind, user_id, guild_id, images, messages, microusd, absorbed_microusd,
            anchor_at, recorded_at)
        VALUES (:job_id, :kind, :user_id, :guild_id, :images, 0, :microusd, 0, :at, :at)
    """,
}


@dataclass
class Things:
    """Fills a database. `mark(user_id)` stands in every word of a person, and in nobody else's."""

    connection: sqlite3.Connection
    make: Maker = field(default_factory=Maker)
    ids: Any = field(default_factory=lambda: itertools.count(1))

    def mark(self, user_id: int) -> str:
        return f"zq{user_id}qz"

    def put(self, table: str, **values: Any) -> int:
        """Insert a row, and return its rowid."""
        names = ", ".join(values)
        sql = f"INSERT INTO {table} ({names}) VALUES ({', '.join(f':{name}' for name in values)})"  # noqa: S608 - names of our own
        return self.connection.execute(sql, values).lastrowid or 0

    def job(self, user_id: int, guild_id: int | None, at: datetime, *, words: bool = False) -> int:
        """Put a settled job with its ledger rows, a call, and where it draws, pictures in the gallery."""
        mark, state = self.mark(user_id), "settled"
        request = PictureRequest(f"a {mark} fox", style=StyleUse(mark, f"{mark} {{subject}}"), seed=5)
        job_id = -next(self.ids) if words else self.make.next_id()
        job = self.make.job(job_id=job_id, user_id=user_id, guild_id=guild_id, request=request, created_at=at)
        self.connection.execute(INSERT, {**job_to_values(job, at), "lease_owner": None, "lease_until": None})
        changed: dict[str, Any] = {"token": mark, "failure": mark, "language": "de", "card_message_id": 5}
        changed["role_ids"] = mark
        if words:
            changed |= {"kind": "words", "request": '{"v":1,"purpose":"chat"}', "plan": '{"v":1}'}
        for name, value in (changed | {"state": state}).items():
            self.connection.execute(f"UPDATE job SET {name} = ? WHERE id = ?", (value, job.id))  # noqa: S608 - as above
        self.put(
            "call",
            job_id=job.id,
            ordinal=0,
            count=1,
            seed=5,
            state="received",
            generation_id=mark,
            cost_microusd=7,
            failure=mark,
        )
        for kind, images, microusd in (("hold", 2, 90), ("settle", -1, -20)):
            values = {"job_id": job.id, "kind": kind, "user_id": user_id, "guild_id": guild_id or 0}
            amounts = {"images": images, "microusd": microusd, "at": to_micros(at)}
            self.connection.execute(SQL["ledger"], values | amounts)
        return job.id

    def picture(
        self, job_id: int, user_id: int, guild_id: int | None, at: datetime, blob: int, *parents: str
    ) -> str:
        """Put a result that can be found, with its caption."""
        mark = self.mark(user_id)
        request = PictureRequest(f"a {mark} fox", style=StyleUse(mark, "{subject}"))
        job = self.make.job(job_id=job_id, user_id=user_id, guild_id=guild_id, request=request)
        drawn: Picture = self.make.picture(job_id, blob=BLOB.format(blob), parents=parents, seed=5)
        pictures.insert(self.connection, drawn, at)
        gallery.insert(self.connection, job, [drawn], at)
        self.connection.execute("UPDATE gallery SET caption = ? WHERE picture_id = ?", (mark, drawn.id))
        return drawn.id

    def reference(self, job_id: int, at: datetime, blob: int, *parents: str) -> str:
        """Put a picture that guided a job."""
        kept = self.make.picture(job_id, role=Role.REFERENCE, blob=BLOB.format(blob), parents=parents)
        pictures.insert(self.connection, kept, at)
        return kept.id

    def turn(
        self,
        user_id: int | None,
        guild_id: int | None,
        at: datetime,
        *,
        parent: int | None = None,
        speaker: str = "person",
        blob: int | None = None,
    ) -> int:
        """Put a turn with the message that carries it, a file and a summary."""
        mark = self.mark(user_id or 0)
        turn_id = self.put(
            "turn",
            channel_id=700 + (guild_id or user_id or 0),
            guild_id=guild_id,
            parent_id=parent,
            speaker=speaker,
            user_id=user_id,
            name=mark,
            text=mark,
            reasoning=mark,
            annotations=json.dumps([[mark, mark, mark, mark]]),
            forgotten=0,
            awaiting=0,
            private=0,
            created_at=to_micros(at),
            language="de",
            unusable=json.dumps([[mark, None]]),
        )
        self._way(turn_id, mark)
        self.put("turn_message", message_id=9_000_000 + next(self.ids), turn_id=turn_id, position=0)
        if blob is not None:
            about = {"media_type": "image/png", "filename": mark, "size_bytes": 9, "caption": mark}
            name = BLOB.format(blob)
            self.put("turn_file", turn_id=turn_id, position=0, kind="picture", blob=name, **about)
        return turn_id

    def quote(self, turn_id: int, user_id: int, at: datetime) -> None:
        """Let a turn quote what somebody wrote in a message, with a file of it, and somebody begin to ask."""
        mark, event = self.mark(user_id), _event(to_micros(at)) + next(self.ids)
        self.put("turn_quote", turn_id=turn_id, message_id=event, user_id=user_id, text=mark)
        about = {
            "media_type": "image/png",
            "filename": mark,
            "size_bytes": 9,
            "caption": mark,
            "is_quoted": 1,
        }
        blob = BLOB.format(60)
        self.put("turn_file", turn_id=turn_id, position=5, kind="picture", blob=blob, **about)
        quoted = {"quoted_message_id": event, "quoted_user_id": user_id}
        self.put("draft", id=event, user_id=1, content=codec.dump({"v": mark}), expires_at=9, **quoted)

    def _way(self, turn_id: int, mark: str) -> None:
        """Put where an answer goes that a later process gives."""
        self.put(
            "turn_return",
            turn_id=turn_id,
            application_id=9,
            token=mark,
            token_expires_at=9,
            upload_limit_bytes=9,
            can_post_in_channel=1,
            event_id=5,
            manner=json.dumps(mark),
            agreed=0,
        )

    def belongings(self, user_id: int, guild_id: int, at: datetime, picture_id: str) -> None:
        """Put whatever else somebody can have."""
        mark, now, n = self.mark(user_id), to_micros(at), next(self.ids)
        event = _event(now) + n
        self.put("favourite", user_id=user_id, picture_id=picture_id, added_at=now)
        self.put(
            "tray", user_id=user_id, guild_id=guild_id, picture_id=picture_id, added_at=now, expires_at=now
        )
        self.put("draft", id=event, user_id=user_id, content=codec.dump({"v": mark}), expires_at=now)
        for owner in ({"guild_id": 0, "user_id": user_id}, {"guild_id": guild_id, "user_id": 0}):
            words = {"name": f"s{n}", "name_key": f"s{n}", "template": "{subject}", "note": ""}
            if owner["user_id"]:
                words = {"name": mark, "name_key": f"{mark}{n}", "template": mark, "note": mark}
            style_id = now + next(self.ids)
            self.put("style", id=style_id, **owner, **words, created_by=user_id, updated_at=now)
        self._batch(user_id, guild_id, now, event)
        way = {"application_id": 9, "token": mark, "token_expires_at": 9, "upload_limit_bytes": 9}
        way |= {"can_post_in_channel": 1, "language": "de", "owner": "it", "created_at": now}
        where = {"guild_id": guild_id, "channel_id": 700, "purpose": "describe", "private": 0}
        self.put("owed", id=event, user_id=user_id, **where, **way)
        self.put(
            "chat_thread",
            channel_id=80_000 + n,
            guild_id=guild_id,
            parent_id=700,
            owner_id=user_id,
            title=mark,
            ended=0,
            created_at=now,
        )

    def _batch(self, user_id: int, guild_id: int, now: int, event: int) -> None:
        mark = self.mark(user_id)
        about = {"title": mark, "request": mark, "token": mark, "role_ids": mark, "reason": mark}
        sizes = {
            "upload_limit_bytes": 9,
            "application_id": 9,
            "token_expires_at": 9,
            "can_post_in_channel": 1,
        }
        who = {"user_id": user_id, "guild_id": guild_id, "channel_id": 700}
        times = {"created_at": now, "updated_at": now}
        self.put("batch", id=event, state="done", pending=0, language="de", **who, **about, **sizes, **times)
        row = {"ordinal": 1, "state": "done", "attempts": 1, "failure": mark, "seed": 5}
        self.put("batch_row", batch_id=event, prompt=mark, **row)
        self.put("batch_page", batch_id=event, ordinal=1, kind="pictures", posted=1)

    def settings(self, user_id: int, at: datetime) -> None:
        """Put what somebody has once."""
        now, mark = to_micros(at), self.mark(user_id)
        self.put("preference", user_id=user_id, chosen=json.dumps({"v": 1, "style": mark}), updated_at=now)
        self.put("privacy_choice", user_id=user_id, keeps_talk=1, days=None, updated_at=now)

    def server(self, guild_id: int, actor_id: int, subject_id: int, at: datetime) -> None:
        """Put what moderators decided for a server."""
        now = to_micros(at)
        self.put("channel_setting", channel_id=700 + guild_id, guild_id=guild_id, chosen="{}", updated_at=now)
        self.put("server_setting", guild_id=guild_id, name="zone", value="UTC", updated_at=now)
        key = {"scope": "person", "subject_id": subject_id, "meter": "images_per_day"}
        self.put("policy", guild_id=guild_id, **key, cap=5)
        line = {"action": "quota.set", "subject": f"person:{subject_id}", "detail": "{}", "at": now}
        self.put("audit", guild_id=guild_id, actor_id=actor_id, **line)
        about = {"guild_id": guild_id, "user_id": subject_id}
        granted = {"meter": "images_per_day", "amount": 5, "used": 0, "reason": self.mark(subject_id)}
        times = {"created_at": now, "expires_at": now}
        self.put("allowance_grant", actor_id=actor_id, **about, **granted, **times)
        self.put("allowance_reset", meter="images_per_day", reset_at=now, **about)
        self.put("budget_alert", guild_id=guild_id, month="2026-11", budget=5, percent=80)
        self.put("ban", banned_by=actor_id, reason=self.mark(subject_id), at=now, **about)
        self.put("access_rule", guild_id=guild_id, family="draw", kind="channel", target_id=700)
        self.put("log_cursor", guild_id=guild_id, audit_id=1)
        waits = {"at": 0, "tries": 0, "again_at": 0, "is_late": 0}
        self.put("owner_notice", guild_id=guild_id, kind="report", message_id=1, **waits)

    def moderated(self, job_id: int, user_id: int, guild_id: int, by: int, at: datetime) -> None:
        """Put a review of a job, and a report of its card by its own person."""
        now, mark, message_id = to_micros(at), self.mark(user_id), 6_000_000 + next(self.ids)
        self.put(
            "review", job_id=job_id, guild_id=guild_id, why=mark, reason=mark, decided_by=by, created_at=now
        )
        place = {"message_id": message_id, "channel_id": 700, "guild_id": guild_id}
        self.put("reported", job_id=job_id, state="open", decided_by=by, created_at=now, **place)
        self.put("report", message_id=message_id, reporter_id=user_id, reason=mark, created_at=now)


def _event(micros: int) -> int:
    """Return the first id that Discord can have given at a moment."""
    return (micros // 1000 - 1_420_070_400_000) << 22
