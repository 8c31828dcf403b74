"""/imagine: pictures from words, guided by references."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.permutations import permutations
from bot.domain.permutations import seeds as seeds_of
from bot.domain.preferences import Completed
from bot.domain.requests import MAX_COUNT, MAX_PROMPT, MAX_SEED, PictureRequest
from bot.domain.styles import MAX_WISH, missing
from bot.errors import BadInput, NotFound, UserFacingError
from bot.texts import tr
from bot.ui import confirm, options, parse, style_forms
from bot.ui.answers import tell_by
from bot.ui.explain import sentence
from bot.ui.preferences import remark
from bot.ui.reception import take

if TYPE_CHECKING:
    from bot.app import Easel
    from bot.services.allowances import Allowances
    from bot.services.drafting import Drafting
    from bot.services.preferences import Usual
    from bot.services.studio import Studio
    from bot.services.tray import Tray

    Interaction = discord.Interaction[discord.Client]


class Imagine(commands.Cog):
    """Pictures from words."""

    def __init__(
        self, studio: Studio, at_hand: Tray, drafting: Drafting, allowances: Allowances, usual: Usual
    ) -> None:
        self.studio = studio
        self.usual = usual
        self.at_hand = at_hand
        self.drafting = drafting
        self.allowances = allowances

    @app_commands.command()
    @options.of_pictures(
        prompt="What to draw; {red, blue} draws one of each",
        seed="A number to start from: the same one asks for the same picture again",
        seeds="Several seeds to compare: 1-4, or 3, 7, 9",
        reference="A picture to go by",
        reference2="Another picture to go by",
        reference3="Another picture to go by",
        reference4="Another picture to go by",
    )
    async def imagine(
        self,
        interaction: Interaction,
        prompt: app_commands.Range[str, 1, MAX_PROMPT],
        count: app_commands.Range[int, 1, MAX_COUNT] = 1,
        style: app_commands.Range[str, 1, MAX_WISH] | None = None,
        aspect: str | None = None,
        quality: str | None = None,
        seed: app_commands.Range[int, 0, MAX_SEED] | None = None,
        seeds: app_commands.Range[str, 1, 100] | None = None,
        background: str | None = None,
        file_format: str | None = None,
        model: str | None = None,
        private: bool = False,
        at_hand: bool = False,
        reference: discord.Attachment | None = None,
        reference2: discord.Attachment | None = None,
        reference3: discord.Attachment | None = None,
        reference4: discord.Attachment | None = None,
    ) -> None:
        """Draw pictures from a description."""
        attached = (reference, reference2, reference3, reference4)
        request = PictureRequest(
            prompt=prompt,
            count=count,
            aspect=aspect,
            quality=quality,
            seed=seed,
            seeds=_seeds(seeds, seed, count),
            background=background,
            output_format=parse.file_format(file_format),
            model=model,
            references=tuple(parse.upload(one) for one in attached if one),
            private=private,
        )
        await self._order(interaction, request, style, at_hand=at_hand)

    async def _order(
        self, interaction: Interaction, request: PictureRequest, style: str | None, *, at_hand: bool
    ) -> None:
        who = parse.requester(interaction)
        if at_hand:
            references = await self.at_hand.references(who)
            request = replace(request, references=(*request.references, *references))
        variants = permutations(request.prompt)
        request = replace(request, variants=variants if len(variants) > 1 else ())
        wish = await self.usual.complete(who, request, parse.given(interaction))
        await self._go_on(interaction, await self.usual.in_style(who, wish, style))

    async def _go_on(self, interaction: Interaction, wish: Completed) -> None:
        """Ask for what the style still needs, or say what several prompts cost, or draw."""
        request = wish.request
        if request.style and (asks := missing(request.style.template)):
            await self.drafting.begin(interaction.id, parse.requester(interaction), request)
            form_id = style_forms.fill_id(interaction.id, *wish.left_out)
            await interaction.response.send_modal(style_forms.FillForm(form_id, request.style.name, asks))
            return
        if request.variants:
            await self._ask(interaction, request)
        else:
            await take(interaction, self.studio, request)
        await remark(interaction, wish.left_out)

    async def fill(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Show the form for a style's words again."""
        draft_id = parse.number(arguments)
        style = (await self.drafting.find(draft_id, parse.requester(interaction))).style
        if style is None:
            raise NotFound(tr("This is not here any more. Start again."))
        form_id = style_forms.fill_id(draft_id, *arguments[1:])
        form = style_forms.FillForm(form_id, style.name, missing(style.template))
        await interaction.response.send_modal(form)

    async def filled(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Draw with the words that a style asked for; what cannot be drawn can be filled in again."""
        draft_id, left_out = parse.number(arguments), arguments[1:]
        begun: PictureRequest | None = None
        try:
            async with self.drafting.sending(draft_id, parse.requester(interaction)) as begun:
                await self._go_on(
                    interaction, Completed(style_forms.with_words(interaction, begun), left_out)
                )
        except UserFacingError as error:
            if begun is None:
                raise
            await tell_by(interaction, style_forms.refill(sentence(error), draft_id, left_out))

    async def _ask(self, interaction: Interaction, request: PictureRequest) -> None:
        """Say what several prompts would draw and cost; nothing is held before the answer."""
        who = parse.requester(interaction)
        if request.total > MAX_COUNT:
            await self.drafting.begin(interaction.id, who, request)
            await interaction.response.send_message(
                view=confirm.too_many(interaction.id, request), ephemeral=True
            )
            return
        plan = self.studio.price(request)
        readings = await self.allowances.readings(who, interaction.created_at)
        await self.drafting.begin(interaction.id, who, request)
        await interaction.response.send_message(
            view=confirm.card(interaction.id, request, plan, readings), ephemeral=True
        )

    async def draw(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Draw what was asked about."""
        async with self.drafting.sending(parse.number(arguments), parse.requester(interaction)) as request:
            await take(interaction, self.studio, request)

    async def draw_as_written(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Draw the prompt with its braces."""
        async with self.drafting.sending(parse.number(arguments), parse.requester(interaction)) as request:
            await take(interaction, self.studio, replace(request, variants=()))

    async def leave(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Forget what was asked about."""
        async with self.drafting.sending(parse.number(arguments), parse.requester(interaction)):
            await interaction.response.edit_message(view=confirm.left_alone())


def _seeds(written: str | None, seed: int | None, count: int) -> tuple[int, ...]:
    if written is None:
        return ()
    if seed is not None or count > 1:
        raise BadInput(tr("Give either seeds, or one seed and a count: seeds draw one picture each."))
    return seeds_of(written)


async def setup(bot: Easel) -> None:
    """Load the cog."""
    services = bot.services
    cog = Imagine(services.studio, services.tray, services.drafting, services.allowances, services.usual)
    bot.presses.acts |= {
        confirm.DRAW: cog.draw,
        confirm.AS_WRITTEN: cog.draw_as_written,
        confirm.LEAVE: cog.leave,
        style_forms.FILL: cog.fill,
    }
    bot.presses.act_forms[style_forms.FILL] = cog.filled
    await bot.add_cog(cog)
