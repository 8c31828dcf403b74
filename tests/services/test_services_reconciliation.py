"""The provider's count beside ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from provider_kit import PRICE_MICROUSD, hangs

from bot.errors import ModelUnavailable, Unreachable
from bot.model.account import KeyStatus
from bot.services.reconciliation import Reconciliation, last
from bot.storage.meta import Meta

if TYPE_CHECKING:
    from house_kit import House
    from world_kit import World


class Account:
    """What the provider says of the key."""

    def __init__(self) -> None:
        self.used, self.label, self.is_away = 700_000, "sk-or-v1-abc", False

    async def key(self) -> KeyStatus:
        if self.is_away:
            raise ModelUnavailable("away")
        return KeyStatus(self.label, None, None, self.used, 0, 0, is_free_tier=False)


@pytest.fixture
def account() -> Account:
    return Account()


@pytest.fixture
def reconciliation(house: House, account: Account) -> Reconciliation:
    return Reconciliation(
        model=account,  # pyright: ignore[reportArgumentType] - of the client it needs `key` alone
        ledger=house.ledger,
        meta=Meta(house.database),
        metrics=house.metrics,
        clock=house.world.clock,
    )


async def difference(house: House) -> int:
    found = await last(Meta(house.database))
    assert found is not None
    assert house.metrics.registry.get_sample_value("easel_unexplained_microusd") == found.difference_microusd
    return found.difference_microusd


async def test_a_provider_that_does_not_answer_changes_nothing(
    house: House, account: Account, reconciliation: Reconciliation
):
    account.is_away = True

    await reconciliation.compare_daily()

    assert await last(Meta(house.database)) is None


async def test_what_was_spent_before_the_first_comparison_is_no_difference(
    house: House, account: Account, reconciliation: Reconciliation
):
    await house.done()

    await reconciliation.compare_daily()

    assert await difference(house) == 0


async def test_what_both_counted_is_no_difference_and_what_one_counted_is(
    house: House, account: Account, reconciliation: Reconciliation, logged
):
    await reconciliation.compare_daily()
    await house.done()
    account.used += PRICE_MICROUSD
    house.world.clock.move(days=1)
    await reconciliation.compare_daily()
    assert await difference(house) == 0

    account.used += 30_000
    house.world.clock.move(days=1)
    await reconciliation.compare_daily()

    assert await difference(house) == 30_000
    assert logged[-1] == {
        "event": "reconciled",
        "difference_microusd": 30_000,
        "since_last_microusd": 30_000,
        "log_level": "warning",
    }
    found = await last(Meta(house.database))
    assert "the provider counted $0.03 more than the ledger since 2026-" in str(found)


async def test_it_is_done_once_a_day(house: House, account: Account, reconciliation: Reconciliation):
    await reconciliation.compare_daily()
    account.used += 30_000
    house.world.clock.move(hours=23)

    await reconciliation.compare_daily()

    assert await difference(house) == 0


@pytest.mark.parametrize(
    "change", [{"label": "sk-or-v1-xyz"}, {"used": 5}], ids=["another key", "a new count"]
)
async def test_another_key_is_counted_from_where_it_stands(
    house: House, account: Account, reconciliation: Reconciliation, change: dict[str, object]
):
    await reconciliation.compare_daily()
    for name, value in change.items():
        setattr(account, name, value)
    house.world.clock.move(days=1)

    await reconciliation.compare_daily()

    assert await difference(house) == 0


async def test_what_is_held_is_not_spent_but_what_a_waiting_result_cost_is(house: House, world: World):
    world.board.script = [Unreachable("There is no way left.")]
    await house.done()
    world.provider.script = [hangs]
    await house.order()
    await world.provider.reached.wait()

    assert await house.ledger.booked() == PRICE_MICROUSD


async def test_agreement_is_said_too(house: House, reconciliation: Reconciliation):
    await reconciliation.compare_daily()

    assert "agree since" in str(await last(Meta(house.database)))
