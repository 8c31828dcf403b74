"""How Easel answers in a channel, as its moderators chose it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.domain.words import Sampling
from bot.errors import BadInput
from bot.texts import number, tr

if TYPE_CHECKING:
    from bot.domain.conversation import Manner

MOST_PERSONA = 2000
MOST_DAYS = 3650


@dataclass(frozen=True, slots=True)
class ChannelManner:
    """What was chosen for a channel and the threads in it; None leaves it to Easel.

    Raises BadInput with a sentence for whoever sets it.
    """

    persona: str | None = None
    model: str | None = None
    temperature: float | None = None
    history: bool = True
    """Whether an answer takes in what was said before."""
    days: int | None = None
    """After how many days what was said is forgotten."""

    def __post_init__(self) -> None:
        if self.persona is not None and len(self.persona) > MOST_PERSONA:
            raise BadInput(tr("A persona has at most {most} characters.", most=number(MOST_PERSONA)))
        if self.days is not None and not 1 <= self.days <= MOST_DAYS:
            raise BadInput(tr("Messages can be kept for 1 to {most} days.", most=number(MOST_DAYS)))
        Sampling(temperature=self.temperature)

    def applied(self, manner: Manner) -> Manner:
        """Return how an answer is wished for, with what was chosen where the wish leaves it open."""
        return replace(
            manner,
            persona=manner.persona or self.persona,
            model=manner.model or self.model,
            temperature=self.temperature if manner.temperature is None else manner.temperature,
            history=manner.history and self.history,
        )

    def without_model(self) -> ChannelManner:
        """Return it with the model left to Easel."""
        return replace(self, model=None)


@dataclass(frozen=True, slots=True)
class Offered:
    """A model that a channel can be set to use."""

    id: str
    draws: bool
    """Whether it talks and draws in one turn."""
    upper_microusd: int
    """What an answer to few words may cost at most."""


UNSET = ChannelManner()
