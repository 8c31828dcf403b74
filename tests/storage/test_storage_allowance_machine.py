"""Any order of holds, ends, grants, resets and rules, against a model in plain Python."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from storage_maker import Maker
from storage_steps import drawn

from bot.domain.jobs import JobState
from bot.domain.quotas import Charge, Grant, Meter, Owner, Policy
from bot.domain.rules import Claim, Rule, Scope, Terms
from bot.errors import QuotaExceeded
from bot.storage.audit import AuditLine
from bot.storage.database import Database
from bot.storage.grants import Grants
from bot.storage.jobs import Jobs
from bot.storage.ledger import Ledger
from bot.storage.policies import Policies

PERSON, SERVER, DEFAULT, ARTISTS = 7, 70, 4, 500
DAY = Meter.IMAGES_PER_DAY


@dataclass
class Held:
    """A job in the model: what it takes, of that what grants pay, and whether it was forgiven."""

    takes: int
    drawn: dict[int, int]
    is_open: bool = True
    is_forgiven: bool = False


@dataclass
class Model:
    caps: dict[Scope, int | None] = field(default_factory=dict[Scope, "int | None"])
    left: dict[int, int] = field(default_factory=dict[int, int])
    """What grants hold, in the order in which they expire."""
    jobs: dict[int, Held] = field(default_factory=dict[int, Held])

    def cap(self):
        for scope in (Scope.PERSON, Scope.ROLE, Scope.DEFAULT):
            if scope in self.caps:
                return self.caps[scope]
        return DEFAULT

    def used(self):
        return sum(job.takes - sum(job.drawn.values()) for job in self.jobs.values() if not job.is_forgiven)

    def draw(self, count):
        """Return what a hold takes of grants, or None where it is stopped."""
        cap = self.cap()
        if cap is None:
            return {}
        short, drawn = max(0, count - max(0, cap - self.used())), {}
        for number, left in self.left.items():
            if taken := min(short, left):
                drawn[number] = taken
                short -= taken
        return None if short else drawn

    def end(self, job_id, takes):
        job = self.jobs[job_id]
        unspent = job.takes - takes
        for number in reversed(list(job.drawn)):
            back = min(unspent, job.drawn[number])
            job.drawn[number] -= back
            self.left[number] += back
            unspent -= back
        job.takes, job.is_open = takes, False


class Allowances(RuleBasedStateMachine):
    empty: Path

    def __init__(self):
        super().__init__()
        self.runner, self.make, self.model = asyncio.Runner(), Maker(), Model()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "easel.db"
        shutil.copy(self.empty, self.path)
        person = Policy(((DAY, DEFAULT),))
        terms = Terms(person, Policy(), Policy(), ZoneInfo("UTC"))
        self.claim = Claim(terms, PERSON, SERVER, frozenset({ARTISTS}))

    @initialize()
    def begin(self):
        self.database = self.run(Database.open(f"sqlite:///{self.path}"))
        self.jobs, self.ledger = Jobs(self.database), Ledger(self.database)
        self.grants, self.policies = Grants(self.database), Policies(self.database)

    def run(self, step):
        return self.runner.run(step)

    def teardown(self):
        if hasattr(self, "database"):
            self.run(self.database.aclose())
        self.runner.close()
        self.folder.cleanup()

    def line(self):
        return AuditLine(SERVER, 1, "quota.x", "x", {}, self.make.now)

    def open_one(self, data):
        return data.draw(st.sampled_from([n for n, job in self.model.jobs.items() if job.is_open]))

    @rule(count=st.integers(1, 4))
    def hold(self, count):
        job, drawn = self.make.job(images=count), self.model.draw(count)
        if drawn is None:
            with pytest.raises(QuotaExceeded):
                self.run(self.jobs.open(job, self.claim, self.make.now))
            return
        assert self.run(self.jobs.open(job, self.claim, self.make.now))
        self.model.jobs[job.id] = Held(count, drawn)
        for number, taken in drawn.items():
            self.model.left[number] -= taken

    @precondition(lambda self: any(job.is_open for job in self.model.jobs.values()))
    @rule(data=st.data(), share=st.floats(0, 1))
    def settle(self, data, share):
        job_id, now = self.open_one(data), self.make.now
        came = int(self.model.jobs[job_id].takes * share)
        self.run(drawn(self.jobs, self.run(self.jobs.get(job_id)), now))
        self.run(self.jobs.produce(job_id, now))
        self.run(self.jobs.deliver(job_id, 1, 2, now))
        assert self.run(self.jobs.settle(job_id, Charge(came, 5), 0, now))
        self.model.end(job_id, came)

    @precondition(lambda self: any(job.is_open for job in self.model.jobs.values()))
    @rule(data=st.data())
    def release(self, data):
        job_id = self.open_one(data)
        assert self.run(self.jobs.release(job_id, JobState.FAILED, "No.", 0, self.make.now))
        self.model.end(job_id, 0)

    @rule(amount=st.integers(1, 5))
    def grant(self, amount):
        ends_at = self.make.now + timedelta(days=1)
        new = Grant(0, SERVER, PERSON, DAY, amount, 0, "why", 1, self.make.now, ends_at)
        self.model.left[self.run(self.grants.add(new, self.line())).id] = amount

    @rule(scope=st.sampled_from(Scope), cap=st.none() | st.integers(0, 8))
    def set(self, scope, cap):
        subject = {Scope.DEFAULT: 0, Scope.ROLE: ARTISTS, Scope.PERSON: PERSON}[scope]
        self.run(self.policies.set([Rule(SERVER, scope, subject, DAY, cap)], self.line()))
        self.model.caps[scope] = cap

    @rule()
    def reset(self):
        self.run(self.policies.reset(PERSON, [DAY], self.line()))
        for job in self.model.jobs.values():
            job.is_forgiven = True

    @invariant()
    def books_agree(self):
        if not hasattr(self, "database"):
            return
        found = self.run(self.ledger.entitlement(self.claim, self.make.now))
        own = [one for one in found.readings if one.limit.owner is Owner.PERSON]
        assert [one.limit.cap for one in own] == ([] if self.model.cap() is None else [self.model.cap()])
        assert [one.used for one in own] == [self.model.used()] * len(own)
        assert {one.id: one.left for one in self.run(self.grants.of_server(SERVER))} == self.model.left
        kept = self.run(
            self.database.read("SELECT grant_id, SUM(amount) AS n FROM grant_use GROUP BY 1 HAVING n > 0")
        )
        used = self.run(self.database.read("SELECT id, used FROM allowance_grant WHERE used > 0"))
        assert {row["grant_id"]: row["n"] for row in kept} == {row["id"]: row["used"] for row in used}


@pytest.mark.parametrize(("examples", "steps"), [(8, 30), pytest.param(300, 50, marks=pytest.mark.slow)])
def test_any_order_of_steps_keeps_the_allowances(empty_database, examples, steps):
    machine = type("Machine", (Allowances,), {"empty": empty_database})
    bounds = settings(max_examples=examples, stateful_step_count=steps, deadline=None)
    run_state_machine_as_test(machine, settings=bounds)
