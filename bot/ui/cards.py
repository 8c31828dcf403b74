"""The cards of a job: being drawn, drawn, and not drawn."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.domain.jobs import drawn_of
from bot.domain.money import show
from bot.domain.quotas import Meter, Owner
from bot.domain.requests import Stored
from bot.domain.standing import NOWHERE
from bot.ui.posts import Post
from bot.ui.press import ActButton, CardButton
from bot.ui.text import cut, place, plain, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.capabilities import Plan
    from bot.domain.images import Picture, PictureInfo
    from bot.domain.jobs import Job
    from bot.domain.quotas import Reading
    from bot.domain.requests import PictureRequest
    from bot.domain.results import Result
    from bot.domain.standing import Glimpse

ACCENT = discord.Colour(0xE8734A)
"""Easel's colour."""
MUTED = discord.Colour(0x6D6F78)
PROMPT_SHOWN = 1500
"""Characters of a prompt on a card; a message holds 4,000 in all, and Details has the whole."""
ACTIONS = (
    ("again", "Again", "🔁"),
    ("vary", "Vary…", "🎲"),
    ("edit", "Edit…", "✏️"),
    ("details", "Details", "🔎"),
    ("delete", "Delete", "🗑️"),
)
MORE = (("tray", "Use as reference", "📌"),)
FAVOURITE = "favourite"
BEFORE = (("undo", "Undo", "↩️"),)
"""What can be done with pictures that were made from others."""
DETAILS_SHOWN = 2500
ALT_TEXT = 1024
"""Discord's limit for the description of a picture."""


def drawing(job: Job, glimpse: Glimpse | None = None, files: Sequence[discord.File] = ()) -> ui.LayoutView:
    """Show that a job is being drawn or waits for that, with its pictures as far as they are."""
    request = job.request
    count = f"{request.total} pictures" if request.total > 1 else "a picture"
    heading = f"Drawing {count}…"
    if glimpse is not None and glimpse.standing != NOWHERE:
        heading = place(glimpse.standing, heading)
    small = [
        f"`{job.plan.model_id}`",
        *_seeds_of(job, ()),
        *_settings(request),
        f"up to {show(job.held.microusd)}",
    ]
    lines = [
        f"### {heading}",
        _prompt(request, PROMPT_SHOWN),
        f"-# {' · '.join(small)}",
    ]
    row = ui.ActionRow[Any](CardButton("cancel", job.id, "Cancel", "⏹️"))
    said = ui.TextDisplay[Any]("\n".join(lines))
    return panel(said, _gallery([request.prompt] * len(files), files), row) if files else panel(said, row)


def result(came: Result, files: Sequence[discord.File]) -> ui.LayoutView:
    """Show a job's pictures, everything that made them, and what can be done next."""
    job = came.job
    gallery = _gallery([picture.caption or drawn_of(job, picture) for picture in came.pictures], files)
    made = [f"`{job.plan.model_id}`", *_seeds_of(job, came.pictures), *_settings(job.request)]
    if job.parent_job_id is not None:
        made.insert(0, f"for <@{job.user_id}>")  # Discord says who used a command, but not who pressed
    spent = [show(came.cost_microusd), *left(came.readings)]
    notes = [came.shortfall] if came.shortfall else []
    if job.request.has_seed and not job.plan.seed_repeats:
        notes.append("This model takes a seed but does not repeat pictures by it.")
    footer = [" · ".join(made), " · ".join(spent), *(plain(note, 400) for note in notes)]
    return panel(
        ui.TextDisplay(_prompt(job.request, PROMPT_SHOWN)),
        gallery,
        ui.TextDisplay("\n".join(f"-# {line}" for line in footer)),
        *buttons(job),
    )


def buttons(job: Job) -> tuple[ui.ActionRow[Any], ...]:
    """Return what can be done with a card; every button works from its id alone."""
    has_before = any(isinstance(reference, Stored) for reference in job.request.references)
    first, second = (
        ui.ActionRow[Any](*(CardButton(verb, job.id, label, emoji) for verb, label, emoji in row))
        for row in (ACTIONS, (*MORE, *(BEFORE if has_before else ())))
    )
    second.add_item(ActButton(FAVOURITE, job.id, label="Favourite", emoji="⭐"))
    return first, second


def apology(
    text: str, job_id: int | None = None, *, retry: bool = True, prompt: str | None = None
) -> ui.LayoutView:
    """Say why there is no picture, keep the words that were asked for, and offer to go on from them."""
    parts: list[ui.Item[Any]] = [ui.TextDisplay(cut(text, 2000))]
    if prompt is not None and (words := plain(prompt, PROMPT_SHOWN).strip()):
        parts.append(ui.TextDisplay("-# You asked for\n" + words))
    if job_id is not None:
        row = ui.ActionRow[Any]()
        if retry:
            row.add_item(CardButton("again", job_id, "Try again", "🔁"))
        row.add_item(CardButton("edit", job_id, "Edit…", "✏️"))
        parts.append(row)
    return panel(*parts, colour=MUTED)


