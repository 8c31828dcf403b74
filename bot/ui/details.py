"""How the pictures of a card were made: by which words, from which others, and what became of the files."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.domain.money import show
from bot.domain.requests import Kind
from bot.texts import decimal, listed, named, strung, tr, trn
from bot.ui.cards import WITH_ANSWER, drawn_of, panel, prompt_of, seeds_of, settings_of, standing
from bot.ui.posts import Post
from bot.ui.prints import Posted, posted
from bot.ui.text import plain

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
        ui.TextDisplay(tr("### Details") + f"\n{prompt_of(request, PROMPT_SHOWN)}"),
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
    settings = strung([*settings_of(job.request), *seeds_of(job, pictures)])
    yield tr("Model"), f"`{job.plan.model_id}`"
    yield tr("Settings"), settings or tr("left to the model")
    if sources:
        name = tr("Made from") if len(pictures) <= 1 else tr("Each made from")
        yield name, listed(_sources(sources))
    if job.request.hint:
        yield tr("The model was also told"), plain(job.request.hint, HINT_SHOWN)
    yield tr("Card"), tr("`{card}`, for `/show`", card=str(job.id))
    yield tr("Asked by"), strung([f"<@{job.user_id}>", discord.utils.format_dt(job.created_at, "f")])
    yield tr("Cost"), tr(WITH_ANSWER) if job.request.kind is Kind.TALK else show(job.cost_microusd)


def _sources(sources: Sequence[Source]) -> list[str]:
    """Say where pictures come from; those that are not this person's to see are counted, no more."""
    sent = sum(source.origin is None and source.is_open for source in sources)
    apart = sum(source.is_apart for source in sources)
    closed = sum(source.origin is None and not source.is_open for source in sources) - apart
    known = [standing(source.origin) for source in sources if source.origin is not None]
    if sent:
        known.append(trn("a picture that you sent", "{count} pictures that you sent", sent))
    if closed:
        known.append(trn("a picture that you cannot see", "{count} pictures that you cannot see", closed))
    if apart:
        known.append(
            trn(
                "a picture shown only in age-restricted channels",
                "{count} pictures shown only in age-restricted channels",
                apart,
            )
        )
    return known


def _about(job: Job, number: int, picture: Picture) -> str:
    """Describe one picture on a line."""
    line = tr("Picture {number}: {measures}", number=number, measures=_measures(picture.info))
    return named(line, plain(drawn_of(job, picture), WORDS_SHOWN)) if job.request.variants else line


def _files(job: Job, pictures: Sequence[Picture]) -> Iterable[str]:
    """Say whether the files on the card are the model's own, and if not, why."""
    limit = job.origin.upload_limit_bytes
    found = posted(pictures, limit, job.request.output_format)
    count = len(found)
    if all(one is Posted.AS_SENT for one in found):
        yield trn(
            "The file is byte for byte as the model sent it.",
            "The files are byte for byte as the model sent them.",
            count,
        )
        return
    yield trn(
        "The file is kept byte for byte as the model sent it.",
        "The files are kept byte for byte as the model sent them.",
        count,
    )
    converted = [n for n, one in enumerate(found, start=1) if one is Posted.CONVERTED]
    fitted = [n for n, one in enumerate(found, start=1) if one is Posted.FITTED]
    if converted:
        yield _converted(converted, count, (job.request.output_format or "").upper())
    if fitted:
        yield _fitted(fitted, count)


def _converted(numbers: Sequence[int], count: int, kind: str) -> str:
    """Say of which pictures the card has another kind than the model sent."""
    if len(numbers) == count:
        return trn(
            "It was encoded again for the card, since {kind} was asked for.",
            "They were encoded again for the card, since {kind} was asked for.",
            count,
            kind=kind,
        )
    return trn(
        "Picture {numbers} was encoded again for the card, since {kind} was asked for.",
        "Pictures {numbers} were encoded again for the card, since {kind} was asked for.",
        len(numbers),
        numbers=listed([str(n) for n in numbers]),
        kind=kind,
    )


def _fitted(numbers: Sequence[int], count: int) -> str:
    """Say which pictures were too large for Discord."""
    if len(numbers) == count:
        return trn(
            "It was encoded again for the card, to fit what Discord takes.",
            "They were encoded again for the card, to fit what Discord takes.",
            count,
        )
    return trn(
        "Picture {numbers} was encoded again for the card, to fit what Discord takes.",
        "Pictures {numbers} were encoded again for the card, to fit what Discord takes.",
        len(numbers),
        numbers=listed([str(n) for n in numbers]),
    )


def _measures(info: PictureInfo) -> str:
    kind = info.media_type.removeprefix("image/").upper()
    size = decimal(max(info.size_bytes / 1e6, 0.01))
    return tr(
        "{width}×{height}, {kind}, {size} MB", width=info.width, height=info.height, kind=kind, size=size
    )
