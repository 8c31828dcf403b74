"""Faults by name: what the model can be told to do wrong, how often, and to whom."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.model.fault_answers import ANSWER_FAULTS
from sandbox.model.fault_refusals import REFUSAL_FAULTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.model.asks import Ask

LINE_FAULTS = {
    "reset_before_headers": "The connection is reset before anything came back.",
    "reset_after_headers": "The connection is reset after the headers.",
    "reset_mid_body": "The connection is reset half-way through the answer.",
    "truncated_body": "The answer ends half-way, as if it were whole.",
    "slow_drip": "The answer comes byte by byte, so slowly that nobody waits for it.",
    "slow": "The answer takes 20 seconds longer.",
    "keep_alives": "Whitespace comes first, as on real slow calls.",
}
"""What goes wrong on the wire while the work itself is done, and charged."""
STREAM_FAULTS = {
    "stream_error": "An error comes in the middle of a stream.",
    "stream_cut": "A stream ends before what it was for, as if it were whole.",
    "no_done": "A stream ends without saying that it is done.",
}
"""What goes wrong with calls that stream; others do not use these up."""
FAULTS: Mapping[str, str] = (
    {name: fault.about for name, fault in REFUSAL_FAULTS.items()}
    | {name: fault.about for name, fault in ANSWER_FAULTS.items()}
    | LINE_FAULTS
    | STREAM_FAULTS
)
"""Every fault by name, with a sentence for people."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to do wrong; options refine it (retry_after, afford, seconds, error_type, code)."""

    name: str
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def seconds(self, default: float) -> float:
        """Return the option `seconds`."""
        return float(self.options.get("seconds", default))


@dataclass(slots=True)
class _Rule:
    """A fault, how many more times it happens, and to which calls."""

    fault: Fault
    times_left: int | None
    model: str | None
    transport: str | None

    def applies(self, model_id: str | None, transport: str, *, streams: bool) -> bool:
        """Tell whether a call is meant; reads of the catalogue and the account only when named."""
        if self.fault.name in STREAM_FAULTS and not streams:
            return False
        if self.transport is None:
            return transport != "reads" and self.model in (None, model_id)
        return self.transport == transport and self.model in (None, model_id)


class Faults:
    """The queue of faults: the first rule that applies to a call is used up by it."""

    def __init__(self) -> None:
        self._rules: list[_Rule] = []

    def add(
        self,
        name: str,
        *,
        times: int | None = 1,
        model: str | None = None,
        transport: str | None = None,
        **options: object,
    ) -> None:
        """Let a fault happen to the next `times` calls (None: until cleared).

        `transport` is `chat`, `images` or `reads`; without it, every paid call is meant.
        Raise KeyError for a name that is not in FAULTS.
        """
        if name not in FAULTS:
            raise KeyError(name)
        self._rules.append(_Rule(Fault(name, options), times, model, transport))

    def clear(self) -> None:
        """Behave again."""
        self._rules.clear()

    def pending(self) -> list[dict[str, Any]]:
        """Return what is still to happen, as JSON."""
        return [
            {
                "name": rule.fault.name,
                "times": rule.times_left,
                "model": rule.model,
                "transport": rule.transport,
                **rule.fault.options,
            }
            for rule in self._rules
        ]

    def take(self, ask: Ask) -> Fault | None:
        """Return the fault for an accepted call, and count it."""
        return self._take(ask.model.id, ask.transport, streams=ask.streams)

    def take_for_read(self) -> Fault | None:
        """Return the fault for a read of the catalogue or the account, and count it."""
        return self._take(None, "reads")

    def _take(self, model_id: str | None, transport: str, *, streams: bool = False) -> Fault | None:
        rule = next(
            (rule for rule in self._rules if rule.applies(model_id, transport, streams=streams)), None
        )
        if rule is None:
            return None
        if rule.times_left is not None:
            rule.times_left -= 1
            if rule.times_left <= 0:
                self._rules.remove(rule)
        return rule.fault
