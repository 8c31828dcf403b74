"""The cards of a job: being drawn, drawn, and not drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.domain.jobs import drawn_of
from bot.domain.money import show
from bot.domain.quotas import Meter, Owner
from bot.domain.requests import Kind, Stored
from bot.domain.standing import NOWHERE
from bot.texts import isolated, mark, number, option, strung, tr, trn
from bot.ui.made import lineage
from bot.ui.press import ActButton, CardButton, unremembered
from bot.ui.text import cut, place, plain, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.capabilities import Plan
    from bot.domain.images import Picture
    from bot.domain.jobs import Job
    from bot.domain.lineage import OnCard
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
    ("again", mark("Again"), "🔁"),
    ("vary", mark("Vary…"), "🎲"),
    ("edit", mark("Edit…"), "✏️"),
    ("details", mark("Details"), "🔎"),
    ("delete", mark("Delete"), "🗑️"),
)
MORE = (("tray", mark("Use as reference"), "📌"), ("part", mark("Change a part…"), "🔲"))
BEFORE = (("undo", mark("Undo"), "↩️"), ("branch", mark("Branch…"), "🌿"))
FAVOURITE = "favourite"
"""What can be done with pictures that were made from others."""
COMPARE = (("compare", mark("Compare"), "⚖️"),)
SHEET = (("sheet", mark("Contact sheet"), "🎞️"),)
MANY = 5
"""From so many pictures on, a gallery shows them so small that one sheet of all helps."""
SHORT = 5
"""Money is said beside pictures and messages once less than this part of it is left: a fifth."""
ORDERED = mark("Your pictures, or why there are none, come here or by direct message.")
WITH_ANSWER = mark("paid with the answer")
ALT_TEXT = 1024
"""Discord's limit for the description of a picture."""


def drawing(job: Job, glimpse: Glimpse | None = None, files: Sequence[discord.File] = ()) -> ui.LayoutView:
    """Show that a job is being drawn or waits for that, with its pictures as far as they are."""
    request = job.request
    heading = trn("Drawing a picture…", "Drawing {count} pictures…", request.total)
    if glimpse is not None and glimpse.standing != NOWHERE:
        heading = place(glimpse.standing, heading)
    small = [
        f"`{job.plan.model_id}`",
        *seeds_of(job, ()),
        *settings_of(request),
        tr(WITH_ANSWER) if request.kind is Kind.TALK else tr("up to {cost}", cost=show(job.held.microusd)),
    ]
    lines = [
        f"### {heading}",
        prompt_of(request, PROMPT_SHOWN),
        *(f"-# {line}" for line in (*lineage(request), " · ".join(small))),
    ]
    said, row = ui.TextDisplay[Any]("\n".join(lines)), _cancel(job)
    return panel(said, gallery([request.prompt] * len(files), files), row) if files else panel(said, row)


def ordered() -> ui.LayoutView:
    """Say what is true whatever comes of a job, for where no other process could find its card again."""
    return panel(ui.TextDisplay[Any](f"-# {tr(ORDERED)}"))


def held(job: Job, *, is_seen: bool) -> ui.LayoutView:
    """Say that moderators look at a job's pictures before they are shown, and whether they can now."""
    count = trn("Your picture is drawn", "Your {count} pictures are drawn", job.request.total)
    waits = (
        tr("A moderator of this server looks first. You are charged only for what is shown.")
        if is_seen
        else tr(
            "A moderator of this server has to look first, and cannot be reached through their channel just "
            "now. It may take long; you are charged only for what is shown."
        )
    )
    said = f"### {count}\n{prompt_of(job.request, PROMPT_SHOWN)}\n-# {waits}"
    return panel(ui.TextDisplay[Any](said), _cancel(job))


def _cancel(job: Job) -> ui.ActionRow[Any]:
    return ui.ActionRow[Any](CardButton("cancel", job.id, tr("Cancel"), "⏹️"))


def result(came: Result, files: Sequence[discord.File]) -> ui.LayoutView:
    """Show a job's pictures, everything that made them, and what can be done next."""
    job = came.job
    shown = gallery([picture.caption or drawn_of(job, picture) for picture in came.pictures], files)
    made = [f"`{job.plan.model_id}`", *seeds_of(job, came.pictures), *settings_of(job.request)]
    if job.parent_job_id is not None:
        # Discord says who used a command, but not who pressed.
        made.insert(0, tr("for {person}", person=f"<@{job.user_id}>"))
    is_paid = job.request.kind is Kind.TALK
    spent = [tr(WITH_ANSWER) if is_paid else show(came.cost_microusd), *left(came.readings)]
    notes = [came.shortfall] if came.shortfall else []
    if job.request.has_seed and not job.plan.seed_repeats:
        notes.append(tr("This model takes a seed but does not repeat pictures by it."))
    footer = [
        *lineage(job.request),
        " · ".join(made),
        " · ".join(spent),
        *(plain(note, 400) for note in notes),
    ]
    return panel(
        ui.TextDisplay(prompt_of(job.request, PROMPT_SHOWN)),
        shown,
        ui.TextDisplay("\n".join(f"-# {line}" for line in footer)),
        *buttons(job, len(came.pictures)),
    )


def buttons(job: Job, count: int) -> tuple[ui.ActionRow[Any], ...]:
    """Return what can be done with a card; every button works from its id alone."""
    references = job.request.references
    has_before = any(isinstance(reference, Stored) for reference in references)
    ways = (
        *(BEFORE if has_before else ()),
        *(COMPARE if references or count > 1 else ()),
        *(SHEET if count >= MANY else ()),
    )
    rows = [
        ui.ActionRow[Any](*(CardButton(verb, job.id, tr(label), emoji) for verb, label, emoji in row))
        for row in (ACTIONS, MORE, ways)
        if row
    ]
    rows[1].add_item(ActButton(FAVOURITE, job.id, label=tr("Favourite"), emoji="⭐"))
    return tuple(rows)


