"""The card of /queue: what is under way, where it stands, and how to call it off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.domain.jobs import JobState
from bot.ui.cards import panel
from bot.ui.press import CardButton
from bot.ui.text import place, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.jobs import Job
    from bot.domain.standing import UnderWay

MINE, SERVER = "unqueue", "unqueueany"
"""The verbs of the buttons that cancel: each list is shown anew after a press."""
FETCH = "fetch"
"""The verb of the button that shows what could not be shown before."""
SHOWN = 10
"""Jobs on a card: Discord takes 40 components and 4,000 characters a message."""
PROMPT_SHOWN = 120


def card(jobs: Sequence[UnderWay], *, server: bool = False) -> ui.LayoutView:
    """Show jobs in the order of their turns, each with what can be done: cancel it, or see its pictures."""
    whose = "this server" if server else "you"
    if not jobs:
        return panel(ui.TextDisplay(f"### The queue\nNothing is under way for {whose}."))
    parts: list[ui.Item[Any]] = [ui.TextDisplay(f"### The queue\nUnder way for {whose}: {len(jobs)}")]
    for one in jobs[:SHOWN]:
        said = ui.TextDisplay[Any](_lines(one, server=server))
        button = _button(one.job, server=server)
        parts.append(said if button is None else ui.Section[Any](said, accessory=button))
    if len(jobs) > SHOWN:
        parts.append(ui.TextDisplay(f"-# and {len(jobs) - SHOWN} more"))
    return panel(*parts)


def _button(job: Job, *, server: bool) -> CardButton | None:
    """Return what can be done with a job; pictures are shown to the one who asked for them alone."""
    if job.state in {JobState.QUEUED, JobState.SENT}:
        return CardButton(SERVER if server else MINE, job.id, "Cancel", "⏹️")
    if job.waits_for_owner and not server:
        return CardButton(FETCH, job.id, "Show", "🖼️")
    return None


def _lines(one: UnderWay, *, server: bool) -> str:
    job = one.job
    state = place(one.standing)
    if job.waits_for_owner:
        until = discord.utils.format_dt(job.waits_until, "R")
        state = f"Drawn, but Discord would not take it · kept until {until}, charged when it is shown"
    elif job.state in {JobState.PRODUCED, JobState.DELIVERED}:
        state = "Drawn, on its way to Discord"
    prompt = (
        "-# A private request" if server and job.request.private else plain(job.request.prompt, PROMPT_SHOWN)
    )
    count = "1 picture" if job.held.images == 1 else f"{job.held.images} pictures"
    small = [f"<@{job.user_id}>"] if server else []
    small += [count, f"`{job.plan.model_id}`", f"asked {discord.utils.format_dt(job.created_at, 'R')}"]
    if (link := _link(job)) is not None:
        small.append(f"[show]({link})")
    shown = " ".join(prompt.split()) or "-# A prompt without a visible character"
    return f"**{state}**\n{shown}\n-# {' · '.join(small)}"


def _link(job: Job) -> str | None:
    """Return the address of the message that waits for a job; None where nobody could open it."""
    is_known = (
        job.guild_id is not None or job.origin.can_post_in_channel
    )  # else a server that Easel is not in
    if job.card_message_id is None or job.request.private or not is_known:
        return None
    return f"https://discord.com/channels/{job.guild_id or '@me'}/{job.channel_id}/{job.card_message_id}"
