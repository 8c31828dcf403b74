"""/manage safety: what is not drawn in a server, and what is looked at first."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.reviews import Watch, Watching
from bot.domain.spoilers import Spoilers
from bot.errors import BadInput, NotFound
from bot.texts import tr
from bot.ui import blocklist, given_back, parse, reviews, safety, subjects
from bot.ui.explain import sentence
from bot.ui.options import named

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

    from bot.app import Easel
    from bot.app.desk import Desk
    from bot.app.reviewing import Reviewing
    from bot.services.gate import Gate
    from bot.ui.posts import Post

    Interaction = discord.Interaction[discord.Client]

COVERED = named(
    default="As the bot's operator chose",
    never="Never",
    always="Always",
    flagged="Delicate pictures alone",
    outside_nsfw="Outside age-restricted channels",
)
MOST_WAITING = 5
"""Pictures that are shown at once to a moderator; more follow once they have decided."""


async def _shown(interaction: Interaction, post: Post) -> None:
    await interaction.response.send_message(view=post.view, files=post.files, ephemeral=True)


async def _shown_all(interaction: Interaction, cards: Sequence[Awaitable[Post]]) -> None:
    """Answer with cards, each in a message of its own so that it can be decided on."""
    if not cards:
        await interaction.edit_original_response(content=tr("Nothing waits for you."))
    for n, card in enumerate(cards):
        post = await card
        if n == 0:
            await interaction.edit_original_response(view=post.view, attachments=post.files)
        else:
            await interaction.followup.send(view=post.view, files=post.files, ephemeral=True)


class SafetyGroup(app_commands.Group, name="safety", description="What Easel does not draw here."):
    """The commands of moderators."""

    def __init__(self, desk: Desk, reviewing: Reviewing) -> None:
        super().__init__()
        self.desk = desk
        self.reviewing = reviewing

    @app_commands.command()
    async def words(self, interaction: Interaction) -> None:
        """Words and patterns that are not taken here."""
        guild_id = await self.desk.authority.require(parse.requester(interaction))
        words = self.desk.words
        await _shown(interaction, blocklist.card(await words.of(guild_id), idle=await words.idle(guild_id)))

    @app_commands.command()
    @app_commands.describe(
        pictures="Which pictures; those with words that begin with ? in the list, or all",
        channel="Where moderators look at them; members must not see it",
    )
    @app_commands.choices(pictures=named(off="None", flagged="Those with watched words", all="All"))
    async def review(
        self,
        interaction: Interaction,
        pictures: str | None = None,
        channel: discord.TextChannel | None = None,
    ) -> None:
        """Pictures that moderators look at before they are shown."""
        who = parse.requester(interaction)
        guild_id = await self.desk.authority.require(who)
        watching = await self.desk.watchfulness.of(guild_id)
        if pictures is not None or channel is not None:
            if channel is not None:
                reviews.check_channel(channel)
            watching = Watching(
                Watch(pictures or watching.watch), watching.channel_id if channel is None else channel.id
            )
            await self.desk.watchfulness.choose(watching, guild_id, who.user_id)
        await interaction.response.send_message(reviews.chosen(watching), ephemeral=True)

    @app_commands.command()
    @app_commands.describe(
        covered="When pictures are covered until clicked",
        captions="Whether pictures get alt text that says what they show",
        apart="Whether delicate pictures are shown in age-restricted channels alone",
    )
    @app_commands.choices(covered=COVERED)
    async def pictures(
        self,
        interaction: Interaction,
        covered: str | None = None,
        captions: bool | None = None,
        apart: bool | None = None,
    ) -> None:
        """How pictures are shown here: covered or not, with captions or without."""
        who = parse.requester(interaction)
        guild_id = await self.desk.authority.require(who)
        showing = await self.desk.showings.of(guild_id)
        if covered is not None:
            showing = replace(showing, spoilers=None if covered == "default" else Spoilers(covered))
        if captions is not None:
            showing = replace(showing, captions=captions)
        if apart is not None:
            showing = replace(showing, keeps_apart=apart)
        if covered is not None or captions is not None or apart is not None:
            await self.desk.showings.choose(showing, guild_id, who.user_id)
        await interaction.response.send_message(reviews.shown(showing), ephemeral=True)

    @app_commands.command()
    @app_commands.describe(on="Whether it looks at what is asked for and drawn here")
    async def moderation(self, interaction: Interaction, on: bool | None = None) -> None:
        """Whether the moderation model looks at what is asked for here."""
        who = parse.requester(interaction)
        guild_id = await self.desk.authority.require(who)
        moderation = self.desk.moderation
        if on is not None:
            await moderation.choose(guild_id, who.user_id, is_on=on)
        view = safety.card(
            await moderation.standing(guild_id),
            await self.desk.watchfulness.of(guild_id),
            await self.desk.showings.of(guild_id),
        )
        await interaction.response.send_message(view=view, ephemeral=True)

    @app_commands.command()
    async def waiting(self, interaction: Interaction) -> None:
        """Pictures that wait for a decision, the oldest first."""
        guild_id = await self.desk.authority.require(parse.requester(interaction))
        await interaction.response.defer(ephemeral=True, thinking=True)
        room = self.reviewing
        cards = [room.bench.card(*one) for one in await room.reviews.waiting(guild_id, MOST_WAITING)]
        await _shown_all(interaction, cards)

    @app_commands.command()
    async def reports(self, interaction: Interaction) -> None:
        """Pictures that members reported, the oldest first."""
        guild_id = await self.desk.authority.require(parse.requester(interaction))
        await interaction.response.defer(ephemeral=True, thinking=True)
        room = self.reviewing
        cards = [room.postbox.card(one) for one in await room.reports.open_of(guild_id, MOST_WAITING)]
        await _shown_all(interaction, cards)

    @app_commands.command()
    @app_commands.describe(member="Whose break ends, and whose refused requests no longer count")
    async def forgive(self, interaction: Interaction, member: discord.Member | discord.User) -> None:
        """End the break of somebody whose requests were refused."""
        who = parse.requester(interaction)
        guild_id = await self.desk.authority.require_over(who, subjects.person(member))
        if await self.desk.conduct.forgive(guild_id, member.id, who.user_id):
            said = tr("What <@{person}> was refused no longer counts.", person=member.id)
        else:
            said = tr("<@{person}> was refused nothing in the last day.", person=member.id)
        silent = discord.AllowedMentions.none()
        await interaction.response.send_message(said, ephemeral=True, allowed_mentions=silent)

    @app_commands.command()
    async def calm(self, interaction: Interaction) -> None:
        """Take requests at full speed again after a raid."""
        who = parse.requester(interaction)
        guild_id = await self.desk.authority.require(who)
        if await self.desk.intake.calm(guild_id, who.user_id):
            said = tr("Requests are taken at full speed again.")
        else:
            said = tr("Requests are taken at full speed already.")
        await interaction.response.send_message(said, ephemeral=True)


class Safety(commands.Cog):
    """What is behind the buttons of moderators."""

    def __init__(self, desk: Desk, gate: Gate) -> None:
        self.desk = desk
        self.gate = gate

    @commands.Cog.listener()
    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """Tell a server at once where the channel of its moderators is deleted."""
        if (await self.desk.watchfulness.of(channel.guild.id)).channel_id == channel.id:
            await self.gate.lose(channel.guild.id, channel.id, tr("the channel is gone."))

    async def ask_words(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Show the form for words to add, to remove or to try, with what was written before."""
        await self.desk.authority.require(parse.requester(interaction))
        action, before = arguments[0] if arguments else "", given_back.unpacked(arguments[1:])
        if action == blocklist.TRY:
            await interaction.response.send_modal(blocklist.Trial(before))
        elif action in {blocklist.ADD, blocklist.REMOVE}:
            await interaction.response.send_modal(blocklist.Lines(action, before))
        else:
            raise NotFound(tr("This is not here any more. Start again."))

    async def change_words(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Add, remove or try what the form says; where that cannot be, give back what was written."""
        who = parse.requester(interaction)
        guild_id = await self.desk.authority.require(who)
        words, action = self.desk.words, arguments[0] if arguments else blocklist.ADD
        given = blocklist.read(interaction, blocklist.TEXT if action == blocklist.TRY else blocklist.LINES)
        try:
            said = await self._changed_words(guild_id, who.user_id, action, given)
        except BadInput as error:
            await _shown(interaction, blocklist.rejected(sentence(error), action, given))
            return
        if action == blocklist.TRY:
            await interaction.response.send_message(said, ephemeral=True)
            return
        post = blocklist.card(await words.of(guild_id), said, await words.idle(guild_id))
        await interaction.response.edit_message(view=post.view, attachments=post.files)

    async def _changed_words(self, guild_id: int, by: int, action: str, given: str) -> str:
        """Do what a form says, and return what came of it as a sentence, or raise BadInput."""
        words = self.desk.words
        if action == blocklist.TRY:
            refused, watched = await words.blocked(guild_id, [given]), await words.watched(guild_id, [given])
            return blocklist.tried(refused and refused.written, watched and watched.written)
        if action == blocklist.REMOVE:
            return blocklist.removed(len(await words.remove(guild_id, by, given.splitlines())))
        return blocklist.added(len(await words.add(guild_id, by, given.splitlines())))


async def setup(bot: Easel) -> None:
    """Load the cog, add the area to /manage, and let buttons and forms be found."""
    desk = bot.services.desk
    cog = Safety(desk, bot.services.reviewing.gate)
    bot.manage.add_command(SafetyGroup(desk, bot.services.reviewing))
    bot.presses.acts[blocklist.WORDS] = cog.ask_words
    bot.presses.act_forms[blocklist.WORDS] = cog.change_words
    await bot.add_cog(cog)
