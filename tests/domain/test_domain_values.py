from __future__ import annotations

import pytest

from bot.domain.images import EXTENSIONS, Picture, PictureInfo, Role, picture_id
from bot.domain.jobs import STEPS, UNFINISHED, JobState
from bot.domain.requests import PictureRequest, StyleUse


def test_every_state_leads_to_an_end_and_ends_lead_nowhere():
    ends = {state for state, after in STEPS.items() if not after}

    assert set(STEPS) == set(JobState)
    assert ends == {JobState.SETTLED, JobState.REFUSED, JobState.FAILED, JobState.CANCELLED}
    assert set(JobState) - ends == UNFINISHED
    for state in UNFINISHED:
        reached, frontier = set(), {state}
        while frontier:
            reached |= frontier
            frontier = {after for one in frontier for after in STEPS[one]} - reached
        assert reached & ends


def test_what_was_delivered_is_only_settled():
    assert STEPS[JobState.DELIVERED] == {JobState.SETTLED}


@pytest.mark.parametrize(("media_type", "ending"), EXTENSIONS.items())
def test_a_file_name_is_ascii_and_says_what_it_is(media_type: str, ending: str):
    picture = Picture("5-r1", 5, Role.REFERENCE, 1, "ab" * 32, PictureInfo(media_type, 1, 1, 1))

    assert picture.filename == f"easel-5-r1.{ending}"


def test_ids_of_pictures_differ_by_job_role_and_place():
    ids = {picture_id(job, role, n) for job in (1, 11) for role in Role for n in (0, 1, 10)}

    assert len(ids) == 12
    assert picture_id(5, Role.RESULT, 0) == "5-0"


def test_only_chosen_settings_are_named_as_in_the_command():
    assert PictureRequest("a fox").settings() == {}
    assert PictureRequest(
        "a", aspect="1:1", quality="low", background="opaque", output_format="png"
    ).settings() == {
        "aspect": "1:1",
        "quality": "low",
        "background": "opaque",
        "format": "png",
    }


def test_what_is_sent_is_the_prompt_as_it_was_written():
    assert PictureRequest("a {red, blue} fox, no text").words() == ("a {red, blue} fox, no text",)


def test_what_is_sent_has_the_style_and_the_hint_around_each_variant():
    style = StyleUse("ink", "{subject}, in ink. Not {colour}.")

    request = PictureRequest("x", variants=("a {subject}", "b"), style=style, hint="Change the sky only.")

    assert request.words() == (
        "a {subject}, in ink. Not {colour}.\n\nChange the sky only.",
        "b, in ink. Not {colour}.\n\nChange the sky only.",
    )


@pytest.mark.parametrize(
    ("request_", "seeds", "total"),
    [
        (PictureRequest("a"), (None,), 1),
        (PictureRequest("a", count=3), (None, None, None), 3),
        (PictureRequest("a", count=3, seed=0), (0, 1, 2), 3),
        (PictureRequest("a", seeds=(9, 4)), (9, 4), 2),
        (PictureRequest("a", count=2, variants=("a", "b", "c")), (None, None), 6),
        (PictureRequest("a", seeds=(9, 4), variants=("a", "b")), (9, 4), 4),
    ],
    ids=["one", "several", "by seed", "seeds", "variants", "variants by seeds"],
)
def test_pictures_are_counted_over_texts_and_seeds(request_, seeds, total):
    assert request_.drawn_seeds() == seeds
    assert request_.total == total
    assert request_.has_seed is (seeds[0] is not None)
