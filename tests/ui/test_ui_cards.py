from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from checks_kit import check_view, components_of, texts_of
from ui_kit import HOSTILE, JOB_ID, LONGEST, a_job, a_reading, a_result, files_of, some_pictures

from bot.domain.capabilities import Offer, PictureModel, Plan, Transport
from bot.domain.lineage import OnCard, Source
from bot.domain.quotas import Meter, Owner, Reading
from bot.domain.requests import Kind, PictureRequest, Stored, Upload
from bot.domain.rules import Decided, Entitlement, Given
from bot.domain.variation import Strength, varied
from bot.ui import cards, details, quota
from bot.ui.pages import Page
from bot.ui.press import ActButton

PROMPTS = {
    "plain": "a lighthouse at dusk",
    "hostile": HOSTILE[:6000],
    "as long as can be": LONGEST,
    "invisible": "\u200b\u2060\u200b",
    "nothing but marks": "*" * 6000,
}
FULL: dict[str, Any] = {
    "aspect": "21:9",
    "quality": "xhigh",
    "background": "transparent",
    "output_format": "webp",
}


def _sources(job, count: int) -> list[Source]:
    """Return what a job was made from: pictures of other cards."""
    references = some_pictures(job, count)
    return [Source(one, OnCard(job, one, 10, 10), is_open=True) for one in references]


@pytest.mark.parametrize("prompt", PROMPTS.values(), ids=PROMPTS)
class TestEveryPrompt:
    @pytest.mark.sampled(2)
    @pytest.mark.parametrize("count", [1, 4, 10])
    def test_a_result_keeps_discord_s_limits(self, prompt: str, count: int):
        job = a_job(PictureRequest(prompt, count=count, seed=0, **FULL))
        came = a_result(job, shortfall=HOSTILE, readings=[a_reading()])

        payload = check_view(cards.result(came, files_of(came)), files=count)

        assert not any("@everyone" in text for text in texts_of(payload))

    def test_a_card_of_work_keeps_them(self, prompt: str):
        check_view(cards.drawing(a_job(PictureRequest(prompt, count=10, **FULL))))

    def test_details_keep_them(self, prompt: str):
        job = a_job(PictureRequest(prompt, count=10, seed=0, **FULL))

        post = details.details(job, some_pictures(job, 10), _sources(job, 5))

        check_view(post.view, files=len(post.files))
        assert len(post.files) == (len(prompt) > details.PROMPT_SHOWN)
        assert all(file.fp.read().decode() == prompt for file in post.files), "whole"

    def test_an_apology_keeps_them(self, prompt: str):
        check_view(cards.apology(prompt if prompt.strip("\u200b\u2060") else "sorry"))

    def test_an_apology_with_another_try_keeps_them(self, prompt: str):
        payload = check_view(cards.apology(prompt if prompt.strip("\u200b\u2060") else "sorry", JOB_ID))

        buttons = [one["custom_id"] for one in components_of(payload) if one["type"] == 2]
        assert buttons == [f"v1:again:{JOB_ID}", f"v1:edit:{JOB_ID}"]

    def test_an_apology_keeps_what_was_asked_for(self, prompt: str):
        payload = check_view(cards.apology("Sorry.", JOB_ID, retry=False, prompt=prompt))

        buttons = [one["custom_id"] for one in components_of(payload) if one["type"] == 2]
        assert buttons == [f"v1:edit:{JOB_ID}"]
        assert texts_of(payload)[0] == "Sorry."

    @pytest.mark.parametrize("count", [1, 10])
    def test_pictures_are_described_in_at_most_1024_characters(self, prompt: str, count: int):
        assert all(len(cards.alt_text(prompt, n, count)) <= 1024 for n in range(1, count + 1))


def _footer(came) -> str:
    return texts_of(check_view(cards.result(came, files_of(came)), files=len(came.pictures)))[-1]


