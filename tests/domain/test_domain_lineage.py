from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.capabilities import Plan, Transport
from bot.domain.images import Picture, PictureInfo, Role, picture_id
from bot.domain.jobs import Job, JobState, Origin
from bot.domain.lineage import OnCard, Source, candidates, versions
from bot.domain.quotas import Charge
from bot.domain.requests import PictureRequest

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def _on_card(job_id: int, number: int = 1, count: int = 1, parents: tuple[str, ...] = ()) -> OnCard:
    job = Job(
        id=job_id,
        state=JobState.SETTLED,
        user_id=1,
        guild_id=2,
        channel_id=3,
        request=PictureRequest("a fox"),
        plan=Plan("m", Transport.IMAGES, (), 1),
        held=Charge(1, 1),
        origin=Origin(9, "token", NOW + timedelta(minutes=15), 2**20),
        created_at=NOW,
    )
    name = picture_id(job_id, Role.RESULT, number - 1)
    info = PictureInfo("image/png", 8, 8, 100)
    return OnCard(
        job,
        Picture(name, job_id, Role.RESULT, number - 1, "ab" * 32, info, parents=parents),
        number,
        count,
    )


def _named(*family: OnCard) -> dict[str, str]:
    return {one.on_card.picture.id: one.name for one in versions(family)}


def test_versions_are_named_by_their_step_and_their_age():
    first, beside = _on_card(1, 1, 2), _on_card(1, 2, 2)
    later = _on_card(4, parents=("1-0",))
    earlier = _on_card(3, parents=("1-1",))
    last = _on_card(5, parents=("3-0",))

    found = versions([last, later, earlier, beside, first])

    assert [(one.name, one.on_card.picture.id, one.came_from) for one in found] == [
        ("v1", "1-0", ()),
        ("v1b", "1-1", ()),
        ("v2", "3-0", ("v1b",)),
        ("v2b", "4-0", ("v1",)),
        ("v3", "5-0", ("v2",)),
    ]


def test_a_blend_comes_after_all_that_it_was_made_from():
    family = [_on_card(1), _on_card(2, parents=("1-0",)), _on_card(3, parents=("1-0", "2-0"))]

    (*_, blend) = versions(family)

    assert (blend.name, blend.came_from) == ("v3", ("v1", "v2"))


def test_what_is_not_there_any_more_begins_the_count_anew():
    assert _named(_on_card(7, parents=("6-0",)), _on_card(8, parents=("7-0",))) == {"7-0": "v1", "8-0": "v2"}


def test_a_long_row_of_versions_keeps_names_of_their_own():
    names = _named(*(_on_card(n) for n in range(1, 60)))

    assert len(set(names.values())) == 59
    assert [names[f"{n}-0"] for n in (1, 2, 26, 27, 28, 53)] == ["v1", "v1b", "v1z", "v1aa", "v1ab", "v1ba"]


@pytest.mark.parametrize(
    ("open_sources", "results", "names"),
    [
        (1, 1, ["Before", "After"]),
        (2, 1, ["Before 1", "Before 2", "After"]),
        (1, 2, ["Before", "Picture 1", "Picture 2"]),
        (0, 2, ["Picture 1", "Picture 2"]),
        (0, 1, ["Picture 1"]),
    ],
)
def test_what_can_be_compared_is_named_for_what_it_is(open_sources: int, results: int, names: list[str]):
    reference = replace(_on_card(5).picture, id="5-r0", role=Role.REFERENCE)
    sources = [Source(reference, None, is_open=n < open_sources) for n in range(open_sources + 1)]
    cards = [_on_card(5, n, results) for n in range(1, results + 1)]

    assert [one.name for one in candidates(sources, cards)] == names
