"""Discord's side of the workshop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from bot.domain.jobs import Job
    from bot.domain.results import Card, Result
    from bot.errors import Cancelled, UserFacingError


class Presenter(Protocol):
    """Shows results to people."""

    async def present(self, result: Result) -> Card | None:
        """Post a result where it belongs, at most once, or raise Undeliverable, Unreachable or DiscordAway.

        None where it will be shown with others, later: then whoever shows it says so (`Workshop.shown`).
        """
        ...

    async def apologise(self, job: Job, error: UserFacingError) -> bool:
        """Tell the requester why there is no picture, and leave nothing behind that looks like work.

        False where Discord was in trouble, so that it is worth saying again.
        """
        ...

    async def retract(self, job: Job, error: Cancelled) -> bool:
        """Let a job's own card say that it was called off, and post nothing new; False where it cannot."""
        ...

    async def withheld(self, job: Job) -> None:
        """Say that moderators look at a job's pictures, where its reviewers do not say so themselves."""
        ...
