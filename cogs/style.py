"""/style: templates for how pictures look, one's own, the server's and those that come with Easel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain import style_files
from bot.domain.images import job_of
from bot.domain.requests import MAX_PROMPT, PictureRequest
from bot.domain.spoilers import View
from bot.domain.styles import Source, Written, filled, missing
from bot.errors import NotFound, UserFacingError
from bot.texts import tr
from bot.ui import parse, style_forms, styles
from bot.ui.answers import answer, tell_by
from bot.ui.explain import sentence
from bot.ui.options import matching
from bot.ui.posts import Post
from bot.ui.press import act_id
from bot.ui.reception import take
from bot.ui.text import cut

if TYPE_CHECKING:
    from bot.app import Easel
    from bot.app.services import Services
    from bot.domain.requests import Requester
    from bot.domain.styles import Style
    from bot.ui.options import Options

    Interaction = discord.Interaction[discord.Client]

SAMPLE = "a small house beside a lake, with mountains behind it"
"""What shows a style where nothing else is asked for."""
NEW, CHANGED, TRIED = "stylenew", styles.EDIT, "styletried"
"""The forms: a new style, a changed one, and the words for one that is tried."""
OWN, SERVER = "own", "server"


class Styles(commands.GroupCog, group_name="style", group_description="Templates for how pictures look"):
    """Styles, to see, make, change and share."""

    def __init__(self, services: Services) -> None:
        self.styles = services.styles
        self.studio = services.studio
        self.drafting = services.drafting
        self.allowances = services.allowances
        self.covers = services.covers
        self.prints = services.prints

    @app_commands.command(name="list")
    async def listing(self, interaction: Interaction) -> None:
        """Show the styles that you can draw in."""
        who = parse.requester(interaction)
        own = await self.styles.of(who, Source.OWN)
        view = await self._listing(who, Source.OWN if own else Source.BUILT_IN, 0)
        await interaction.response.send_message(view=view, ephemeral=True)

    @app_commands.command()
    @app_commands.describe(name="Which style")
    async def show(self, interaction: Interaction, name: str) -> None:
        """Show a style: its words, its preview, and what can be done with it."""
        style = await self.styles.find(parse.requester(interaction), name)
        await self._show(interaction, style)

    @app_commands.command()
    @app_commands.describe(for_server="For everybody in this server; you have to be allowed to manage it")
    async def create(self, interaction: Interaction, for_server: bool = False) -> None:
        """Make a style of your own, or one for the server."""
        await self.styles.owner(parse.requester(interaction), for_server=for_server)
        form_id = act_id(NEW, SERVER if for_server else OWN)
        title = tr("A style for this server") if for_server else tr("A style of your own")
        await interaction.response.send_modal(style_forms.StyleForm(form_id, title))

    @app_commands.command()
    @app_commands.describe(name="Which style")
    async def edit(self, interaction: Interaction, name: str) -> None:
        """Change a style."""
        style = await self.styles.find(parse.requester(interaction), name)
        await self.show_edit(interaction, (style.ref,))

    @app_commands.command()
    @app_commands.describe(name="Which style")
    async def delete(self, interaction: Interaction, name: str) -> None:
        """Delete a style; pictures drawn in it stay as they are."""
        style = await self.styles.find(parse.requester(interaction), name)
        await self.ask_delete(interaction, (style.ref,))

    @app_commands.command()
    @app_commands.describe(
        name="Which style",
        card="The number of a card or picture of yours; if left out, one is drawn",
        subject="What to draw, to see the style",
    )
    async def preview(
        self,
        interaction: Interaction,
        name: str,
        card: str | None = None,
        subject: app_commands.Range[str, 1, MAX_PROMPT] = SAMPLE,
    ) -> None:
        """Give a style its preview: a picture that you have, or one that is drawn."""
        who = parse.requester(interaction)
        style = await self.styles.find(who, name)
        if card is None:
            await self._offer(interaction, style, subject)
            return
        job_id = job_of(card)
        if job_id is None:
            raise NotFound(
                tr("That is no number of a card. Choose one of the list, or copy it from Details.")
            )
        job, pictures = await self.studio.show(job_id, who)
        asked = card.strip().lstrip("#")
        picture = next((one for one in pictures if asked in {one.id, str(job_id)}), None)
        if picture is None:
            raise NotFound(tr("That picture is no longer here. Choose another one."))
        await self._show(interaction, await self.styles.choose_preview(who, style.ref, job, picture))

    @app_commands.command(name="import")
    @app_commands.rename(taken="replace")
    @app_commands.describe(
        file="What /style export gave",
        for_server="For everybody in this server; you have to be allowed to manage it",
        taken="Put those of the file in place of those with their names",
    )
    async def bring_in(
        self,
        interaction: Interaction,
        file: discord.Attachment,
        for_server: bool = False,
        taken: bool = False,
    ) -> None:
        """Take styles from a file: all of it, or nothing."""
        who = parse.requester(interaction)

        async def prepare() -> Post:
            new, replaced = await self.styles.bring_in(
                who, parse.upload(file), for_server=for_server, replace=taken
            )
            return Post(styles.imported(new, replaced))

        await answer(interaction, prepare(), private=True)

    @app_commands.command(name="export")
    @app_commands.describe(for_server="Those of this server, not your own")
    async def hand_out(self, interaction: Interaction, for_server: bool = False) -> None:
        """Get styles as a file, to keep or to share."""
        source = Source.SERVER if for_server else Source.OWN
        known = await self.styles.of(parse.requester(interaction), source)
        if not known:
            raise NotFound(styles.EMPTY[source])
        post = styles.exported(style_files.to_json(known), len(known), source)
        await interaction.response.send_message(view=post.view, files=post.files, ephemeral=True)

    @show.autocomplete("name")
    @edit.autocomplete("name")
    @delete.autocomplete("name")
    @preview.autocomplete("name")
    async def known(self, interaction: Interaction, current: str) -> Options:
        """Offer the styles, those to change alone where that is what the command does."""
        who = parse.requester(interaction)
        found = await self.styles.at_hand(who)
        if interaction.command is not None and interaction.command.name != "show":
            found = await self.styles.changeable(who, found)
        return matching(styles.references(found), current)

    @preview.autocomplete("card")
    async def latest(self, interaction: Interaction, current: str) -> Options:
        """Offer one's latest cards by what was asked for."""
        recent = await self.studio.recent(parse.requester(interaction))
        return matching([(cut(job.request.prompt, 100), str(job.id)) for job in recent], current)

    async def turn(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Show another page of the list, in its place."""
        source, page = (*arguments, "", "")[:2]
        view = await self._listing(
            parse.requester(interaction), styles.source_of(source), parse.number((page,), most=1000)
        )
        await interaction.response.edit_message(view=view)

    async def picked(
        self, interaction: Interaction, _arguments: tuple[str, ...], values: tuple[str, ...]
    ) -> None:
        """Show the style that was picked from the list."""
        await self._show(interaction, await self._find(interaction, values))

    async def show_edit(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Show the form that changes a style."""
        style = await self.styles.to_change(parse.requester(interaction), _ref(arguments))
        form = style_forms.StyleForm(act_id(CHANGED, style.ref), tr("Edit a style"), _written(style))
        await interaction.response.send_modal(form)

    async def show_copy(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Show the form that makes one's own of another style."""
        style = await self._find(interaction, arguments)
        form = style_forms.StyleForm(act_id(NEW, OWN), tr("A style of your own"), _written(style))
        await interaction.response.send_modal(form)

    async def created(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Keep what the form for a new style holds."""
        who, written = parse.requester(interaction), style_forms.written(interaction)
        try:
            style = await self.styles.create(who, written, for_server=arguments == (SERVER,))
        except UserFacingError as error:
            await tell_by(interaction, style_forms.rejected(sentence(error), written))
            return
        await self._show(interaction, style)

    async def changed(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Keep what the form for a changed style holds."""
        who, written = parse.requester(interaction), style_forms.written(interaction)
        try:
            style = await self.styles.change(who, _ref(arguments), written)
        except UserFacingError as error:
            await tell_by(interaction, style_forms.rejected(sentence(error), written))
            return
        await self._show(interaction, style)

    async def ask_delete(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Ask whether a style is to go."""
        style = await self.styles.to_change(parse.requester(interaction), _ref(arguments))
        await interaction.response.send_message(view=styles.before_deleting(style), ephemeral=True)

    async def deleted(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Delete a style."""
        style = await self.styles.delete(parse.requester(interaction), _ref(arguments))
        await interaction.response.edit_message(view=styles.gone(style))

    async def attempt(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Say what trying a style costs."""
        await self._offer(interaction, await self._find(interaction, arguments), SAMPLE)

    async def draw(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Draw what was offered, or ask for the words that the style needs first."""
        draft_id, who = parse.number(arguments), parse.requester(interaction)
        begun = (await self.drafting.find(draft_id, who)).style
        if begun is not None and (asks := missing(begun.template)):
            form_id = act_id(TRIED, draft_id, *arguments[1:])
            await interaction.response.send_modal(style_forms.FillForm(form_id, begun.name, asks))
            return
        await self._try(interaction, arguments)

    async def tried(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Draw what was offered with the words that were filled in."""
        await self._try(interaction, arguments)

    async def _try(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        who = parse.requester(interaction)
        async with self.drafting.sending(parse.number(arguments), who) as begun:
            request = style_forms.with_words(interaction, begun)
            await take(interaction, self.studio, request)
            await self.styles.await_preview(who, _ref(arguments[1:]), interaction.id)

    async def _offer(self, interaction: Interaction, style: Style, subject: str) -> None:
        who = parse.requester(interaction)
        request = PictureRequest(subject, style=filled(style, {}), private=True)
        plan = self.studio.price(request)
        readings = await self.allowances.readings(who, interaction.created_at)
        await self.drafting.begin(interaction.id, who, request)
        keeps = await self.styles.may_change(who, style)
        view = styles.before_drawing(interaction.id, style, request, plan, readings, keeps=keeps)
        await interaction.response.send_message(view=view, ephemeral=True)

    async def _listing(self, who: Requester, source: Source, page: int) -> discord.ui.LayoutView:
        known = await self.styles.at_hand(who)
        counts = {one: sum(style.source is one for style in known) for one in Source}
        return styles.listing([style for style in known if style.source is source], source, page, counts)

    async def _show(self, interaction: Interaction, style: Style) -> None:
        may_change = await self.styles.may_change(parse.requester(interaction), style)

        async def prepare() -> Post:
            picture, channel = await self.styles.preview(style), interaction.channel
            if picture is None:
                return styles.card(style, may_change=may_change)
            (view,) = await self.covers.views([picture], channel)
            if view is View.APART:
                return styles.card(style, may_change=may_change, apart=1)
            files = await self.prints.files([picture], interaction.filesize_limit, channel=channel)
            return styles.card(style, may_change=may_change, files=files)

        await answer(interaction, prepare(), private=True)

    async def _find(self, interaction: Interaction, arguments: tuple[str, ...]) -> Style:
        return await self.styles.find(parse.requester(interaction), f"#{_ref(arguments)}")


def _ref(arguments: tuple[str, ...]) -> str:
    return arguments[0] if arguments else ""


def _written(style: Style) -> Written:
    return Written(style.name, style.template, style.note)


async def setup(bot: Easel) -> None:
    """Load the cog and let its menu, buttons and forms be found by their verbs."""
    cog = Styles(bot.services)
    presses = bot.presses
    presses.picks[styles.PICK] = cog.picked
    presses.acts |= {
        styles.LIST: cog.turn,
        styles.EDIT: cog.show_edit,
        styles.COPY: cog.show_copy,
        styles.DROP: cog.ask_delete,
        styles.DROPPED: cog.deleted,
        styles.TRY: cog.attempt,
        styles.DRAW: cog.draw,
    }
    presses.act_forms |= {NEW: cog.created, CHANGED: cog.changed, TRIED: cog.tried}
    await bot.add_cog(cog)
