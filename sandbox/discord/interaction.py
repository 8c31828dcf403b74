"""One use of a command, button, select or modal: what the person's client sent, and what came back."""

import asyncio
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal, cast

from sandbox.discord.entities import Channel, Command, Json, Message, MessageFlag, User

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.discord.world import World

FIRST_RESPONSE = timedelta(seconds=3)
TOKEN_LIFE = timedelta(minutes=15)


class InteractionType:
    """Discord's numbers for what a person can do to an app."""

    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL_SUBMIT = 5


class ResponseType:
    """Discord's numbers for first responses."""

    MESSAGE = 4
    DEFER_MESSAGE = 5
    DEFER_UPDATE = 6
    UPDATE_MESSAGE = 7
    AUTOCOMPLETE = 8
    MODAL = 9


class NoResponse(Exception):
    """The bot did not answer in time: the client says "The application did not respond"."""


@dataclass(slots=True)
class Response:
    """The first response at a monotonic time: `message` for types 4, 5, 7, `modal` for 9, `choices` for 8."""

    type: int
    message: Message | None = None
    modal: Json | None = None
    choices: list[Json] | None = None
    at_s: float = field(default_factory=time.monotonic)


@dataclass(slots=True, eq=False)
class Interaction:
    """An interaction as the server keeps it and as its person watches it.

    `source` is the message whose component was used, `original` what `@original` means now,
    `followups` what the bot sent after it (oldest first).
    """

    world: "World"
    id: int
    token: str
    type: int
    data: Json
    user: User
    channel: Channel
    created_at: datetime
    command: Command | None = None
    parent: "Interaction | None" = None
    source: Message | None = None
    is_user_installed: bool = False
    response: Response | None = None
    original: Message | None = None
    followups: list[Message] = field(default_factory=list[Message])
    acknowledged: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def modal(self) -> Json | None:
        """Return the modal that the bot opened, in Discord's JSON."""
        return self.response.modal if self.response else None

    @property
    def message(self) -> Message | None:
        """Return the message that answers it, as it is now (the placeholder while the bot is thinking)."""
        return self.original

    @property
    def is_ephemeral(self) -> bool:
        """Tell whether the answer is for its person alone."""
        return self.original is not None and bool(self.original.flags & MessageFlag.EPHEMERAL)

    @property
    def state(self) -> Literal["waiting", "thinking", "answered", "failed"]:
        """Say how the client shows it: failed means no first response within 3 seconds."""
        if self.response is None:
            return "failed" if self.world.clock.now() - self.created_at > FIRST_RESPONSE else "waiting"
        if self.original is not None and self.original.is_thinking:
            return "thinking"
        return "answered"

    async def first_response(self, timeout_s: float = 3.0) -> Response:
        """Wait for the first response, or raise NoResponse."""
        try:
            async with asyncio.timeout(timeout_s):
                await self.acknowledged.wait()
        except TimeoutError:
            raise NoResponse("The application did not respond") from None
        return cast("Response", self.response)

    async def until(
        self, predicate: "Callable[[Interaction], bool]", timeout_s: float = 30.0
    ) -> "Interaction":
        """Wait for `predicate` of this interaction to hold, or raise TimeoutError."""
        await self.world.changed.until(lambda: predicate(self), timeout_s)
        return self

    async def answer(self, timeout_s: float = 30.0) -> Message:
        """Wait for the answer proper, no placeholder, and return it; raise TimeoutError if none comes."""
        await self.until(lambda it: it.original is not None and not it.original.is_thinking, timeout_s)
        return cast("Message", self.original)
