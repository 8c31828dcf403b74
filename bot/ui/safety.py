"""The card of the moderation model: whether it looks at what is asked for in a server, and what follows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from discord import ui

from bot.domain.spoilers import Spoilers
from bot.texts import tr
from bot.ui.cards import ACCENT, MUTED, panel
from bot.ui.reviews import apart

if TYPE_CHECKING:
    from bot.domain.moderation import Standing
    from bot.domain.reviews import Watching
    from bot.domain.spoilers import Showing


def card(standing: Standing, watching: Watching, showing: Showing) -> ui.LayoutView:
    """Say how the moderation model stands in a server."""
    lines = [tr("### Moderation model"), _state(standing)]
    if standing.is_there and standing.is_on:
        if standing.is_down:
            lines.append(_down(standing))
        if standing.sees_pictures:
            lines += [_made(watching), _delicate(showing)]
    return panel(ui.TextDisplay[Any]("\n".join(lines)), colour=ACCENT if standing.is_on else MUTED)


def _state(standing: Standing) -> str:
    if not standing.is_there:
        return tr("The bot's operator has set up no moderation model.")
    if not standing.is_on:
        return tr("❌ Off here. `/manage safety moderation` with `on: True` turns it on.")
    if standing.sees_pictures:
        return tr("✅ On: it looks at words, at pictures that people bring, and at what is drawn.")
    return tr("✅ On: it looks at words. The bot's operator lets it look at no pictures.")


def _down(standing: Standing) -> str:
    if standing.fails_open:
        return tr("⚠️ It does not answer right now: requests pass unchecked until it does.")
    return tr("⚠️ It does not answer right now: requests are refused until it does.")


def _made(watching: Watching) -> str:
    if watching.channel_id is not None:
        return tr(
            "What it flags of what is drawn waits for moderators in {channel}.",
            channel=f"<#{watching.channel_id}>",
        )
    return tr("What it flags of what is drawn is not shown. With `/manage safety review` moderators decide.")


def _delicate(showing: Showing) -> str:
    """Say what becomes of pictures that are not flagged, but nearly."""
    where = f"{tr('Pictures that it nearly flags are delicate.')} {apart(showing)}"
    if showing.spoilers is Spoilers.FLAGGED:
        return f"{where} {tr('They are covered until somebody clicks on them.')}"
    return where
