"""The form behind Edit…: built from a card or a message, and read from what is sent alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.domain.edits import Change
from bot.domain.requests import MAX_REFERENCES
from bot.domain.styles import NONE, missing
from bot.errors import BadInput
from bot.texts import option, tr, trn
from bot.ui.fields import chosen, submitted, uploads, words
from bot.ui.text import cut

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.images import Picture
    from bot.domain.requests import PictureRequest, StyleUse
    from bot.domain.styles import Style
    from bot.ui.options import Models

    Interaction = discord.Interaction[discord.Client]

FIELD_LIMIT = 4000
"""What Discord's text field holds; the rest of a longer prompt is kept and put back on."""
MAX_FIELDS = 5
"""Discord's limit for the fields of a form."""
MODEL_DECIDES = "-"
NO_PICTURE = "-"
IN_STYLE = ".in:"
"""Marks, among what to start from, the words alone in another style."""
MOST_BASES = 25
"""What a menu holds."""
FOR_ME = ".me"
"""Marks a quality for pictures that their asker alone sees, where the form has no room for one field more."""
FORM_LIFE_S = 900
"""discord.py keeps a form until it times out; an interaction lives no longer than this."""


@dataclass(frozen=True, slots=True)
class Base:
    """A picture to start from: what the form sends for it, and what people read."""

    value: str
    label: str


class EditForm(ui.Modal):
    """Asks how to go on from pictures. `answer_form` reads what is sent, not this object."""

    def __init__(
        self,
        custom_id: str,
        begun: PictureRequest,
        bases: Sequence[Base],
        *,
        aspects: Sequence[str],
        qualities: Sequence[str],
        title: str | None = None,
    ) -> None:
        super().__init__(title=title or tr("Edit"), custom_id=custom_id, timeout=FORM_LIFE_S)
        menus: list[ui.Label[Any]] = []
        if len(bases) > 1:
            menus.append(_base(bases))
        if aspects:
            menus.append(_choice("aspect", aspects, begun.aspect))
        has_room = len(menus) + bool(qualities) + 3 <= MAX_FIELDS
        if qualities:
            menus.append(_quality(qualities, begun, with_private=not has_room))
        for field in (_prompt(begun.prompt), *menus, _files()):
            self.add_item(field)
        if has_room:
            self.add_item(_private(begun.private))

    async def on_submit(self, interaction: Interaction) -> None:
        """Leave the answer to `answer_form`, which works after a restart as well."""


def offering(
    models: Models,
    custom_id: str,
    begun: PictureRequest,
    bases: Sequence[Base] = (),
    *,
    title: str | None = None,
) -> EditForm:
    """Return the form with what the request's model offers today, or raise where none can draw."""
    offered = {
        name: [value for value, owner in models.choices(name, begun.model) if owner is None]
        for name in ("aspect", "quality")
    }
    return EditForm(
        custom_id, begun, bases, aspects=offered["aspect"], qualities=offered["quality"], title=title
    )


def bases_of(
    pictures: Sequence[Picture], style: StyleUse | None = None, others: Sequence[Style] = ()
) -> tuple[Base, ...]:
    """Return what a card's form offers to start from: each of its pictures, or its words in a style.

    The card's own style stays, unless none or one of the `others` is chosen; as many as fit are offered.
    """
    if not pictures:
        return ()
    shown = [
        Base(picture.id, tr("Picture {number}", number=n)) for n, picture in enumerate(pictures, start=1)
    ]
    if style is None:
        shown.append(Base(NO_PICTURE, tr("No picture: draw anew from the words")))
    else:
        shown.append(Base(NO_PICTURE, tr("No picture: draw anew, in {style}", style=style.name)))
        shown.append(
            Base(f"{IN_STYLE}{NONE}", tr("No picture: draw anew, without {style}", style=style.name))
        )
    known = [one for one in others if not missing(one.template) and not (style and one.name == style.name)]
    shown += [
        Base(f"{IN_STYLE}{one.ref}", tr("No picture: draw anew, in {style}", style=one.name)) for one in known
    ]
    return tuple(shown[:MOST_BASES])