def apology(
    text: str, job_id: int | None = None, *, retry: bool = True, prompt: str | None = None
) -> ui.LayoutView:
    """Say why there is no picture, keep the words that were asked for, and offer to go on from them."""
    parts: list[ui.Item[Any]] = [ui.TextDisplay(cut(text, 2000))]
    if prompt is not None and (words := plain(prompt, PROMPT_SHOWN).strip()):
        parts.append(ui.TextDisplay(tr("-# You asked for") + "\n" + words))
    if job_id is not None:
        row = ui.ActionRow[Any]()
        if retry:
            row.add_item(CardButton("again", job_id, tr("Try again"), "🔁"))
        row.add_item(CardButton("edit", job_id, tr("Edit…"), "✏️"))
        parts.append(row)
    return panel(*parts, colour=MUTED)


def standing(one: OnCard) -> str:
    """Say where a picture stands, by the number that `/show` takes."""
    card = str(one.job.id)
    if one.count == 1:
        return tr("card `{card}`", card=card)
    return tr("picture {number} of card `{card}`", number=one.number, card=card)


def alt_text(prompt: str, index: int, count: int) -> str:
    """Return a picture's description for those who do not see it: its caption, or what was asked for."""
    shown = visible(prompt).strip() or tr("A picture")
    if count > 1:
        shown = tr("Picture {number} of {count}: {shown}", number=index, count=count, shown=shown)
    return cut(shown, ALT_TEXT)


def done_above(done: str) -> list[ui.Item[Any]]:
    """Return what stands on a card above all else: what was just done, if anything."""
    return [ui.TextDisplay[Any](done), ui.Separator[Any]()] if done else []


def panel(*items: ui.Item[Any], colour: discord.Colour = ACCENT) -> ui.LayoutView:
    """Return a message of one framed card; it keeps no state and never times out."""
    view = unremembered(ui.LayoutView(timeout=None))
    view.add_item(ui.Container(*items, accent_colour=colour))
    return view


def gallery(said: Sequence[str], files: Sequence[discord.File]) -> ui.MediaGallery[Any]:
    """Return files side by side, each with what it shows as its description."""
    return ui.MediaGallery[Any](
        *(
            discord.MediaGalleryItem(file, description=alt_text(shown, index, len(files)))
            for index, (shown, file) in enumerate(zip(said, files, strict=True), start=1)
        )
    )


def prompt_of(request: PictureRequest, limit: int) -> str:
    """Return the prompt as it is shown; Discord refuses a text without anything to see."""
    return plain(request.prompt, limit).strip() or tr("-# A prompt without a visible character.")


def settings_of(request: PictureRequest) -> list[str]:
    """Return the options that were chosen, as they are shown."""
    return [f"{option(name)} {isolated(plain(value, 40))}" for name, value in request.settings().items()]


def seeds_of(job: Job, pictures: Sequence[Picture]) -> list[str]:
    """Return the seeds of pictures as they are shown, or nothing where none was asked for."""
    return [_seeds(pictures, job.plan)] if job.request.has_seed else []


def _seeds(pictures: Sequence[Picture], plan: Plan) -> str:
    seeds = [picture.seed for picture in pictures if picture.seed is not None]
    seeds = seeds or [call.seed for call in plan.calls if call.seed is not None]
    if len(seeds) == 1:
        return tr("seed {seed}", seed=seeds[0])
    if seeds == list(range(seeds[0], seeds[0] + len(seeds))):
        return tr("seeds {first}–{last}", first=seeds[0], last=seeds[-1])
    return tr("seeds {seeds}", seeds=strung(map(str, seeds)))


def left(readings: Sequence[Reading]) -> list[str]:
    """Say what the person has left of pictures, and of money where there is none of those or little of it."""
    mine = [reading for reading in readings if reading.limit.owner is Owner.PERSON]
    for meter in (Meter.IMAGES_PER_DAY, Meter.IMAGES_PER_MONTH):
        for reading in mine:
            if reading.limit.meter is meter:
                return [pictures_left(reading), *granted(reading), *money_short(mine)]
    return _money_left(mine)


def money_short(mine: Sequence[Reading]) -> list[str]:
    """Say what somebody has left of their money, where that is what stops them soon."""
    return _money_left([one for one in mine if one.left * SHORT < one.limit.cap])


def _money_left(mine: Sequence[Reading]) -> list[str]:
    """Say what is left of money; of two limits on it the tighter."""
    money = [reading for reading in mine if reading.limit.meter.is_money]
    if not money:
        return []
    reading = min(money, key=lambda one: one.left)
    if reading.limit.meter.is_daily:
        return [tr("{amount} left today", amount=show(reading.left))]
    return [tr("{amount} left this month", amount=show(reading.left))]


def granted(reading: Reading) -> list[str]:
    """Say what was granted beside the limit, if anything."""
    return [tr("{count} granted", count=number(reading.granted))] if reading.granted else []


def pictures_left(reading: Reading) -> str:
    """Say how many pictures of a limit are left."""
    left, cap = number(reading.room), reading.limit.cap
    if reading.limit.meter.is_daily:
        return trn(
            "{left} of {count} pictures left today", "{left} of {count} pictures left today", cap, left=left
        )
    return trn(
        "{left} of {count} pictures left this month",
        "{left} of {count} pictures left this month",
        cap,
        left=left,
    )
