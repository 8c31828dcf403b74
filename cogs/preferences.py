"""/preferences: what someone usually wants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import app_commands
from discord.ext import commands

from bot.errors import NotAllowed, UserFacingError
from bot.texts import tr
from bot.ui import parse, preferences

if TYPE_CHECKING:
    import discord

    from bot.app import Easel
    from bot.services.planning import Planner
    from bot.services.preferences import Usual
    from bot.services.styles import Styles

    Interaction = discord.Interaction[discord.Client]


class Preferences(commands.Cog):
    """Everybody's own choices, for themselves."""

    def __init__(self, usual: Usual, styles: Styles, planner: Planner) -> None:
        self.usual = usual
        self.styles = styles
        self.planner = planner

    @app_commands.command()
    async def preferences(self, interaction: Interaction) -> None:
        """Choose what is used when you leave an option out."""
        await interaction.response.send_message(view=await self._card(interaction), ephemeral=True)

    async def choose(
        self, interaction: Interaction, arguments: tuple[str, ...], values: tuple[str, ...]
    ) -> None:
        """Set what was picked from a menu, and show all anew."""
        option, *rest = arguments or ("",)
        _check_own(interaction, tuple(rest))
        picked = values[0] if values else preferences.UNSET
        who = parse.requester(interaction)
        await self.usual.change(who, option, None if picked == preferences.UNSET else picked)
        await interaction.response.edit_message(view=await self._card(interaction))

    async def use_style(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Make a style the usual one."""
        ref = arguments[0] if arguments else ""
        await self.usual.change(parse.requester(interaction), "style", ref)
        await interaction.response.send_message(view=await self._card(interaction), ephemeral=True)

    async def reset(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Forget everything that was set."""
        _check_own(interaction, arguments)
        await self.usual.reset(parse.requester(interaction))
        await interaction.response.edit_message(view=await self._card(interaction))

    async def _card(self, interaction: Interaction) -> discord.ui.LayoutView:
        who = parse.requester(interaction)
        return preferences.card(
            who.user_id,
            await self.usual.of(who),
            aspects=self._offered("aspect"),
            qualities=self._offered("quality"),
            styles=await self.styles.at_hand(who),
        )

    def _offered(self, option: str) -> list[tuple[str, str | None]]:
        """Return the values of an option, those of other models with whose they are; none without models."""
        try:
            return list(self.planner.choices(option, None))
        except UserFacingError:
            return []


def _check_own(interaction: Interaction, arguments: tuple[str, ...]) -> None:
    if parse.number(arguments) != interaction.user.id:
        raise NotAllowed(tr("These are another person's preferences. /preferences shows yours."))


async def setup(bot: Easel) -> None:
    """Load the cog and let its menus and buttons be found by their verbs."""
    services = bot.services
    cog = Preferences(services.usual, services.styles, services.planner)
    bot.presses.picks[preferences.VERB] = cog.choose
    bot.presses.acts |= {preferences.RESET: cog.reset, preferences.USE_STYLE: cog.use_style}
    await bot.add_cog(cog)