class TestResult:
    def test_the_small_print_says_what_made_it_and_what_it_cost(self):
        came = a_result(a_job(PictureRequest("a", aspect="3:2", quality="low")), readings=[a_reading()])

        assert _footer(came) == (
            "-# `openai/gpt-5-image-mini` · aspect 3:2 · quality low\n"
            "-# $0.0387 · 7 of 10 pictures left today"
        )

    @pytest.mark.parametrize(
        ("seed", "count", "came", "shown"),
        [(0, 1, 1, "seed 0"), (5, 4, 4, "seeds 5–8"), (5, 4, 2, "seeds 5–6"), (7, 3, 0, "seeds 7–9")],
        ids=["zero", "a row", "fewer", "none recorded"],
    )
    def test_seeds_are_shown(self, seed, count, came, shown):
        job = a_job(PictureRequest("a", seed=seed, count=count))
        pictures = some_pictures(job, came)

        assert cards._seeds(pictures, job.plan) == shown

    def test_seeds_with_a_gap_are_listed(self):
        job = a_job(PictureRequest("a", seed=5, count=3))
        first, _, third = some_pictures(job, 3)

        assert cards._seeds((first, third), job.plan) == "seeds 5, 7"

    def test_a_seed_that_does_not_repeat_pictures_is_said(self):
        assert "does not repeat" in _footer(a_result(a_job(PictureRequest("a", seed=0))))
        repeats = Plan("m", Transport.CHAT, a_job(PictureRequest("a", seed=0)).plan.calls, 1)
        assert "does not repeat" not in _footer(a_result(a_job(PictureRequest("a", seed=0), plan=repeats)))

    def test_a_shortfall_is_said(self):
        came = a_result(a_job(PictureRequest("a", count=4)), 3, shortfall="3 of 4 pictures came; the rest …")

        assert "3 of 4 pictures came" in _footer(came)

    @pytest.mark.parametrize(
        ("readings", "shown"),
        [
            ([a_reading(3, 10, Meter.USD_PER_DAY), a_reading()], "7 of 10 pictures left today"),
            ([a_reading(3, 10, Meter.IMAGES_PER_MONTH)], "7 of 10 pictures left this month"),
            ([a_reading(250_000, 1_000_000, Meter.USD_PER_DAY)], "$0.75 left today"),
            (
                [a_reading(1, 100, Meter.MESSAGES_PER_DAY), a_reading(0, 1_000_000, Meter.USD_PER_DAY)],
                "$1.00 left today",
            ),
            ([a_reading(250_000, 1_000_000, Meter.USD_PER_MONTH)], "$0.75 left this month"),
            (
                [a_reading(0, 2_000_000, Meter.USD_PER_DAY), a_reading(0, 1_000_000, Meter.USD_PER_MONTH)],
                "$1.00 left this month",
            ),
            (
                [a_reading(), a_reading(9_000, 10_000, Meter.USD_PER_DAY)],
                "7 of 10 pictures left today · $0.001 left today",
            ),
            ([a_reading(owner=Owner.SERVER)], "$0.0387"),
            ([], "$0.0387"),
        ],
        ids=[
            "today first",
            "this month",
            "money",
            "money beside messages",
            "money of the month",
            "the tighter of two",
            "money that ends before the pictures",
            "the server's is not theirs",
            "none",
        ],
    )
    def test_what_is_left_is_the_person_s_own(self, readings, shown):
        assert _footer(a_result(readings=readings)).endswith(shown)

    def test_every_button_carries_its_verb_and_the_job_alone(self):
        came = a_result()
        payload = check_view(cards.result(came, files_of(came)), files=1)

        ids = [one["custom_id"] for one in components_of(payload) if one["type"] == 2]
        verbs = ("again", "vary", "edit", "details", "delete", "tray", "part")
        assert sorted(ids) == sorted([*(f"v1:{verb}:{JOB_ID}" for verb in verbs), f"v2:favourite:{JOB_ID}"])

    def test_what_came_from_a_picture_leads_back_to_it(self):
        came = a_result(a_job(PictureRequest("a fox", references=(Stored("5-0"),))))
        payload = check_view(cards.result(came, files_of(came)), files=1)

        assert f"v1:undo:{JOB_ID}" in [one.get("custom_id") for one in components_of(payload)]

    def test_several_pictures_are_told_apart_for_those_who_do_not_see_them(self):
        came = a_result(a_job(PictureRequest("a fox", count=2)))
        payload = check_view(cards.result(came, files_of(came)), files=2)

        (gallery,) = [one for one in components_of(payload) if one["type"] == 12]
        assert [item["description"] for item in gallery["items"]] == [
            "Picture 1 of 2: a fox",
            "Picture 2 of 2: a fox",
        ]


def test_work_says_what_is_drawn_and_what_it_may_cost():
    (text,) = texts_of(check_view(cards.drawing(a_job(PictureRequest("a *fox*", count=3)))))

    assert text == "### Drawing 3 pictures…\na \\*fox\\*\n-# `openai/gpt-5-image-mini` · up to $0.04"


