"""/manage access: bans, pauses, and where and by whom Easel may be used."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

import discord
from discord import app_commands

from bot import texts
from bot.domain.access import MOST_REASON, Kind
from bot.domain.durations import USUAL
from bot.texts import tr
from bot.ui import access as cards
from bot.ui import options, parse, subjects
from bot.ui.explain import thinking

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.app import Easel
    from bot.domain.hierarchy import Subject
    from bot.services.access import Access
    from bot.services.bans import Bans

    Interaction = discord.Interaction[discord.Client]

Reason = app_commands.Range[str, 1, MOST_REASON]
Length = app_commands.Range[str, 1, 40]
NAMES_S = 1.0
"""How long names are waited for; without them the ids are shown."""


class AccessGroup(app_commands.Group, name="access", description="Who may use Easel here, and where."):
    """What moderators do about access."""

    def __init__(self, access: Access, bans: Bans, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self.access = access
        self.bans_ = bans
        self.clock = clock

    @app_commands.command()
    async def show(self, interaction: Interaction) -> None:
        """Show who may use Easel here, and where."""
        shown = await self.access.overview(parse.requester(interaction))
        await interaction.response.send_message(view=cards.overview(shown, self.clock()), ephemeral=True)

    @app_commands.command()
    @app_commands.describe(
        person="Who may not use Easel here any more",
        duration="For how long, such as 2h or 3 days; for good where you leave it out",
        reason="They are told, and it stands in the audit",
    )
    async def ban(
        self,
        interaction: Interaction,
        person: discord.Member | discord.User,
        duration: Length | None = None,
        reason: Reason = "",
    ) -> None:
        """Keep somebody from using Easel here, and call off what they asked for."""
        async with thinking(interaction):
            who, find = parse.requester(interaction), partial(subjects.find_person, interaction)
            done = await self.bans_.ban(who, subjects.person(person), duration, reason, find)
            await interaction.edit_original_response(view=cards.banned(done))

    @app_commands.command()
    @app_commands.describe(person="Who may use Easel here again")
    async def unban(self, interaction: Interaction, person: discord.Member | discord.User) -> None:
        """Let somebody use Easel here again."""
        await self._unban(interaction, subjects.person(person))
        await interaction.response.send_message(view=cards.unbanned(person.id), ephemeral=True)

    @app_commands.command()
    async def bans(self, interaction: Interaction) -> None:
        """Show who may not use Easel here."""
        await interaction.response.send_message(view=await self._bans(interaction, 0), ephemeral=True)

    @app_commands.command()
    async def channels(self, interaction: Interaction) -> None:
        """Choose the channels that Easel may be used in."""
        await self._ask(interaction, Kind.CHANNEL)

    @app_commands.command()
    async def roles(self, interaction: Interaction) -> None:
        """Choose the roles that may use Easel."""
        await self._ask(interaction, Kind.ROLE)

    @app_commands.command()
    @app_commands.describe(
        duration="For how long, such as 2h or 3 days; until you let it go on where you leave it out",
        reason="Whoever asks Easel for something is told",
    )
    async def pause(
        self, interaction: Interaction, duration: Length | None = None, reason: Reason = ""
    ) -> None:
        """Let Easel rest in the whole server."""
        shown = await self.access.pause(parse.requester(interaction), duration, reason)
        await interaction.response.send_message(view=cards.overview(shown, self.clock()), ephemeral=True)

    @app_commands.command()
    async def resume(self, interaction: Interaction) -> None:
        """Let Easel go on after a pause."""
        view = await self._resumed(interaction)
        await interaction.response.send_message(view=view, ephemeral=True)

    @ban.autocomplete("duration")
    @pause.autocomplete("duration")
    async def suggest(self, _interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Suggest lengths of time; any other that is understood will do."""
        lengths = map(texts.length, USUAL)
        return options.matching([(one, one) for one in lengths], typed.strip())

    async def turn(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Show another page of the bans where the card stands."""
        view = await self._bans(interaction, parse.number(arguments, most=10**6))
        await interaction.response.edit_message(view=view)

    async def lift(
        self, interaction: Interaction, arguments: tuple[str, ...], picked: tuple[str, ...]
    ) -> None:
        """Lift the ban that was picked, and show the page anew."""
        subject = await subjects.find_person(interaction, parse.number(picked))
        await self._unban(interaction, subject)
        view = await self._bans(interaction, parse.number(arguments, most=10**6))
        await interaction.response.edit_message(view=view)

    async def go_on(self, interaction: Interaction, _: tuple[str, ...]) -> None:
        """End the pause from the card."""
        await interaction.response.edit_message(view=await self._resumed(interaction))

    async def ask_channels(self, interaction: Interaction, _: tuple[str, ...]) -> None:
        """Show the form for channels."""
        await self._ask(interaction, Kind.CHANNEL)

    async def ask_roles(self, interaction: Interaction, _: tuple[str, ...]) -> None:
        """Show the form for roles."""
        await self._ask(interaction, Kind.ROLE)

    async def keep_to_channels(self, interaction: Interaction, _: tuple[str, ...]) -> None:
        """Keep families to the channels of the form."""
        await self._keep_to(interaction, Kind.CHANNEL)

    async def keep_to_roles(self, interaction: Interaction, _: tuple[str, ...]) -> None:
        """Keep families to the roles of the form."""
        await self._keep_to(interaction, Kind.ROLE)

    async def _resumed(self, interaction: Interaction) -> discord.ui.LayoutView:
        shown = await self.access.resume(parse.requester(interaction))
        return cards.overview(shown, self.clock(), tr("Easel is no longer paused here."))

    async def _ask(self, interaction: Interaction, kind: Kind) -> None:
        shown = await self.access.overview(parse.requester(interaction))
        await interaction.response.send_modal(cards.Form(kind, shown))

    async def _keep_to(self, interaction: Interaction, kind: Kind) -> None:
        shown = await self.access.keep_to(parse.requester(interaction), kind, cards.read(interaction))
        view = cards.overview(shown, self.clock(), tr("The rules are changed."))
        await interaction.response.send_message(view=view, ephemeral=True)

    async def _unban(self, interaction: Interaction, subject: Subject) -> None:
        find = partial(subjects.find_person, interaction)
        await self.bans_.unban(parse.requester(interaction), subject, find)

    async def _bans(self, interaction: Interaction, page: int) -> discord.ui.LayoutView:
        shown = await self.bans_.page(parse.requester(interaction), page)
        return cards.bans(shown, await _names(interaction, [one.user_id for one in shown.bans]))


async def _names(interaction: Interaction, ids: list[int]) -> dict[int, str]:
    """Return what members are called, as far as Discord says so in time."""
    if interaction.guild is None or not ids:
        return {}
    try:
        async with asyncio.timeout(NAMES_S):
            members = await interaction.guild.query_members(user_ids=ids, limit=len(ids), cache=False)
    except (TimeoutError, discord.ClientException):
        return {}
    return {member.id: member.display_name for member in members}


async def setup(bot: Easel) -> None:
    """Add the area to /manage and let its buttons, menu and forms be found."""
    group = AccessGroup(bot.services.desk.access, bot.services.bans, bot.services.clock)
    bot.manage.add_command(group)
    bot.presses.acts |= {
        cards.TURN: group.turn,
        cards.RESUME: group.go_on,
        cards.CHANGE[Kind.CHANNEL]: group.ask_channels,
        cards.CHANGE[Kind.ROLE]: group.ask_roles,
    }
    bot.presses.picks[cards.LIFT] = group.lift
    bot.presses.act_forms |= {
        cards.CHANGE[Kind.CHANNEL]: group.keep_to_channels,
        cards.CHANGE[Kind.ROLE]: group.keep_to_roles,
    }
