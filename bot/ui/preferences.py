"""The card of /preferences, and the line that says which of them could not be used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.domain.preferences import AUTO, YES
from bot.domain.requests import MAX_COUNT
from bot.texts import mark, named, noted, tr
from bot.ui.cards import panel
from bot.ui.explain import tell
from bot.ui.options import of_model
from bot.ui.press import ActButton, PickMenu
from bot.ui.styles import USUAL, WHOSE
from bot.ui.text import cut

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.preferences import Preferences
    from bot.domain.styles import Style

    Interaction = discord.Interaction[discord.Client]

VERB, RESET, USE_STYLE = "prefer", "preferreset", USUAL
UNSET = "-"
MOST = 25
HEADING = mark("### Your preferences")
HOW = mark(
    "They fill in what you leave out of `/imagine`, `/edit` and `/blend`. What you do say there always "
    "counts more: `auto` leaves an option to the model, and `style: none` draws without a style."
)
COUNTS = [(str(n), str(n)) for n in range(2, MAX_COUNT + 1)]
LANGUAGES = {
    "en": "English",
    "de": "Deutsch",
    "fr": "Français",
    "es": "Español",
    "pt-BR": "Português do Brasil",
    "ja": "日本語",
}
WHY = {
    "aspect": mark("your usual shape, which the model cannot do here"),
    "quality": mark("your usual quality, which the model cannot do here"),
    "count": mark("your usual number of pictures, which is too many here"),
    "style": mark("your usual style, which is not here"),
}


@dataclass(frozen=True, slots=True)
class _Menu:
    """One option and its values, each with what people read; `chosen` is None where nothing is usual."""

    option: str
    title: str
    unset: str
    values: Sequence[tuple[str, str]]
    chosen: str | None


async def remark(interaction: Interaction, left_out: Sequence[str]) -> None:
    """Say quietly which usual choices were not used."""
    reasons = [tr(WHY[name]) for name in left_out if name in WHY]
    if reasons:
        await tell(
            interaction, tr("-# Left out: {reasons}. /preferences changes that.", reasons="; ".join(reasons))
        )


def card(
    user_id: int,
    chosen: Preferences,
    *,
    aspects: Sequence[tuple[str, str | None]],
    qualities: Sequence[tuple[str, str | None]],
    styles: Sequence[Style],
) -> ui.LayoutView:
    """Show what somebody usually wants, with a menu for each; values may be of another model, then named."""
    menus = (
        _Menu("aspect", tr("Shape"), tr("the model decides"), _plainly(aspects), chosen.aspect),
        _Menu("quality", tr("Quality"), tr("the model decides"), _plainly(qualities), chosen.quality),
        _Menu("count", tr("Pictures"), "1", COUNTS, None if chosen.count is None else str(chosen.count)),
        _Menu("style", tr("Style"), tr("none"), [(one.ref, _named(one)) for one in styles], chosen.style),
        _Menu(
            "private",
            tr("Shown"),
            tr("to everybody"),
            [(YES, tr("to me alone"))],
            YES if chosen.private else None,
        ),
        _Menu("language", tr("Language"), tr("as Discord says"), list(LANGUAGES.items()), chosen.language),
    )
    rows = [ui.ActionRow[Any](PickMenu(VERB, menu.option, user_id, options=_options(menu))) for menu in menus]
    reset = ActButton(RESET, user_id, label=tr("Forget them all"), emoji="🧹")
    return panel(ui.TextDisplay[Any](tr(HEADING)), *rows, ui.ActionRow[Any](reset))


def _options(menu: _Menu) -> list[discord.SelectOption]:
    """Return what can be chosen: what was chosen is always among it, though it may not be had here."""
    known = list(menu.values)
    values = [value for value, _ in known]
    if menu.chosen is not None and menu.chosen not in values[: MOST - 1]:
        label = known[values.index(menu.chosen)][1] if menu.chosen in values else _not_here(menu)
        known.insert(0, (menu.chosen, label))
    unset = discord.SelectOption(
        label=named(menu.title, menu.unset), value=UNSET, default=menu.chosen is None
    )
    return [
        unset,
        *(
            discord.SelectOption(
                label=cut(named(menu.title, label), 100), value=value, default=value == menu.chosen
            )
            for value, label in known[: MOST - 1]
        ),
    ]


def _not_here(menu: _Menu) -> str:
    if menu.option == "style":
        return tr("one that is not here")
    return tr("{value}, not with this model", value=menu.chosen)


def _plainly(values: Sequence[tuple[str, str | None]]) -> list[tuple[str, str]]:
    return [(value, of_model(value, owner)) for value, owner in values if value != AUTO]


def _named(style: Style) -> str:
    return noted(style.name, tr(WHOSE[style.source]))
