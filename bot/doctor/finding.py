"""One thing that the doctor looked at."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    """How a thing is: well, worth a look, or in the way of working."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, how it is, and how to mend it; never a secret."""

    grade: Grade
    subject: str
    says: str

    @property
    def is_problem(self) -> bool:
        """Tell whether Easel cannot work like this."""
        return self.grade is Grade.PROBLEM

    def __str__(self) -> str:
        return f"{self.grade:<8} {self.subject}: {self.says}"


def ok(subject: str, says: str) -> Finding:
    """Return a finding that needs nothing."""
    return Finding(Grade.OK, subject, says)


def warning(subject: str, says: str) -> Finding:
    """Return a finding that is worth a look."""
    return Finding(Grade.WARNING, subject, says)


def problem(subject: str, says: str) -> Finding:
    """Return a finding that keeps Easel from working."""
    return Finding(Grade.PROBLEM, subject, says)
