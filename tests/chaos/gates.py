"""What has to hold when a simulation is over; each gate returns what breaks it."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from sim_model import Asked
    from simulation import Simulation

LATE_S = 15 * 60
INSTANT_S = 0.1
"""How long after an answer its id may not be on the disk yet: whoever is killed then can ask nobody."""
TURNED_AWAY = {"bad gateway", "busy"}
"""Faults after which a call may be sent again: the provider has not begun to work."""
BOOKS = """
    SELECT job_id, COUNT(*) AS rows, SUM(images) AS images, SUM(microusd) AS microusd,
        SUM(absorbed_microusd) AS absorbed
    FROM ledger GROUP BY job_id
"""
CALLS = "SELECT job_id, state, generation_id, cost_microusd, sent_at FROM call"
JOBS = "SELECT id, state, created_at, updated_at FROM job"
ENDS = {"settled", "refused", "failed", "cancelled"}


@dataclass
class Verdict:
    """The books of a simulation, laid beside what the provider and the people saw."""

    sim: Simulation

    @cached_property
    def books(self) -> dict[int, sqlite3.Row]:
        return {row["job_id"]: row for row in self.sim.database.rows(BOOKS)}

    @cached_property
    def jobs(self) -> dict[int, sqlite3.Row]:
        return {row["id"]: row for row in self.sim.database.rows(JOBS)}

    @cached_property
    def calls(self) -> dict[int, list[sqlite3.Row]]:
        found: defaultdict[int, list[sqlite3.Row]] = defaultdict(list)
        for row in self.sim.database.rows(CALLS):
            found[row["job_id"]].append(row)
        return found

    @cached_property
    def asked(self) -> dict[int, list[Asked]]:
        found: defaultdict[int, list[Asked]] = defaultdict(list)
        for one in self.sim.model.asked:
            found[one.job_id].append(one)
        return found

    def charged_and_lost(self) -> list[int]:
        """Jobs that were charged for other pictures than are to be seen."""
        return [job_id for job_id, row in self.books.items() if row["images"] != self._shown(job_id)]

    def shown_twice(self) -> list[int]:
        """Jobs whose pictures are, or were for a moment, in two messages."""
        return sorted(self.sim.discord.twice)

    def held(self) -> list[int]:
        """Jobs whose hold has no end, or more than one."""
        return [job_id for job_id, row in self.books.items() if row["rows"] != 2]

    def not_over(self) -> list[int]:
        return [job_id for job_id, row in self.jobs.items() if row["state"] not in ENDS]

    def late(self) -> list[int]:
        """Jobs that took longer than a quarter of an hour, though Discord was there all the time."""
        found = [row for row in self.jobs.values() if _lasted_s(row) > LATE_S]
        return [row["id"] for row in found if not self._met_an_outage(row)]

    def without_answer(self) -> list[int]:
        """Orders that the bot has heard, and whose asker sees neither a result nor a sentence."""
        return [
            order.job_id
            for order in self.sim.orders
            if order.arrived
            and not self._answered(order.job_id)
            and (order.job_id in self.jobs or not order.cut)
        ]

    def still_working(self) -> list[int]:
        """Messages that look like work and will for ever."""
        return [one.id for one in self.sim.discord.messages.values() if one.is_work and not one.is_deleted]

    def misbooked(self) -> list[tuple[int, int, int]]:
        """Jobs of which the ledger and the provider's record differ, though the outcome could be known."""
        return [
            (job_id, self._booked(job_id), self._billed(job_id))
            for job_id in self.jobs
            if self._booked(job_id) != self._billed(job_id) and not self._is_estimated(job_id)
        ]

    def underbooked(self) -> list[int]:
        """Jobs that cost more than was booked, but for the answers that a dying process took along."""
        under = [job_id for job_id in self.jobs if self._booked(job_id) < self._billed(job_id)]
        return [job_id for job_id in under if not self._fell_in_an_instant(job_id)]

    def worked_on_twice(self) -> list[int]:
        """Jobs that the provider worked on more often than they have calls."""
        return [
            job_id
            for job_id, asked in self.asked.items()
            if sum(one.fault not in TURNED_AWAY for one in asked) > len(self.calls[job_id])
        ]

    def amplification(self) -> float:
        """Return how many requests the provider worked on for each call that reached it at work."""
        at_work = [one for one in self.sim.model.asked if one.fault not in TURNED_AWAY]
        calls = sum(min(len(self._sent(job_id)), len(self.asked[job_id])) for job_id in self.asked)
        away = sum(self._only_turned_away(job_id) for job_id in self.asked)
        return len(at_work) / max(1, calls - away)

    def sent_per_call(self) -> float:
        """Return how many requests left for each call, those that were turned away included."""
        return len(self.sim.model.asked) / max(1, sum(len(self._sent(job_id)) for job_id in self.asked))

    def estimated(self) -> tuple[int, int]:
        """Return how many jobs are booked by estimate, and by how much that is above the record."""
        jobs = [job_id for job_id in self.jobs if self._booked(job_id) != self._billed(job_id)]
        return len(jobs), sum(self._booked(job_id) - self._billed(job_id) for job_id in jobs)

    def cost_ratio(self, *, without: str | None = None) -> float:
        """Return what the provider billed for each picture that was delivered, over what those cost."""
        charged = sum(row["microusd"] for row in self.books.values())
        billed = sum(
            one.billed_microusd for one in self.sim.model.asked if without is None or one.fault != without
        )
        return billed / max(1, charged)

    def _shown(self, job_id: int) -> int:
        return sum(message.pictures for message in self.sim.discord.of_job(job_id))

    def _answered(self, job_id: int) -> bool:
        return any(not message.is_work for message in self.sim.discord.of_job(job_id))

    def _booked(self, job_id: int) -> int:
        row = self.books[job_id]
        return int(row["microusd"] + row["absorbed"])

    def _billed(self, job_id: int) -> int:
        return sum(one.billed_microusd for one in self.asked[job_id])

    def _is_estimated(self, job_id: int) -> bool:
        """Tell whether a call was lost without an id, by chat or on its way: nobody can be asked its cost."""
        arrived = self.asked[job_id]
        is_chat = any(one.transport == "chat" for one in arrived)
        return self._is_lost(job_id) and (not arrived or is_chat or self._fell_in_an_instant(job_id))

    def _fell_in_an_instant(self, job_id: int) -> bool:
        """Tell whether the process died just when a call's answer came, and lost the id with itself."""
        answered = [one.billed_at_s for one in self.asked[job_id] if one.billed_at_s is not None]
        return self._is_lost(job_id) and any(
            0 <= killed - moment < INSTANT_S for moment in answered for killed in self.sim.kills
        )

    def _is_lost(self, job_id: int) -> bool:
        return any(row["state"] == "lost" and row["generation_id"] is None for row in self.calls[job_id])

    def _sent(self, job_id: int) -> list[sqlite3.Row]:
        return [row for row in self.calls[job_id] if row["sent_at"] is not None]

    def _only_turned_away(self, job_id: int) -> int:
        """Return how many of a job's calls the provider never worked on."""
        at_work = sum(one.fault not in TURNED_AWAY for one in self.asked[job_id])
        return max(0, len(self._sent(job_id)) - at_work)

    def _met_an_outage(self, row: Any) -> bool:
        began = row["created_at"] / 1e6 - self.sim.started_at
        ended = row["updated_at"] / 1e6 - self.sim.started_at
        return any(start < ended and end > began for start, end in self.sim.discord.outages)

    def report(self) -> str:
        """Return the figures, in one line each."""
        sim, (estimated, above) = self.sim, self.estimated()
        states = Counter(row["state"] for row in self.jobs.values())
        lines = {
            "orders": f"{sim.jobs} from seed {sim.seed}, over {sim.clock.seconds / 3600:.1f} virtual hours",
            "struck": ", ".join(f"{name} {n}" for name, n in sorted(sim.strikes().items())),
            "processes killed": len(sim.kills),
            "states": ", ".join(f"{state} {n}" for state, n in sorted(states.items())),
            "broken": self.broken() or "nothing",
            "worked on per call": f"{self.amplification():.4f} (sent {self.sent_per_call():.4f})",
            "booked by estimate": f"{estimated} jobs, {above} micro-dollars above the record",
            "cost over price": f"{self.cost_ratio():.4f}",
            "cost over price, without billed damage": f"{self.cost_ratio(without='damaged'):.4f}",
        }
        return "\n".join(f"{name}: {value}" for name, value in lines.items())

    def broken(self) -> dict[str, list[Any]]:
        """Return every gate that does not hold, with what breaks it."""
        gates: tuple[Callable[[], list[Any]], ...] = (
            self.charged_and_lost,
            self.shown_twice,
            self.held,
            self.not_over,
            self.late,
            self.without_answer,
            self.still_working,
            self.misbooked,
            self.underbooked,
            self.worked_on_twice,
        )
        found = {gate.__name__: gate() for gate in gates}
        found |= {"pings": self.sim.discord.pings, "surprises": self.sim.surprises}
        return {name: breaks for name, breaks in found.items() if breaks}


def _lasted_s(row: sqlite3.Row) -> float:
    return (row["updated_at"] - row["created_at"]) / 1e6
