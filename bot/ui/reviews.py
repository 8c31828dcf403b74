"""The review of pictures in Discord: the card that moderators press, and the form for a no."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import discord
import structlog
from discord import ui

from bot.domain.reviews import (
    BY_MODEL,
    MOST_REASON,
    NO_VERDICT,
    Review,
    ReviewState,
    Watch,
    Watching,
)
from bot.domain.spoilers import Showing, Spoilers
from bot.errors import BadInput, Undeliverable, UserFacingError
from bot.texts import speaking, tr
from bot.ui import fields, parse
from bot.ui.cards import ACCENT, MUTED, gallery, panel
from bot.ui.log_channel import spoken_in, why
from bot.ui.modals import FORM_LIFE_S
from bot.ui.notices import tell_owner
from bot.ui.patience import TROUBLE, closes, passes
from bot.ui.posts import Post
from bot.ui.press import ActButton, act_id
from bot.ui.text import plain, when

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence
    from datetime import datetime, timedelta

    from bot.domain.images import Picture
    from bot.domain.jobs import Job
    from bot.ui.prints import Prints

    Interaction = discord.Interaction[discord.Client]

    class Hold(Protocol):
        """Lets a job's own card say that it waits."""

        def __call__(self, job: Job, *, is_seen: bool) -> Coroutine[Any, Any, None]:
            """Say whether moderators have seen its pictures."""
            ...


log = structlog.get_logger(__name__)
APPROVE, DENY = "approve", "deny"
"""The verbs of the buttons; a no asks for its reason in a form."""
REASON = "reason"
LIMIT_BYTES = 8 * 1024 * 1024
"""What a file may weigh in any server."""
PROMPT_SHOWN = 1500


class Bench:
    """Shows pictures to moderators first."""

    def __init__(
        self,
        client: discord.Client,
        prints: Prints,
        hold: Hold,
        patience: timedelta,
    ) -> None:
        self._client = client
        self._prints = prints
        self._hold = hold
        self._patience = patience

    async def post(
        self, review: Review, job: Job, pictures: Sequence[Picture], channel_id: int
    ) -> int | None:
        """Show pictures in the moderators' channel and return the message; None where that cannot be now.

        Raise Undeliverable where the channel takes nothing.
        """
        channel = self._client.get_partial_messageable(channel_id, guild_id=review.guild_id)
        try:
            with speaking(spoken_in(self._client, review.guild_id)):
                post = await self.card(review, job, pictures)
            silent = discord.AllowedMentions.none()
            return (await post.send(channel, nonce=f"look-{job.id}", mentions=silent)).message_id
        except (discord.HTTPException, UserFacingError, *TROUBLE) as error:
            log.warning("not brought before moderators", job=job.id, reason=str(error))
            if isinstance(error, discord.HTTPException) and closes(error):
                with speaking(spoken_in(self._client, review.guild_id)):
                    raise Undeliverable(why(error)) from error
            return None

    def is_for_adults(self, job: Job) -> bool:
        """Tell whether a job's pictures are shown in an age-restricted channel, as far as that is known."""
        return parse.is_for_adults(self._client.get_channel(job.channel_id))

    async def tell_lost(self, guild_id: int, channel_id: int, reason: str) -> bool:
        """Tell the owner of a server that moderators see nothing any more; False where that cannot be."""

        def words(server: str) -> str:
            return tr(
                "Easel can no longer show pictures and reports to the moderators of {server} in {channel}: "
                "{reason} New ones wait. Choose another channel with /manage safety review; until then "
                "/manage safety waiting and /manage safety reports have them.",
                server=server,
                channel=f"<#{channel_id}>",
                reason=reason,
            )

        return await tell_owner(self._client, guild_id, words)

    async def card(self, review: Review, job: Job, pictures: Sequence[Picture]) -> Post:
        """Return the card for one decision, its pictures covered; raise NotFound where they are gone."""
        files = await self._prints.covered(pictures, LIMIT_BYTES)
        prompts = [job.request.prompt] * len(files)
        said = ui.TextDisplay[Any](_asked(review, job, review.created_at + self._patience))
        row = ui.ActionRow[Any](
            ActButton(APPROVE, job.id, label=tr("Approve"), emoji="✅", style=discord.ButtonStyle.success),
            ActButton(DENY, job.id, label=tr("Deny…"), emoji="✋", style=discord.ButtonStyle.danger),
        )
        return Post(panel(said, gallery(prompts, files), row), files)

    async def hold(self, job: Job, *, is_seen: bool) -> None:
        """Tell who asked that moderators look at the pictures first."""
        await self._hold(job, is_seen=is_seen)

    async def close(self, review: Review) -> bool:
        """Let the card of a review say how it ended; False where Discord is in trouble.

        A card that is gone, or that Easel may not change any more, is no matter.
        """
        if review.channel_id is None or review.message_id is None:
            return True
        channel = self._client.get_partial_messageable(review.channel_id, guild_id=review.guild_id)
        message = channel.get_partial_message(review.message_id)
        silent = discord.AllowedMentions.none()
        try:
            with speaking(spoken_in(self._client, review.guild_id)):
                view = closed(review)
            await message.edit(view=view, attachments=[], allowed_mentions=silent)
        except (discord.HTTPException, *TROUBLE) as error:
            log.info("card of a review not changed", reason=str(error))
            return not passes(error)
        return True


