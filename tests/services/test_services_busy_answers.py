"""Answers whose model is busy: who asked is told when it is asked again."""

from __future__ import annotations

import pytest
from provider_kit import trouble
from rooms_kit import chat_rooms
from test_services_chat import limits, said

__all__ = ["limits"]


@pytest.mark.parametrize(("advice", "told"), [("9", pytest.approx(10, abs=1)), ("2", 0.0)])
async def test_a_wait_that_is_worth_a_word_is_told_and_its_end(house, monkeypatch, advice, told):
    async def at_once(_seconds):
        """Let no time pass."""

    monkeypatch.setattr(house.till._model, "_sleep", at_once)
    house.world.provider.script = [lambda _: trouble(429, **{"Retry-After": advice})]

    sheet = await said(chat_rooms(house), "hello")

    assert sheet.text
    assert sheet.held_up_s == [told, 0.0]
