"""Conversations: what people say is kept, put to the model with what was said before, and answered."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from bot.domain.access import Asked
from bot.domain.asks import Purpose
from bot.domain.conversation import PLAIN, Manner, Speaker, Turn
from bot.errors import BadInput, NotAllowed, NotFound, Pricey, TooLate, UserFacingError
from bot.services.answers import Answering
from bot.services.context import GONE
from bot.services.meanwhile import Meanwhile
from bot.services.unwritten import Unwritten
from bot.texts import language, mark, number, tr

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from bot.domain.conversation import Said
    from bot.domain.requests import Requester
    from bot.domain.ways import Way
    from bot.services.answers import Answers
    from bot.services.attachments import Attachments
    from bot.services.authority import Authority
    from bot.services.discretion import Discretion
    from bot.services.manners import Manners
    from bot.services.pages import Page
    from bot.services.toolbox import Wall
    from bot.services.wordsmith import Wordsmith
    from bot.storage.blobs import Blobs
    from bot.storage.turns import Left, Turns

MOST_CHARACTERS = 20_000
"""Of one turn's own words; a message of Discord holds 4,000 at most."""
PATIENCE = timedelta(minutes=30)
WRITTEN_S = 3.0
"""How long a reply waits for the row of what it answers, which people may see a moment earlier."""
NOTHING_SAID = mark("Say what you want to know, or bring a picture along.")
ENDED = mark("This answer has ended already.")
ANSWERED = mark("This question is answered, or being answered. Ask again for another answer.")
NOT_YOUR_PRICE = mark("Only the person who asked can agree to the price.")
NOT_YOURS = mark("Only the person who asked, or a moderator, can stop this.")


async def _always(_who: Requester) -> bool:
    return True


async def _anything(_turn: Turn, _text: str) -> bool:
    return True


