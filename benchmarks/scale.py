"""How much is measured: enough to tell, or just enough to see that it works."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """How many of everything, and how long the model takes for a picture."""

    latency_s: float
    idle_orders: int
    at_once: int
    each: int
    held: int
    mentions: int
    texts: int
    events: int
    repeats: int
    photos: int
    jobs: int
    soak_s: float
    soak_per_s: float


FULL = Scale(
    latency_s=1.0,
    idle_orders=200,
    at_once=100,
    each=4,
    held=180,
    mentions=200,
    texts=40,
    events=20_000,
    repeats=7,
    photos=40,
    jobs=1000,
    soak_s=120,
    soak_per_s=20,
)
TINY = Scale(
    latency_s=0.05,
    idle_orders=2,
    at_once=3,
    each=1,
    held=3,
    mentions=3,
    texts=1,
    events=2_000,
    repeats=1,
    photos=2,
    jobs=3,
    soak_s=2,
    soak_per_s=4,
)
