"""What Easel counts, in the format that Prometheus reads."""

from __future__ import annotations

from typing import Literal, get_args

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST as CONTENT_TYPE

from bot.domain.jobs import UNFINISHED, JobState
from bot.errors import ModelError

__all__ = ["CONTENT_TYPE", "INVALID_STATUSES", "Alarm", "Metrics"]
Alarm = Literal["account", "backup", "disk", "identify", "invalid_requests", "moderation", "pictures"]
"""What an operator has to act on."""
INVALID_STATUSES = frozenset({401, 403, 429})
"""Answers of which Discord takes 10,000 within ten minutes from one address before it bans it for a while."""

CALL_SECONDS = (1, 2.5, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180)
LAG_SECONDS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5)
ACK_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 1.5, 2, 2.5, 3)
"""Discord gives up on an interaction after three seconds."""


class Metrics:
    """Every counter of one process, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self.jobs = Counter("easel_jobs", "Jobs that ended, by how.", ["state"], registry=self.registry)
        self.call_seconds = Histogram(
            "easel_call_seconds",
            "How long paid requests took.",
            ["model", "outcome"],
            buckets=CALL_SECONDS,
            registry=self.registry,
        )
        self.cost_microusd = Counter(
            "easel_cost_microusd",
            "What the provider charged, in micro-dollars.",
            ["model"],
            registry=self.registry,
        )
        self.errors = Counter("easel_errors", "Errors by kind.", ["kind"], registry=self.registry)
        self.queue_length = Gauge("easel_queue_length", "Jobs that wait.", registry=self.registry)
        self._add_job_times()
        self._add_model_gauges()
        self._add_house_gauges()
        self.loop_lag_seconds = Histogram(
            "easel_loop_lag_seconds",
            "How late the event loop was.",
            buckets=LAG_SECONDS,
            registry=self.registry,
        )
        self.ack_seconds = Histogram(
            "easel_ack_seconds",
            "From Discord's event to its acknowledgement.",
            buckets=ACK_SECONDS,
            registry=self.registry,
        )
        self.late_acks = Counter(
            "easel_late_acks", "Acknowledgements that Discord no longer took.", registry=self.registry
        )
        self._begin_at_zero()

    def _add_job_times(self) -> None:
        """Add where jobs stand and how long they take."""
        self.under_way = Gauge(
            "easel_jobs_under_way", "Jobs that have not ended, by state.", ["state"], registry=self.registry
        )
        self.wait_seconds = Histogram(
            "easel_job_wait_seconds",
            "From an order to its turn.",
            buckets=CALL_SECONDS,
            registry=self.registry,
        )
        self.run_seconds = Histogram(
            "easel_job_run_seconds",
            "From a job's turn to its card, for jobs drawn from beginning to end.",
            ["model"],
            buckets=CALL_SECONDS,
            registry=self.registry,
        )

    def _add_model_gauges(self) -> None:
        """Add how busy each model is."""
        self.model_limit = Gauge(
            "easel_model_limit",
            "Paid requests that a model may have under way.",
            ["model"],
            registry=self.registry,
        )
        self.model_in_flight = Gauge(
            "easel_model_in_flight",
            "Paid requests of a model under way.",
            ["model"],
            registry=self.registry,
        )
        self.model_waiting = Gauge(
            "easel_model_waiting",
            "Paid requests that wait for a place.",
            ["model"],
            registry=self.registry,
        )
        self.model_circuit = Gauge(
            "easel_model_circuit",
            "1 for how a model's circuit stands: closed, half_open or open.",
            ["model", "state"],
            registry=self.registry,
        )

    def _add_house_gauges(self) -> None:
        """Add what only the operator can mend."""
        self.alarms = Counter("easel_alarms", "Alarms raised, by kind.", ["kind"], registry=self.registry)
        self.disk_free_bytes = Gauge(
            "easel_disk_free_bytes", "Room for the database and the pictures.", registry=self.registry
        )
        self.identifies = Counter(
            "easel_gateway_identifies", "Connections to the gateway begun anew.", registry=self.registry
        )
        self.invalid_requests = Counter(
            "easel_discord_invalid_requests",
            "Requests that Discord refused and counts against the address.",
            ["status"],
            registry=self.registry,
        )
        self.ready = Gauge(
            "easel_ready", "1 where a part that Easel needs works.", ["part"], registry=self.registry
        )
        self.unexplained_microusd = Gauge(
            "easel_unexplained_microusd",
            "What the provider counted over what the ledger says, since the counts were first compared.",
            registry=self.registry,
        )

    def _begin_at_zero(self) -> None:
        """Show what has not happened yet: Prometheus takes the first value of a series for no increase."""
        for state in {*JobState} - UNFINISHED:
            self.jobs.labels(state.value)
        for kind in get_args(Alarm):
            self.alarms.labels(kind)
        for status in INVALID_STATUSES:
            self.invalid_requests.labels(str(status))
        kinds = ModelError.__subclasses__()
        for error in (*kinds, *(finer for kind in kinds for finer in kind.__subclasses__())):
            self.errors.labels(error.kind)

    def job_ended(self, state: JobState) -> None:
        """Count a job that reached its last state."""
        self.jobs.labels(state.value).inc()

    def call_ended(self, model: str, outcome: str, seconds: float, cost_microusd: int) -> None:
        """Count a paid request; `outcome` is `ok` or the kind of a ModelError."""
        self.call_seconds.labels(model, outcome).observe(seconds)
        self.charged(model, cost_microusd)

    def charged(self, model: str, cost_microusd: int) -> None:
        """Count what the provider charged, as soon as that is known; an estimate where it never will be."""
        self.cost_microusd.labels(model).inc(cost_microusd)

    def error(self, kind: str) -> None:
        """Count an error that reached a person or the log."""
        self.errors.labels(kind).inc()

    def render(self) -> bytes:
        """Return everything as text, as /metrics serves it."""
        return generate_latest(self.registry)
