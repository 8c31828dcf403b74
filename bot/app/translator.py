"""Names and descriptions of commands in every language, through discord.py's own mechanism."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from discord import app_commands
from discord.app_commands import TranslationContextLocation as At

from bot import texts
from bot.catalogues import CHOICE, COMMAND, DESCRIPTION, LANGUAGES, MENU, OPTION

if TYPE_CHECKING:
    import discord

CONTEXTS = {
    At.command_name: COMMAND,
    At.group_name: COMMAND,
    At.parameter_name: OPTION,
    At.choice_name: CHOICE,
    At.command_description: DESCRIPTION,
    At.group_description: DESCRIPTION,
    At.parameter_description: DESCRIPTION,
}


class Translator(app_commands.Translator):
    """Looks texts of commands up in the catalogues."""

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContext[Any, Any],
    ) -> str | None:
        """Return a text for those who read a locale of Discord's; None where they see it in English."""
        if locale.value not in LANGUAGES:  # most are not, and there are hundreds of texts
            return None
        where = context_of(context)
        return None if where is None else texts.of_command(where, string.message, locale.value)


def context_of(context: app_commands.TranslationContext[Any, Any]) -> str | None:
    """Return the catalogues' context of a text; a menu's name may be written as people write."""
    if context.location is At.command_name and isinstance(context.data, app_commands.ContextMenu):
        return MENU
    return CONTEXTS.get(context.location)