def _asked(review: Review, job: Job, until: datetime) -> str:
    """Say who asked for what, why it is looked at, and until when."""
    lines = [
        tr("### May this be shown?"),
        tr("<@{person}> asked for it in <#{channel}>:", person=job.user_id, channel=job.channel_id),
        plain(job.request.prompt, PROMPT_SHOWN).strip(),
    ]
    if review.why:
        lines.append(_why(review.why))
    lines.append(tr("-# Decide before {until}; then it is dropped", until=when(until)))
    return "\n".join(filter(None, lines))


def _why(why: str) -> str:
    """Say why pictures are looked at: an entry of the blocklist, or what the moderation model says."""
    if not why.startswith(BY_MODEL):
        return tr("-# Looked at because of `{entry}`", entry=plain(why, 200))
    if why == NO_VERDICT:
        return tr("-# Looked at because the moderation model gave no verdict")
    said = plain(why.removeprefix(BY_MODEL), 200)
    return tr("-# Looked at because of the moderation model: {entry}", entry=said)


def closed(review: Review) -> ui.LayoutView:
    """Say how a review ended, and who decided."""
    if review.state is ReviewState.WAITING:
        said = tr("Moderators look at this in another channel now.")
        return panel(ui.TextDisplay[Any](said), colour=MUTED)
    if review.state is ReviewState.EXPIRED:
        said = tr("Nobody decided in time on what <@{person}> asked for. It is gone.", person=review.user_id)
        return panel(ui.TextDisplay[Any](said), colour=MUTED)
    if review.state is ReviewState.CALLED_OFF:
        said = tr("This request was called off before anybody decided. What was drawn is gone.")
        return panel(ui.TextDisplay[Any](said), colour=MUTED)
    approved = review.state is ReviewState.APPROVED
    names = {"moderator": review.decided_by, "person": review.user_id}
    if approved:
        said = tr("<@{moderator}> approved what <@{person}> asked for.", **names)
    else:
        said = tr("<@{moderator}> denied what <@{person}> asked for. It is gone.", **names)
    if review.reason:
        said += f"\n> {plain(review.reason, MOST_REASON)}"
    return panel(ui.TextDisplay[Any](said), colour=ACCENT if approved else MUTED)


class Denial(ui.Modal):
    """Asks why pictures are not to be shown."""

    def __init__(self, job_id: int) -> None:
        super().__init__(title=tr("Do not show this"), custom_id=act_id(DENY, job_id), timeout=FORM_LIFE_S)
        field = ui.TextInput[Any](custom_id=REASON, max_length=MOST_REASON, required=False)
        told = tr("Who asked reads it, without your name. They are not charged.")
        self.add_item(ui.Label(text=tr("Why?"), description=told, component=field))

    async def on_submit(self, interaction: Interaction) -> None:
        """Leave the answer to `answer_form`, which works after a restart as well."""


def reason(interaction: Interaction) -> str:
    """Return the reason that a form holds."""
    return fields.words(fields.submitted(interaction), REASON)


def check_channel(channel: discord.TextChannel) -> None:
    """Raise BadInput for a channel that members see, or that Easel cannot post pictures in."""
    guild = channel.guild
    if channel.permissions_for(guild.default_role).view_channel:
        raise BadInput(
            tr("Everybody sees <#{channel}>. Choose a channel that only moderators see.", channel=channel.id)
        )
    own = channel.permissions_for(guild.me)
    if not (own.view_channel and own.send_messages and own.attach_files):
        raise BadInput(
            tr(
                "Easel may not post pictures in <#{channel}>. Let it in, or choose another.",
                channel=channel.id,
            )
        )


def chosen(watching: Watching) -> str:
    """Say which pictures are looked at first."""
    where = "" if watching.channel_id is None else f"<#{watching.channel_id}>"
    if watching.is_lost and watching.watch is Watch.OFF:
        return tr(
            "Pictures are shown at once. Easel cannot show reports to moderators in {channel}: it is gone, "
            "or closed to Easel. Choose another `channel`; `/manage safety reports` has them.",
            channel=where,
        )
    if watching.is_lost:
        return tr(
            "Easel cannot show pictures to moderators in {channel}: it is gone, or closed to Easel. They "
            "wait until you choose another `channel`; `/manage safety waiting` has them.",
            channel=where,
        )
    if watching.watch is Watch.ALL:
        return tr("Moderators look at all pictures first, in {channel}.", channel=where)
    if watching.watch is Watch.FLAGGED:
        return tr(
            "Moderators look first at pictures with words that are watched for, in {channel}. "
            "`/manage safety words` has those words: they begin with `?`.",
            channel=where,
        )
    return tr("Pictures are shown at once.")


def shown(showing: Showing) -> str:
    """Say how pictures are shown."""
    covered = {
        None: tr("Pictures are covered as the bot's operator chose."),
        Spoilers.NEVER: tr("Pictures are never covered."),
        Spoilers.ALWAYS: tr("Pictures are covered until somebody clicks on them."),
        Spoilers.FLAGGED: tr("Delicate pictures are covered until somebody clicks on them."),
        Spoilers.OUTSIDE_NSFW: tr("Pictures are covered everywhere but in age-restricted channels."),
    }[showing.spoilers]
    captions = (
        tr("They get captions where the bot writes them.")
        if showing.captions
        else tr("They get no captions.")
    )
    return "\n".join((covered, captions, *([apart(showing)] if showing.keeps_apart else [])))


def apart(showing: Showing) -> str:
    """Say where delicate pictures are shown."""
    if showing.keeps_apart:
        return tr("Delicate pictures are shown in age-restricted channels alone.")
    return tr("Delicate pictures are shown wherever they are asked for.")
