"""The cards of batches, as people read them."""

from __future__ import annotations

import io
from dataclasses import replace

import discord
import pytest
from checks_kit import check_limits, check_view, components_of, texts_of
from ui_batch_kit import ID, REQUEST, a_batch, a_snapshot
from ui_kit import HOSTILE, LONGEST, NOW, a_job, a_reading, some_pictures
from world_kit import ANN

from bot.domain.batches import Entry
from bot.domain.requests import PictureRequest
from bot.domain.runs import BatchRow, BatchState, Draft, Ending, Offer, Page, RowState, Shot, Tally
from bot.domain.standing import Standing, UnderWay
from bot.ui import batch as ui
from bot.ui import queue


def shown(view: discord.ui.LayoutView) -> str:
    return "\n".join(texts_of(check_view(view)))


def labels(view: discord.ui.LayoutView) -> list[str]:
    return [one["label"] for one in components_of({"components": view.to_components()}) if one["type"] == 2]


def an_offer(count: int = 40, fits: int = 40, prompt: str = "a red fox", title: str = "list.csv") -> Offer:
    entries = tuple(Entry(row, prompt) for row in range(2, 2 + count))
    readings = (a_reading(used=0, cap=50),)
    return Offer(Draft(title, REQUEST, entries), "openai/gpt-5-image-mini", 2_400_000, fits, readings)


def test_an_offer_says_what_is_sent_what_it_costs_and_what_is_left():
    said = shown(ui.offer(ID, an_offer()))

    assert said.startswith("### 40 pictures from “list.csv”\n**Row 2** a red fox\n")
    assert "-# and 37 more\nUp to $2.40 · 50 of 50 pictures left today.\n" in said
    assert said.endswith(
        "-# `openai/gpt-5-image-mini` · seed 7 · aspect 1:1. What is not drawn is not charged."
    )
    assert labels(ui.offer(ID, an_offer())) == ["Start", "Cancel"]


@pytest.mark.parametrize(
    ("fits", "says"),
    [
        (20, "Your allowance lets 20 pictures through now. Then the batch pauses"),
        (1, "lets 1 picture through now"),
        (0, "lets none of them through now"),
    ],
)
def test_an_offer_says_how_many_the_allowance_lets_through(fits: int, says: str):
    assert says in shown(ui.offer(ID, an_offer(fits=fits)))


@pytest.mark.parametrize(
    "words", [HOSTILE, LONGEST, "\u200b", "a\n\nb"], ids=["hostile", "long", "unseen", "lines"]
)
def test_whatever_people_write_every_card_is_one_that_discord_takes(words: str):
    for view in (
        ui.offer(ID, an_offer(prompt=words, title=words)),
        ui.card(a_snapshot(Tally(done=3, failed=9), failures=5, prompt=words, title=words)),
        ui.started(a_batch(title=words)),
        ui.coming(a_batch(title=words)),
        ui.files(a_batch(title=words), [], Ending(Tally(done=1), 3, 4)),
    ):
        assert "<@12345678901234567>" not in shown(view)


def test_a_card_shows_a_bar_counts_the_time_and_the_cost():
    tally = Tally(waiting=22, drawing=3, drawn=4, done=10, failed=1, cost_microusd=140_000)
    ready = replace(a_snapshot(tally, failures=1), ready_at=NOW)

    said = shown(ui.card(ready))

    assert said.startswith(
        "### Drawing: 40 pictures from “list.csv”\n`▰▰▰▰▰▰▰▰▱▱▱▱▱▱▱▱▱▱▱▱` 15 of 40\n"
        f"14 drawn · 1 failed · 3 being drawn · 22 waiting · ready <t:{int(NOW.timestamp())}:R>\n"
    )
    assert f"for <@{ANN}> · `openai/gpt-5-image-mini` · $0.14 so far" in said
    assert "**Row 2** a fox\n-# Refused. a fox" in said
    assert labels(ui.card(ready)) == ["Pause", "Cancel", "Retry failed (1)"]


