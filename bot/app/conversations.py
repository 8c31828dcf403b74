"""The rooms of conversations, built from what is open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.app.privacy import discretion
from bot.app.resources import now
from bot.services.answers import Answers
from bot.services.chat import Chat
from bot.services.context import Context
from bot.services.export import Export
from bot.services.forgetting import Forgetting
from bot.services.looking import Looking
from bot.services.manners import Manners
from bot.services.meanwhile import Meanwhile
from bot.services.quotations import Quotations
from bot.services.threads import Threads
from bot.services.toolbox import Toolbox
from bot.services.vanished import Vanished
from bot.storage.forgetting import Forgetting as ForgettingRows
from bot.storage.manners import Manners as MannerRows
from bot.storage.pictures import Pictures
from bot.storage.quotations import Quotations as QuotationRows
from bot.storage.threads import Threads as ThreadRows
from bot.storage.transcripts import Transcripts
from bot.storage.turn_messages import TurnMessages
from bot.storage.turns import Turns

if TYPE_CHECKING:
    from bot.app.desk import Desk
    from bot.app.resources import Resources
    from bot.services.attachments import Attachments
    from bot.services.authority import Authority
    from bot.services.captioner import Captioner
    from bot.services.finding import Finding
    from bot.services.wordsmith import Wordsmith
    from bot.settings import Settings
    from bot.storage.jobs import Jobs


@dataclass(frozen=True, slots=True)
class Conversations:
    """The rooms of conversations."""

    chat: Chat
    quotations: Quotations
    threads: Threads
    forgetting: Forgetting
    export: Export
    manners: Manners


def build_conversations(
    settings: Settings,
    resources: Resources,
    jobs: Jobs,
    wordsmith: Wordsmith,
    desk: Desk,
    attachments: Attachments,
    captioner: Captioner,
    finding: Finding,
) -> Conversations:
    """Build the rooms of conversations."""
    meanwhile = Meanwhile()
    chat = _chat(settings, resources, jobs, wordsmith, desk, attachments, captioner, finding, meanwhile)
    return Conversations(
        chat=chat,
        quotations=_quotations(resources, desk, meanwhile),
        threads=_threads(resources, wordsmith, desk),
        forgetting=_forgetting(settings, resources, desk.authority, chat),
        export=_export(settings, resources, jobs, wordsmith, desk),
        manners=_manners(resources, wordsmith),
    )


def _chat(
    settings: Settings,
    resources: Resources,
    jobs: Jobs,
    wordsmith: Wordsmith,
    desk: Desk,
    attachments: Attachments,
    captioner: Captioner,
    finding: Finding,
    meanwhile: Meanwhile,
) -> Chat:
    turns = Turns(resources.database)
    answers = Answers(
        turns=turns,
        attachments=attachments,
        context=_context(settings, resources, jobs, wordsmith),
        wordsmith=wordsmith,
        toolbox=_toolbox(resources, jobs, desk, finding, turns),
        blobs=resources.blobs,
        note=captioner.note_turns,
        clock=now,
    )
    return Chat(
        turns=turns,
        attachments=attachments,
        answers=answers,
        wordsmith=wordsmith,
        blobs=resources.blobs,
        manners=_manners(resources, wordsmith),
        discretion=discretion(resources),
        authority=desk.authority,
        clock=now,
        may_draw=desk.watchfulness.may_draw,
        may_say=desk.words.may_edit,
        meanwhile=meanwhile,
        vanished=Vanished(TurnMessages(resources.database), finding.whereabouts).of,
        unwritten=resources.unwritten,
    )


def _quotations(resources: Resources, desk: Desk, meanwhile: Meanwhile) -> Quotations:
    return Quotations(
        rows=QuotationRows(resources.database),
        turns=Turns(resources.database),
        blobs=resources.blobs,
        meanwhile=meanwhile,
        may_say=desk.words.may_edit,
    )


def _toolbox(resources: Resources, jobs: Jobs, desk: Desk, finding: Finding, turns: Turns) -> Toolbox:
    return Toolbox(
        jobs=jobs,
        allowances=desk.allowances,
        finding=finding,
        views=desk.showings.views,
        turns=turns,
        blobs=resources.blobs,
        looking=Looking(resources.pool),
        clock=now,
    )


def _export(settings: Settings, resources: Resources, jobs: Jobs, wordsmith: Wordsmith, desk: Desk) -> Export:
    return Export(
        transcripts=Transcripts(resources.database),
        turns=Turns(resources.database),
        threads=ThreadRows(resources.database),
        context=_context(settings, resources, jobs, wordsmith),
        views=desk.showings.views,
        blobs=resources.blobs,
    )


def _context(settings: Settings, resources: Resources, jobs: Jobs, wordsmith: Wordsmith) -> Context:
    return Context(
        turns=Turns(resources.database),
        jobs=jobs,
        pictures=Pictures(resources.database),
        blobs=resources.blobs,
        looking=Looking(resources.pool),
        budget_tokens=settings.context_tokens,
        tag=wordsmith.tag,
        clock=now,
    )


def _threads(resources: Resources, wordsmith: Wordsmith, desk: Desk) -> Threads:
    return Threads(
        rows=ThreadRows(resources.database),
        turns=Turns(resources.database),
        wordsmith=wordsmith,
        authority=desk.authority,
        clock=now,
        may_name=desk.words.may_name,
    )


def _manners(resources: Resources, wordsmith: Wordsmith) -> Manners:
    return Manners(rows=MannerRows(resources.database), wordsmith=wordsmith, clock=now)


def _forgetting(settings: Settings, resources: Resources, authority: Authority, chat: Chat) -> Forgetting:
    return Forgetting(
        rows=ForgettingRows(resources.database),
        threads=ThreadRows(resources.database),
        manners=MannerRows(resources.database),
        blobs=resources.blobs,
        authority=authority,
        days=settings.conversation_days,
        clock=now,
        end_answers=chat.end_forgotten,
    )
