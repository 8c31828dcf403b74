"""Reports in Discord: the form of members, and the card that moderators press."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import discord
import structlog
from discord import ui

from bot.domain.reports import MOST_REASON, Reach, Reported, ReportState
from bot.errors import Undeliverable, UserFacingError
from bot.texts import speaking, tr, trn
from bot.ui import fields
from bot.ui.audit import everybody_sees
from bot.ui.cards import MUTED, gallery, panel
from bot.ui.log_channel import why
from bot.ui.modals import FORM_LIFE_S
from bot.ui.patience import TROUBLE, closes, passes
from bot.ui.posts import Post
from bot.ui.press import ActButton, act_id
from bot.ui.reviews import LIMIT_BYTES
from bot.ui.text import plain

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from bot.domain.reports import Case
    from bot.ui.prints import Prints

    Interaction = discord.Interaction[discord.Client]

log = structlog.get_logger(__name__)
REPORT, DELETE, DISMISS = "report", "reportdelete", "reportdismiss"
"""The verbs of the form and of the buttons."""
REASON = "reason"
SHOWN = 5
"""Reasons on a card; each is of 300 characters at most."""
PROMPT_SHOWN = 1000


class Postbox:
    """Shows reports to moderators."""

    def __init__(self, client: discord.Client, prints: Prints) -> None:
        self._client = client
        self._prints = prints

    async def show(self, case: Case, channel_id: int) -> int | None:
        """Show a case in the moderators' channel, anew or in its card; None where that cannot be now.

        Raise Undeliverable where the channel takes nothing.
        """
        try:
            with speaking(self._language_of(case.reported)):
                return await self._edited(case, channel_id) or await self._posted(case, channel_id)
        except (discord.HTTPException, UserFacingError, *TROUBLE) as error:
            log.warning("report not shown", reason=str(error))
            if isinstance(error, discord.HTTPException) and closes(error):
                raise Undeliverable(why(error)) from error
            return None

    async def _edited(self, case: Case, channel_id: int) -> int | None:
        """Show a case in its card; None where that is in another channel, or gone."""
        reported = case.reported
        if reported.card_message_id is None or reported.card_channel_id != channel_id:
            return None
        post = await self.card(case)
        try:
            with closing(post):
                await self._card(channel_id, reported.card_message_id).edit(
                    view=post.view, attachments=post.files, allowed_mentions=discord.AllowedMentions.none()
                )
        except discord.NotFound:
            return None
        return reported.card_message_id

    async def _posted(self, case: Case, channel_id: int) -> int:
        reported, post = case.reported, await self.card(case)
        channel = self._client.get_partial_messageable(channel_id, guild_id=reported.guild_id)
        nonce, silent = f"tell-{reported.message_id}", discord.AllowedMentions.none()
        return (await post.send(channel, nonce=nonce, mentions=silent)).message_id

    def is_apart(self, channel_id: int) -> bool:
        """Tell whether a channel is known, and not for everybody."""
        return not everybody_sees(self._client.get_channel(channel_id))

    def _language_of(self, reported: Reported) -> str | None:
        """Return what is spoken in a server: moderators read the card there, whoever reported."""
        guild = self._client.get_guild(reported.guild_id)
        return None if guild is None else guild.preferred_locale.value

    async def card(self, case: Case) -> Post:
        """Return the card of a case, its pictures covered."""
        files = await self._prints.covered(case.pictures, LIMIT_BYTES)
        parts: list[ui.Item[Any]] = [ui.TextDisplay[Any](_said(case))]
        if files and case.job is not None:
            parts.append(gallery([case.job.request.prompt] * len(files), files))
        message_id = case.reported.message_id
        parts.append(
            ui.ActionRow[Any](
                ActButton(
                    DELETE, message_id, label=tr("Delete"), emoji="🗑️", style=discord.ButtonStyle.danger
                ),
                ActButton(DISMISS, message_id, label=tr("Dismiss"), emoji="✔️"),
                ui.Button[Any](label=tr("Go to the message"), url=case.reported.address),
            )
        )
        return Post(panel(*parts), files)

    async def close(self, reported: Reported) -> bool:
        """Let the card say what was decided; False where Discord is in trouble.

        A card that is gone, or that Easel may not change any more, is no matter.
        """
        if reported.card_channel_id is None or reported.card_message_id is None:
            return True
        with speaking(self._language_of(reported)):
            view = closed(reported)
        edit = self._card(reported.card_channel_id, reported.card_message_id).edit
        silent = discord.AllowedMentions.none()
        return await _tried(edit(view=view, attachments=[], allowed_mentions=silent))

    async def remove(self, reported: Reported) -> bool:
        """Take the reported message away; False where Discord is in trouble, no matter where it is gone."""
        return await _tried(self._card(reported.channel_id, reported.message_id).delete())

    def _card(self, channel_id: int, message_id: int) -> discord.PartialMessage:
        return self._client.get_partial_messageable(channel_id).get_partial_message(message_id)


async def _tried(act: Coroutine[Any, Any, object]) -> bool:
    try:
        await act
    except (discord.HTTPException, *TROUBLE) as error:
        log.info("report not carried out whole", reason=str(error))
        return not passes(error)
    return True


def _said(case: Case) -> str:
    """Say what was reported, of whom, by whom and why."""
    count = len(case.reports)
    lines = [
        tr("### A picture was reported"),
        trn("{count} report, in {channel}", "{count} reports, in {channel}", count, channel=_place(case)),
    ]
    if case.job is not None:
        lines.append(tr("<@{person}> asked for it:", person=case.job.user_id))
        lines.append(plain(case.job.request.prompt, PROMPT_SHOWN).strip())
    for one in case.reports[-SHOWN:]:
        reason = " ".join(plain(one.reason, MOST_REASON).split())
        lines.append(tr("> {reason}\n-# reported by <@{person}>", reason=reason, person=one.reporter_id))
    return "\n".join(filter(None, lines))


def _place(case: Case) -> str:
    return f"<#{case.reported.channel_id}>"


def closed(reported: Reported) -> ui.LayoutView:
    """Say what was decided, and by whom."""
    names = {"moderator": reported.decided_by, "address": reported.address}
    if reported.state is ReportState.DELETED:
        said = tr("<@{moderator}> deleted a picture that was reported.", **names)
    else:
        said = tr("<@{moderator}> left [a reported message]({address}) as it is.", **names)
    return panel(ui.TextDisplay[Any](said), colour=MUTED)


class ReportForm(ui.Modal):
    """Asks what is wrong with a picture."""

    def __init__(self, message_id: int, job_id: int | None) -> None:
        form_id = act_id(REPORT, message_id, job_id or 0)
        super().__init__(title=tr("Report image"), custom_id=form_id, timeout=FORM_LIFE_S)
        field = ui.TextInput[Any](
            style=discord.TextStyle.paragraph, custom_id=REASON, max_length=MOST_REASON, required=True
        )
        told = tr("Only moderators of this server read it. They see who reports.")
        self.add_item(ui.Label(text=tr("What is wrong with it?"), description=told, component=field))

    async def on_submit(self, interaction: Interaction) -> None:
        """Leave the answer to `answer_form`, which works after a restart as well."""


def thanks(reach: Reach) -> str:
    """Say to who reported something who knows of it."""
    if reach is Reach.MODERATORS:
        return tr("Thank you. The moderators of this server were told; nobody else learns who reported it.")
    if reach is Reach.DECIDED:
        return tr("Thank you. The moderators of this server have decided on this message already.")
    return tr(
        "Thank you. Your report is kept for the moderators of this server, but none of them could be told "
        "just now. If it cannot wait, write to one of them; nobody else learns who reported it."
    )


def reason(interaction: Interaction) -> str:
    """Return the reason that a form holds."""
    return fields.words(fields.submitted(interaction), REASON)
