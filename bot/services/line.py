"""The order in which jobs start: in turn over the people, the short ones first where that harms nobody."""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator
    from datetime import datetime

    HasRoom = Callable[[str], bool]
    """Tells whether a model may take one more."""

MAX_OVERTAKES = 3
"""How many short jobs may start before a long one whose turn it is."""

MAX_PASSED = 20
"""How many other jobs may start while one of a batch waits that could."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """A job in the line."""

    job_id: int
    person: int
    model_id: str
    images: int
    asked_at: datetime | None = None
    """None where it began before."""
    quality: str | None = None
    """What was asked for; None leaves it to the model."""
    is_patient: bool = False
    """Whether it is one of many that somebody has sent at once: nobody sits and waits for it."""

    @property
    def is_short(self) -> bool:
        """Tell whether one picture is all that is asked for."""
        return self.images == 1


def _always(_model_id: str) -> bool:
    return True


class Line:
    """Tickets in the order of their turns.

    People take turns, each with the first of their own tickets whose model has room. Where that is a long
    one, the next person's short one goes before it, but only MAX_OVERTAKES times: a long job never starves.
    Where a person goes on with another model, their ticket for the first keeps the turn for when it has room.
    """

    def __init__(self) -> None:
        self._people: OrderedDict[int, deque[Ticket]] = OrderedDict()
        self._tickets: dict[int, Ticket] = {}
        self._overtaken: dict[int, int] = {}
        self._turns: dict[int, int] = {}
        self._kept: dict[int, int] = {}
        self._last_turn = 0

    def __len__(self) -> int:
        return len(self._tickets)

    def __contains__(self, job_id: int) -> bool:
        return job_id in self._tickets

    def add(self, ticket: Ticket) -> None:
        """Let a ticket wait behind its person's others."""
        self._tickets[ticket.job_id] = ticket
        if ticket.person not in self._people:
            self._people[ticket.person] = deque()
            self._to_the_end(ticket.person)
        self._people[ticket.person].append(ticket)

    def take(self, full: Container[int] = (), has_room: HasRoom = _always) -> Ticket | None:
        """Remove and return the ticket whose turn it is, or None where none may start.

        Who is `full` is passed over, and so are tickets whose model does not have room.
        """
        ticket = self._next(full, has_room)
        if ticket is None:
            return None
        if ticket.job_id not in self._kept:
            self._keep_turns(ticket)
            self._to_the_end(ticket.person)
        self.remove(ticket.job_id)
        return ticket

    def remove(self, job_id: int) -> None:
        """Take a job out of the line, if it is in it."""
        ticket = self._tickets.pop(job_id, None)
        if ticket is None:
            return
        line = self._people[ticket.person]
        line.remove(ticket)
        self._overtaken.pop(job_id, None)
        self._kept.pop(job_id, None)
        if not line:
            del self._people[ticket.person], self._turns[ticket.person]

    def copy(self) -> Line:
        """Return a line like this one, to play it forward."""
        ahead = Line()
        ahead._people = OrderedDict((person, deque(line)) for person, line in self._people.items())
        ahead._tickets, ahead._overtaken = dict(self._tickets), dict(self._overtaken)
        ahead._turns, ahead._kept, ahead._last_turn = dict(self._turns), dict(self._kept), self._last_turn
        return ahead

    def _next(self, full: Container[int], has_room: HasRoom) -> Ticket | None:
        """Return whose turn it is, and count the one who is overtaken."""
        waiting = self._able(full, has_room)
        if self._kept:
            waiting = iter(sorted(waiting, key=self._turn))
        first = next(waiting, None)
        if first is None or first.is_short:
            return first
        overtaken = self._overtaken.get(first.job_id, 0)
        if overtaken >= MAX_OVERTAKES:
            return first
        short = next((ticket for ticket in waiting if ticket.is_short), None)
        if short is None:
            return first
        self._overtaken[first.job_id] = overtaken + 1
        return short

    def _able(self, full: Container[int], has_room: HasRoom) -> Iterator[Ticket]:
        """Yield the first ticket of each person that may start, in the order of their turns."""
        for person, line in self._people.items():
            if person in full:
                continue
            for ticket in line:
                if has_room(ticket.model_id):
                    yield ticket
                    break

    def _turn(self, ticket: Ticket) -> int:
        return self._kept.get(ticket.job_id, self._turns[ticket.person])

    def _keep_turns(self, taken: Ticket) -> None:
        """Let those before a ticket, the first of each model, keep the turn that it takes."""
        models: set[str] = set()
        for ticket in self._people[taken.person]:
            if ticket is taken:
                return
            if ticket.model_id not in models:
                models.add(ticket.model_id)
                self._kept.setdefault(ticket.job_id, self._turns[taken.person])

    def _to_the_end(self, person: int) -> None:
        self._last_turn += 1
        self._turns[person] = self._last_turn
        self._people.move_to_end(person)


class Lanes:
    """Two lines: whoever waits for a picture goes first, and behind them the jobs of batches.

    Of somebody's own jobs, too, what they ask for now goes before what their batch still has to draw.
    """

    def __init__(self) -> None:
        self._first = Line()
        self._behind = Line()
        self._passed = 0

    def __len__(self) -> int:
        return len(self._first) + len(self._behind)

    def __contains__(self, job_id: int) -> bool:
        return job_id in self._first or job_id in self._behind

    def add(self, ticket: Ticket) -> None:
        """Let a ticket wait in its lane."""
        (self._behind if ticket.is_patient else self._first).add(ticket)

    def take(
        self, full: Container[int] = (), has_room: HasRoom = _always, *, patient: bool = True
    ) -> Ticket | None:
        """Remove and return the ticket whose turn it is, as Line does, or None where none may start.

        Jobs of batches start only where `patient` ones may.
        """
        may_be_patient = patient and bool(self._behind)
        if may_be_patient and self._passed >= MAX_PASSED and (ticket := self._behind.take(full, has_room)):
            self._passed = 0
            return ticket
        if (ticket := self._first.take(full, has_room)) is not None:
            self._passed = self._passed + 1 if may_be_patient else 0
            return ticket
        self._passed = 0
        return self._behind.take(full, has_room) if may_be_patient else None

    def remove(self, job_id: int) -> None:
        """Take a job out of the lines, if it is in one."""
        self._first.remove(job_id)
        self._behind.remove(job_id)

    def copy(self) -> Lanes:
        """Return lanes like these, to play them forward."""
        ahead = Lanes()
        ahead._first, ahead._behind, ahead._passed = self._first.copy(), self._behind.copy(), self._passed
        return ahead
