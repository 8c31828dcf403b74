from __future__ import annotations

from dataclasses import replace

from world_kit import Clock, ann, bob

from bot.errors import BadInput, TurnedAway
from bot.services import repetition
from bot.services.repetition import LATELY, MOST_HERE, Repetition


def test_a_sentence_is_news_once_for_each_person_and_channel_and_again_after_a_while():
    clock = Clock()
    said = Repetition(clock)
    elsewhere = replace(ann(), channel_id=701)

    heard = [said.is_news(who, BadInput("no")) for who in (ann(), ann(), bob(), elsewhere)]
    assert heard == [True, False, True, True]
    assert said.is_news(ann(), BadInput("no, for another reason"))
    clock.now += LATELY
    assert said.is_news(ann(), BadInput("no"))


def test_who_is_told_again_after_a_while_only_is_not_put_off_by_asking_on():
    clock = Clock()
    said = Repetition(clock)
    said.is_news(ann(), BadInput("no"))

    heard: list[bool] = []
    for _ in range(3):
        clock.now += LATELY / 2
        heard.append(said.is_news(ann(), BadInput("no")))

    assert heard == [False, True, False]


def test_its_memory_is_bounded(monkeypatch):
    monkeypatch.setattr(repetition, "MOST", 3)
    said = Repetition(Clock())

    for n in range(10):
        assert said.is_news(ann(user_id=n), BadInput("no"))

    assert len(said._said) == 3
    assert not said.is_news(ann(user_id=9), BadInput("no"))


def test_a_sentence_that_differs_in_its_time_alone_is_the_same():
    said = Repetition(Clock())

    assert said.is_news(ann(), BadInput("Try again <t:1764000000:R>."))
    assert not said.is_news(ann(), BadInput("Try again <t:1764000060:R>."))
    assert said.is_news(ann(), BadInput("Try again tomorrow."))


def test_a_crowd_of_a_channel_is_not_told_one_by_one():
    clock = Clock()
    said = Repetition(clock)

    told = [said.is_news(ann(user_id=n), BadInput("no")) for n in range(100)]

    assert (told.count(True), told.index(False)) == (MOST_HERE, MOST_HERE)
    assert said.is_news(replace(ann(), channel_id=701), BadInput("no"))
    clock.now += LATELY
    assert said.is_news(ann(user_id=100), BadInput("no"))


def test_a_rule_that_is_set_anew_is_told_anew():
    clock = Clock()
    said = Repetition(clock)
    first = TurnedAway("Paused.", since=clock.now)

    assert said.is_news(ann(), first)
    clock.now += LATELY / 4
    again = TurnedAway("Paused.", since=clock.now)
    clock.now += LATELY / 4
    assert [said.is_news(ann(), one) for one in (first, again, again)] == [False, True, False]
