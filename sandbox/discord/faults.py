"""Failures of Discord that tests ask for: REST answers that go wrong, and a CDN that misbehaves."""

import re
from dataclasses import dataclass, field
from typing import Literal


@dataclass(slots=True)
class Fault:
    """Let the next `times` requests that match fail.

    `path` is a regular expression searched in what follows `/api/v10`. With `after_effect` the request is
    carried out first and only its answer is lost: a retry then meets what it did. Status 0 breaks the
    connection in the middle of the answer.
    """

    method: str
    path: str
    status: int = 502
    times: int = 1
    after_effect: bool = False

    def matches(self, method: str, path: str) -> bool:
        """Tell whether this fault is still to happen and means this request."""
        return self.times > 0 and self.method == method and re.search(self.path, path) is not None


CdnFault = Literal["not_found", "slow", "lying_length", "gzip_bomb", "server_error"]


@dataclass(slots=True)
class Faults:
    """What is to go wrong: `rest` in order of preference, `cdn` for every download until cleared."""

    rest: list[Fault] = field(default_factory=list[Fault])
    cdn: CdnFault | None = None
    cdn_delay_s: float = 30.0
    latency_s: float = 0.0

    def take(self, method: str, path: str) -> Fault | None:
        """Return the fault this request must suffer, counted, or None."""
        for fault in self.rest:
            if fault.matches(method, path):
                fault.times -= 1
                return fault
        return None
