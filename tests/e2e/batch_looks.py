"""Lists of prompts as people send them, and what they read off what comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.e2e.looks import pictures, words

if TYPE_CHECKING:
    from sandbox.discord.entities import Message
    from sandbox.discord.interaction import Interaction
    from sandbox.discord.people import Person
    from sandbox.server import Sandbox
    from tests.e2e.conftest import Bot


async def offered(person: Person, prompts: list[str], **options: object) -> Interaction:
    """Send a list, and wait for what would come of it."""
    data = "\n".join(prompts).encode()
    asked = await person.slash("batch", options, {"file": ("list.txt", data)})  # pyright: ignore[reportArgumentType] - options by hand
    await asked.until(lambda it: it.original is not None)
    assert asked.is_ephemeral
    return asked


async def started(person: Person, prompts: list[str], **options: object) -> Interaction:
    asked = await offered(person, prompts, **options)
    assert asked.original is not None
    await person.press(asked.original, "Start")
    return asked


def galleries(person: Person) -> list[Message]:
    """Return the messages that show pictures, in their order."""
    return [message for message in person.messages() if pictures(message)]


def cards(person: Person) -> list[Message]:
    """Return the cards of batches."""
    return [message for message in person.messages() if "so far" in words(message)]


async def until_done(bot: Bot, state: str = "done", timeout_s: float = 60) -> None:
    """Wait until nobody has to look after any batch, and all of them stand so."""
    settled = "SELECT DISTINCT state, pending FROM batch"
    await bot.until(lambda: bot.rows(settled) == [(state, 0)], timeout_s)


def alt_texts(messages: list[Message]) -> list[str]:
    """Return what the pictures say they are, in the order of their rows."""
    found = [item["description"] for message in messages for item in pictures(message)]
    return sorted(found, key=lambda alt: int(alt.split()[1][:-1]))


def foxes(count: int) -> list[str]:
    return [f"fox {n}" for n in range(1, count + 1)]


def rows_of(count: int) -> list[str]:
    """Return the alt texts of as many foxes."""
    return [f"Row {n}: fox {n}" for n in range(1, count + 1)]


async def assert_all_is_well(bot: Bot, sandbox: Sandbox, *, lost: int = 0) -> None:
    """Compare what was charged and what the provider billed, some of it for answers that were lost."""
    await bot.until_priced()
    assert set(bot.states()) <= {"settled", "refused", "failed", "cancelled"}
    assert bot.booked() <= sandbox.model.total_cost_microusd
    assert lost or bot.booked() == sandbox.model.total_cost_microusd
    ends = "SELECT COUNT(*) FROM (SELECT job_id FROM ledger GROUP BY job_id HAVING COUNT(*) <> 2)"
    assert bot.rows(ends) == [(0,)]
