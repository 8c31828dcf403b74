from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.places import Places
from bot.services.line import MAX_OVERTAKES, MAX_PASSED, Lanes, Line, Ticket
from bot.services.pace import Busy, Pace, foresee

if TYPE_CHECKING:
    from collections.abc import Container, Iterator


def ticket(job_id: int, person: int, images: int = 1, model_id: str = "model") -> Ticket:
    return Ticket(job_id, person, model_id, images)


def line_of(*tickets: Ticket) -> Line:
    line = Line()
    for one in tickets:
        line.add(one)
    return line


def took(line: Line, full: Container[int] = ()) -> int:
    one = line.take(full)
    assert one is not None
    return one.job_id


def taken(line: Line) -> list[int]:
    return [took(line) for _ in range(len(line))]


def test_an_empty_line_has_no_next():
    assert Line().take() is None


def test_people_take_turns():
    line = line_of(ticket(1, 1), ticket(2, 1), ticket(3, 1), ticket(4, 2), ticket(5, 3))

    assert taken(line) == [1, 4, 5, 2, 3]


def test_one_picture_goes_before_many():
    line = line_of(ticket(1, 1, 8), ticket(2, 2), ticket(3, 3))

    assert taken(line) == [2, 3, 1]


def test_someone_s_own_order_is_kept():
    line = line_of(ticket(1, 1, 8), ticket(2, 1))

    assert taken(line) == [1, 2]


def test_a_long_job_is_overtaken_only_so_often_however_many_come():
    line = line_of(ticket(0, 1, 10))
    started: list[int] = []
    for job_id in range(1, 20):
        line.add(ticket(job_id, 1000 + job_id))
        started.append(took(line))

    assert started.index(0) == MAX_OVERTAKES


def test_who_is_full_is_passed_over_and_keeps_their_turn():
    line = line_of(ticket(1, 1), ticket(2, 2), ticket(3, 3))

    assert took(line, full={1}) == 2
    assert line.take(full={1, 3}) is None
    assert taken(line) == [1, 3]


def test_who_is_full_is_not_overtaken_meanwhile():
    line = line_of(ticket(0, 1, 10), *(ticket(n, 10 + n) for n in range(1, 9)))
    passed = [took(line, full={1}) for _ in range(4)]

    assert passed == [1, 2, 3, 4]
    assert taken(line) == [5, 6, 7, 0, 8]


def test_one_that_leaves_is_not_in_the_line_any_more():
    line = line_of(ticket(1, 1), ticket(2, 2), ticket(3, 2))

    line.remove(1)
    line.remove(2)
    line.remove(99)

    assert (2 in line, 3 in line) == (False, True)
    assert taken(line) == [3]


def is_other(model_id: str) -> bool:
    return model_id == "other"


def test_a_model_without_room_is_passed_over_also_among_somebody_s_own():
    line = line_of(ticket(1, 1), ticket(2, 2), ticket(3, 2, model_id="other"), ticket(4, 3))

    assert [one and one.job_id for one in (line.take((), is_other), line.take((), is_other))] == [3, None]
    assert taken(line) == [1, 2, 4]


def test_who_goes_on_with_another_model_keeps_the_turn_at_the_first_once():
    line = line_of(ticket(1, 1), ticket(2, 1), ticket(3, 2))
    for job_id in (4, 5, 6):
        line.add(ticket(job_id, 1, model_id="other"))
        taken_one = line.take((), is_other)
        assert taken_one is not None
        assert taken_one.job_id == job_id
        line.add(ticket(100 + job_id, job_id))

    assert taken(line.copy()) == taken(line) == [1, 3, 104, 105, 2, 106]


tickets = st.lists(st.tuples(st.integers(1, 6), st.integers(1, 4)), max_size=40)


@given(tickets, st.integers(1, 4), st.integers(1, 4), st.data())
def test_what_is_foreseen_is_what_happens(wanted, places: int, each: int, data: st.DataObject):
    line = line_of(*(ticket(n, person, images) for n, (person, images) in enumerate(wanted)))
    for _ in range(data.draw(st.integers(0, len(line)))):
        line.take()

    assert foreseen(line, places, each) == list(carried_out(line, places, each))


def test_what_ends_together_makes_room_together():
    wanted = [*[(1, 1)] * 6, (2, 1), (3, 4), (3, 1)]
    line = line_of(*(ticket(n, person, images) for n, (person, images) in enumerate(wanted)))

    assert foreseen(line, 2, 1) == list(carried_out(line, 2, 1))


def foreseen(line: Line, places: int, each: int) -> list[tuple[int, float | None]]:
    return [(one.job_id, end) for one, end in foresee(line, [], lengths, places=places, each=each)]


def lengths(one: Ticket) -> float:
    return float(one.images * 10 + one.person)


def carried_out(line: Line, places: int, each: int) -> Iterator[tuple[int, float]]:
    """Start jobs second by second, as a queue does whenever one has ended."""
    running: list[tuple[float, int]] = []
    now_s = 0.0
    while len(line):
        running = [(end, person) for end, person in running if end > now_s]
        while len(running) < places:
            counts = Counter(person for _, person in running)
            one = line.take({person for person, count in counts.items() if count >= each})
            if one is None:
                break
            running.append((now_s + lengths(one), one.person))
            yield one.job_id, running[-1][0]
        now_s += 1


@given(tickets)
def test_everybody_is_served_once_and_nobody_waits_for_more_than_their_share(wanted: list[tuple[int, int]]):
    line = line_of(*(ticket(n, person, images) for n, (person, images) in enumerate(wanted)))
    people = len({person for person, _ in wanted})

    order = taken(line)

    assert sorted(order) == list(range(len(wanted)))
    ahead: Counter[int] = Counter()
    for place, job_id in enumerate(order):
        person = wanted[job_id][0]
        ahead[person] += 1
        assert place < ahead[person] * people * (MAX_OVERTAKES + 1)


