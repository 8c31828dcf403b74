"""What is begun and what is not, once the process is about to stop."""

from __future__ import annotations

import asyncio

import pytest
from test_services_chat import Sheet, chat, limits, said
from test_services_queue import Line, job, settled
from world_kit import ann

from bot.domain.conversation import Said
from bot.domain.standing import NOWHERE
from bot.errors import Restarting
from bot.storage.turns import Turns

__all__ = ["chat", "job", "limits"]


class TestJobs:
    async def test_once_closed_a_new_job_begins_where_nobody_waits(self, job):
        line = Line()

        line.queue.close()
        line.queue.put(await job(1, 1), shown=NOWHERE)
        line.queue.put(await job(2, 2), shown=NOWHERE)
        await line.end(1)

        assert line.started == [1]
        assert len(line.queue) == 1

    async def test_once_closed_nobody_passes_those_who_wait(self, job):
        line = Line()
        line.queue.put(await job(1, 1))
        line.queue.put(await job(2, 2))

        line.queue.close()
        await line.end(1)
        line.queue.put(await job(3, 3), shown=NOWHERE)
        await settled()

        assert line.started == [1]
        assert len(line.queue) == 2

    async def test_once_drained_a_new_job_waits_for_the_next_start(self, job):
        line = Line()

        await line.queue.drain(1)
        line.queue.put(await job(1, 1), shown=NOWHERE)
        await settled()

        assert line.started == []


class TestWords:
    async def test_what_a_command_says_is_not_kept(self, house, chat):
        house.wordsmith.close()

        with pytest.raises(Restarting):
            await said(chat, "hello")

        assert await house.database.read("SELECT 1 FROM turn") == []

    async def test_what_a_message_says_is_kept_and_left_to_the_next_start(self, house, chat):
        house.wordsmith.close()
        sheet = Sheet()

        with pytest.raises(asyncio.CancelledError):
            await said(chat, "hello", carried=1, sheet=sheet)

        assert (sheet.is_left, sheet.sorry) == (True, "")
        (left,) = await Turns(house.database).awaiting()
        assert (left.turn.text, left.key) == ("hello", 1)

    async def test_what_was_kept_before_is_left_to_the_next_start(self, house, chat):
        sheet, turn = Sheet(), await chat.hear(ann(), Said("hello", "Ann", 1))
        house.wordsmith.close()

        with pytest.raises(asyncio.CancelledError):
            await chat.answer(turn, ann(), sheet, turn.id)

        assert (sheet.is_left, sheet.sorry) == (True, "")
        (left,) = await Turns(house.database).awaiting()
        assert left.turn.id == turn.id

    async def test_what_is_shown_whole_is_not_answered_again_though_it_was_cut_off_while_it_was_charged(
        self, house, chat, monkeypatch
    ):
        async def settle(*_entry: object) -> None:
            raise asyncio.CancelledError

        monkeypatch.setattr(house.till, "settle", settle)
        turn = await chat.hear(ann(), Said("hello", "Ann", 1))

        with pytest.raises(asyncio.CancelledError):
            await chat.answer(turn, ann(), Sheet(ids=(2,)), turn.id)

        assert await Turns(house.database).awaiting() == ()

    async def test_another_answer_is_refused_with_a_sentence(self, house, chat):
        await said(chat, "hello", carried=1, answered=(2,))
        ((turn_id,),) = [tuple(row) for row in await house.database.read("SELECT MIN(id) FROM turn")]
        house.wordsmith.close()

        sheet = Sheet()
        await chat.answer(await chat.recall(turn_id, ann()), ann(), sheet, 77)

        assert sheet.sorry == "Easel is being restarted. Ask again in a minute."
        assert await Turns(house.database).awaiting() == ()
