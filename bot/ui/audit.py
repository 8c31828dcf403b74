"""The cards of /manage audit and /manage log."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.domain.audit import EASEL, Area, Search
from bot.errors import BadInput, NotFound
from bot.texts import named, strung, tr, trn
from bot.ui.audit_words import sentence
from bot.ui.cards import ACCENT, MUTED, panel
from bot.ui.press import ActButton

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.audit import LogState
    from bot.storage.audit import AuditLine, Found

TURN, STOP = "auditpage", "logstop"
ANY = "-"
"""Stands in an id for what is not looked for."""
MOST_IN_POST = 10
NAMES_REPORTERS = frozenset({"report.filed"})
"""What people do of whom it was promised that only moderators learn it."""
CHARACTERS = 3800
"""Of the words of a message of the log; Discord takes 4,000."""


def card(found: Found, search: Search, about: str = "") -> ui.LayoutView:
    """Show a page of lines, the newest first, below what is looked for, with buttons to turn it.

    `about` mentions whom or which role is looked for: the search has an id alone.
    """
    heading = "\n".join((tr("### What was decided here"), *_sought(search, about)))
    if not found.lines:
        nothing = tr("Nothing fits.") if search != Search() else tr("Nothing was decided yet.")
        return panel(ui.TextDisplay[Any](f"{heading}\n{nothing}"), colour=MUTED)
    lines = "\n".join(_dated(line) for line in found.lines)
    place = trn("{count} line", "{count} lines", found.total)
    if found.pages > 1:
        place = tr("{lines} · page {page} of {pages}", lines=place, page=found.page + 1, pages=found.pages)
    said = ui.TextDisplay[Any](f"{heading}\n{lines}\n-# {place}")
    if found.pages == 1:
        return panel(said)
    row = ui.ActionRow[Any](
        _turn(found.page - 1, search, tr("Newer"), "◀️", is_end=found.page == 0),
        _turn(found.page + 1, search, tr("Older"), "▶️", is_end=found.page + 1 == found.pages),
    )
    return panel(said, row)


def read_turn(arguments: Sequence[str]) -> tuple[Search, int]:
    """Return what a button that turns the page looks for, or raise NotFound."""
    if len(arguments) != 5 or not arguments[0].isdecimal():
        raise NotFound(tr("This button is from another version of Easel. Use the command again."))
    page, actor, subject, area, since = arguments
    return Search(
        actor_id=_number(actor),
        subject_id=_number(subject),
        area=Area(area) if area in set(Area) else None,
        since=None if (moment := _number(since)) is None else datetime.fromtimestamp(moment, UTC),
    ), min(int(page), 10**6)


def state(shown: LogState) -> ui.LayoutView:
    """Show where the log is posted and how long its lines are kept."""
    if shown.channel_id is not None:
        where = tr("Every decision and alert is posted in {channel}.", channel=f"<#{shown.channel_id}>")
    else:
        where = tr("No channel gets the log. Choose one with `channel`.")
    kept = trn("Lines are kept for {count} day.", "Lines are kept for {count} days.", shown.days)
    said = ui.TextDisplay[Any](tr("### The log of this server\n{where}\n{kept}", where=where, kept=kept))
    if shown.channel_id is None:
        return panel(said)
    return panel(said, ui.ActionRow[Any](ActButton(STOP, label=tr("Stop posting"), emoji="🔕")))


def fits(lines: Sequence[AuditLine]) -> int:
    """Return how many of the first lines one message of the log takes: at least one."""
    room, taken = CHARACTERS, 0
    for line in lines[:MOST_IN_POST]:
        room -= len(_dated(line)) + 1
        if taken and room < 0:
            break
        taken += 1
    return taken


def post(lines: Sequence[AuditLine]) -> ui.LayoutView:
    """Return the message of the log that has these lines; what Easel did by itself stands out."""
    by_itself = any(line.actor_id == EASEL for line in lines)
    said = ui.TextDisplay[Any]("\n".join(_dated(line) for line in lines))
    return panel(said, colour=ACCENT if by_itself else MUTED)


def everybody_sees(channel: object) -> bool:
    """Tell whether a channel is no place for moderators alone; one that is not known counts as such."""
    if isinstance(channel, discord.Thread):
        return not channel.is_private() and everybody_sees(channel.parent)
    if not isinstance(channel, discord.abc.GuildChannel):
        return True
    return channel.permissions_for(channel.guild.default_role).view_channel


def sayable(lines: Sequence[AuditLine], *, in_public: bool) -> list[AuditLine]:
    """Return the lines that may be posted: who reported something is not told to everybody."""
    return [line for line in lines if not (in_public and line.action in NAMES_REPORTERS)]


def require_may_post(channel: discord.TextChannel | discord.Thread) -> None:
    """Raise BadInput where everybody reads, or, naming what is missing, where the bot may not post."""
    if everybody_sees(channel):
        raise BadInput(
            tr("Everybody sees <#{channel}>. Choose a channel that only moderators see.", channel=channel.id)
        )
    allowed = channel.permissions_for(channel.guild.me)
    in_thread = isinstance(channel, discord.Thread)
    sends = allowed.send_messages_in_threads if in_thread else allowed.send_messages
    missing = [
        *([] if allowed.view_channel else [tr("View Channel")]),
        *([] if sends else [tr("Send Messages in Threads") if in_thread else tr("Send Messages")]),
    ]
    if missing:
        names = strung(missing)
        raise BadInput(
            tr("Easel may not post in {channel}. It lacks: {names}.", channel=channel.mention, names=names)
        )


def _sought(search: Search, about: str) -> list[str]:
    """Return what is looked for as one line; none where it is everything."""
    said: list[str] = []
    if search.actor_id is not None:
        said.append(named(tr("By"), "Easel" if search.actor_id == EASEL else f"<@{search.actor_id}>"))
    if search.subject_id is not None:
        said.append(named(tr("About"), about or f"<@{search.subject_id}>"))
    if search.area is not None:
        said.append(named(tr("What"), _area(search.area)))
    if search.since is not None:
        said.append(named(tr("Since"), f"<t:{int(search.since.timestamp())}:d>"))
    return [f"-# {' · '.join(said)}"] if said else []


def _area(area: Area) -> str:
    names = {
        Area.ACCESS: tr("Access"),
        Area.ALLOWANCES: tr("Allowances"),
        Area.SAFETY: tr("Safety"),
        Area.CONVERSATION: tr("Conversation"),
        Area.STYLES: tr("Styles"),
        Area.PRIVACY: tr("Privacy"),
        Area.LOG: tr("Log"),
    }
    return names[area]


def _dated(line: AuditLine) -> str:
    return f"{sentence(line)}\n-# <t:{int(line.at.timestamp())}:f>"


def _turn(page: int, search: Search, label: str, emoji: str, *, is_end: bool) -> ActButton:
    return ActButton(
        TURN,
        max(page, 0),
        ANY if search.actor_id is None else search.actor_id,
        ANY if search.subject_id is None else search.subject_id,
        ANY if search.area is None else search.area.value,
        ANY if search.since is None else int(search.since.timestamp()),
        label=label,
        emoji=emoji,
        disabled=is_end,
    )


def _number(word: str) -> int | None:
    return int(word) if word.isdecimal() and len(word) <= 20 else None
