"""What the system says of a process: processor time, memory, open files; and on which core it runs."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
FORGET_PEAK = "5"
"""Written to `clear_refs`, it brings the peak of memory down to what is used now (Linux, proc(5))."""


@dataclass(frozen=True, slots=True)
class Cores:
    """The core of the loopback servers and of the people, and the core of what is measured."""

    servers: int
    measured: int
    all: frozenset[int]

    @classmethod
    def choose(cls) -> Cores:
        """Take the first and the last core that this process may use; on one core they are the same."""
        usable = sorted(os.sched_getaffinity(0))
        return cls(usable[0], usable[-1], frozenset(usable))


def cpu_s(pid: int) -> float:
    """Return the processor time of a process and its threads so far, in seconds; steps are 10 ms."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S


def foreign_cpu_s() -> float:
    """Return the processor time that this machine gave to others than this process and its children.

    Children count once they have ended.
    """
    fields = [int(field) for field in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    idle, waiting = fields[3], fields[4]
    own = os.times()
    return (sum(fields) - idle - waiting) / TICKS_PER_S - sum(own[:4])


def rss_bytes(pid: int) -> int:
    """Return the memory that a process has resident."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_BYTES


def forget_peak(pid: int) -> int:
    """Let the peak of memory begin anew, and return what is resident now."""
    Path(f"/proc/{pid}/clear_refs").write_text(FORGET_PEAK)
    return rss_bytes(pid)


def peak_bytes(pid: int) -> int:
    """Return the most memory that a process had resident since `forget_peak`."""
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) * 1024 if found else rss_bytes(pid)


def open_files(pid: int) -> int:
    """Return how many files and sockets a process holds open."""
    return len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208 - the kernel's list, not a folder of files
