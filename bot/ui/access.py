"""The cards and forms of /manage access."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.domain.access import MOST_TARGETS, Family, Kind
from bot.texts import tr, trn
from bot.ui import fields
from bot.ui.audit_words import family
from bot.ui.cards import MUTED, done_above, panel
from bot.ui.press import ActButton, PickMenu, act_id
from bot.ui.text import cut, plain, when

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.access import Ban, Banned, BanPage, Overview

    Interaction = discord.Interaction[discord.Client]

TURN, LIFT, RESUME = "banspage", "banlift", "accessresume"
CHANGE = {Kind.CHANNEL: "accesschannels", Kind.ROLE: "accessroles"}
"""The verbs of the forms, and of the buttons that show them."""
FORM_LIFE_S = 900
PLACES = [
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.forum,
    discord.ChannelType.voice,
]


def overview(shown: Overview, now: datetime, done: str = "") -> ui.LayoutView:
    """Show all that holds in a server, with buttons to change it, below what was just done."""
    lines = [tr("### Who may use Easel here, and where"), *_paused(shown, now)]
    for one in Family:
        channels = " ".join(f"<#{n}>" for n in sorted(shown.of(one, Kind.CHANNEL))) or tr("everywhere")
        roles = " ".join(f"<@&{n}>" for n in sorted(shown.of(one, Kind.ROLE))) or tr("everybody")
        lines.append(
            tr(
                "**{family}** · {channels} · {roles}",
                family=family(one.value),
                channels=channels,
                roles=roles,
            )
        )
    banned = trn("{count} person is banned.", "{count} people are banned.", shown.bans)
    lines.append(banned if shown.bans else tr("Nobody is banned."))
    lines.append(
        tr("-# Threads go by their channel. The rules hold for moderators too; /manage works always.")
    )
    row = ui.ActionRow[Any](
        ActButton(CHANGE[Kind.CHANNEL], label=tr("Channels…"), emoji="📍"),
        ActButton(CHANGE[Kind.ROLE], label=tr("Roles…"), emoji="🎭"),
        ActButton(TURN, 0, label=tr("Bans"), emoji="⛔"),
    )
    if shown.pause is not None and shown.pause.holds(now):
        row.add_item(ActButton(RESUME, label=tr("Go on"), emoji="▶️", style=discord.ButtonStyle.success))
    return panel(*done_above(done), ui.TextDisplay[Any](cut("\n".join(lines), 3800)), row)


def banned(done: Banned) -> ui.LayoutView:
    """Say that somebody is banned."""
    who = f"<@{done.ban.user_id}>"
    if done.ban.until is None:
        lines = [tr("{person} may no longer use Easel here.", person=who)]
    else:
        lines = [tr("{person} may not use Easel here until {when}.", person=who, when=when(done.ban.until))]
    if done.ban.reason:
        lines.append(tr("Reason, which they are told: {reason}", reason=plain(done.ban.reason, 400)))
    if done.called_off:
        lines.append(
            trn(
                "{count} request of theirs was called off; nothing was charged for it.",
                "{count} requests of theirs were called off; nothing was charged for them.",
                done.called_off,
            )
        )
    return panel(ui.TextDisplay[Any]("\n".join(lines)))


def unbanned(user_id: int) -> ui.LayoutView:
    """Say that somebody may use Easel again."""
    return panel(ui.TextDisplay[Any](tr("{person} may use Easel here again.", person=f"<@{user_id}>")))


def bans(shown: BanPage, names: dict[int, str]) -> ui.LayoutView:
    """Show a page of the bans that hold, the newest first, and a menu that lifts them."""
    heading = tr("### Who may not use Easel here")
    if not shown.bans:
        return panel(ui.TextDisplay[Any](f"{heading}\n{tr('Nobody is banned.')}"), colour=MUTED)
    lines = [heading, *(_ban(one) for one in shown.bans)]
    if shown.pages > 1:
        lines.append(tr("-# Page {page} of {pages}", page=shown.page + 1, pages=shown.pages))
    options = [
        discord.SelectOption(label=cut(names.get(one.user_id, str(one.user_id)), 100), value=str(one.user_id))
        for one in shown.bans
    ]
    parts: list[ui.Item[Any]] = [
        ui.TextDisplay("\n".join(lines)),
        ui.ActionRow[Any](PickMenu(LIFT, shown.page, options=options, placeholder=tr("Lift a ban…"))),
    ]
    if shown.pages > 1:
        first, last = shown.page == 0, shown.page + 1 == shown.pages
        parts.append(
            ui.ActionRow[Any](
                ActButton(TURN, max(shown.page - 1, 0), label=tr("Newer"), emoji="◀️", disabled=first),
                ActButton(TURN, shown.page + 1, label=tr("Older"), emoji="▶️", disabled=last),
            )
        )
    return panel(*parts)


class Form(ui.Modal):
    """Asks for the channels or roles of every family. `read` reads what is sent, not this object."""

    def __init__(self, kind: Kind, shown: Overview) -> None:
        title = tr("Where Easel may be used") if kind is Kind.CHANNEL else tr("Who may use Easel")
        super().__init__(title=title, custom_id=act_id(CHANGE[kind]), timeout=FORM_LIFE_S)
        for one in Family:
            menu = _menu(kind, one, shown.of(one, kind))
            self.add_item(ui.Label(text=family(one.value), description=_what(kind, one), component=menu))

    async def on_submit(self, interaction: Interaction) -> None:
        """Leave the answer to `answer_form`, which works after a restart as well."""


def read(interaction: Interaction) -> dict[Family, frozenset[int]]:
    """Read a submitted form."""
    form = fields.submitted(interaction)
    return {one: frozenset(map(int, fields.picked(form, one.value))) for one in Family}


def _menu(kind: Kind, one: Family, chosen: frozenset[int]) -> ui.ChannelSelect[Any] | ui.RoleSelect[Any]:
    if kind is Kind.CHANNEL:
        known = discord.SelectDefaultValueType.channel
        return ui.ChannelSelect(
            custom_id=one.value,
            channel_types=PLACES,
            min_values=0,
            max_values=MOST_TARGETS,
            required=False,
            default_values=[discord.SelectDefaultValue(id=n, type=known) for n in sorted(chosen)],
        )
    known = discord.SelectDefaultValueType.role
    return ui.RoleSelect(
        custom_id=one.value,
        min_values=0,
        max_values=MOST_TARGETS,
        required=False,
        default_values=[discord.SelectDefaultValue(id=n, type=known) for n in sorted(chosen)],
    )


def _what(kind: Kind, one: Family) -> str:
    """Say what a family does, and what it means to choose nothing."""
    if kind is Kind.CHANNEL:
        return {
            Family.DRAW: tr("Drawing and changing pictures; empty for all channels"),
            Family.TALK: tr("Questions and answers, in threads too; empty for all channels"),
            Family.READ: tr("Pictures put into words, data taken out of files; empty for all channels"),
        }[one]
    return {
        Family.DRAW: tr("Drawing and changing pictures; empty for everybody"),
        Family.TALK: tr("Questions and answers; empty for everybody"),
        Family.READ: tr("Pictures put into words, data taken out of files; empty for everybody"),
    }[one]


def _paused(shown: Overview, now: datetime) -> list[str]:
    if shown.pause is None or not shown.pause.holds(now):
        return []
    said = tr("⏸️ Easel is paused here.")
    if shown.pause.until is not None:
        said = tr("⏸️ Easel is paused here until {when}.", when=when(shown.pause.until))
    if shown.pause.reason:
        said = tr("{sentence} Reason: {reason}", sentence=said, reason=plain(shown.pause.reason, 400))
    return [said]


def _ban(one: Ban) -> str:
    who, by = f"<@{one.user_id}>", f"<@{one.banned_by}>"
    if one.until is None:
        said = tr("{person} · for good · by {moderator}", person=who, moderator=by)
    else:
        said = tr(
            "{person} · until {when} · by {moderator}",
            person=who,
            when=discord.utils.format_dt(one.until, "f"),
            moderator=by,
        )
    return f"{said} · {plain(one.reason, 250)}" if one.reason else said
