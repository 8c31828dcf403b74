"""What people usually want: set by them, and put into what they ask for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.domain import preferences
from bot.domain.styles import NONE, key
from bot.errors import BadInput, NotFound
from bot.texts import ENGLISH, tr

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from bot.domain.preferences import Completed, Preferences
    from bot.domain.requests import PictureRequest, Requester
    from bot.services.planning import Planner
    from bot.services.styles import Styles
    from bot.storage.preferences import PreferenceRows

MOST_LOCALES = 50_000
"""People whose locale is remembered; who came longest ago is forgotten."""
UNKNOWN = ""
"""The locale of who never pressed or commanded anything."""


class Usual:
    """Everybody's usual choices; nobody's are ever put into another's request."""

    def __init__(
        self, rows: PreferenceRows, styles: Styles, planner: Planner, clock: Callable[[], datetime]
    ) -> None:
        self._rows = rows
        self._styles = styles
        self._planner = planner
        self._clock = clock
        self._locales: dict[int, str] = {}

    async def of(self, who: Requester) -> Preferences:
        """Return what somebody has set."""
        return await self._rows.of_person(who.user_id)

    async def language_of(self, user_id: int, locale: str) -> tuple[str, bool]:
        """Return the language of somebody who sees Discord in that of their locale, and if they chose it."""
        self._remember(user_id, locale)
        chosen = (await self._rows.of_person(user_id)).language
        return chosen or locale, chosen is not None

    async def language_in(self, user_id: int, locale: str | None) -> tuple[str, bool]:
        """Return the language for somebody's message where a server has that locale, and if they chose it.

        Discord does not say how its author sees Discord, so that is what it was when they last pressed or
        commanded something, or when they last did so for pictures before Easel started.
        """
        chosen = (await self._rows.of_person(user_id)).language
        if chosen is None and user_id not in self._locales:
            latest = await self._rows.latest_language(user_id)
            if user_id not in self._locales:
                self._remember(user_id, latest or UNKNOWN)
        return chosen or self._locales.get(user_id) or locale or ENGLISH, chosen is not None

    def _remember(self, user_id: int, locale: str) -> None:
        self._locales.pop(user_id, None)
        self._locales[user_id] = locale
        if len(self._locales) > MOST_LOCALES:
            self._locales.pop(next(iter(self._locales)))

    async def change(self, who: Requester, option: str, written: str | None) -> Preferences:
        """Set one option, or have none with None; BadInput where the option cannot be so."""
        try:
            value = preferences.read(option, written)
        except ValueError as error:
            raise BadInput(tr("That cannot be chosen any more. Use /preferences again.")) from error
        if option == "style" and written is not None:
            await self._styles.find(who, f"#{written}")
        return await self._rows.change(who.user_id, option, value, self._clock())

    async def reset(self, who: Requester) -> None:
        """Forget what somebody has set."""
        await self._rows.clear(who.user_id)

    async def complete(self, who: Requester, request: PictureRequest, given: AbstractSet[str]) -> Completed:
        """Return a request with what its asker usually wants, as far as it can be had."""
        return preferences.completed(request, given, await self.of(who), self._planner.can)

    async def in_style(self, who: Requester, wish: Completed, written: str | None) -> Completed:
        """Return what was completed in the style that was asked for, else in its asker's usual one.

        Raise NotFound or BadInput for one that was asked for; a usual one that is not here is left out.
        """
        if written is not None:
            style = None if key(written) == NONE else await self._styles.use(who, written)
            return replace(wish, request=replace(wish.request, style=style))
        if wish.usual_style is None:
            return wish
        try:
            style = await self._styles.use(who, f"#{wish.usual_style}")
        except NotFound:
            return replace(wish, left_out=(*wish.left_out, "style"))
        return replace(wish, request=replace(wish.request, style=style))
