"""How the pictures of a card were made: by which words, from which others, and what became of the files."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.domain.money import show
from bot.domain.requests import Kind
from bot.ui.cards import WITH_ANSWER, drawn_of, panel, prompt_of, seeds_of, settings_of, standing
from bot.ui.posts import Post
from bot.ui.prints import Posted, posted
from bot.ui.text import listed, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.domain.images import Picture, PictureInfo
    from bot.domain.jobs import Job
    from bot.domain.lineage import Source

PROMPT_SHOWN = 1800
"""Characters of a prompt; the rest of the 4,000 is for ten pictures and what they were made from."""
HINT_SHOWN, WORDS_SHOWN = 260, 60


def details(job: Job, pictures: Sequence[Picture], sources: Sequence[Source]) -> Post:
    """Show how a job's pictures were made; a prompt too long for a card comes as a file."""
    request = job.request
    facts = "\n".join(f"**{name}** {value}" for name, value in _facts(job, pictures, sources))
    parts: list[ui.Item[Any]] = [
        ui.TextDisplay(f"### Details\n{prompt_of(request, PROMPT_SHOWN)}"),
        ui.Separator(),
        ui.TextDisplay(facts),
    ]
    if pictures:
        sizes = [_about(job, n, picture) for n, picture in enumerate(pictures, start=1)]
        parts.append(ui.TextDisplay("\n".join(f"-# {line}" for line in (*sizes, *_files(job, pictures)))))
    if len(plain(request.prompt, 2 * len(request.prompt))) <= PROMPT_SHOWN:
        return Post(panel(*parts))
    whole = discord.File(io.BytesIO(request.prompt.encode()), "prompt.txt")
    return Post(panel(*parts, ui.File[Any](whole)), [whole])


def _facts(job: Job, pictures: Sequence[Picture], sources: Sequence[Source]) -> Iterable[tuple[str, str]]:
    settings = ", ".join([*settings_of(job.request), *seeds_of(job, pictures)])
    yield "Model", f"`{job.plan.model_id}`"
    yield "Settings", settings or "left to the model"
    if sources:
        name = "Made from" if len(pictures) <= 1 else "Each made from"
        yield name, listed(_sources(sources))
    if job.request.hint:
        yield "The model was also told", plain(job.request.hint, HINT_SHOWN)
    yield "Card", f"`{job.id}`, for `/show`"
    yield "Asked by", f"<@{job.user_id}>, {discord.utils.format_dt(job.created_at, 'f')}"
    yield "Cost", WITH_ANSWER if job.request.kind is Kind.TALK else show(job.cost_microusd)


def _sources(sources: Sequence[Source]) -> list[str]:
    """Say where pictures come from; those that are not this person's to see are counted, no more."""
    sent = sum(source.origin is None and source.is_open for source in sources)
    closed = sum(source.origin is None and not source.is_open for source in sources)
    known = [standing(source.origin) for source in sources if source.origin is not None]
    for count, whose in ((sent, "that you sent"), (closed, "that you cannot see")):
        if count:
            known.append(f"a picture {whose}" if count == 1 else f"{count} pictures {whose}")
    return known


def _about(job: Job, number: int, picture: Picture) -> str:
    """Describe one picture on a line."""
    line = f"Picture {number}: {_measures(picture.info)}"
    return f"{line}: {plain(drawn_of(job, picture), WORDS_SHOWN)}" if job.request.variants else line


def _files(job: Job, pictures: Sequence[Picture]) -> Iterable[str]:
    """Say whether the files on the card are the model's own, and if not, why."""
    limit = job.origin.upload_limit_bytes
    found = posted(pictures, limit, job.request.output_format)
    what, they = ("file is", "it") if len(found) == 1 else ("files are", "them")
    if all(one is Posted.AS_SENT for one in found):
        yield f"The {what} byte for byte as the model sent {they}."
        return
    yield f"The {what} kept byte for byte as the model sent {they}."
    converted = [n for n, one in enumerate(found, start=1) if one is Posted.CONVERTED]
    fitted = [n for n, one in enumerate(found, start=1) if one is Posted.FITTED]
    if converted:
        wanted = (job.request.output_format or "").upper()
        yield f"{_numbers(converted, len(found))} encoded again for the card, since {wanted} was asked for."
    if fitted:
        yield f"{_numbers(fitted, len(found))} encoded again for the card, to fit what Discord takes."


def _numbers(numbers: Sequence[int], count: int) -> str:
    """Name some of the pictures, and go on with the verb."""
    if len(numbers) == count:
        return "They were" if count > 1 else "It was"
    names = listed([str(n) for n in numbers])
    return f"Pictures {names} were" if len(numbers) > 1 else f"Picture {names} was"


def _measures(info: PictureInfo) -> str:
    kind = info.media_type.removeprefix("image/").upper()
    return f"{info.width}×{info.height}, {kind}, {max(info.size_bytes / 1e6, 0.01):.2f} MB"
