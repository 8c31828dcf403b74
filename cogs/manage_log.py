"""/manage audit and /manage log: what was decided, and where that is posted."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import discord
from discord import app_commands

from bot.domain.audit import EASEL, LEAST_DAYS, MOST_DAYS, Area, Search
from bot.ui import audit as cards
from bot.ui import parse
from bot.ui.options import named

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.app import Easel
    from bot.services.logbook import Logbook

    Interaction = discord.Interaction[discord.Client]

AREAS = named(
    access="Access",
    allowances="Allowances",
    safety="Safety",
    conversation="Conversation",
    styles="Styles",
    privacy="Privacy",
    log="Log",
)


class Records(app_commands.Group, name="records", description="Its commands are moved into /manage."):
    """What moderators see of what they decided."""

    def __init__(self, logbook: Logbook, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self.logbook = logbook
        self.clock = clock

    @app_commands.command()
    @app_commands.describe(
        by="Who did it, or Easel itself",
        about="Whom or which role it was about",
        what="What it was about",
        days="Of how many days; all where you leave it out",
    )
    @app_commands.choices(what=AREAS)
    async def audit(
        self,
        interaction: Interaction,
        by: discord.Member | discord.User | None = None,
        about: discord.Member | discord.User | discord.Role | None = None,
        what: str | None = None,
        days: app_commands.Range[int, 1, MOST_DAYS] | None = None,
    ) -> None:
        """Show what moderators, and Easel itself, have done here."""
        search = Search(
            actor_id=_actor(interaction, by) if by else None,
            subject_id=about.id if about else None,
            area=None if what is None else Area(what),
            since=self.clock() - timedelta(days=days) if days else None,
        )
        found = await self.logbook.find(parse.requester(interaction), search)
        view = cards.card(found, search, _about(interaction, search))
        await interaction.response.send_message(view=view, ephemeral=True)

    @app_commands.command()
    @app_commands.describe(
        channel="Where every decision and alert is posted",
        days="For how many days lines of the audit are kept",
    )
    async def log(
        self,
        interaction: Interaction,
        channel: discord.TextChannel | discord.Thread | None = None,
        days: app_commands.Range[int, LEAST_DAYS, MOST_DAYS] | None = None,
    ) -> None:
        """Choose the channel that gets the log, or see which it is."""
        who = parse.requester(interaction)
        shown = await self.logbook.state(who)
        if channel is not None:
            cards.require_may_post(channel)
            shown = await self.logbook.follow(who, channel.id)
        if days is not None:
            shown = await self.logbook.keep(who, days)
        await interaction.response.send_message(view=cards.state(shown), ephemeral=True)

    async def turn(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Show another page where the card stands."""
        search, page = cards.read_turn(arguments)
        found = await self.logbook.find(parse.requester(interaction), search, page)
        view = cards.card(found, search, _about(interaction, search))
        await interaction.response.edit_message(view=view)

    async def stop(self, interaction: Interaction, _: tuple[str, ...]) -> None:
        """Post the log nowhere any more."""
        shown = await self.logbook.stop(parse.requester(interaction))
        await interaction.response.edit_message(view=cards.state(shown))


def _actor(interaction: Interaction, by: discord.Member | discord.User) -> int:
    """Return whose acts to look for; what Easel does by itself is nobody's."""
    return EASEL if by == interaction.client.user else by.id


def _about(interaction: Interaction, search: Search) -> str:
    """Return the mention of whom or which role is looked for; who is no role of the server is a person."""
    sought, guild = search.subject_id, interaction.guild
    if sought is None:
        return ""
    return f"<@&{sought}>" if guild is not None and guild.get_role(sought) else f"<@{sought}>"


async def setup(bot: Easel) -> None:
    """Add both commands to /manage and let their buttons be found."""
    records = Records(bot.services.desk.logbook, bot.services.clock)
    for command in records.commands:
        bot.manage.add_command(command)
    bot.presses.acts |= {cards.TURN: records.turn, cards.STOP: records.stop}
