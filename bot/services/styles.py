"""Styles: whose they are, who may change them, and which one somebody means."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from bot.domain import style_files
from bot.domain.builtin_styles import BUILT_IN
from bot.domain.styles import NONE, Source, Style, Written, check_values, checked, filled, key, wanted
from bot.errors import BadInput, NotAllowed, NotFound
from bot.storage.styles import NameTaken, NoRoomForStyles, Owner
from bot.texts import mark, tr

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable
    from datetime import datetime

    from bot.domain.images import Picture
    from bot.domain.jobs import Job
    from bot.domain.requests import Requester, StyleUse, Upload
    from bot.services.authority import Authority
    from bot.services.safety import BlockedWords
    from bot.storage.pictures import Pictures
    from bot.storage.styles import StyleRows

MOST = 100
"""Styles of one person, and of one server."""
GONE = mark("That style is no longer here. /style list shows those there are.")
NOTHING_IMPORTED = mark(
    "There is a style named {name} already, so nothing was imported. Import the file again with "
    "`replace: True` to put its styles in the place of those with their names, or rename {name} first."
)
SERVER_FULL = mark("A server can have {most} styles. Delete some first; nothing was kept.")
PERSON_FULL = mark("One person can have {most} styles. Delete some first; nothing was kept.")


class Styles:
    """The styles that people, servers and Easel itself have."""

    def __init__(
        self,
        rows: StyleRows,
        pictures: Pictures,
        fetch: Callable[[Upload], Awaitable[bytes]],
        clock: Callable[[], datetime],
        authority: Authority,
        words: BlockedWords | None = None,
    ) -> None:
        self._rows = rows
        self._pictures = pictures
        self._fetch = fetch
        self._clock = clock
        self._authority = authority
        self._words = words

    async def at_hand(self, who: Requester) -> tuple[Style, ...]:
        """Return the styles that somebody can draw in here: their own, the server's, the built-in ones."""
        own = await self._rows.of(Owner(user_id=who.user_id))
        server = () if who.guild_id is None else await self._rows.of(Owner(guild_id=who.guild_id))
        return (*own, *server, *BUILT_IN)

    async def of(self, who: Requester, source: Source) -> tuple[Style, ...]:
        """Return the styles that somebody has of one source."""
        return tuple(style for style in await self.at_hand(who) if style.source is source)

    async def find(self, who: Requester, written: str) -> Style:
        """Return the style that is meant by a name, or by `#` and a ref; NotFound where there is none.

        Of several with one name somebody's own comes first, then the server's.
        """
        known = await self.at_hand(who)
        name = written.strip()
        for style in known:
            if name.removeprefix("#") == style.ref if name.startswith("#") else key(name) == key(style.name):
                return style
        if name.startswith("#"):
            raise NotFound(tr(GONE))
        raise NotFound(
            tr("There is no style “{name}” here. /style list shows those there are.", name=name[:60])
        )

    async def use(self, who: Requester, written: str) -> StyleUse:
        """Return a style as it is to be drawn in; variables that are still to be asked for stay in it.

        Raise NotFound, or BadInput where words are for no variable of it.
        """
        meant = wanted(written)
        style = await self.find(who, meant.name)
        check_values(style, meant.values)
        return filled(style, meant.values)

    async def of_ref(self, who: Requester, ref: str) -> StyleUse | None:
        """Return the style of a ref as it is to be drawn in, None for `none`; NotFound where it is gone."""
        return None if ref == NONE else filled(await self.find(who, f"#{ref}"), {})

    async def create(self, who: Requester, written: Written, *, for_server: bool) -> Style:
        """Keep a new style, or raise BadInput or NotAllowed."""
        owner = await self.owner(who, for_server=for_server)
        kept = await self._read(who, checked(written))
        try:
            (ref,) = await self._add(owner, kept, who)
        except NameTaken as error:
            raise _taken(error.name) from error
        return await self.find(who, f"#{ref}")

    async def change(self, who: Requester, ref: str, written: Written) -> Style:
        """Change a style, or raise BadInput, NotAllowed or NotFound."""
        await self.to_change(who, ref)
        (written,) = await self._read(who, checked(written))
        try:
            is_there = await self._rows.change(int(ref), written, self._clock())
        except NameTaken as error:
            raise _taken(error.name) from error
        if not is_there:
            raise NotFound(tr(GONE))
        return await self.find(who, f"#{ref}")

    async def delete(self, who: Requester, ref: str) -> Style:
        """Forget a style and return what it was, or raise NotAllowed or NotFound."""
        style = await self.to_change(who, ref)
        await self._rows.delete(int(ref))
        return style

    async def may_change(self, who: Requester, style: Style) -> bool:
        """Tell whether somebody may change a style that they see."""
        return style in await self.changeable(who, (style,))

    async def changeable(self, who: Requester, known: Iterable[Style]) -> tuple[Style, ...]:
        """Return the styles that somebody may change: their own, and those of the server they administer."""
        own = {Source.OWN}
        with suppress(NotAllowed):
            await self._authority.require(who)
            own.add(Source.SERVER)
        return tuple(style for style in known if style.source in own)

    async def preview(self, style: Style) -> Picture | None:
        """Return the picture that a style is shown by, if it is there."""
        preview = style.preview_picture_id
        return None if preview is None else await self._pictures.get(preview)

    async def to_change(self, who: Requester, ref: str) -> Style:
        """Return a style that somebody may change, or raise NotAllowed or NotFound."""
        style = await self.find(who, f"#{ref}")
        if style.source is Source.BUILT_IN:
            raise NotAllowed(
                tr("{name} comes with Easel and stays as it is. Make a copy of it instead.", name=style.name)
            )
        if style.source is Source.SERVER:
            await self._authority.require(who)
        return style

    async def choose_preview(self, who: Requester, ref: str, job: Job, picture: Picture) -> Style:
        """Show a style by a picture of one's own from now on; raise NotAllowed, NotFound or BadInput."""
        style = await self.to_change(who, ref)
        if job.user_id != who.user_id:
            raise NotAllowed(tr("Only a picture of your own can be the preview of a style."))
        if style.source is Source.SERVER and job.request.private:
            raise BadInput(tr("That picture is for you alone. Choose one that everybody may see."))
        if not await self._rows.choose_preview(int(ref), picture.id, self._clock()):
            raise NotFound(tr("That picture is no longer here. Choose another one."))
        return await self.find(who, f"#{ref}")

    async def await_preview(self, who: Requester, ref: str, job_id: int) -> None:
        """Show a style by what a job will draw, if it is there and this person may decide that."""
        known = [style for style in await self.at_hand(who) if style.ref == ref]
        if await self.changeable(who, known):
            await self._rows.await_preview(int(ref), job_id, self._clock())

    async def bring_in(
        self, who: Requester, upload: Upload, *, for_server: bool, replace: bool
    ) -> tuple[int, int]:
        """Keep all styles of a file, or none; return how many are new and how many took another's place.

        Raise NotAllowed, or BadInput naming the entry that is wrong.
        """
        owner = await self.owner(who, for_server=for_server)
        if upload.size_bytes > style_files.MAX_BYTES:
            raise BadInput(
                tr(
                    "The file is too big. {megabytes} MB is the most.",
                    megabytes=style_files.MAX_BYTES // 1024**2,
                )
            )
        styles = await asyncio.to_thread(style_files.read, await self._fetch(upload))
        read = await self._read(who, *styles)
        try:
            added = await self._add(owner, read, who, replace=replace)
        except NameTaken as error:
            raise BadInput(tr(NOTHING_IMPORTED, name=error.name)) from error
        return len(added), len(styles) - len(added)

    async def owner(self, who: Requester, *, for_server: bool) -> Owner:
        """Return whose the styles are that somebody makes, or raise BadInput or NotAllowed."""
        if not for_server:
            return Owner(user_id=who.user_id)
        if who.guild_id is None:
            raise BadInput(tr("Only a server that Easel is a member of has styles of its own."))
        return Owner(guild_id=await self._authority.require(who))

    async def _read(self, who: Requester, *styles: Written) -> tuple[Written, ...]:
        """Return styles whose words are allowed where somebody makes them, or raise WordsBlocked."""
        if self._words is not None:
            texts = [text for one in styles for text in (one.name, one.template, one.note)]
            await self._words.require(who, texts, "style")
        return styles

    async def _add(
        self, owner: Owner, styles: tuple[Written, ...], who: Requester, *, replace: bool = False
    ) -> tuple[str, ...]:
        try:
            return await self._rows.add(
                owner, styles, by=who.user_id, most=MOST, now=self._clock(), replace=replace
            )
        except NoRoomForStyles as error:
            said = SERVER_FULL if owner.guild_id else PERSON_FULL
            raise BadInput(tr(said, most=MOST)) from error


def _taken(name: str) -> BadInput:
    return BadInput(tr("There is a style named {name} already. Choose another name.", name=name))