@pytest.mark.parametrize(
    ("state", "tally", "names"),
    [
        (BatchState.PAUSED, Tally(waiting=2), ["Resume", "Cancel"]),
        (BatchState.DONE, Tally(done=2), []),
        (BatchState.DONE, Tally(done=2, failed=9), ["Retry failed (9)", "All that failed"]),
        (BatchState.CANCELLED, Tally(done=2, cancelled=2), []),
        (BatchState.CANCELLED, Tally(failed=9), ["All that failed"]),
    ],
)
def test_a_card_offers_what_can_be_done(state: BatchState, tally: Tally, names: list[str]):
    view = ui.card(a_snapshot(tally, failures=min(5, tally.failed), state=state))

    shown(view)
    assert labels(view) == names


def test_a_paused_card_says_why_and_how_to_go_on():
    said = shown(ui.card(a_snapshot(Tally(waiting=2), state=BatchState.PAUSED, reason="All used up.")))

    assert "**Paused.** All used up. **Resume** goes on." in said


def test_what_failed_is_listed_and_a_long_list_is_a_file():
    few, many = (a_snapshot(Tally(), failures=n).failures for n in (3, 200))

    short, long, none = ui.failed(few), ui.failed(many), ui.failed(())

    assert "3 rows could not be drawn" in shown(short.view)
    assert short.files == []
    (file,) = long.files
    text = file.fp.read().decode()
    assert text.startswith("Row 2: Refused. a fox\n    a fox\n")
    assert text.count("Row ") == 200
    check_view(long.view, 1)
    assert "No row" in shown(none.view)


@pytest.mark.parametrize(
    ("numbers", "says"),
    [((2, 3, 4), "### Rows 2–4"), ((2, 5, 6), "### Rows 2, 5, 6"), ((9,), "### Row 9")],
)
def test_a_page_names_its_rows_and_says_what_each_picture_shows(numbers: tuple[int, ...], says: str):
    (picture,) = some_pictures(a_job(), 1)
    shots = [
        Shot(BatchRow(n, HOSTILE, None, RowState.RUNNING), replace(picture, id=f"{n}", job_id=ID + n))
        for n in numbers
    ]
    files = [discord.File(io.BytesIO(b"x"), shot.picture.filename) for shot in shots]

    payload = check_view(ui.page(a_batch(), shots, files, Page(ID, 12)), len(shots))

    assert texts_of(payload)[0].startswith(f"{says}\n")
    described = [
        item["description"] for one in components_of(payload) if one["type"] == 12 for item in one["items"]
    ]
    assert [text.partition(":")[0] for text in described] == [f"Row {n}" for n in numbers]


def test_the_nonce_of_a_page_is_one_that_discord_takes():
    assert len(Page(2**63 - 1, 9999).nonce) <= 25


@pytest.mark.parametrize("jobs", [0, 1, 30])
@pytest.mark.parametrize("batches", [1, 3, 9])
def test_a_queue_of_batches_and_jobs_is_one_that_discord_takes(jobs: int, batches: int):
    waiting = [UnderWay(a_job(PictureRequest(HOSTILE)), Standing(position=n)) for n in range(jobs)]
    under_way = [
        a_snapshot(Tally(waiting=4, failed=9), failures=5, id=ID + n, card_message_id=5)
        for n in range(batches)
    ]
    jobs_with_ids = [replace(one, job=replace(one.job, id=ID + 100 + n)) for n, one in enumerate(waiting)]

    payload = {"components": queue.card(jobs_with_ids, under_way).to_components()}
    check_limits(payload)

    text = "\n".join(texts_of(payload))
    assert f"Under way for you: {jobs + batches}" in text
    listed = text.count("4 waiting") + text.count("asked <t:")
    assert ("more" in text) == (listed < jobs + batches)
    if listed < jobs + batches:
        assert f"and {jobs + batches - listed} more" in text


def test_moderators_do_not_read_the_name_of_a_private_batch():
    private = a_snapshot(Tally(waiting=4), request=replace(REQUEST, private=True))

    text = "\n".join(texts_of({"components": queue.card((), [private], server=True).to_components()}))

    assert "A private batch" in text
    assert "list.csv" not in text