def details(job: Job, pictures: Sequence[Picture], references: Sequence[Picture]) -> Post:
    """Show how a job's pictures were made; a prompt too long for a card comes as a file."""
    request = job.request
    facts = [
        ("Model", f"`{job.plan.model_id}`"),
        ("Settings", ", ".join([*_settings(request), *_seeds_of(job, pictures)]) or "left to the model"),
        ("Card", f"`{job.id}`, for `/show`"),
        ("Asked by", f"<@{job.user_id}>, {discord.utils.format_dt(job.created_at, 'f')}"),
        ("Cost", show(job.cost_microusd)),
    ]
    if references:
        facts.append(("Guided by", "1 picture" if len(references) == 1 else f"{len(references)} pictures"))
    sizes = [_about(job, n, picture) for n, picture in enumerate(pictures, start=1)]
    parts: list[ui.Item[Any]] = [
        ui.TextDisplay(f"### Details\n{_prompt(request, DETAILS_SHOWN)}"),
        ui.Separator(),
        ui.TextDisplay("\n".join(f"**{name}** {value}" for name, value in facts)),
    ]
    if sizes:
        parts.append(ui.TextDisplay("-# " + "\n-# ".join(sizes)))
    if len(plain(request.prompt, 2 * len(request.prompt))) <= DETAILS_SHOWN:
        return Post(panel(*parts))
    whole = discord.File(io.BytesIO(request.prompt.encode()), "prompt.txt")
    return Post(panel(*parts, ui.File[Any](whole)), [whole])


def _about(job: Job, place: int, picture: Picture) -> str:
    """Describe one picture on a line."""
    line = f"Picture {place}: {_measures(picture.info)}"
    return f"{line}: {plain(drawn_of(job, picture), 100)}" if job.request.variants else line


def alt_text(prompt: str, index: int, count: int) -> str:
    """Return a picture's description for those who do not see it: its caption, or what was asked for."""
    shown = visible(prompt).strip() or "A picture"
    return cut(shown if count == 1 else f"Picture {index} of {count}: {shown}", ALT_TEXT)


def panel(*items: ui.Item[Any], colour: discord.Colour = ACCENT) -> ui.LayoutView:
    """Return a message of one framed card; it keeps no state and never times out."""
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.Container(*items, accent_colour=colour))
    return view


def _gallery(said: Sequence[str], files: Sequence[discord.File]) -> ui.MediaGallery[Any]:
    """Return files side by side, each with what it shows as its description."""
    return ui.MediaGallery[Any](
        *(
            discord.MediaGalleryItem(file, description=alt_text(shown, index, len(files)))
            for index, (shown, file) in enumerate(zip(said, files, strict=True), start=1)
        )
    )


def _prompt(request: PictureRequest, limit: int) -> str:
    """Return the prompt as it is shown; Discord refuses a text without anything to see."""
    return plain(request.prompt, limit).strip() or "-# A prompt without a visible character."


def _measures(info: PictureInfo) -> str:
    kind = info.media_type.removeprefix("image/").upper()
    return f"{info.width}×{info.height}, {kind}, {max(info.size_bytes / 1e6, 0.01):.2f} MB"


def _settings(request: PictureRequest) -> list[str]:
    return [f"{name} {plain(value, 40)}" for name, value in request.settings().items()]


def _seeds_of(job: Job, pictures: Sequence[Picture]) -> list[str]:
    return [_seeds(pictures, job.plan)] if job.request.has_seed else []


def _seeds(pictures: Sequence[Picture], plan: Plan) -> str:
    seeds = [picture.seed for picture in pictures if picture.seed is not None]
    seeds = seeds or [call.seed for call in plan.calls if call.seed is not None]
    if len(seeds) == 1:
        return f"seed {seeds[0]}"
    if seeds == list(range(seeds[0], seeds[0] + len(seeds))):
        return f"seeds {seeds[0]}–{seeds[-1]}"
    return f"seeds {', '.join(map(str, seeds))}"


def left(readings: Sequence[Reading]) -> list[str]:
    """Say what the person has left of today's pictures, or else of the tightest meter there is."""
    mine = [reading for reading in readings if reading.limit.owner is Owner.PERSON]
    for meter, words in (
        (Meter.IMAGES_PER_DAY, "pictures left today"),
        (Meter.IMAGES_PER_MONTH, "pictures left this month"),
    ):
        for reading in mine:
            if reading.limit.meter is meter:
                return [f"{reading.left} of {reading.limit.cap} {words}"]
    return [
        f"{show(reading.left)} left {'today' if reading.limit.meter.is_daily else 'this month'}"
        for reading in mine[:1]
    ]
