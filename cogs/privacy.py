"""/privacy: what is kept of somebody, and its end; /manage privacy: for how long a server keeps things."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.gallery import moment
from bot.domain.privacy import BEGINNING, MOST_DAYS, Extent, Span
from bot.errors import BadInput, NotAllowed, NotFound
from bot.texts import tr
from bot.ui import options, parse, privacy
from bot.ui.answers import owed
from bot.ui.parcels import deliver

if TYPE_CHECKING:
    from bot.app import Easel, Services

    Interaction = discord.Interaction[discord.Client]

Days = app_commands.Range[int, 0, MOST_DAYS]


class PrivacyOfPeople(commands.GroupCog, name="privacy", description="Your data, and what becomes of it."):
    """What is kept of whoever asks."""

    def __init__(self, bot: Easel, services: Services) -> None:
        self.bot = bot
        self.decisions = services.keeping.privacy
        self.removals = services.keeping.removals
        self.removals.is_in = lambda guild_id: bot.get_guild(guild_id) is not None
        self.takeout = services.keeping.takeout
        self.owing = services.owing
        self.clock = services.clock
        self.zone = services.zone

    @app_commands.command()
    async def show(self, interaction: Interaction) -> None:
        """Show what Easel keeps of you, and for how long."""
        who = parse.requester(interaction)
        standing = await self.decisions.standing(who)
        view = privacy.card(who.user_id, standing, in_server=who.guild_id is not None)
        await interaction.response.send_message(view=view, ephemeral=True)

    @app_commands.command()
    @app_commands.describe(since="Only what is from this day on: 2026-11-20, yesterday, 7d")
    @app_commands.autocomplete(since=options.days)
    async def export(self, interaction: Interaction, since: str | None = None) -> None:
        """Take all your data along, as zip files that only you get."""
        start = BEGINNING if since is None else moment(since, self.clock(), self.zone)
        await self._hand_over(interaction, start)

    @app_commands.command()
    @app_commands.describe(
        since="Only what is from this day on: 2026-11-20, yesterday, 7d",
        until="Only what is up to this day: 2026-11-20, yesterday, 7d",
    )
    @app_commands.autocomplete(since=options.days, until=options.days)
    async def delete(
        self, interaction: Interaction, since: str | None = None, until: str | None = None
    ) -> None:
        """Delete all your data, or that of some time; you are asked first."""
        now = self.clock()
        start = BEGINNING if since is None else moment(since, now, self.zone)
        end = now if until is None else min(now, moment(until, now, self.zone, ends=True))
        await self._ask(interaction, Extent.EVERYTHING, Span(start, end))

    @app_commands.command()
    @app_commands.describe(days="For how many days; 0 until you delete it")
    async def retention(self, interaction: Interaction, days: Days) -> None:
        """Choose for how long your pictures and conversations are kept."""
        user_id = interaction.user.id
        if days == 0:
            await self.decisions.keep_for(user_id, None)
            await interaction.response.send_message(view=privacy.said(privacy.kept_for(None)), ephemeral=True)
            return
        old = await self.decisions.old(user_id, days)
        view = privacy.confirm_days(privacy.RETAIN, user_id, days, old)
        await interaction.response.send_message(view=view, ephemeral=True)

    @app_commands.command()
    @app_commands.describe(keep="Whether Easel remembers what you said")
    async def conversations(self, interaction: Interaction, keep: bool) -> None:
        """Choose whether your conversations are kept."""
        if keep:
            await self._remember(interaction)
        else:
            await self._ask_silence(interaction)

    async def ask(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Ask whether everything is to be deleted."""
        _own(interaction, arguments)
        await self._ask(interaction, Extent.EVERYTHING, Span(*self.decisions.all_time()))

    async def erase(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Delete what the card spoke of."""
        user_id = _own(interaction, arguments)
        extent, span = _what(arguments)
        await interaction.response.defer()
        is_whole = await self.decisions.delete(user_id, extent, span.since, span.before)
        await interaction.edit_original_response(view=privacy.said(privacy.deleted(is_whole=is_whole)))

    async def retain(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Keep things for the days that the card spoke of."""
        user_id, days = _own(interaction, arguments), parse.number(arguments[1:], most=MOST_DAYS)
        await interaction.response.defer()
        await self.decisions.keep_for(user_id, days)
        await interaction.edit_original_response(view=privacy.said(privacy.kept_for(days)))

    async def silence(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Keep no conversations of somebody, once they have read what that means."""
        user_id = _own(interaction, arguments)
        if len(arguments) > 1:
            await self._ask_silence(interaction)
            return
        await interaction.response.defer()
        await self.decisions.keep_talk(user_id, keeps=False)
        done = tr("Easel keeps none of your conversations any more.")
        await interaction.edit_original_response(view=privacy.said(done))

    async def remember(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Keep somebody's conversations again."""
        _own(interaction, arguments)
        await self._remember(interaction)

    async def pack(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Hand somebody their data."""
        _own(interaction, arguments)
        await self._hand_over(interaction, BEGINNING)

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Note that Easel was taken out of a server; discord.py does not say so of an outage."""
        await self.removals.removed(guild.id)

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Note that Easel is in a server."""
        await self.removals.joined(guild.id)

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Note which servers Easel is in, and which it was taken out of meanwhile."""
        await self.removals.compare({guild.id for guild in self.bot.guilds})

    async def _hand_over(self, interaction: Interaction, since: datetime) -> None:
        async with owed(self.owing, interaction, private=True):
            await deliver(interaction, self.takeout, since)

    async def _ask(self, interaction: Interaction, extent: Extent, span: Span) -> None:
        holdings = await self.decisions.holdings(interaction.user.id, extent, span.since, span.before)
        if not holdings:
            raise NotFound(tr("There is nothing of yours here that could be deleted."))
        view = privacy.confirm(interaction.user.id, extent, span, holdings)
        await interaction.response.send_message(view=view, ephemeral=True)

    async def _ask_silence(self, interaction: Interaction) -> None:
        user_id = interaction.user.id
        said = await self.decisions.holdings(user_id, Extent.TALK, *self.decisions.all_time())
        view = privacy.confirm_silence(user_id, said)
        await interaction.response.send_message(view=view, ephemeral=True)

    async def _remember(self, interaction: Interaction) -> None:
        await self.decisions.keep_talk(interaction.user.id, keeps=True)
        done = tr("Easel remembers your conversations from now on.")
        await interaction.response.send_message(view=privacy.said(done), ephemeral=True)


class PrivacyOfServer(app_commands.Group, name="privacy", description="How long this server keeps things."):
    """For those who manage a server."""

    def __init__(self, services: Services) -> None:
        super().__init__()
        self.decisions = services.keeping.privacy
        self.authority = services.desk.authority

    @app_commands.command()
    async def show(self, interaction: Interaction) -> None:
        """Show for how long pictures and conversations are kept here."""
        guild_id = await self.authority.require(parse.requester(interaction))
        view = privacy.server_card(await self.decisions.server_days(guild_id))
        await interaction.response.send_message(view=view, ephemeral=True)

    @app_commands.command()
    @app_commands.describe(days="Days; 0 as long as their people want")
    async def retention(self, interaction: Interaction, days: Days) -> None:
        """Choose for how long pictures and conversations are kept here."""
        who = parse.requester(interaction)
        guild_id = await self.authority.require(who)
        if days == 0:
            await self.decisions.keep_for_server(who, None)
            await interaction.response.send_message(view=privacy.server_card(None), ephemeral=True)
            return
        old = await self.decisions.old_of_server(who, days)
        view = privacy.confirm_days(privacy.RETAIN_SERVER, guild_id, days, old)
        await interaction.response.send_message(view=view, ephemeral=True)

    async def retain(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Let things be kept for the days that the card spoke of."""
        who, days = parse.requester(interaction), parse.number(arguments[1:], most=MOST_DAYS)
        if await self.authority.require(who) != parse.number(arguments):
            raise NotAllowed(tr("This card is of another server. Use the command here."))
        await self.decisions.keep_for_server(who, days)
        await interaction.response.edit_message(view=privacy.server_card(days))


def _own(interaction: Interaction, arguments: tuple[str, ...]) -> int:
    """Return whose data a card is about, or raise NotAllowed for anybody else."""
    if parse.number(arguments) != interaction.user.id:
        raise NotAllowed(tr("This card is somebody else's. Use /privacy show for your own."))
    return interaction.user.id


def _what(arguments: tuple[str, ...]) -> tuple[Extent, Span]:
    """Return what a button deletes."""
    if len(arguments) != len(("user", "extent", "since", "before")) or arguments[1] not in set(Extent):
        raise BadInput(tr("This button is from another version of Easel. Use /privacy delete."))
    since, before = (datetime.fromtimestamp(parse.number(arguments[n:], most=2**40), UTC) for n in (2, 3))
    return Extent(arguments[1]), Span(since, before)


async def setup(bot: Easel) -> None:
    """Load the cog, add what moderators have of it, and let its buttons be found."""
    cog, of_server = PrivacyOfPeople(bot, bot.services), PrivacyOfServer(bot.services)
    bot.presses.acts |= {
        privacy.ASK: cog.ask,
        privacy.ERASE: cog.erase,
        privacy.RETAIN: cog.retain,
        privacy.OFF: cog.silence,
        privacy.ON: cog.remember,
        privacy.EXPORT: cog.pack,
        privacy.RETAIN_SERVER: of_server.retain,
    }
    bot.manage.add_command(of_server)
    await bot.add_cog(cog)
