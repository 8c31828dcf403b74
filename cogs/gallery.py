"""/gallery: finding pictures again, downloading them, and favourites."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.gallery import Search, moment
from bot.domain.images import job_of
from bot.errors import BadInput, NotFound
from bot.texts import mark, tr
from bot.ui import gallery, options, parse
from bot.ui.answers import answer, owed
from bot.ui.cards import FAVOURITE
from bot.ui.copies import copy
from bot.ui.options import matching
from bot.ui.prints import REQUEST_LIMIT_BYTES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bot.app import Easel
    from bot.services.gallery import Gallery as Finder
    from bot.ui.options import Options
    from bot.ui.posts import Post

    Interaction = discord.Interaction[discord.Client]

GONE = mark("These pictures are no longer here.")
NOT_YET = mark("These pictures are not in the gallery yet. Try again in a moment.")


class Gallery(commands.Cog):
    """What was drawn, for those who may see it."""

    def __init__(self, bot: Easel) -> None:
        services = bot.services
        self.finder: Finder = services.gallery
        self.owing = services.owing
        self.studio = services.studio
        self.revival = services.revival
        self.prints = services.prints
        self.clock = services.clock
        self.zone = services.zone

    @app_commands.command()
    @app_commands.describe(
        of="Whose pictures",
        search="Words of the prompt or of what is to be seen",
        style="Drawn with this style",
        model="Drawn by this model",
        since="From this day on: 2026-11-20, yesterday, 7d",
        until="Up to this day: 2026-11-20, yesterday, 7d",
        favourites="Your favourites alone",
    )
    @app_commands.autocomplete(since=options.days, until=options.days)
    async def gallery(
        self,
        interaction: Interaction,
        of: discord.User | None = None,
        search: app_commands.Range[str, 1, 200] | None = None,
        style: str | None = None,
        model: str | None = None,
        since: str | None = None,
        until: str | None = None,
        favourites: bool = False,
    ) -> None:
        """Find pictures again, page by page, and download them."""
        now, who = self.clock(), parse.requester(interaction)
        sought = Search(
            words=search or "",
            of=None if of is None else of.id,
            style=style,
            model=model,
            since=None if since is None else moment(since, now, self.zone),
            until=None if until is None else moment(until, now, self.zone, ends=True),
            favourites=favourites,
        )
        if sought.since is not None and sought.until is not None and sought.since >= sought.until:
            raise BadInput(tr("That ends before it begins. Swap since and until."))
        search_id = await self.finder.begin(interaction.id, who, sought)
        await answer(interaction, self._page(interaction, search_id, sought), private=True)

    @gallery.autocomplete("style")
    async def styles(self, interaction: Interaction, current: str) -> Options:
        """Offer the styles of the pictures that are found here."""
        styles, _ = await self.finder.names(parse.requester(interaction))
        return matching([(name, name) for name in styles], current)

    @gallery.autocomplete("model")
    async def models(self, interaction: Interaction, current: str) -> Options:
        """Offer the models of the pictures that are found here."""
        _, models = await self.finder.names(parse.requester(interaction))
        return matching([(name, name) for name in models], current)

    async def turn(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Show the pages before or after one, in its place."""
        search_id, who = parse.number(arguments), parse.requester(interaction)
        way, at = arguments[1] if len(arguments) > 1 else "", parse.number(arguments[2:])
        search = await self.finder.search(search_id, who)
        await interaction.response.defer()
        goes_up = way == gallery.NEWER
        post = await self._page(
            interaction, search_id, search, before=None if goes_up else at, after=at if goes_up else None
        )
        await interaction.edit_original_response(
            view=post.view, attachments=post.files, allowed_mentions=discord.AllowedMentions.none()
        )

    async def open(
        self, interaction: Interaction, _arguments: tuple[str, ...], values: tuple[str, ...]
    ) -> None:
        """Bring back the card of the chosen picture."""
        job_id = job_of(values[0]) if values else None
        if job_id is None:
            raise NotFound(tr(GONE))
        found = await self.revival.revive(job_id, parse.requester(interaction))
        await copy(interaction, self.prints, found, private=True)

    async def download(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Send what is found as zip files, each in a message of its own."""
        who = parse.requester(interaction)
        search_id = parse.number(arguments)
        before = parse.number(arguments[1:]) if len(arguments) > 1 else None
        search = await self.finder.search(search_id, who)
        most_bytes = min(interaction.filesize_limit, REQUEST_LIMIT_BYTES)
        rest: list[Post] = []
        async with owed(self.owing, interaction, private=True), AsyncExitStack() as stack:

            async def prepare() -> Post:
                bundle = await stack.enter_async_context(
                    self.finder.packed(who, search, "easel-gallery", most_bytes, before)
                )
                files = await asyncio.to_thread(_files, bundle.parts)
                stack.callback(_close, files)
                first, *others = gallery.downloads(search_id, bundle, files)
                rest.extend(others)
                return first

            await answer(interaction, prepare(), private=True, is_owed=True)
            for post in rest:
                await interaction.followup.send(view=post.view, files=post.files, ephemeral=True)

    async def favourite(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Let a card's picture be a favourite, or not any more; ask which of several."""
        who = parse.requester(interaction)
        job, pictures = await self.studio.show(parse.number(arguments), who)
        if not pictures:
            raise NotFound(tr(GONE))
        now = await self.finder.favourites(who, job.id)
        if len(pictures) > 1:
            await interaction.response.send_message(
                view=gallery.choice(job.id, pictures, now), ephemeral=True
            )
            return
        wanted = [] if now else [picture.id for picture in pictures]
        now = await self.finder.set_favourites(who, pictures, wanted)
        if wanted and not now:
            raise NotFound(tr(NOT_YET))
        await interaction.response.send_message(view=gallery.chosen(now, of=1), ephemeral=True)

    async def picked(
        self, interaction: Interaction, arguments: tuple[str, ...], values: tuple[str, ...]
    ) -> None:
        """Let the chosen of a card's pictures be favourites, and no others of it."""
        who = parse.requester(interaction)
        _, pictures = await self.studio.show(parse.number(arguments), who)
        if not pictures:
            raise NotFound(tr(GONE))
        now = await self.finder.set_favourites(who, pictures, values)
        if values and not now:
            raise NotFound(tr(NOT_YET))
        await interaction.response.edit_message(view=gallery.chosen(now, of=len(pictures)))

    async def _page(
        self,
        interaction: Interaction,
        search_id: int,
        search: Search,
        *,
        before: int | None = None,
        after: int | None = None,
    ) -> Post:
        who = parse.requester(interaction)
        found = await self.finder.page(who, search, before=before, after=after)
        previews = await self.prints.previews(
            [find.picture for find in found.finds], channel=interaction.channel
        )
        return gallery.page(search_id, search, found, previews, in_server=who.guild_id is not None)


def _files(parts: Sequence[Path]) -> list[discord.File]:
    return [discord.File(part) for part in parts]


def _close(files: Sequence[discord.File]) -> None:
    for file in files:
        file.close()


async def setup(bot: Easel) -> None:
    """Load the cog and let its buttons and menus be found by their verbs."""
    cog = Gallery(bot)
    bot.presses.acts |= {gallery.TURN: cog.turn, gallery.PACK: cog.download, FAVOURITE: cog.favourite}
    bot.presses.picks |= {gallery.OPEN: cog.open, FAVOURITE: cog.picked}
    await bot.add_cog(cog)
