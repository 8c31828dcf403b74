"""Who may use Easel in a server, where and for what; asked at the door, set by moderators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.access import LONGEST, MOST_REASON, MOST_TARGETS, Ban, Family, Kind, Pause, stopped_by
from bot.domain.durations import parse_duration
from bot.errors import BadInput, NotFound, TurnedAway
from bot.storage.access import PAUSE, pause_to_text
from bot.storage.audit import AuditLine
from bot.texts import tr

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from bot.domain.access import Asked, Overview, Rules
    from bot.domain.requests import Requester
    from bot.services.authority import Authority
    from bot.storage.access import AccessRows
    from bot.storage.server_settings import ServerSettings


class Access:
    """The rules of servers. `check` is given to the door; everything else needs the right to administer."""

    def __init__(
        self,
        rows: AccessRows,
        settings: ServerSettings,
        authority: Authority,
        clock: Callable[[], datetime],
    ) -> None:
        self._rows = rows
        self._settings = settings
        self._authority = authority
        self._clock = clock

    async def check(self, who: Requester, asked: Asked) -> None:
        """Raise TurnedAway where a rule of the server keeps somebody from what they ask for.

        Rules hold from the next request on once they are set.
        """
        if who.guild_id is None:
            return
        rules = await self._rows.rules(who.guild_id, who.user_id, asked.family)
        stop = stopped_by(rules, who, self._clock())
        if isinstance(stop, Ban):
            raise TurnedAway(_banned(stop), stop.reason, stop.at)
        if isinstance(stop, Pause):
            raise TurnedAway(_paused(stop), stop.reason, stop.at)
        if stop is not None:
            raise TurnedAway(_elsewhere(stop, rules, asked.family))

    async def overview(self, who: Requester) -> Overview:
        """Return all that holds in a server, or raise NotAllowed."""
        return await self._rows.overview(await self._authority.require(who), self._clock())

    async def keep_to(self, who: Requester, kind: Kind, allowed: Mapping[Family, frozenset[int]]) -> Overview:
        """Keep families to channels or roles, where none means all, and return what holds then."""
        guild_id = await self._authority.require(who)
        if any(len(ids) > MOST_TARGETS for ids in allowed.values()):
            raise BadInput(tr("At most {count} can be named for each.", count=MOST_TARGETS))
        before = await self._rows.overview(guild_id, self._clock())
        changed = {family: ids for family, ids in allowed.items() if ids != before.of(family, kind)}
        if changed:
            detail = {family.value: _ids(ids) for family, ids in changed.items()}
            line = self._line(who, guild_id, f"access.{kind.value}s", "server", detail)
            await self._rows.keep_to(kind, changed, line)
        return await self._rows.overview(guild_id, self._clock())

    async def pause(self, who: Requester, length: str | None, reason: str) -> Overview:
        """Let Easel rest in a server, for a while or until it is let go on, and return what holds then."""
        guild_id = await self._authority.require(who)
        now = self._clock()
        until = until_after(now, length)
        value = pause_to_text(Pause(reason[:MOST_REASON], until, now))
        detail = {"until": stamp(until), "reason": reason[:MOST_REASON]}
        await self._settings.choose(
            {PAUSE: value}, self._line(who, guild_id, "access.pause", "server", detail)
        )
        return await self._rows.overview(guild_id, self._clock())

    async def resume(self, who: Requester) -> Overview:
        """Let Easel go on in a server, or raise NotFound where it does not rest."""
        guild_id = await self._authority.require(who)
        before = await self._rows.overview(guild_id, self._clock())
        if before.pause is None or not before.pause.holds(self._clock()):
            raise NotFound(tr("Easel is not paused here."))
        await self._settings.choose({PAUSE: None}, self._line(who, guild_id, "access.resume", "server", {}))
        return await self._rows.overview(guild_id, self._clock())

    def _line(
        self, who: Requester, guild_id: int, action: str, subject: str, detail: Mapping[str, str | int | None]
    ) -> AuditLine:
        return AuditLine(guild_id, who.user_id, action, subject, detail, self._clock())


def until_after(now: datetime, length: str | None) -> datetime | None:
    """Return when a length of time that somebody wrote is over, None without one, or raise BadInput."""
    if length is None or not length.strip():
        return None
    try:
        return now + parse_duration(length, most=LONGEST)
    except ValueError:
        raise BadInput(
            tr("“{length}” is no length of time. Write it like 30m, 2h 30m, 3 days or 1 week.", length=length)
        ) from None


def stamp(moment: datetime | None) -> int | None:
    """Return a moment in whole seconds since 1970, as Discord's timestamps take it."""
    return None if moment is None else int(moment.timestamp())


def _ids(ids: Iterable[int]) -> str:
    return " ".join(map(str, sorted(ids)))


def _banned(ban: Ban) -> str:
    if ban.until is None:
        return tr("The moderators of this server do not let you use Easel here.")
    when = f"<t:{stamp(ban.until)}:f>"
    return tr("The moderators of this server do not let you use Easel here until {when}.", when=when)


def _paused(pause: Pause) -> str:
    if pause.until is None:
        return tr("The moderators have paused Easel in this server. Try again later.")
    when = f"<t:{stamp(pause.until)}:R>"
    return tr("The moderators have paused Easel in this server. It goes on {when}.", when=when)


def _elsewhere(kind: Kind, rules: Rules, family: Family) -> str:
    """Say where, or for whom, the moderators keep a family."""
    if kind is Kind.CHANNEL:
        where = " ".join(f"<#{one}>" for one in sorted(rules.channels)[:5])
        if family is Family.DRAW:
            return tr("Easel does not draw in this channel. Go to {where}.", where=where)
        if family is Family.TALK:
            return tr("Easel does not talk in this channel. Go to {where}.", where=where)
        return tr("Easel does not read pictures and documents in this channel. Go to {where}.", where=where)
    roles = " ".join(f"<@&{one}>" for one in sorted(rules.roles)[:5])
    if family is Family.DRAW:
        return tr("Easel draws here only for people with one of these roles: {roles}.", roles=roles)
    if family is Family.TALK:
        return tr("Easel talks here only with people with one of these roles: {roles}.", roles=roles)
    return tr("Easel reads here only for people with one of these roles: {roles}.", roles=roles)
