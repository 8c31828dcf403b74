"""People who ask for pictures and read the answers, as many at once as are told to."""

from __future__ import annotations

import asyncio
import itertools
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from sandbox.discord.interaction import NoResponse

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from benchmarks.stage import Stage
    from sandbox.discord.people import Person

PATIENCE_S = 60.0
"""How long a picture is waited for; after it the order counts as lost."""
FIRST_S = 3.0
"""What Discord gives an app to respond; after it the person reads that the app did not."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One order: when it was given (monotonic), and how long it took to be acknowledged and to be done.

    One that Discord gave up on counts as acknowledged after its three seconds. One that brought no picture
    has no end.
    """

    at_s: float
    ack_s: float
    done_s: float | None


@dataclass(frozen=True, slots=True)
class Crowd:
    """What a crowd saw, and how long it was there."""

    samples: tuple[Sample, ...]
    wall_s: float

    def acks(self, skip: int = 0) -> list[float]:
        """Return the times to acknowledge, in order of asking, without the first ones."""
        ordered = sorted(self.samples, key=lambda sample: sample.at_s)
        return [sample.ack_s for sample in ordered[skip:]]

    def ends(self) -> list[float]:
        """Return the times until the pictures were shown."""
        return [sample.done_s for sample in self.samples if sample.done_s is not None]

    @property
    def lost(self) -> int:
        """Return how many orders brought no picture."""
        return len(self.samples) - len(self.ends())


async def draw(stage: Stage, person: Person) -> Sample:
    """Ask for a picture and wait until it is shown; a picture of another size is an error."""
    at_s = time.monotonic()
    order = await person.slash("imagine", {"prompt": "a lighthouse at dusk"})
    try:
        response = await order.first_response(FIRST_S + 0.5)
    except NoResponse:
        return Sample(at_s, FIRST_S, None)
    message = order.original
    if message is None or order.is_ephemeral:
        raise RuntimeError(f"the order was refused: {message and (message.content or message.components)}")
    try:
        async with asyncio.timeout(PATIENCE_S):
            done_at = await stage.watch.changed_at(message, with_files=True)
    except TimeoutError:
        return Sample(at_s, response.at_s - at_s, None)
    sizes = [attachment.size for attachment in message.attachments]
    if sizes != [stage.model.picture_bytes]:
        raise RuntimeError(f"instead of one picture of {stage.model.picture_bytes} bytes came {sizes}")
    stage.forget(message)
    return Sample(at_s, response.at_s - at_s, done_at - at_s)


async def text(stage: Stage, person: Person, command: str, *, is_edited: bool) -> Sample:
    """Use a command that answers in words, at once or by an edit of its placeholder."""
    at_s = time.monotonic()
    order = await person.slash(command)
    response = await order.first_response(PATIENCE_S)
    done_at = response.at_s
    if is_edited and order.original is not None:
        async with asyncio.timeout(PATIENCE_S):
            done_at = await stage.watch.changed_at(order.original, with_files=False)
    stage.sandbox.world.requests.clear()
    return Sample(at_s, response.at_s - at_s, done_at - at_s)


async def crowd_draws(
    stage: Stage, at_once: int, each: int, *, over_s: float = 0.0, pause_s: float = 0.0
) -> Crowd:
    """Let `at_once` orders be under way all the time, until each place was taken `each` times.

    The first ones are spread over `over_s`, so that not all answers come at one moment. After each picture
    its place is left empty for `pause_s`.
    """
    return await _crowd(stage, at_once, each, partial(draw, stage), over_s / at_once, pause_s)


async def crowd_texts(stage: Stage, command: str, at_once: int, each: int, *, is_edited: bool) -> Crowd:
    """Let `at_once` people use a command, `each` times one after another."""
    return await _crowd(stage, at_once, each, partial(text, stage, command=command, is_edited=is_edited))


async def _crowd(
    stage: Stage,
    at_once: int,
    each: int,
    order: Callable[[Person], Awaitable[Sample]],
    apart_s: float = 0.0,
    pause_s: float = 0.0,
) -> Crowd:
    people = stage.people()
    samples: list[Sample] = []

    async def keep_asking(person: Person) -> None:
        for _ in range(each):
            samples.append(await order(person))
            await asyncio.sleep(pause_s)

    started_at = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for person in itertools.islice(itertools.cycle(people), at_once):
            group.create_task(keep_asking(person))
            await asyncio.sleep(apart_s)
    return Crowd(tuple(samples), time.monotonic() - started_at)


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value below which a share of the values lies, by the nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