def read(interaction: Interaction, begun: PictureRequest) -> Change:
    """Read a submitted form from the interaction's own data."""
    fields = submitted(interaction)
    prompt = words(fields, "prompt")
    if not prompt:
        raise BadInput(tr("The prompt is empty. Say in a few words what to draw."))
    quality = chosen(fields, "quality") or MODEL_DECIDES
    base = _known(chosen(fields, "picture"), NO_PICTURE)
    style = base.removeprefix(IN_STYLE) if base and base.startswith(IN_STYLE) else None
    box = fields.get("private")
    return Change(
        prompt=prompt + begun.prompt[FIELD_LIMIT:],
        base=None if style else base,
        aspect=_known(chosen(fields, "aspect"), MODEL_DECIDES),
        quality=_known(quality.removesuffix(FOR_ME), MODEL_DECIDES),
        private=quality.endswith(FOR_ME) if box is None else bool(box.get("value")),
        uploads=uploads(interaction, "files"),
        style=style,
    )


def _prompt(prompt: str) -> ui.Label[Any]:
    rest = len(prompt) - FIELD_LIMIT
    note = trn(
        "The last character did not fit here; it stays at the end.",
        "The last {count} characters did not fit here; they stay at the end.",
        max(1, rest),
    )
    return ui.Label(
        text=tr("What should it show, or what should change?"),
        description=note if rest > 0 else None,
        component=ui.TextInput[Any](
            style=discord.TextStyle.paragraph,
            custom_id="prompt",
            default=prompt[:FIELD_LIMIT],
            max_length=FIELD_LIMIT,
            required=True,
        ),
    )


def _files() -> ui.Label[Any]:
    return ui.Label(
        text=tr("More pictures to go by"),
        description=tr("PNG, JPEG, WebP or GIF"),
        component=ui.FileUpload[Any](
            custom_id="files", required=False, min_values=0, max_values=MAX_REFERENCES - 1
        ),
    )


def _base(bases: Sequence[Base]) -> ui.Label[Any]:
    options = [
        discord.SelectOption(label=cut(base.label, 100), value=base.value, default=n == 0)
        for n, base in enumerate(bases)
    ]
    return ui.Label(
        text=tr("Start from"), component=ui.Select[Any](custom_id="picture", options=options, required=True)
    )


def _choice(name: str, values: Sequence[str], before: str | None) -> ui.Label[Any]:
    options = [
        discord.SelectOption(label=tr("The model decides"), value=MODEL_DECIDES, default=before is None)
    ]
    options += [
        discord.SelectOption(label=v, value=v, default=v == before) for v in values[:24] if v != "auto"
    ]
    return ui.Label(
        text=option(name).capitalize(),
        component=ui.Select[Any](custom_id=name, options=options, required=True),
    )


def _quality(values: Sequence[str], begun: PictureRequest, *, with_private: bool) -> ui.Label[Any]:
    """Return the menu of qualities; where the form is full it also says who sees the pictures."""
    if not with_private:
        return _choice("quality", values, begun.quality)
    known = [(tr("The model decides"), MODEL_DECIDES), *((v, v) for v in values[:11] if v != "auto")]
    before = (begun.quality or MODEL_DECIDES) + (FOR_ME if begun.private else "")
    options = [
        discord.SelectOption(label=label + words, value=value + mark, default=value + mark == before)
        for words, mark in (("", ""), (" · " + tr("for me alone"), FOR_ME))
        for label, value in known
    ]
    return ui.Label(
        text=tr("Quality, and who sees it"),
        component=ui.Select[Any](custom_id="quality", options=options, required=True),
    )


def _private(before: bool) -> ui.Label[Any]:
    return ui.Label(
        text=tr("For me alone"),
        description=tr("Nobody else sees the pictures"),
        component=ui.Checkbox[Any](custom_id="private", default=before),
    )


def _known(value: str | None, none: str) -> str | None:
    return None if value == none else value
