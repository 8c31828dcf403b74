"""The order in which jobs start: in turn over the people, the short ones first where that harms nobody."""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container
    from datetime import datetime

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
    is_patient: bool = False
    """Whether it is one of many that somebody has sent at once: nobody sits and waits for it."""

    @property
    def is_short(self) -> bool:
        """Tell whether one picture is all that is asked for."""
        return self.images == 1


class Line:
    """Tickets in the order of their turns.

    People take turns, each with the first of their own tickets. Where that is a long one, the next person's
    short one goes before it, but only MAX_OVERTAKES times: a long job never starves.
    """

    def __init__(self) -> None:
        self._people: OrderedDict[int, deque[Ticket]] = OrderedDict()
        self._tickets: dict[int, Ticket] = {}
        self._overtaken: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._tickets)

    def __contains__(self, job_id: int) -> bool:
        return job_id in self._tickets

    def add(self, ticket: Ticket) -> None:
        """Let a ticket wait behind its person's others."""
        self._tickets[ticket.job_id] = ticket
        self._people.setdefault(ticket.person, deque()).append(ticket)

    def take(self, full: Container[int] = ()) -> Ticket | None:
        """Remove and return the ticket whose turn it is, passing over who is `full`; None without one."""
        person = self._next(full)
        if person is None:
            return None
        ticket = self._people[person].popleft()
        if self._people[person]:
            self._people.move_to_end(person)
        else:
            del self._people[person]
        del self._tickets[ticket.job_id]
        self._overtaken.pop(ticket.job_id, None)
        return ticket

    def remove(self, job_id: int) -> None:
        """Take a job out of the line, if it is in it."""
        ticket = self._tickets.pop(job_id, None)
        if ticket is None:
            return
        line = self._people[ticket.person]
        line.remove(ticket)
        self._overtaken.pop(job_id, None)
        if not line:
            del self._people[ticket.person]

    def copy(self) -> Line:
        """Return a line like this one, to play it forward."""
        ahead = Line()
        ahead._people = OrderedDict((person, deque(line)) for person, line in self._people.items())
        ahead._tickets, ahead._overtaken = dict(self._tickets), dict(self._overtaken)
        return ahead

    def _next(self, full: Container[int]) -> int | None:
        """Return whose turn it is, and count the one who is overtaken."""
        waiting = [(person, line[0]) for person, line in self._people.items() if person not in full]
        if not waiting:
            return None
        person, first = waiting[0]
        overtaken = self._overtaken.get(first.job_id, 0)
        if first.is_short or overtaken >= MAX_OVERTAKES:
            return person
        short = next((other for other, ticket in waiting if ticket.is_short), None)
        if short is None:
            return person
        self._overtaken[first.job_id] = overtaken + 1
        return short


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

    def take(self, full: Container[int] = (), *, patient: bool = True) -> Ticket | None:
        """Remove and return the ticket whose turn it is, or None where nobody waits who may start.

        Who is `full` is passed over; jobs of batches start only where `patient` ones may.
        """
        may_be_patient = patient and bool(self._behind)
        if may_be_patient and self._passed >= MAX_PASSED and (ticket := self._behind.take(full)):
            self._passed = 0
            return ticket
        if (ticket := self._first.take(full)) is not None:
            self._passed = self._passed + 1 if may_be_patient else 0
            return ticket
        self._passed = 0
        return self._behind.take(full) if may_be_patient else None

    def remove(self, job_id: int) -> None:
        """Take a job out of the lines, if it is in one."""
        self._first.remove(job_id)
        self._behind.remove(job_id)

    def copy(self) -> Lanes:
        """Return lanes like these, to play them forward."""
        ahead = Lanes()
        ahead._first, ahead._behind, ahead._passed = self._first.copy(), self._behind.copy(), self._passed
        return ahead
