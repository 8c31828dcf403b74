"""The form behind Edit…: built from a card, and read from what is sent alone, so that restarts do no harm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import discord
from discord import ui

from bot.domain.requests import MAX_REFERENCES, Upload
from bot.errors import BadInput
from bot.ui.press import custom_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.domain.images import Picture
    from bot.domain.jobs import Job

    Interaction = discord.Interaction[discord.Client]

FIELD_LIMIT = 4000
"""What Discord's text field holds; the rest of a longer prompt is kept and put back on."""
MODEL_DECIDES = "-"
NO_PICTURE = "-"
FORM_LIFE_S = 900
"""discord.py keeps a form until it times out; an interaction lives no longer than this."""


class EditForm(ui.Modal):
    """Asks how to go on from a card. `answer_form` reads what is sent, not this object."""

    def __init__(
        self,
        job: Job,
        pictures: Sequence[Picture],
        *,
        aspects: Sequence[str],
        qualities: Sequence[str],
    ) -> None:
        super().__init__(title="Edit", custom_id=custom_id("edit", job.id), timeout=FORM_LIFE_S)
        self.add_item(_prompt(job.request.prompt))
        if pictures:
            self.add_item(_base(pictures))
        for name, options, chosen in (
            ("aspect", aspects, job.request.aspect),
            ("quality", qualities, job.request.quality),
        ):
            if options:
                self.add_item(_choice(name, options, chosen))
        self.add_item(
            ui.Label(
                text="More pictures to go by",
                description="PNG, JPEG, WebP or GIF",
                component=ui.FileUpload[Any](
                    custom_id="files", required=False, min_values=0, max_values=MAX_REFERENCES - 1
                ),
            )
        )

    async def on_submit(self, interaction: Interaction) -> None:
        """Leave the answer to `answer_form`, which works after a restart as well."""


@dataclass(frozen=True, slots=True)
class Edit:
    """What someone filled in."""

    prompt: str
    picture_id: str | None
    aspect: str | None
    quality: str | None
    uploads: tuple[Upload, ...]


def read(interaction: Interaction, original_prompt: str) -> Edit:
    """Read a submitted form from the interaction's own data."""
    data = cast("dict[str, Any]", interaction.data or {})
    fields = {field["custom_id"]: field for field in _fields(data.get("components", []))}
    prompt = str(fields.get("prompt", {}).get("value", "")).strip()
    if not prompt:
        raise BadInput("The prompt is empty. Say in a few words what to draw.")
    attachments: dict[str, Any] = data.get("resolved", {}).get("attachments", {})
    return Edit(
        prompt=prompt + original_prompt[FIELD_LIMIT:],
        picture_id=_chosen(fields, "picture", NO_PICTURE),
        aspect=_chosen(fields, "aspect", MODEL_DECIDES),
        quality=_chosen(fields, "quality", MODEL_DECIDES),
        uploads=tuple(_upload(attachments[key]) for key in fields.get("files", {}).get("values", [])),
    )


def _prompt(prompt: str) -> ui.Label[Any]:
    rest = len(prompt) - FIELD_LIMIT
    note = f"The last {rest} characters did not fit here; they stay at the end."
    return ui.Label(
        text="What should it show, or what should change?",
        description=note if rest > 0 else None,
        component=ui.TextInput[Any](
            style=discord.TextStyle.paragraph,
            custom_id="prompt",
            default=prompt[:FIELD_LIMIT],
            max_length=FIELD_LIMIT,
            required=True,
        ),
    )


def _base(pictures: Sequence[Picture]) -> ui.Label[Any]:
    options = [
        discord.SelectOption(label=f"Picture {n}", value=picture.id, default=n == 1)
        for n, picture in enumerate(pictures, start=1)
    ]
    options.append(discord.SelectOption(label="No picture: draw anew from the words", value=NO_PICTURE))
    return ui.Label(
        text="Start from", component=ui.Select[Any](custom_id="picture", options=options, required=True)
    )


def _choice(name: str, values: Sequence[str], chosen: str | None) -> ui.Label[Any]:
    options = [discord.SelectOption(label="The model decides", value=MODEL_DECIDES, default=chosen is None)]
    options += [
        discord.SelectOption(label=v, value=v, default=v == chosen) for v in values[:24] if v != "auto"
    ]
    return ui.Label(
        text=name.capitalize(), component=ui.Select[Any](custom_id=name, options=options, required=True)
    )


def _fields(components: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the fields of a form: each stands in a label, or in a row in older clients."""
    for component in components:
        inner = component.get("component")
        children = component.get("components", [])
        yield from (child for child in (inner, *children) if child and "custom_id" in child)


def _chosen(fields: dict[str, dict[str, Any]], name: str, none: str) -> str | None:
    values = fields.get(name, {}).get("values") or [none]
    return None if values[0] == none else str(values[0])


def _upload(attachment: dict[str, Any]) -> Upload:
    return Upload(
        url=str(attachment["url"]),
        filename=str(attachment["filename"]),
        size_bytes=int(attachment["size"]),
    )