class TestPace:
    def test_nothing_is_known_at_first(self):
        assert Pace().guess("model", 1) is None

    def test_the_latest_times_count_most(self):
        pace = Pace()
        for seconds in (10.0, 20.0):
            pace.note("model", 1, seconds)

        assert pace.guess("model", 1) == pytest.approx(13.0)
        assert pace.guess("other", 1) is None

    def test_a_count_never_seen_is_judged_by_the_model(self):
        pace = Pace()
        pace.note("model", 1, 10.0)

        assert pace.guess("model", 4) == 10.0

    def test_qualities_say_nothing_of_each_other(self):
        pace = Pace()
        pace.note("model", 1, 3.0, "low")

        assert pace.guess("model", 2, "low") == 3.0
        assert pace.guess("model", 1, "high") is None
        assert pace.guess("model", 1) is None

    @pytest.mark.parametrize(
        ("left_s", "takes_s", "places", "expected"),
        [
            pytest.param([], [5.0, 5.0], 1, [5.0, 10.0], id="one after the other"),
            pytest.param([3.0], [5.0, 5.0], 2, [5.0, 8.0], id="a free place first"),
            pytest.param([3.0, 1.0], [5.0, 5.0, 5.0], 2, [6.0, 8.0, 11.0], id="in the next free place"),
            pytest.param([3.0, 1.0, 2.0], [5.0], 2, [7.0], id="more run than there are places"),
            pytest.param([None], [5.0], 1, [None], id="nobody knows when a place is free"),
            pytest.param([1.0], [5.0, None, 5.0], 1, [6.0, None, None], id="unknown from one on"),
            pytest.param([], [5.0, 5.0], 0, [None, None], id="no place at all"),
        ],
    )
    def test_the_line_is_played_forward(self, left_s, takes_s, places, expected):
        line = line_of(*(ticket(n, n) for n in range(len(takes_s))))
        running = [Busy(100 + n, "model", left) for n, left in enumerate(left_s)]

        turns = foresee(line, running, lambda one: takes_s[one.job_id], places=places, each=1)

        assert [ready_s for _, ready_s in turns] == expected

    def test_a_full_person_waits_for_their_own_job_and_others_do_not(self):
        line = line_of(ticket(0, 1), ticket(1, 1), ticket(2, 2))

        turns = foresee(line, [Busy(1, "model", 50.0)], lambda _: 10.0, places=9, each=1)

        assert [(one.job_id, ready_s) for one, ready_s in turns] == [(2, 10.0), (0, 60.0), (1, 70.0)]

    def test_each_model_waits_for_its_own_places_and_its_own_pause(self):
        line = line_of(*(ticket(n, n) for n in (1, 2, 3)), *(ticket(n, n, model_id="other") for n in (4, 5)))
        rooms = {"model": Places(most=1), "other": Places(most=9, paused_s=25.0)}

        turns = foresee(line, [], lambda _: 10.0, places=9, each=1, room=rooms.__getitem__)

        assert [(one.job_id, ready_s) for one, ready_s in turns] == [
            (1, 10.0),
            (2, 20.0),
            (3, 30.0),
            (4, 35.0),
            (5, 35.0),
        ]

    def test_a_line_that_never_moves_is_not_played_for_ever(self):
        turns = foresee(
            line_of(ticket(1, 1)), [], lambda _: 1.0, places=9, each=1, room=lambda _: Places(most=0)
        )

        assert list(turns) == []


def a_row(job_id: int, person: int) -> Ticket:
    return Ticket(job_id, person, "model", 1, is_patient=True)


def lanes_of(*tickets: Ticket) -> Lanes:
    lanes = Lanes()
    for one in tickets:
        lanes.add(one)
    return lanes


def turns(lanes: Lanes, count: int, *, patient: bool = True) -> list[int | None]:
    tickets = [lanes.take(patient=patient) for _ in range(count)]
    return [None if one is None else one.job_id for one in tickets]


def test_batches_wait_behind_everybody_else_also_behind_their_own_people():
    lanes = lanes_of(a_row(1, 1), a_row(2, 1), a_row(3, 2), ticket(4, 1), ticket(5, 3, 8))

    assert turns(lanes.copy(), 5) == [4, 5, 1, 3, 2]
    assert turns(lanes, 6) == [4, 5, 1, 3, 2, None]


def test_a_batch_is_passed_only_so_often_however_many_come():
    lanes = lanes_of(a_row(0, 1))
    started: list[int | None] = []
    for job_id in range(1, 2 * MAX_PASSED):
        lanes.add(ticket(job_id, 1000 + job_id))
        started += turns(lanes, 1)

    assert started.index(0) == MAX_PASSED


def test_where_batches_have_their_places_only_others_start():
    lanes = lanes_of(a_row(1, 1), ticket(2, 2))

    assert turns(lanes, 2, patient=False) == [2, None]
    assert turns(lanes, 1, patient=True) == [1]


def test_who_is_full_is_passed_over_in_both_lanes():
    lanes = lanes_of(a_row(1, 1), ticket(2, 2))

    assert lanes.take({1, 2}) is None
    assert lanes.take({2}) == a_row(1, 1)


def test_a_job_is_taken_out_of_its_lane():
    lanes = lanes_of(a_row(1, 1), ticket(2, 2))

    lanes.remove(1)
    lanes.remove(2)
    lanes.remove(3)

    assert len(lanes) == 0
    assert 1 not in lanes
