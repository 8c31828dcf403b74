"""The rooms that answer in words, built over what is open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.app.conversations import Conversations, build_conversations
from bot.app.resources import now
from bot.services.attachments import Attachments
from bot.services.captioner import Captioner
from bot.services.describer import Describer
from bot.services.door import Door
from bot.services.extraction import Extractor
from bot.services.looking import Looking
from bot.services.owing import Owing
from bot.services.references import MAX_UPLOAD_BYTES
from bot.services.sight import Sight
from bot.services.till import Till
from bot.services.wordsmith import Wordsmith
from bot.storage.gallery import GalleryRows
from bot.storage.owed import OwedAnswers
from bot.storage.pictures import Pictures
from bot.storage.turns import Turns
from bot.storage.words import WordsJobs
from bot.transport.download import download

if TYPE_CHECKING:
    from bot.app.desk import Desk
    from bot.app.resources import Resources
    from bot.domain.requests import Upload
    from bot.services.captioner import Labels
    from bot.services.finding import Finding
    from bot.services.pseudonyms import Pseudonyms
    from bot.services.references import References
    from bot.settings import Settings
    from bot.storage.jobs import Jobs


@dataclass(frozen=True, slots=True)
class Words:
    """Who answers in words, and who keeps the money of it."""

    till: Till
    wordsmith: Wordsmith
    describer: Describer
    captioner: Captioner
    talk: Conversations
    extractor: Extractor
    owing: Owing


def build_words(
    settings: Settings,
    resources: Resources,
    owner: str,
    jobs: Jobs,
    references: References,
    desk: Desk,
    pseudonyms: Pseudonyms,
    labels: Labels,
    finding: Finding,
) -> Words:
    """Build them for one process, `owner`."""

    async def fetch(upload: Upload) -> bytes:
        return await download(resources.http, upload.url, max_bytes=MAX_UPLOAD_BYTES)

    allowances, till = desk.allowances, _till(resources, owner, desk)
    wordsmith = _wordsmith(settings, resources, till, pseudonyms, desk)
    sight = Sight(references, resources.pool)
    captioner = _captioner(settings, resources, wordsmith, sight, jobs, labels, desk)
    describer = Describer(
        wordsmith=wordsmith,
        sight=sight,
        allowances=allowances,
        clock=now,
        looks_first=desk.moderation.look,
        sayable=desk.words.sayable,
    )
    attachments = Attachments(Pictures(resources.database), resources.blobs, resources.pool, fetch)
    talk = build_conversations(settings, resources, jobs, wordsmith, desk, attachments, captioner, finding)
    extractor = Extractor(
        attachments=attachments,
        looking=Looking(resources.pool),
        wordsmith=wordsmith,
        allowances=allowances,
        clock=now,
        content=Door(desk.words, desk.moderation).admit,
    )
    return Words(till, wordsmith, describer, captioner, talk, extractor, _owing(resources, owner))


def _owing(resources: Resources, owner: str) -> Owing:
    rows, is_alone = OwedAnswers(resources.database, owner), resources.database.is_alone
    return Owing(rows, now, is_alone=is_alone, unwritten=resources.unwritten)


def _till(resources: Resources, owner: str, desk: Desk) -> Till:
    return Till(
        model=resources.model,
        jobs=WordsJobs(resources.database, owner),
        allowances=desk.allowances,
        metrics=resources.metrics,
        clock=now,
        unwritten=resources.unwritten,
    )


def _captioner(
    settings: Settings,
    resources: Resources,
    wordsmith: Wordsmith,
    sight: Sight,
    jobs: Jobs,
    labels: Labels,
    desk: Desk,
) -> Captioner:
    return Captioner(
        wordsmith=wordsmith,
        sight=sight,
        jobs=jobs,
        pictures=Pictures(resources.database),
        keep=GalleryRows(resources.database).set_caption,
        turns=Turns(resources.database),
        labels=labels,
        is_on=settings.caption_results,
        may_say=desk.words.may_caption,
        wants=desk.showings.captions,
    )


def _wordsmith(
    settings: Settings, resources: Resources, till: Till, pseudonyms: Pseudonyms, desk: Desk
) -> Wordsmith:
    return Wordsmith(
        till=till,
        catalogue=resources.catalogue,
        chat_models=settings.chat_models,
        pseudonyms=pseudonyms,
        image_models=settings.image_models,
        has_room=lambda: resources.has_room,
        door=desk.door,
    )
