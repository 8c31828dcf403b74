"""The cards of /privacy: what is kept, what would be deleted, and what was."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.texts import decimal, tr, trn
from bot.ui.cards import panel
from bot.ui.press import ActButton

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.privacy import Extent, Holdings, Rules, Span, Standing

ERASE, ASK, RETAIN, OFF, ON = "erase", "eraseask", "retain", "offrecord", "onrecord"
RETAIN_SERVER, EXPORT = "retainserver", "exportdata"
MB = 1024**2


def card(user_id: int, standing: Standing, *, in_server: bool) -> ui.LayoutView:
    """Show what is kept of somebody, for how long, and what they can do about it."""
    kept = "\n".join(f"- {line}" for line in lines(standing.holdings)) or tr("Nothing yet.")
    said = [
        ui.TextDisplay[Any](f"### {tr('What Easel keeps of you')}\n{kept}"),
        ui.Separator[Any](),
        ui.TextDisplay[Any](f"**{tr('For how long')}**\n" + "\n".join(_rules(standing, in_server=in_server))),
        ui.Separator[Any](),
        ui.TextDisplay[Any](
            tr(
                "**What stays when you delete**\nAmounts in the books, without your name once this month is "
                "over; what moderators decided about you and what you did as one; what you choose here. "
                "Copies of the database are kept for some nights, and messages stay in Discord.\n"
                "-# PRIVACY.md, beside Easel's source, names every table."
            )
        ),
    ]
    if standing.deleting:
        said.append(ui.TextDisplay[Any](tr("-# Something of yours is being deleted right now.")))
    return panel(*said, _buttons(user_id, keeps_talk=standing.choices.keeps_talk))


def lines(holdings: Holdings) -> list[str]:
    """Return how much there is of what, one line for each."""
    size = decimal(holdings.picture_bytes / MB)
    counted = (
        (
            holdings.pictures,
            trn("{count} picture, {size} MB", "{count} pictures, {size} MB", holdings.pictures, size=size),
        ),
        (
            holdings.requests,
            trn(
                "{count} request: what you asked for, and what it cost",
                "{count} requests: what you asked for, and what it cost",
                holdings.requests,
            ),
        ),
        (
            holdings.messages,
            trn(
                "{count} message of your conversations, answers included",
                "{count} messages of your conversations, answers included",
                holdings.messages,
            ),
        ),
        (holdings.files, trn("{count} file in them", "{count} files in them", holdings.files)),
        (holdings.batches, trn("{count} batch", "{count} batches", holdings.batches)),
        (holdings.styles, trn("{count} style", "{count} styles", holdings.styles)),
        (holdings.favourites, trn("{count} favourite", "{count} favourites", holdings.favourites)),
        (
            holdings.others,
            trn(
                "{count} entry more: preferences, references at hand, what waits for a word",
                "{count} entries more: preferences, references at hand, what waits for a word",
                holdings.others,
            ),
        ),
    )
    return [line for count, line in counted if count]


def confirm(user_id: int, extent: Extent, span: Span, holdings: Holdings) -> ui.LayoutView:
    """Say what would be deleted, and ask whether to go on."""
    since, before = int(span.since.timestamp()), math.ceil(span.before.timestamp())
    kept = "\n".join(f"- {line}" for line in lines(holdings))
    said = tr(
        "### Delete this for good?\n{stretch}\n{kept}\n\nWhat is still being drawn is called off, and costs "
        "nothing. Pictures vanish from others' favourites as well; what others made from them stays theirs. "
        "Cards and messages stay in Discord until somebody deletes them there.\n"
        "-# This cannot be undone. /privacy export takes it along first.",
        stretch=_stretch(span),
        kept=kept,
    )
    button = ActButton(
        ERASE,
        user_id,
        extent.value,
        since,
        before,
        label=tr("Delete for good"),
        emoji="🗑️",
        style=discord.ButtonStyle.danger,
    )
    return panel(ui.TextDisplay[Any](said), ui.ActionRow[Any](button))


def confirm_days(verb: str, owner_id: int, days: int, holdings: Holdings) -> ui.LayoutView:
    """Say what a number of days would let go, and ask whether that is meant."""
    head = trn(
        "### Keep pictures and conversations for {count} day?",
        "### Keep pictures and conversations for {count} days?",
        days,
    )
    kept = "\n".join(f"- {line}" for line in lines(holdings))
    if verb == RETAIN_SERVER:
        then = tr(
            "It holds for everybody in this server. What is older goes in the night, favourites included."
        )
    else:
        then = tr("It holds for you in all places. What is older goes now, and every night.")
    going = (
        tr("Older than that is now:\n{kept}", kept=kept) if kept else tr("Nothing is older than that now.")
    )
    button = ActButton(
        verb,
        owner_id,
        days,
        label=trn("Keep for {count} day", "Keep for {count} days", days),
        emoji="🗓️",
        style=discord.ButtonStyle.danger if kept else discord.ButtonStyle.primary,
    )
    books = tr("What is older also loses its names in the books of past months; the amounts stay.")
    text = f"{head}\n{then}\n{going}\n{books}\n-# {tr('What is deleted cannot be brought back.')}"
    return panel(ui.TextDisplay[Any](text), ui.ActionRow[Any](button))


def confirm_silence(user_id: int, holdings: Holdings) -> ui.LayoutView:
    """Say what it means that no conversation is kept, and ask whether that is meant."""
    going = trn(
        "{count} message that is kept now goes as well.",
        "{count} messages that are kept now go as well.",
        holdings.messages,
    )
    said = tr(
        "### Keep none of your conversations?\nWhat you say is sent to the model and forgotten once it is "
        "answered, and so are the answer and your files. Easel then does not remember what you said before, "
        "and **Again** and **Reasoning** below an answer do not work. {going}\n"
        "-# The messages themselves stay in Discord.",
        going=going if holdings.messages else "",
    )
    button = ActButton(OFF, user_id, label=tr("Keep none"), emoji="🤐", style=discord.ButtonStyle.danger)
    return panel(ui.TextDisplay[Any](said), ui.ActionRow[Any](button))


def server_card(days: int | None) -> ui.LayoutView:
    """Show for how long a server lets things be kept."""
    said = (
        tr("Pictures and conversations of this server are kept as long as their people want.")
        if days is None
        else trn(
            "Pictures and conversations of this server are kept for {count} day.",
            "Pictures and conversations of this server are kept for {count} days.",
            days,
        )
    )
    if days is not None:
        said += "\n" + tr("What is older also loses its names in the books of past months; the amounts stay.")
    hint = tr(
        "-# Whoever wants theirs kept for less has that: the shorter counts. Change it with "
        "/manage privacy retention."
    )
    return panel(ui.TextDisplay[Any](f"### {tr('What this server keeps')}\n{said}\n{hint}"))


def said(sentence: str) -> ui.LayoutView:
    """Return a sentence in place of a card."""
    return panel(ui.TextDisplay[Any](sentence))


def deleted(*, is_whole: bool) -> str:
    """Say that it is deleted, and what is not yet."""
    done = tr("Deleted. The books keep their amounts, and lose your name once this month is over.")
    if is_whole:
        return done
    return f"{done} {tr('What still has to end first goes within minutes.')}"


def kept_for(days: int | None) -> str:
    """Say for how long things are kept from now on."""
    if days is None:
        return tr("What is yours is kept until you delete it, unless a server keeps less.")
    return trn(
        "What is yours is kept for {count} day from now on.",
        "What is yours is kept for {count} days from now on.",
        days,
    )


def _buttons(user_id: int, *, keeps_talk: bool) -> ui.ActionRow[Any]:
    talk = (
        ActButton(OFF, user_id, "ask", label=tr("Keep no conversations…"), emoji="🤐")
        if keeps_talk
        else ActButton(ON, user_id, label=tr("Keep conversations"), emoji="💬")
    )
    return ui.ActionRow[Any](
        ActButton(EXPORT, user_id, label=tr("Export"), emoji="📦", style=discord.ButtonStyle.primary),
        talk,
        ActButton(ASK, user_id, label=tr("Delete everything…"), emoji="🗑️", style=discord.ButtonStyle.danger),
    )


def _rules(standing: Standing, *, in_server: bool) -> list[str]:
    rules = standing.rules
    found = [tr("Pictures and requests: {days}", days=_days(rules.pictures))]
    if standing.choices.keeps_talk:
        found.append(tr("Conversations: {days}", days=_days(rules.talk)))
    else:
        found.append(tr("Conversations: not at all; each is forgotten once it is answered"))
    if {rules.own, rules.server, rules.operator} != {None}:
        found.append(f"-# {_who(rules, in_server=in_server)}")
    return found


def _who(rules: Rules, *, in_server: bool) -> str:
    parts = [tr("You: {days}", days=_days(rules.own))]
    if in_server:
        parts.append(tr("this server: {days}", days=_days(rules.server)))
    parts.append(tr("the bot's operator, for conversations: {days}", days=_days(rules.operator)))
    return tr("{rules}. The shortest counts.", rules=" · ".join(parts))


def _days(days: int | None) -> str:
    return tr("until deleted") if days is None else trn("{count} day", "{count} days", days)


def _stretch(span: Span) -> str:
    before = discord.utils.format_dt(span.before, "f")
    if span.is_whole:
        return tr("Everything until {before}:", before=before)
    since: datetime = span.since
    return tr(
        "What is from {since} until {before}:", since=discord.utils.format_dt(since, "f"), before=before
    )
