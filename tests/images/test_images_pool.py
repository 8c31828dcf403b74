"""Picture work off the event loop: in order, within memory, within time."""

from __future__ import annotations

import asyncio
import threading
import time
from statistics import median

import pytest
from image_files import SOUND, phone

from bot.errors import PictureUnusable, TooBusy
from bot.images.inspect import inspect, working_bytes
from bot.images.pool import PicturePool
from bot.images.prepare import prepare


@pytest.fixture
async def pool():
    pool = PicturePool(threads=2, budget_bytes=100)
    yield pool
    await pool.aclose()


class Gate:
    """A job that runs until it is let go."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.started = threading.Event()

    def __call__(self) -> str:
        self.started.set()
        assert self.open.wait(10)
        return "done"


async def settled() -> None:
    """Let tasks that can go on do so."""
    for _ in range(5):
        await asyncio.sleep(0)


async def has_started(gate: Gate) -> None:
    assert await asyncio.to_thread(gate.started.wait, 5)


async def test_failure_is_raised_and_frees_its_place(pool):
    for _ in range(5):
        with pytest.raises(PictureUnusable, match="damaged"):
            await pool.run(inspect, b"\xff\xd8\xff", weight_bytes=100)

    assert await pool.run(inspect, SOUND["png"](), weight_bytes=100) == inspect(SOUND["png"]())


async def test_job_over_its_time_is_given_up_and_holds_its_share_until_it_ends():
    pool = PicturePool(threads=2, budget_bytes=100, max_job_s=0.05)
    gate = Gate()
    with pytest.raises(PictureUnusable) as caught:
        await pool.run(gate, weight_bytes=60)
    assert str(caught.value) == "That picture takes too long to read. Save it again as PNG or JPEG."

    second = asyncio.create_task(pool.run(len, b"abc", weight_bytes=60))
    await settled()
    assert not second.done()
    gate.open.set()

    assert await second == 3
    await pool.aclose()


async def test_a_job_may_be_given_more_time():
    pool = PicturePool(threads=1, budget_bytes=100, max_job_s=0.01)

    assert await pool.run(time.sleep, 0.05, weight_bytes=1, max_job_s=5) is None
    await pool.aclose()


async def test_a_late_failure_of_a_job_given_up_on_is_silent():
    pool = PicturePool(threads=1, budget_bytes=100, max_job_s=0.01)
    gate = Gate()

    def fail() -> None:
        gate()
        raise PictureUnusable("late")

    problems: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: problems.append(context))
    with pytest.raises(PictureUnusable, match="too long"):
        await pool.run(fail, weight_bytes=1)
    gate.open.set()

    assert await pool.run(len, b"ab", weight_bytes=100) == 2
    assert problems == []
    await pool.aclose()


async def test_waiting_does_not_count_as_working(loop_clock):
    pool, gates = PicturePool(threads=1, budget_bytes=100, max_job_s=600), [Gate(), Gate()]
    jobs = [asyncio.create_task(pool.run(gate, weight_bytes=1)) for gate in gates]
    for gate in gates:
        await has_started(gate)
        await loop_clock.move(400)
        gate.open.set()

    assert await asyncio.gather(*jobs) == ["done"] * 2
    await pool.aclose()


async def test_budget_bounds_what_runs_together(pool):
    gates = [Gate(), Gate()]
    first = asyncio.create_task(pool.run(gates[0], weight_bytes=60))
    second = asyncio.create_task(pool.run(gates[1], weight_bytes=60))
    await has_started(gates[0])
    await settled()
    assert not gates[1].started.is_set()

    gates[0].open.set()
    assert await first == "done"
    await has_started(gates[1])
    gates[1].open.set()
    assert await second == "done"


async def test_job_heavier_than_the_budget_runs_alone(pool):
    light, heavy, after = Gate(), Gate(), Gate()
    tasks = [asyncio.create_task(pool.run(light, weight_bytes=1))]
    await has_started(light)
    tasks.append(asyncio.create_task(pool.run(heavy, weight_bytes=10_000)))
    await settled()
    tasks.append(asyncio.create_task(pool.run(after, weight_bytes=1)))
    await settled()
    assert not heavy.started.is_set()

    light.open.set()
    await has_started(heavy)
    await settled()
    assert not after.started.is_set()
    heavy.open.set()
    after.open.set()

    assert await asyncio.gather(*tasks) == ["done"] * 3


async def test_nobody_overtakes(pool):
    gate = Gate()
    order: list[int] = []
    first = asyncio.create_task(pool.run(gate, weight_bytes=90))
    await has_started(gate)
    rest: list[asyncio.Task[None]] = []
    for number, weight in enumerate((100, 1, 50, 1)):
        rest.append(asyncio.create_task(pool.run(order.append, number, weight_bytes=weight)))
        await settled()
    assert order == []

    gate.open.set()
    await asyncio.gather(first, *rest)

    assert order[0] == 0
    assert sorted(order) == [0, 1, 2, 3]


async def test_cancelled_waiter_leaves_the_line(pool):
    gate = Gate()
    first = asyncio.create_task(pool.run(gate, weight_bytes=60))
    await has_started(gate)
    heavy = asyncio.create_task(pool.run(len, b"", weight_bytes=100))
    light = asyncio.create_task(pool.run(len, b"abc", weight_bytes=40))
    await settled()
    assert not light.done()

    heavy.cancel()

    assert await light == 3
    gate.open.set()
    assert await first == "done"


async def test_turn_that_came_just_before_a_cancellation_is_passed_on():
    pool = PicturePool(threads=1, budget_bytes=100)
    gate = Gate()
    first = asyncio.create_task(pool.run(gate, weight_bytes=100))
    await has_started(gate)
    second = asyncio.create_task(pool.run(len, b"", weight_bytes=100))
    third = asyncio.create_task(pool.run(len, b"abc", weight_bytes=100))
    await settled()
    first.add_done_callback(lambda _: second.cancel())

    # The turn is given in the same step of the loop in which the second task is cancelled.
    job = next(iter(pool._running))
    job.add_done_callback(lambda _: second.cancel())
    gate.open.set()

    assert await third == 3
    assert second.cancelled()
    await first
    assert (pool._free_threads, pool._free_bytes) == (1, 100)
    await pool.aclose()


async def test_cancelled_job_keeps_its_share_until_its_thread_ends(pool):
    gate = Gate()
    first = asyncio.create_task(pool.run(gate, weight_bytes=100))
    await has_started(gate)
    first.cancel()
    await settled()
    assert first.cancelled()
    second = asyncio.create_task(pool.run(len, b"ab", weight_bytes=1))
    await settled()
    assert not second.done()

    gate.open.set()

    assert await second == 2


async def test_closed_pool_turns_away_those_who_wait_and_those_who_come():
    pool = PicturePool(threads=1, budget_bytes=100)
    gate = Gate()
    running = asyncio.create_task(pool.run(gate, weight_bytes=1))
    await has_started(gate)
    waiting = [asyncio.create_task(pool.run(len, b"", weight_bytes=1)) for _ in range(2)]
    await settled()
    waiting[1].cancel()

    closing = asyncio.create_task(pool.aclose())
    await settled()
    gate.open.set()
    await closing

    assert await running == "done"
    with pytest.raises(TooBusy, match="closing"):
        await waiting[0]
    with pytest.raises(TooBusy):
        await pool.run(len, b"", weight_bytes=1)


async def test_defaults_fit_the_machine():
    pool = PicturePool()

    assert await pool.run(len, b"abc", weight_bytes=0) == 3
    await pool.aclose()


async def test_loop_stays_awake_while_large_photographs_are_prepared():
    pool = PicturePool()
    data = phone()
    weight = working_bytes(inspect(data))
    lags_s: list[float] = []

    async def watch() -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.005)
            lags_s.append(time.perf_counter() - before - 0.005)

    watcher = asyncio.create_task(watch())
    kept = await asyncio.gather(*(pool.run(prepare, data, weight_bytes=weight) for _ in range(4)))
    watcher.cancel()
    await pool.aclose()

    assert len(set(kept)) == 1
    # The median: a busy machine makes some turns late, but preparing on the loop would make most of them so.
    assert len(lags_s) > 10
    assert median(lags_s) < 0.05
