"""The door that every paid request passes, whichever way it came in, before anything is held for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from bot.domain.access import Asked
    from bot.domain.requests import Requester


class Check(Protocol):
    """One reason to turn somebody away."""

    async def __call__(self, who: Requester, asked: Asked, /) -> None:
        """Raise a UserFacingError for who may not have what they ask for."""
        ...


async def let_in(_who: Requester, _asked: Asked, /) -> None:
    """Turn nobody away."""


class Door:
    """Lets requests in."""

    def __init__(self, *checks: Check) -> None:
        self._checks = checks

    async def admit(self, who: Requester, asked: Asked) -> None:
        """Let somebody in, or raise the UserFacingError of the first check that does not."""
        for check in self._checks:
            await check(who, asked)


OPEN = Door()
