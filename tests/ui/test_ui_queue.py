from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from checks_kit import check_limits, components_of, texts_of
from provider_kit import NOW
from ui_kit import a_job as any_job

from bot.domain.jobs import Job, JobState, Origin
from bot.domain.requests import PictureRequest
from bot.domain.standing import Standing, UnderWay
from bot.ui import queue


def a_job(**changed: Any) -> Job:
    return replace(any_job(changed.pop("request", None)), state=JobState.QUEUED, **changed)


def shown(*jobs: UnderWay, server: bool = False) -> dict:
    payload = {"components": queue.card(jobs, server=server).to_components()}
    check_limits(payload)
    return payload


def labels(payload: dict) -> list[str]:
    return [one["custom_id"] for one in components_of(payload) if one["type"] == 2]


def test_nothing_under_way_is_said():
    (text,) = texts_of(shown())

    assert "Nothing is under way for you." in text


def test_a_job_shows_its_place_its_time_and_a_way_to_it():
    job = a_job(card_message_id=5, card_channel_id=700)
    ready = NOW + timedelta(seconds=40)

    payload = shown(UnderWay(job, Standing(position=3, ready_at=ready)))

    _, text = texts_of(payload)
    assert text.startswith(f"**Waiting · number 3 in line · ready <t:{int(ready.timestamp())}:R>**\n")
    assert f"https://discord.com/channels/{job.guild_id}/{job.channel_id}/5" in text
    assert labels(payload) == [f"v2:unqueue:{job.id}:0"]


@pytest.mark.parametrize(
    ("standing", "words"),
    [
        (Standing(running_since=NOW), "**Drawing**"),
        (Standing(position=1), "**Waiting · number 1 in line**"),
        (
            Standing(running_since=NOW, ready_at=NOW, again_at=NOW),
            f"**The model is busy · Easel asks again <t:{int(NOW.timestamp())}:R>**",
        ),
        (Standing(), "**Waiting**"),
    ],
    ids=["running", "no time known", "asked again", "broken off"],
)
def test_each_standing_has_its_words(standing: Standing, words: str):
    _, text = texts_of(shown(UnderWay(a_job(), standing)))

    assert text.startswith(words)


def test_what_is_drawn_cannot_be_cancelled():
    payload = shown(UnderWay(any_job(), Standing(running_since=NOW)))

    assert "on its way" in texts_of(payload)[1]
    assert labels(payload) == []


def test_a_full_list_fits_into_a_message():
    request = PictureRequest("*" * 6000)
    jobs = [UnderWay(a_job(id=10**19 + n, request=request), Standing(position=n)) for n in range(1, 31)]

    payload = shown(*jobs, server=True)

    assert len(labels(payload)) == queue.SHOWN + 2
    assert "and 20 more" in texts_of(payload)[-1]


@pytest.mark.parametrize(
    ("page", "first", "last", "turns"),
    [
        (0, 1, 10, ["v2:queuepage:0:mine:e", "v2:queuepage:1:mine:l"]),
        (1, 11, 20, ["v2:queuepage:0:mine:e", "v2:queuepage:2:mine:l"]),
        (2, 21, 25, ["v2:queuepage:1:mine:e", "v2:queuepage:3:mine:l"]),
        (99, 21, 25, ["v2:queuepage:1:mine:e", "v2:queuepage:3:mine:l"]),
    ],
)
def test_a_long_list_has_pages(page: int, first: int, last: int, turns: list[str]):
    jobs = [UnderWay(a_job(id=n), Standing(position=n)) for n in range(1, 26)]
    payload = {"components": queue.card(jobs, page=page).to_components()}
    check_limits(payload)

    cancels, buttons = labels(payload)[:-2], labels(payload)[-2:]

    at = min(page, 2)
    assert cancels == [f"v2:unqueue:{n}:{at}" for n in range(first, last + 1)]
    assert buttons == turns


def test_a_list_that_fits_has_no_pages():
    jobs = [UnderWay(a_job(id=n), Standing(position=n)) for n in range(1, queue.SHOWN + 1)]

    assert len(labels(shown(*jobs))) == queue.SHOWN


def test_moderators_see_whose_it_is_but_not_what_is_private():
    secret = a_job(request=PictureRequest("a secret", private=True), card_message_id=5)

    payload = shown(UnderWay(secret, Standing(position=1)), server=True)

    text = texts_of(payload)[1]
    assert "secret" not in text
    assert f"<@{secret.user_id}>" in text
    assert "discord.com" not in text
    assert labels(payload) == [f"v2:unqueueany:{secret.id}:0"]


@pytest.mark.parametrize(
    ("may_post", "shows"), [(True, True), (False, False)], ids=["a dm", "a foreign server"]
)
def test_only_messages_that_can_be_opened_are_linked(may_post: bool, shows: bool):
    job = a_job(guild_id=None, card_message_id=5)
    origin: Origin = replace(job.origin, can_post_in_channel=may_post)

    _, text = texts_of(shown(UnderWay(replace(job, origin=origin), Standing(position=1))))

    assert (f"https://discord.com/channels/@me/{job.channel_id}/5" in text) is shows
