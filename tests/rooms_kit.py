"""How single rooms of a house are built over a made-up provider."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from provider_kit import SECOND_TALKER, TALKER
from sight_kit import finding_room
from world_kit import policy

from bot.model.catalogue import Catalogue
from bot.model.client import OpenRouter
from bot.services.allowances import Allowances
from bot.services.answers import Answers
from bot.services.attachments import Attachments
from bot.services.budget_alerts import BudgetAlerts
from bot.services.chat import Chat
from bot.services.context import Context
from bot.services.describer import Describer
from bot.services.discretion import Discretion
from bot.services.export import Export
from bot.services.extraction import Extractor
from bot.services.forgetting import Forgetting
from bot.services.looking import Looking
from bot.services.manners import Manners
from bot.services.pseudonyms import Pseudonyms
from bot.services.queue import JobQueue
from bot.services.quotations import Quotations
from bot.services.references import References
from bot.services.sight import Sight
from bot.services.threads import Threads
from bot.services.till import Till
from bot.services.toolbox import Toolbox
from bot.services.wordsmith import Wordsmith
from bot.storage.budget_alerts import BudgetAlerts as AlertRows
from bot.storage.choices import PrivacyChoices
from bot.storage.forgetting import Forgetting as ForgettingRows
from bot.storage.manners import Manners as MannerRows
from bot.storage.quotations import Quotations as QuotationRows
from bot.storage.server_settings import ServerSettings
from bot.storage.threads import Threads as ThreadRows
from bot.storage.transcripts import Transcripts
from bot.storage.turns import Turns

if TYPE_CHECKING:
    import httpx
    from house_kit import House
    from world_kit import World

    from bot.images.pool import PicturePool
    from bot.model.backend import Backend
    from bot.services.captioner import Captioner
    from bot.services.progress import Progress
    from bot.services.workshop import Workshop
    from bot.storage.blobs import Blobs
    from bot.storage.database import Database
    from bot.storage.ledger import Ledger
    from bot.storage.pictures import Pictures
    from bot.storage.words import WordsJobs
    from bot.telemetry.metrics import Metrics


def words_rooms(
    *,
    world: World,
    model: OpenRouter,
    words_jobs: WordsJobs,
    catalogue: Catalogue,
    allowances: Allowances,
    metrics: Metrics,
    references: References,
    pool: PicturePool,
    **_others: Any,
) -> dict[str, Any]:
    """Return the rooms that answer in words, by their names in a house."""
    till = Till(model=model, jobs=words_jobs, allowances=allowances, metrics=metrics, clock=world.clock)
    wordsmith = Wordsmith(
        till=till,
        catalogue=catalogue,
        chat_models=(TALKER, SECOND_TALKER),
        pseudonyms=Pseudonyms(b"secret"),
        image_models=world.caps.models,
    )
    sight = Sight(references, pool)
    describer = Describer(wordsmith=wordsmith, sight=sight, allowances=allowances, clock=world.clock)
    return {"till": till, "wordsmith": wordsmith, "describer": describer}


def build_references(
    *, world: World, pictures: Pictures, blobs: Blobs, pool: PicturePool, **_others: Any
) -> References:
    return References(pictures=pictures, blobs=blobs, pool=pool, fetch=world.fetch, clock=world.clock)


def chat_rooms(house: House, captioner: Captioner | None = None, **more: Any) -> Chat:
    """Return conversations over a house."""
    world, turns = house.world, Turns(house.database)
    attachments = Attachments(pictures=house.pictures, blobs=house.blobs, pool=house.pool, fetch=world.fetch)
    answers = Answers(
        turns=turns,
        attachments=attachments,
        context=_context(house),
        wordsmith=house.wordsmith,
        toolbox=Toolbox(
            jobs=house.jobs,
            allowances=house.allowances,
            finding=finding_room(house),
            views=house.showings.views,
            turns=turns,
            blobs=house.blobs,
            looking=Looking(house.pool),
            clock=world.clock,
        ),
        blobs=house.blobs,
        note=captioner.note_turns if captioner else lambda _turns: None,
        clock=world.clock,
    )
    return Chat(
        turns=turns,
        attachments=attachments,
        answers=answers,
        wordsmith=house.wordsmith,
        blobs=house.blobs,
        manners=manners_room(house),
        discretion=discretion_room(house),
        authority=house.authority,
        clock=world.clock,
        **more,
    )


def quotation_room(house: House, chat: Chat, **more: Any) -> Quotations:
    """Return what follows the edits of quoted messages, beside conversations over a house."""

    async def anything(_turn: object, _text: str) -> bool:
        return True

    return Quotations(
        rows=QuotationRows(house.database),
        turns=Turns(house.database),
        blobs=house.blobs,
        meanwhile=chat._meanwhile,
        **{"may_say": anything, **more},
    )


def discretion_room(house: House) -> Discretion:
    """Return what forgets what somebody does not want to be kept, over a house."""
    return Discretion(PrivacyChoices(house.database), house.sweeper, house.world.clock)


def _context(house: House) -> Context:
    return Context(
        turns=Turns(house.database),
        jobs=house.jobs,
        pictures=house.pictures,
        blobs=house.blobs,
        looking=Looking(house.pool),
        budget_tokens=house.world.caps.context_tokens,
        tag=house.wordsmith.tag,
        clock=house.world.clock,
    )


def export_room(house: House) -> Export:
    """Return what packs conversations, over a house."""
    return Export(
        transcripts=Transcripts(house.database),
        turns=Turns(house.database),
        threads=ThreadRows(house.database),
        context=_context(house),
        views=house.showings.views,
        blobs=house.blobs,
    )


def manners_room(house: House) -> Manners:
    """Return what is chosen for channels, over a house."""
    return Manners(rows=MannerRows(house.database), wordsmith=house.wordsmith, clock=house.world.clock)


def thread_rooms(house: House) -> Threads:
    """Return threads over a house."""
    return Threads(
        rows=ThreadRows(house.database),
        turns=Turns(house.database),
        wordsmith=house.wordsmith,
        authority=house.authority,
        clock=house.world.clock,
    )


def forget_room(house: House, days: int | None = None, chat: Chat | None = None) -> Forgetting:
    """Return what forgets, over a house and the conversations that are under way."""
    more = {} if chat is None else {"end_answers": chat.end_forgotten}
    return Forgetting(
        rows=ForgettingRows(house.database),
        threads=ThreadRows(house.database),
        manners=MannerRows(house.database),
        blobs=house.blobs,
        authority=house.authority,
        days=days,
        clock=house.world.clock,
        **more,
    )


def extractor_room(house: House) -> Extractor:
    """Return the room that takes data out of files, over a house."""
    return Extractor(
        attachments=Attachments(
            pictures=house.pictures, blobs=house.blobs, pool=house.pool, fetch=house.world.fetch
        ),
        looking=Looking(house.pool),
        wordsmith=house.wordsmith,
        allowances=house.allowances,
        clock=house.world.clock,
    )


def build_model(world: World, http: httpx.AsyncClient, backend: Backend, catalogue: Catalogue) -> OpenRouter:
    async def at_once(_seconds: float) -> None:
        await asyncio.sleep(0)

    return OpenRouter(
        http,
        backend,
        offer_of=catalogue.offer,
        chat_model_of=catalogue.described,
        max_running=world.caps.max_running,
        clock=world.clock,
        sleep=at_once,
    )


def build_alerts(ledger: Ledger, database: Database, world: World) -> BudgetAlerts:
    return BudgetAlerts(
        ledger=ledger,
        settings=ServerSettings(database),
        rows=AlertRows(database),
        zone=ZoneInfo(world.caps.zone),
        clock=world.clock,
    )


def build_allowances(ledger: Ledger, database: Database, world: World) -> Allowances:
    caps = world.caps
    return Allowances(
        ledger,
        person=policy(caps.person),
        server=policy(caps.server),
        operator=policy(caps.operator),
        zone=ZoneInfo(caps.zone),
        alerts=build_alerts(ledger, database, world),
    )


def build_queue(
    world: World, workshop: Workshop, progress: Progress, metrics: Metrics, model: OpenRouter
) -> JobQueue:
    return JobQueue(
        workshop.carry_out,
        workshop.give_up,
        max_running=world.caps.max_running,
        max_each=world.caps.max_each,
        models=model,
        metrics=metrics,
        progress=progress,
        clock=world.clock,
        timer=world.clock.seconds,
        retry_s=world.caps.retry_s,
    )


def build_catalogue(world: World, http: httpx.AsyncClient, backend: Backend) -> Catalogue:
    made = Catalogue(http, backend, priced=world.caps.models, chat_models=(TALKER, SECOND_TALKER))
    made.load(json.dumps(world.provider.lists))
    return made
