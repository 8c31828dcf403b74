"""Change a part…: which picture, which cells of its grid, and what should be there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.domain.edits import Change
from bot.errors import BadInput, NotFound
from bot.images.grid import Grid, words
from bot.texts import mark, tr
from bot.ui import fields
from bot.ui.cards import panel
from bot.ui.modals import FIELD_LIMIT, FORM_LIFE_S
from bot.ui.press import ActButton, PickMenu, act_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.domain.images import Picture
    from bot.domain.lineage import OnCard
    from bot.images.grid import Area

    Interaction = discord.Interaction[discord.Client]

PART, CELLS, SAY = "part", "cells", "partsay"
"""Verbs: choose a picture, choose cells of it, say what should be there."""
HOW = mark("Choose the cells that should change. The model is asked to leave the rest as it is.")


@dataclass(frozen=True, slots=True)
class Part:
    """Some cells of a picture's grid; the rectangle round them is what is meant."""

    picture: Picture
    cells: tuple[str, ...]

    @classmethod
    def of(cls, picture: Picture, cells: Iterable[str]) -> Part:
        """Return a part by the names of its cells; raise PictureUnusable for one that is not there."""
        grid = _grid(picture)
        return cls(picture, grid.chosen(grid.mask(cells)))

    @classmethod
    def read(cls, picture: Picture, written: str) -> Part:
        """Return a part from what an id says of it, or raise NotFound."""
        if not written.isdecimal() or len(written) > len(str(1 << len(_grid(picture).cells))):
            raise NotFound(tr("This is not here any more. Press Change a part… again."))
        return cls(picture, _grid(picture).chosen(int(written)))

    @property
    def mask(self) -> int:
        """Return the cells as a number for an id."""
        return _grid(self.picture).mask(self.cells)

    @property
    def area(self) -> Area | None:
        """Return what is meant, or None where nothing is chosen yet."""
        return _grid(self.picture).area(self.cells) if self.cells else None

    @property
    def name(self) -> str:
        """Return what is meant as people see it on the grid; raise BadInput where nothing is chosen."""
        return _grid(self.picture).corners(self._some())

    @property
    def where(self) -> str:
        """Return what is meant in words for a model; raise BadInput where nothing is chosen."""
        return words(_grid(self.picture).area(self._some()))

    def _some(self) -> tuple[str, ...]:
        if not self.cells:
            raise BadInput(tr("Choose at least one cell of the grid first."))
        return self.cells


def choice(shown: Sequence[OnCard]) -> ui.LayoutView:
    """Ask which of a card's pictures to change."""
    options = [
        discord.SelectOption(label=tr("Picture {number}", number=one.number), value=one.picture.id)
        for one in shown
    ]
    menu = PickMenu(PART, shown[0].job.id, options=options, placeholder=tr("Which picture?"))
    return panel(ui.TextDisplay[Any](tr("### Change a part")), ui.ActionRow[Any](menu))


def card(part: Part, file: discord.File) -> ui.LayoutView:
    """Show a picture under its grid, what of it is chosen, and the way on."""
    options = [
        discord.SelectOption(label=cell, value=cell, default=cell in part.cells)
        for cell in _grid(part.picture).cells
    ]
    menu = PickMenu(
        CELLS, part.picture.id, options=options, most=len(options), placeholder=tr("Which cells?")
    )
    name = part.name if part.cells else ""
    said = tr("### Change a part") + f"\n{tr(HOW)}"
    about = tr("The picture under a lettered grid")
    if name:
        said += "\n" + tr("**{part}** is to change.", part=name)
        about = tr("The picture under a lettered grid; {part} is chosen", part=name)
    gallery = ui.MediaGallery[Any](discord.MediaGalleryItem(file, description=about))
    say = ActButton(
        SAY,
        part.picture.id,
        part.mask,
        label=tr("Say what should be there…"),
        emoji="✏️",
        style=discord.ButtonStyle.primary,
        disabled=not part.cells,
    )
    return panel(ui.TextDisplay[Any](said), gallery, ui.ActionRow[Any](menu), ui.ActionRow[Any](say))


class PartForm(ui.Modal):
    """Asks what should be there; what is sent is read by `read`, restarts or not."""

    def __init__(self, part: Part, *, private: bool) -> None:
        form_id = act_id(SAY, part.picture.id, part.mask)
        super().__init__(title=tr("Change a part"), custom_id=form_id, timeout=FORM_LIFE_S)
        prompt = ui.TextInput[Any](
            style=discord.TextStyle.paragraph, custom_id="prompt", max_length=FIELD_LIMIT, required=True
        )
        self.add_item(
            ui.Label(
                text=tr("What should be there?"),
                description=tr("In {name} of the grid", name=part.name),
                component=prompt,
            )
        )
        box = ui.Checkbox[Any](custom_id="private", default=private)
        self.add_item(
            ui.Label(text=tr("For me alone"), description=tr("Nobody else sees the picture"), component=box)
        )

    async def on_submit(self, interaction: Interaction) -> None:
        """Leave the answer to `answer_form`, which works after a restart as well."""


def read(interaction: Interaction, one: OnCard) -> Change:
    """Read a submitted form."""
    sent = fields.submitted(interaction)
    prompt = fields.words(sent, "prompt")
    if not prompt:
        raise BadInput(tr("The form is empty. Say in a few words what should be there."))
    return Change(
        prompt=prompt,
        base=one.picture.id,
        aspect=one.job.request.aspect,
        quality=one.job.request.quality,
        private=bool(sent.get("private", {}).get("value")),
    )


def _grid(picture: Picture) -> Grid:
    return Grid.over(picture.info.width, picture.info.height)
