from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from checks_kit import check_view, texts_of
from ui_kit import HOSTILE, JOB_ID, a_job, some_pictures

from bot.domain.capabilities import Plan, PlannedCall, Transport
from bot.domain.images import PictureInfo, Role
from bot.domain.lineage import OnCard, Source
from bot.domain.requests import PictureRequest, Stored, StyleUse
from bot.ui.details import details
from bot.ui.prints import REQUEST_LIMIT_BYTES

MIB = 2**20


def _words(job, pictures=(), sources=()) -> str:
    post = details(job, pictures, sources)
    return "\n".join(texts_of(check_view(post.view, files=len(post.files))))


def _sized(*sizes: int, kinds: str = "png"):
    job = a_job()
    return [
        replace(one, info=PictureInfo(f"image/{kind}", 8, 8, size))
        for one, size, kind in zip(
            some_pictures(job, len(sizes)), sizes, kinds.split() * len(sizes), strict=False
        )
    ]


def test_they_say_how_the_pictures_were_made():
    job = a_job(PictureRequest("a fox", seed=4), cost_microusd=38_701)

    said = _words(job, some_pictures(job, 1))

    assert "ade from" not in said
    assert "also told" not in said
    for part in (
        "**Model** `openai/gpt-5-image-mini`",
        "seed 4",
        f"**Card** `{JOB_ID}`, for `/show`",
        "<@101>, <t:1795262400:f>",
        "$0.0387",
        "Picture 1: 1024×1536, PNG, ",
    ):
        assert part in said


def test_of_deleted_pictures_they_say_what_is_left():
    said = _words(a_job(plan=Plan("m", Transport.CHAT, (), 0)))

    assert "left to the model" in said
    assert "byte for byte" not in said


def test_they_name_the_cards_that_pictures_were_made_from():
    job = a_job()
    first, second = (replace(a_job(), id=n) for n in (41, 42))
    reference, picture = some_pictures(job, 2)
    known = [
        Source(reference, OnCard(first, picture, 2, 4), is_open=True),
        Source(reference, OnCard(second, picture, 1, 1), is_open=True),
        Source(reference, None, is_open=True),
        Source(reference, None, is_open=False),
    ]

    one, many = (_words(job, some_pictures(job, count), known) for count in (1, 2))

    came = "picture 2 of card `41`, card `42`, a picture that you sent and a picture that you cannot see"
    assert f"**Made from** {came}\n" in one
    assert f"**Each made from** {came}\n" in many


def test_pictures_that_cannot_be_named_are_counted():
    reference, _ = some_pictures(a_job(), 2)
    known = [Source(reference, None, is_open=is_open) for is_open in (True, True, False, False, False)]

    said = _words(a_job(), some_pictures(a_job(), 1), known)

    assert "**Made from** 2 pictures that you sent and 3 pictures that you cannot see\n" in said


def test_they_say_what_easel_added_to_the_words():
    said = _words(a_job(PictureRequest("a hat", hint="Change only the upper left.")))

    assert "**The model was also told** Change only the upper left." in said


@pytest.mark.parametrize(
    ("pictures", "wanted", "limit", "says"),
    [
        (_sized(100), None, MIB, ["The file is byte for byte as the model sent it."]),
        (_sized(100), "png", MIB, ["The file is byte for byte as the model sent it."]),
        (
            _sized(100),
            "webp",
            MIB,
            [
                "The file is kept byte for byte as the model sent it.",
                "It was encoded again for the card, since WEBP was asked for.",
            ],
        ),
        (
            _sized(2 * MIB, 100, 3 * MIB),
            None,
            MIB,
            [
                "The files are kept",
                "Pictures 1 and 3 were encoded again for the card, to fit what Discord takes.",
            ],
        ),
        (_sized(100, 2 * MIB), None, MIB, ["Picture 2 was encoded again for the card, to fit"]),
        (
            _sized(*[REQUEST_LIMIT_BYTES // 2] * 3),
            None,
            REQUEST_LIMIT_BYTES,
            ["They were encoded again for the card, to fit"],
        ),
        (
            _sized(100, 100, kinds="png jpeg"),
            "jpeg",
            MIB,
            ["Picture 1 was encoded again for the card, since JPEG was asked for."],
        ),
    ],
    ids=["as sent", "as asked", "converted", "two too large", "one too large", "all too large", "mixed"],
)
def test_they_say_what_became_of_the_files(pictures, wanted: str | None, limit: int, says: list[str]):
    job = a_job(PictureRequest("a fox", output_format=wanted))

    said = _words(replace(job, origin=replace(job.origin, upload_limit_bytes=limit)), pictures)

    for part in says:
        assert part in said
    assert said.count("encoded again") == sum("encoded again" in part for part in says)


def test_they_keep_discord_s_limits_at_their_fullest():
    variants = tuple(HOSTILE[:600] for _ in range(10))
    every: dict[str, Any] = {"aspect": "21:9", "quality": "xhigh", "background": "transparent"}
    request = PictureRequest(
        HOSTILE[:6000],
        variants=variants,
        style=StyleUse("s" * 40, "{subject}"),
        hint="h" * 4000,
        output_format="webp",
        references=(Stored("1-0"),),
        seeds=tuple(range(2**31 - 30, 2**31 - 10, 2)),
        **every,
    )
    calls = tuple(PlannedCall(n, 1, 2**31 - 30 + 2 * n, n) for n in range(10))
    job = a_job(request, id=2**63 - 1, plan=Plan("acme/" + "m" * 80, Transport.IMAGES, calls, 1))
    pictures = some_pictures(job, 10)
    reference = replace(pictures[0], role=Role.REFERENCE)
    sources = [Source(reference, OnCard(job, pictures[0], 10, 10), is_open=True)] * 5

    said = _words(job, pictures, sources)

    assert "@everyone" not in said
