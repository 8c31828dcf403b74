"""The order in which jobs start: in turn over the people, the short ones first where that harms nobody."""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
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

    def take(self) -> Ticket:
        """Remove and return the ticket whose turn it is; IndexError where nobody waits."""
        person = self._next()
        line = self._people.pop(person)
        ticket = line.popleft()
        if line:
            self._people[person] = line
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

    def order(self) -> Iterator[Ticket]:
        """Yield the tickets in the order in which they would start, if nobody came any more."""
        ahead = Line()
        ahead._people = OrderedDict((person, deque(line)) for person, line in self._people.items())
        ahead._tickets, ahead._overtaken = dict(self._tickets), dict(self._overtaken)
        while ahead._people:
            yield ahead.take()

    def _next(self) -> int:
        """Return whose turn it is, and count the one who is overtaken."""
        if not self._people:
            raise IndexError("nobody waits")
        person, line = next(iter(self._people.items()))
        first = line[0]
        overtaken = self._overtaken.get(first.job_id, 0)
        if first.is_short or overtaken >= MAX_OVERTAKES:
            return person
        short = next((other for other, tickets in self._people.items() if tickets[0].is_short), None)
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

    def has_next(self, *, patient: bool) -> bool:
        """Tell whether somebody waits who may start; jobs of batches only where `patient` ones may."""
        return bool(self._first) or (patient and bool(self._behind))

    def take(self, *, patient: bool = True) -> Ticket:
        """Remove and return the ticket whose turn it is; IndexError where nobody waits who may start."""
        may_be_patient = patient and bool(self._behind)
        if may_be_patient and (not self._first or self._passed >= MAX_PASSED):
            self._passed = 0
            return self._behind.take()
        ticket = self._first.take()
        self._passed = self._passed + 1 if may_be_patient else 0
        return ticket

    def remove(self, job_id: int) -> None:
        """Take a job out of the lines, if it is in one."""
        self._first.remove(job_id)
        self._behind.remove(job_id)

    def order(self) -> Iterator[Ticket]:
        """Yield the tickets in about the order in which they would start, if nobody came any more."""
        yield from self._first.order()
        yield from self._behind.order()
