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
"""The verbs of the buttons: each list is shown anew after a press."""
SHOWN = 10
"""Jobs on a card: Discord takes 40 components and 4,000 characters a message."""
PROMPT_SHOWN = 120


def card(jobs: Sequence[UnderWay], *, server: bool = False) -> ui.LayoutView:
    """Show jobs in the order of their turns, each with a button that cancels it where it still can be."""
    whose = "this server" if server else "you"
    if not jobs:
        return panel(ui.TextDisplay(f"### The queue\nNothing is under way for {whose}."))
    parts: list[ui.Item[Any]] = [ui.TextDisplay(f"### The queue\nUnder way for {whose}: {len(jobs)}")]
    for one in jobs[:SHOWN]:
        said = ui.TextDisplay[Any](_lines(one, server=server))
        if one.job.state in {JobState.QUEUED, JobState.SENT}:
            button = CardButton(SERVER if server else MINE, one.job.id, "Cancel", "⏹️")
            parts.append(ui.Section[Any](said, accessory=button))
        else:
            parts.append(said)
    if len(jobs) > SHOWN:
        parts.append(ui.TextDisplay(f"-# and {len(jobs) - SHOWN} more"))
    return panel(*parts)


def _lines(one: UnderWay, *, server: bool) -> str:
    job = one.job
    state = place(one.standing)
    if job.state in {JobState.PRODUCED, JobState.DELIVERED}:
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
