"""The card of /queue: what is under way, where it stands, and how to call it off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.domain.jobs import JobState
from bot.texts import number, tr, trn
from bot.ui import batch
from bot.ui.cards import panel
from bot.ui.press import ActButton, CardButton
from bot.ui.text import place, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.jobs import Job
    from bot.domain.runs import Batch, Snapshot
    from bot.domain.standing import UnderWay

MINE, SERVER = "unqueue", "unqueueany"
"""The verbs of the buttons that cancel: the page of the list that they name is shown anew after a press."""
FETCH = "fetch"
"""The verb of the button that shows what could not be shown before."""
BATCH = "batchqueue"
"""The verb of the buttons of batches."""
PAGE = "queuepage"
"""The verb of the buttons that turn a page."""
SHOWN = 10
"""Jobs on a card: Discord takes 40 components and 4,000 characters a message."""
BATCHES_SHOWN = 3
BATCH_TAKES = 2
"""Jobs that have to make room for a batch."""
PROMPT_SHOWN = 120


def card(
    jobs: Sequence[UnderWay], batches: Sequence[Snapshot] = (), *, server: bool = False, page: int = 0
) -> ui.LayoutView:
    """Show batches, and jobs in the order of their turns, each with what can be done.

    A list that is longer than a card has pages, the first with the batches; of one too far the last is shown.
    """
    count = len(jobs) + len(batches)
    head = tr("### The queue")
    if not count:
        nothing = (
            tr("Nothing is under way for this server.") if server else tr("Nothing is under way for you.")
        )
        return panel(ui.TextDisplay(f"{head}\n{nothing}"))
    under_way = (
        tr("Under way for this server: {count}", count=number(count))
        if server
        else tr("Under way for you: {count}", count=number(count))
    )
    parts: list[ui.Item[Any]] = [ui.TextDisplay(f"{head}\n{under_way}")]
    first = SHOWN - BATCH_TAKES * min(len(batches), BATCHES_SHOWN)
    page = min(page, max(0, -(-(len(jobs) - first) // SHOWN)))
    if page == 0:
        for snapshot in batches[:BATCHES_SHOWN]:
            parts += _batch(snapshot, server=server)
    end = first + page * SHOWN
    for one in jobs[end - SHOWN if page else 0 : end]:
        said = ui.TextDisplay[Any](_lines(one, server=server))
        button = _button(one.job, page, server=server)
        parts.append(said if button is None else ui.Section[Any](said, accessory=button))
    if (more := len(jobs[end:]) + len(batches[BATCHES_SHOWN:])) > 0:
        parts.append(ui.TextDisplay(trn("-# and {count} more", "-# and {count} more", more)))
    if page or len(jobs) > end:
        parts.append(_turns(page, "server" if server else "mine", is_last=len(jobs) <= end))
    return panel(*parts)


def _turns(page: int, whose: str, *, is_last: bool) -> ui.ActionRow[Any]:
    return ui.ActionRow[Any](
        ActButton(PAGE, max(page - 1, 0), whose, "e", label=tr("Earlier"), emoji="⬅️", disabled=page == 0),
        ActButton(PAGE, page + 1, whose, "l", label=tr("Later"), emoji="➡️", disabled=is_last),
    )


def _batch(snapshot: Snapshot, *, server: bool) -> list[ui.Item[Any]]:
    """Show a batch as one entry, with the buttons of its card."""
    hidden = server and snapshot.batch.request.private
    head = tr("A private batch") if hidden else batch.heading(snapshot)
    lines = [f"**{head}**", *batch.standing(snapshot, for_whom=server)]
    if (link := _link(snapshot.batch)) is not None:
        lines[-1] += f" · [{tr('show')}]({link})"
    said = ui.TextDisplay[Any]("\n".join(lines))
    buttons = batch.actions(snapshot, BATCH, "server" if server else "mine")
    return [said, ui.ActionRow[Any](*buttons)] if buttons else [said]


def _button(job: Job, page: int, *, server: bool) -> ActButton | CardButton | None:
    """Return what can be done with a job; pictures are shown to the one who asked for them alone."""
    if job.state in {JobState.QUEUED, JobState.SENT} or job.waits_for_moderators:
        return ActButton(SERVER if server else MINE, job.id, page, label=tr("Cancel"), emoji="⏹️")
    if job.waits_for_owner and not server:
        return CardButton(FETCH, job.id, tr("Show"), "🖼️")
    return None


def _lines(one: UnderWay, *, server: bool) -> str:
    job = one.job
    state = place(one.standing)
    if job.waits_for_owner:
        until = discord.utils.format_dt(job.waits_until, "R")
        state = tr(
            "Drawn, but Discord would not take it · kept until {when}, charged when it is shown", when=until
        )
    elif job.waits_for_moderators:
        state = tr("Drawn, waiting for a moderator to look at it")
    elif job.state in {JobState.PRODUCED, JobState.DELIVERED}:
        state = tr("Drawn, on its way to Discord")
    prompt = (
        tr("-# A private request")
        if server and job.request.private
        else plain(job.request.prompt, PROMPT_SHOWN)
    )
    count = trn("{count} picture", "{count} pictures", job.held.images)
    small = [f"<@{job.user_id}>"] if server else []
    asked = discord.utils.format_dt(job.created_at, "R")
    small += [count, f"`{job.plan.model_id}`", tr("asked {when}", when=asked)]
    if (link := _link(job)) is not None:
        small.append(f"[{tr('show')}]({link})")
    shown = " ".join(prompt.split()) or tr("-# A prompt without a visible character.")
    return f"**{state}**\n{shown}\n-# {' · '.join(small)}"


def _link(job: Job | Batch) -> str | None:
    """Return the address of the message that waits for a job or batch; None where nobody could open it."""
    is_known = (
        job.guild_id is not None or job.origin.can_post_in_channel
    )  # else a server that Easel is not in
    if job.card_message_id is None or job.request.private or not is_known:
        return None
    return f"https://discord.com/channels/{job.guild_id or '@me'}/{job.channel_id}/{job.card_message_id}"