class Chat:
    """Keeps conversations and answers them."""

    def __init__(
        self,
        *,
        turns: Turns,
        attachments: Attachments,
        answers: Answers,
        wordsmith: Wordsmith,
        blobs: Blobs,
        manners: Manners,
        discretion: Discretion,
        authority: Authority,
        clock: Callable[[], datetime],
        may_draw: Callable[[Requester], Awaitable[bool]] = _always,
        may_say: Callable[[Turn, str], Awaitable[bool]] = _anything,
        meanwhile: Meanwhile | None = None,
        vanished: Callable[[Turn], Awaitable[Sequence[int]]] | None = None,
        unwritten: Unwritten | None = None,
    ) -> None:
        self._turns = turns
        self._attachments = attachments
        self._answers = answers
        self._wordsmith = wordsmith
        self._blobs = blobs
        self._manners = manners
        self._discretion = discretion
        self._authority = authority
        self._clock = clock
        self._may_draw = may_draw
        self._may_say = may_say
        self._under_way: dict[int, Answering] = {}
        self._in_hand: set[int] = set()
        self._began_at = clock()
        self._meanwhile = Meanwhile() if meanwhile is None else meanwhile
        self._vanished = vanished
        self._ends = unwritten or Unwritten()

    async def hear(self, who: Requester, said: Said) -> Turn | None:
        """Keep what somebody says, or raise BadInput or what the door says; None where it was heard already.

        From now on it waits for its answer, if need be until after a restart; while the process stops, what
        no message says raises Restarting. None as well where its message was deleted meanwhile.
        """
        if (key := said.message_id if said.way is None else said.way.event_id) is None:
            return await self._heard(who, said)
        with self._meanwhile.listening(key, *said.message_ids) as changes:
            turn = await self._heard(who, said)
            self._meanwhile.hush(key)
        for change in changes:
            await change()
        return turn if turn is None or not changes else await self._turns.get(turn.id, turn.channel_id)

    async def is_heard(self, message_id: int, channel_id: int) -> bool:
        """Tell whether what a message says is kept."""
        return await self._turns.of_message(message_id, channel_id) is not None

    def listening(self, key: int, *message_ids: int) -> AbstractContextManager[object]:
        """Remember what becomes of messages from here on; `hear` follows it once what is said is kept.

        `key` is the event that is about to be heard.
        """
        return self._meanwhile.listening(key, *message_ids)

    async def _heard(self, who: Requester, said: Said) -> Turn | None:
        if said.message_id is None:
            self._wordsmith.require_open()
        if not any(text.strip() for text in said.texts) and not said.files:
            raise BadInput(tr(NOTHING_SAID))
        if len(said.text) > MOST_CHARACTERS:
            raise BadInput(
                tr("That is over {most} characters. Send it as a file.", most=number(MOST_CHARACTERS))
            )
        await self._wordsmith.admit(who, Asked(Purpose.CHAT.family, said.texts, said.files))
        parent = await self._parent(who, said)
        if parent is not None and not parent.is_seen_by(who.user_id):
            parent = None
        read = await self._attachments.read(said.uploads, said.brought)
        turn = Turn(
            id=0,
            channel_id=who.channel_id,
            guild_id=who.guild_id,
            parent_id=None if parent is None else parent.id,
            speaker=Speaker.PERSON,
            user_id=who.user_id,
            name=said.name,
            text=said.text.strip(),
            created_at=self._clock(),
            quotation=said.quotation,
            files=read.files,
            awaiting=True,
            private=said.private,
            language=language(),
            unusable=read.unusable,
        )
        return await self._turns.add(turn, [] if said.message_id is None else [said.message_id], said.way)

    async def answer(
        self,
        turn: Turn,
        who: Requester,
        page: Page,
        key: int,
        manner: Manner = PLAIN,
        wall: Wall | None = None,
        *,
        agreed: bool = False,
    ) -> None:
        """Answer a turn. What goes wrong is told on the page, and costs nobody anything.

        `key` names the answer for `stop`: the Discord event that asked. Pictures can be drawn where there is
        a wall for them; their jobs have the ids that follow the key. A high price is asked about first,
        unless it is agreed. What the process is too late for is left to the next start, by CancelledError.
        """
        answering = Answering(turn, who, page, key, manner, wall, asyncio.current_task(), agreed=agreed)
        self._under_way[key] = answering
        try:
            answering.manner = await self._manners.applied(who, turn.channel_id, manner)
            if answering.manner.draws and not await self._may_draw(who):
                answering.manner = replace(answering.manner, draws=False)
            if self._vanished is not None and (gone := await self._vanished(turn)):
                await self.deleted(gone)
            async with self._wordsmith.bill(who, Purpose.CHAT, on_wait=page.held_up) as bill:
                await self._answers.give(bill, answering)
        except Pricey as error:
            await self._turns.answered(turn.id)
            await page.ask("\n".join([*turn.remarks, str(error)]), answering.manner)
            return  # whoever agrees meanwhile waits for the answer again
        except UserFacingError as error:
            await self._answers.fail(answering, error)
        except asyncio.CancelledError:
            answering.leave()
            raise
        finally:
            del self._under_way[key]
        await self.ended(turn)

    async def ended(self, turn: Turn) -> None:
        """Note that a turn has had its answer, perhaps of an earlier process that could not note it."""
        await self._ends.write(partial(self._turns.answered, turn.id))
        await self._ends.write(partial(self._discretion.after, turn))

    async def awaiting(self) -> tuple[Left, ...]:
        """Return what an earlier process left unanswered, and how the answer comes to who asked; each once.

        What has waited for longer than PATIENCE is given up: an answer to it would come out of nowhere.
        """
        left: list[Left] = []
        for one in await self._turns.awaiting():
            if self._clock() - one.turn.created_at > PATIENCE or one.key is None:
                await self._turns.answered(one.turn.id)
            elif one.turn.created_at <= self._began_at and one.turn.id not in self._in_hand:
                self._in_hand.add(one.turn.id)
                left.append(one)
        return tuple(left)

    async def recall(self, turn_id: int, who: Requester) -> Turn:
        """Return a question that was asked where somebody is, or raise NotFound."""
        turn = await self._turns.get(turn_id, who.channel_id)
        if turn is None or turn.is_gone or not turn.is_seen_by(who.user_id):
            raise NotFound(tr(GONE))
        return turn

    async def agreed(self, turn_id: int, who: Requester, way: Way | None = None) -> Turn:
        """Return a question whose price its asker agrees to, once; else raise NotAllowed or TooLate."""
        turn = await self.recall(turn_id, who)
        if turn.user_id != who.user_id:
            raise NotAllowed(tr(NOT_YOUR_PRICE))
        self._wordsmith.require_open()
        self._in_hand.add(turn.id)
        if not await self._turns.wait_again(turn.id, way):
            raise TooLate(tr(ANSWERED))
        return replace(turn, awaiting=True)

    async def reasoning(self, turn_id: int, who: Requester) -> str:
        """Return what the model thought before it answered a question, or raise NotFound."""
        answer = await self._turns.answer_to(await self.recall(turn_id, who))
        if answer is None or not answer.reasoning:
            raise NotFound(tr(GONE))
        return answer.reasoning

    async def stop(self, key: int, who: Requester) -> None:
        """Stop an answer under way; raise NotAllowed for others than its asker and moderators, or TooLate."""
        answering = self._under_way.get(key)
        if answering is None:
            raise TooLate(tr(ENDED))
        turn, is_theirs = answering.turn, who.user_id == answering.who.user_id
        if not is_theirs and not await self._authority.moderates(who, turn.guild_id, turn.channel_id):
            raise NotAllowed(tr(NOT_YOURS))
        answering.stop.set()

    async def hush(self, user_id: int, timeout_s: float = 10) -> bool:
        """Stop all answers to somebody, and wait until they have ended; False where some have not."""
        return await _halted(
            [one for one in self._under_way.values() if one.who.user_id == user_id], timeout_s
        )

    async def close(self, channel_id: int, timeout_s: float = 10) -> bool:
        """Stop all answers in a channel, and wait until they are shown; False where some are not."""
        here = [one for one in self._under_way.values() if one.turn.channel_id == channel_id]
        return await _halted(here, timeout_s)

    async def edited(
        self, message_id: int, channel_id: int, text: str, attachment_ids: Collection[int] | None = None
    ) -> bool:
        """Follow the edit of a message; False where nothing of a conversation changes by it.

        Words that may not be said change nothing; files that are not attached any more are forgotten in any
        case. Without attachments, it is not known which there are.
        """
        self._meanwhile.note(message_id, partial(self.edited, message_id, channel_id, text, attachment_ids))
        turn = await self._turns.of_message(message_id, channel_id)
        if turn is None or turn.forgotten:
            return False
        words = text[:MOST_CHARACTERS]
        if words != turn.text and not await self._may_say(turn, words):
            words = turn.text
        blobs = await self._turns.edit(turn.id, words, attachment_ids)
        await self._blobs.let_go(blobs or ())
        return blobs is not None

    async def deleted(self, message_ids: Sequence[int]) -> None:
        """Forget what was said with messages that are gone, or quoted from them; end answers they showed."""
        for answering in self._under_way.values():
            if answering.page.taken(message_ids):
                answering.is_taken = True
                answering.stop.set()
        for message_id in message_ids:
            self._meanwhile.note(message_id, partial(self.deleted, [message_id]))
        await self._blobs.let_go(await self._turns.forget_messages(message_ids))
        await self.end_forgotten()

    async def forget(self, channel_id: int) -> None:
        """Forget everything that was said in a channel."""
        await self._blobs.let_go(await self._turns.forget_channel(channel_id))
        await self.end_forgotten()

    async def end_forgotten(self) -> None:
        """Stop the answers under way to questions that are forgotten."""
        for answering in tuple(self._under_way.values()):
            if await self._turns.get(answering.turn.id, answering.turn.channel_id) is None:
                answering.stop.set()

    async def _parent(self, who: Requester, said: Said) -> Turn | None:
        """Return the turn that somebody answers: never one of another channel."""
        if said.begun is not None:
            return await self._turns.of_job(said.begun, who.channel_id) or await self._begun(who, said.begun)
        if said.replied_to is not None:
            found = await self._turns.of_message(said.replied_to, who.channel_id)
            if found is None and said.to_easel:
                found = await self._unwritten(who.channel_id, said.replied_to, said.question)
            if found is not None or not said.goes_on:
                return found
        return await self._turns.latest(who.channel_id) if said.goes_on else None

    async def _unwritten(self, channel_id: int, message_id: int, question: int | None) -> Turn | None:
        """Return an answer that was shown a moment before it was written down, or before a power cut."""
        tasks = {
            one.task for one in self._under_way.values() if one.task and one.turn.channel_id == channel_id
        }
        if tasks:
            await asyncio.wait(tasks, timeout=WRITTEN_S, return_when=asyncio.FIRST_COMPLETED)
        found = await self._turns.of_message(message_id, channel_id)
        if found is not None or question is None:
            return found
        asked = await self._turns.of_message(question, channel_id)
        return None if asked is None else await self._turns.answer_to(asked) or asked

    async def _begun(self, who: Requester, job_id: int) -> Turn | None:
        """Make pictures that are spoken of a turn."""
        turn = Turn(
            id=0,
            channel_id=who.channel_id,
            guild_id=who.guild_id,
            parent_id=None,
            speaker=Speaker.EASEL,
            user_id=who.user_id,
            name="",
            text="(pictures)",
            created_at=self._clock(),
            job_id=job_id,
        )
        return await self._turns.add(turn)


async def _halted(answers: Sequence[Answering], timeout_s: float) -> bool:
    for answering in answers:
        answering.stop.set()
    tasks = {one.task for one in answers if one.task is not None}
    return not tasks or not (await asyncio.wait(tasks, timeout=timeout_s))[1]