def entitled(*readings: Reading) -> Entitlement:
    own = [one.limit for one in readings if one.limit.owner is Owner.PERSON]
    given = tuple(Given(limit.meter, limit.cap, limit.basis, limit.role_id) for limit in own)
    return Entitlement(tuple(readings), given, Decided())


class TestQuota:
    def test_it_keeps_discord_s_limits_at_its_fullest(self):
        readings = [
            a_reading(9, 10, meter, owner) for owner in (Owner.PERSON, Owner.SERVER) for meter in Meter
        ]
        model = PictureModel("acme/" + "m" * 60, "N*" * 50, (Offer(Transport.IMAGES),), date(2027, 1, 10))
        rows = tuple((quality, 123_456_789) for quality in ("low", "medium", "high", "xhigh", "max"))

        check_view(quota.card(entitled(*readings), [(model, rows)] * 40))

    def test_meters_say_what_is_left_and_when_it_returns(self):
        readings = [a_reading(3, 10), a_reading(250_000, 1_000_000, Meter.USD_PER_MONTH, Owner.SERVER)]

        meters, _ = texts_of(check_view(quota.card(entitled(*readings), ())))

        assert "**Pictures today**\n`▰▰▰▰▰▰▰▱▱▱` 7 of 10 left\n-# Full again <t:1795305600:f>" in meters
        assert "**This server: Spending this month**\n`▰▰▰▰▰▰▰▰▱▱` $0.75 of $1.00 left" in meters

    def test_prices_name_each_quality_and_the_end_of_a_model(self):
        model = PictureModel("acme/m", "M_1", (Offer(Transport.IMAGES),), date(2027, 1, 10))

        _, prices = texts_of(
            check_view(quota.card(entitled(), [(model, (("low", 10_000), ("high", 40_000)))]))
        )

        assert "M\\_1 · ends <t:1799539200:D>\n-# low $0.01 · high $0.04" in prices

    def test_without_limits_and_models_that_is_said(self):
        meters, prices = texts_of(check_view(quota.card(entitled(), ())))

        assert "Nothing limits you here." in meters
        assert "No model is available right now." in prices

    def test_a_model_without_qualities_has_one_price(self):
        model = PictureModel("acme/m", "M", (replace(Offer(Transport.IMAGES)),))

        _, prices = texts_of(check_view(quota.card(entitled(), [(model, (("", 10_000),))])))

        assert prices.endswith("M\n-# $0.01")


@pytest.mark.parametrize(
    ("request_", "says"),
    [
        (varied(PictureRequest("a fox"), "5-10", Strength.SUBTLE, 1), "subtly varied from picture `5-10`"),
        (varied(PictureRequest("a fox"), "5-0", Strength.MEDIUM, 1), "varied from picture `5-0`"),
        (varied(PictureRequest("a fox"), "5-0", Strength.STRONG, 2), "strongly varied from picture `5-0`"),
        (varied(PictureRequest("a fox"), "6-r0", Strength.STRONG, 2), "strongly varied"),
        (PictureRequest("a fox", kind=Kind.VARY, hint="of an earlier version"), "varied"),
        (PictureRequest("x", kind=Kind.EDIT, references=(Stored("5-0"),)), "edited from picture `5-0`"),
        (PictureRequest("x", kind=Kind.EDIT, references=(Stored("5-0"), Upload("u", "f", 1))), "edited"),
        (
            PictureRequest("x", kind=Kind.BLEND, references=(Stored("5-0"), Stored("6-1"))),
            "blended from picture `5-0` and picture `6-1`",
        ),
    ],
    ids=["subtle", "medium", "strong", "again", "old", "edit", "of uploads", "blend"],
)
def test_a_card_says_what_it_goes_on_from_and_how_while_it_is_drawn_and_then(
    request_: PictureRequest, says: str
):
    came = a_result(a_job(request_))

    for view in (cards.drawing(came.job), cards.result(came, files_of(came))):
        parts = [
            part for text in texts_of({"components": view.to_components()}) for part in text.splitlines()
        ]
        assert f"-# {says}" in parts


async def test_no_card_and_no_page_of_an_answer_is_remembered_by_discord_py():
    """An unfinished view is kept for its message, and a private one gets a task for a quarter of an hour."""
    page = Page("words", buttons=(ActButton("again", 1, label="Again"),))

    views = [cards.drawing(a_job()), page.shown()["view"], page.changed()["view"]]

    assert [view.is_finished() for view in views] == [True, True, True]
