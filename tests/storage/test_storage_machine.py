"""Any order of steps, crashes and repeats, against a model of the books in plain Python."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path
from types import SimpleNamespace

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

from bot.domain.images import Role
from bot.domain.jobs import STEPS, UNFINISHED, CallState, JobState
from bot.domain.quotas import Charge, Meter, Owner, window
from bot.domain.usage import Report
from bot.errors import QuotaExceeded
from bot.storage.database import Database
from bot.storage.jobs import Jobs
from bot.storage.ledger import Ledger
from bot.storage.pictures import Pictures
from bot.storage.usage import UsageRows

PEOPLE = (7, 8)
SERVERS = (None, 70)
CAPS = {Owner.PERSON: (4, 400), Owner.SERVER: (6, 600), Owner.OPERATOR: (8, 800)}
ENDS = (JobState.REFUSED, JobState.FAILED, JobState.CANCELLED)


class Crash(BaseException):
    """The process is gone in the middle of a transaction."""


class Books(RuleBasedStateMachine):
    empty: Path
    make: SimpleNamespace

    def __init__(self):
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "easel.db"
        shutil.copy(self.empty, self.path)
        self.model = {}

    @initialize()
    def begin(self):
        self.open_database()

    def open_database(self):
        self.database = self.run(Database.open(f"sqlite:///{self.path}"))
        self.jobs, self.ledger = Jobs(self.database), Ledger(self.database)

    def run(self, step):
        return self.runner.run(step)

    def teardown(self):
        if hasattr(self, "database"):
            self.run(self.database.aclose())
        self.runner.close()
        self.folder.cleanup()

    def limits(self, user_id, guild_id):
        return [
            self.make.limit(cap, owner=owner, meter=meter, user_id=user_id, guild_id=guild_id or 0)
            for owner, caps in CAPS.items()
            for meter, cap in zip((Meter.IMAGES_PER_DAY, Meter.USD_PER_DAY), caps, strict=True)
        ]

    def used(self, limit):
        """Add up what a limit counts, in the model."""
        rows = [
            entry
            for entry in self.model.values()
            if (limit.owner is not Owner.PERSON or entry.job.user_id == limit.user_id)
            and (limit.owner is Owner.OPERATOR or (entry.job.guild_id or 0) == limit.guild_id)
        ]
        absorbed = sum(entry.absorbed for entry in rows) if limit.owner is Owner.OPERATOR else 0
        if limit.meter.is_money:
            return sum(entry.charge.microusd for entry in rows) + absorbed
        return sum(entry.charge.images for entry in rows)

    def one(self, data):
        return self.model[data.draw(st.sampled_from(sorted(self.model)))]

    @rule(
        user_id=st.sampled_from(PEOPLE),
        guild_id=st.sampled_from(SERVERS),
        images=st.integers(1, 3),
        microusd=st.integers(0, 250),
    )
    def hold(self, user_id, guild_id, images, microusd):
        job = self.make.job(user_id=user_id, guild_id=guild_id, images=images, microusd=microusd)
        limits = self.limits(user_id, guild_id)
        fits = all(self.used(limit) + limit.needs(job.held) <= limit.cap for limit in limits)
        if not fits:
            with pytest.raises(QuotaExceeded):
                self.run(self.jobs.open(job, limits, self.make.now))
            return
        assert self.run(self.jobs.open(job, limits, self.make.now))
        self.model[job.id] = SimpleNamespace(
            job=job, state=JobState.QUEUED, charge=job.held, absorbed=0, calls={}, ended=False
        )

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def hold_again(self, data):
        assert not self.run(self.jobs.open(self.one(data).job, [], self.make.now))

    @precondition(lambda self: self.model)
    @rule(data=st.data(), came=st.booleans())
    def call(self, data, came):
        entry, now = self.one(data), self.make.now
        ordinal = data.draw(st.integers(0, entry.job.held.images - 1))
        job_id, running = entry.job.id, entry.state in {JobState.QUEUED, JobState.SENT}
        fresh = ordinal not in entry.calls
        assert self.run(self.jobs.mark_sent(job_id, ordinal, now)) == (running and fresh)
        if running and fresh:
            entry.state = JobState.SENT
        if came:
            pictures = [self.make.picture(job_id, ordinal)]
            taken = self.run(self.jobs.receive(job_id, ordinal, 5, pictures, now))
            assert taken == (running and fresh)
            state = CallState.RECEIVED
        else:
            taken = self.run(self.jobs.fail_call(job_id, ordinal, CallState.FAILED, "No.", 1, now))
            assert taken == fresh
            state = CallState.FAILED
        if taken:
            entry.calls[ordinal] = state

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def produce(self, data):
        entry, now = self.one(data), self.make.now
        if entry.state is JobState.SENT and data.draw(st.booleans()):
            for ordinal in {*range(entry.job.held.images)} - {*entry.calls}:
                assert self.run(self.jobs.fail_call(entry.job.id, ordinal, CallState.FAILED, "No.", 0, now))
                entry.calls[ordinal] = CallState.FAILED
        taken = self.run(self.jobs.produce(entry.job.id, now)) is not None
        has_all = len(entry.calls) == entry.job.held.images and CallState.RECEIVED in entry.calls.values()
        assert taken == (entry.state is JobState.SENT and has_all)
        entry.state = JobState.PRODUCED if taken else entry.state

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def deliver(self, data):
        entry = self.one(data)
        taken = self.run(self.jobs.deliver(entry.job.id, 1, 2, self.make.now)) is not None
        assert taken == (entry.state is JobState.PRODUCED)
        entry.state = JobState.DELIVERED if taken else entry.state

    @precondition(lambda self: self.model)
    @rule(data=st.data(), share=st.floats(0, 1))
    def settle(self, data, share):
        entry = self.one(data)
        held = entry.job.held
        charge = Charge(int(held.images * share), int(held.microusd * share))
        absorbed = held.microusd - charge.microusd
        taken = self.run(self.jobs.settle(entry.job.id, charge, absorbed, self.make.now))
        assert taken == (entry.state is JobState.DELIVERED)
        if taken:
            entry.state, entry.charge, entry.absorbed = JobState.SETTLED, charge, absorbed

    @precondition(lambda self: self.model)
    @rule(data=st.data(), end=st.sampled_from(ENDS), billed=st.booleans())
    def release(self, data, end, billed):
        entry = self.one(data)
        absorbed = entry.job.held.microusd if billed else 0
        taken = self.run(self.jobs.release(entry.job.id, end, "No.", absorbed, self.make.now))
        assert taken == (end in STEPS[entry.state])
        if taken:
            entry.state, entry.charge, entry.absorbed = end, Charge(0, 0), absorbed

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def crash_inside_a_step(self, data):
        entry = self.one(data)

        def work(connection):
            connection.execute("UPDATE job SET state = 'failed' WHERE id = :id", {"id": entry.job.id})
            raise Crash

        with pytest.raises(Crash):
            self.run(self.database.write(work))

    @rule()
    def start_again(self):
        self.run(self.database.aclose())
        self.open_database()

    @invariant()
    def books_agree(self):
        if not hasattr(self, "database"):
            return
        limits = [limit for user in PEOPLE for guild in SERVERS for limit in self.limits(user, guild)]
        for reading in self.run(self.ledger.readings(limits)):
            assert reading.used == self.used(reading.limit)
            assert 0 <= reading.used <= reading.limit.cap

    @invariant()
    def jobs_agree(self):
        if not hasattr(self, "database"):
            return
        for job_id, entry in self.model.items():
            job = self.run(self.jobs.get(job_id))
            assert job
            assert job.state is entry.state
            came = {n for n, state in entry.calls.items() if state is CallState.RECEIVED}
            kept = self.run(Pictures(self.database).of_job(job_id, Role.RESULT))
            assert {picture.ordinal for picture in kept} == came
        unfinished = sum(entry.state in UNFINISHED for entry in self.model.values())
        assert sum(self.run(self.jobs.census()).values()) == unfinished

    @invariant()
    def totals_agree(self):
        if not hasattr(self, "database"):
            return
        today = self.make.now.date(), window(Meter.USD_PER_DAY, self.make.now, self.make.now.tzinfo)
        total = Report((today[0],), self.run(UsageRows(self.database).entries([today]))).total
        ended = [entry for entry in self.model.values() if entry.state not in UNFINISHED]
        assert total.requests == len(self.model)
        assert total.charged_microusd == sum(entry.charge.microusd for entry in ended)
        assert total.absorbed_microusd == sum(entry.absorbed for entry in ended)
        assert self.run(self.ledger.drifted()) == 0


@pytest.mark.parametrize(("examples", "steps"), [(8, 30), pytest.param(500, 50, marks=pytest.mark.slow)])
def test_books_agree_after_any_history(empty_database, make, examples, steps):
    class OurBooks(Books):
        pass

    OurBooks.empty, OurBooks.make = empty_database, make
    run_state_machine_as_test(
        OurBooks, settings=settings(max_examples=examples, stateful_step_count=steps, deadline=None)
    )
