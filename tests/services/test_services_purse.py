"""What moderators decide about allowances, and that nobody else does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from desk_kit import desk_of
from world_kit import ANN, ann, bob, moderator

from bot.domain.hierarchy import Rank, Subject
from bot.domain.purse import Answers, Gift, Person, Target
from bot.domain.quotas import Basis, Meter, Owner
from bot.domain.requests import PictureRequest
from bot.domain.rules import Scope
from bot.errors import BadInput, NotAllowed, NotFound, QuotaExceeded

if TYPE_CHECKING:
    from house_kit import House

    from bot.services.purse import Purse
    from bot.storage.audit import AuditLine

DAY = Meter.IMAGES_PER_DAY
MOD = moderator(may_manage=True, role_ids=frozenset({9}), rank=Rank(role=(5, -9)))
LOW, HIGH = Subject(ANN, Rank(role=(1, -1))), Subject(ANN, Rank(role=(5, -8)))
ROLE, OWN_ROLE = Subject(3, Rank(role=(2, -3)), is_role=True), Subject(9, Rank(role=(5, -9)), is_role=True)
ANNA = Person(LOW, frozenset())
ANSWERS = Answers("Berlin", "7", "unlimited", "12.50")


@pytest.fixture
def purse(house: House) -> Purse:
    return desk_of(house).purse


async def lines(house: House) -> list[AuditLine]:
    return list(await desk_of(house).audit.recent(MOD.guild_id or 0, 50))


def acts(purse: Purse, who: Any) -> dict[str, Any]:
    """Return all that can be done, by name, as calls that were not made."""
    return {
        "set": lambda: purse.set(who, LOW, DAY, "5"),
        "set for everybody": lambda: purse.set(who, None, DAY, "5"),
        "clear": lambda: purse.clear(who, LOW, DAY),
        "grant": lambda: purse.grant(who, ANNA, Gift(DAY, "5", "why")),
        "reset": lambda: purse.reset(who, LOW, DAY),
        "see a person": lambda: purse.entitlement(who, ANNA),
        "overview": lambda: purse.overview(who),
        "budget": lambda: purse.set_budget(who, "5", None),
        "zone": lambda: purse.set_zone(who, "UTC"),
        "set up": lambda: purse.set_up(who, ANSWERS),
        "export": lambda: purse.export(who),
        "look for a grant": lambda: purse.grant_of(who, 1),
    }


NOBODY = {
    "a member": bob(),
    "who moderates messages alone": moderator(),
    "an outsider": bob(guild_id=None, may_manage=False),
}


@pytest.mark.parametrize("who", NOBODY.values(), ids=NOBODY)
async def test_nobody_but_managers_does_or_sees_anything(house: House, purse: Purse, who: Any) -> None:
    for act in acts(purse, who).values():
        with pytest.raises(NotAllowed):
            await act()
    assert await lines(house) == []


@pytest.mark.parametrize(
    "subject", [HIGH, OWN_ROLE, Subject(MOD.user_id, MOD.rank)], ids=["equal", "role", "self"]
)
async def test_managers_do_not_touch_those_above_or_beside_them_nor_themselves(
    house: House, purse: Purse, subject: Subject
) -> None:
    for act in (
        purse.set(MOD, subject, DAY, "5"),
        purse.clear(MOD, subject, None),
        purse.reset(MOD, subject, None),
        purse.grant(MOD, Person(subject, frozenset()), Gift(DAY, "5", "why")),
        purse.set_up(MOD, replace(ANSWERS, free=(subject,))),
    ):
        with pytest.raises(NotAllowed):
            await act
    assert await lines(house) == []
    assert (await purse.overview(MOD)).rules == ()


@pytest.mark.parametrize(
    "rank", [Rank(is_owner=True), Rank(is_administrator=True)], ids=["owner", "administrator"]
)
async def test_who_stands_at_the_top_may_raise_themselves(purse: Purse, rank: Rank) -> None:
    top = replace(MOD, rank=rank)

    assert await purse.set(top, Subject(top.user_id, rank), DAY, "unlimited") is None


async def test_what_is_set_shows_where_it_comes_from_and_what_was_before(house: House, purse: Purse) -> None:
    assert await purse.set(MOD, None, DAY, "5") == 5
    assert await purse.set(MOD, ROLE, DAY, "9") == 9
    assert await purse.set(MOD, ROLE, DAY, "unlimited") is None
    seen = await purse.entitlement(MOD, Person(LOW, frozenset({ROLE.id})))
    other = await purse.entitlement(MOD, ANNA)

    assert [(one.cap, one.basis, one.role_id) for one in seen.given] == [(None, Basis.ROLE, ROLE.id)]
    assert [(one.cap, one.basis) for one in other.given] == [(5, Basis.EVERYONE)]
    assert [(line.subject, line.detail["cap"], line.detail["before"]) for line in await lines(house)] == [
        ("role:3", "unlimited", 9),
        ("role:3", 9, None),
        ("everyone", 5, None),
    ]


@pytest.mark.parametrize(
    ("meter", "text", "cap"),
    [
        (DAY, " 20 ", 20),
        (DAY, "Unlimited", None),
        (DAY, "0", 0),
        (Meter.USD_PER_DAY, "$2.50", 2_500_000),
        (Meter.USD_PER_DAY, "2,5", 2_500_000),
        (Meter.USD_PER_MONTH, "no limit", None),
    ],
)
async def test_amounts_are_understood_as_people_write_them(
    purse: Purse, meter: Meter, text: str, cap: int | None
) -> None:
    assert await purse.set(MOD, None, meter, text) == cap


@pytest.mark.sampled(2)
@pytest.mark.parametrize("text", ["", "-1", "1.5", "many", "1e3", "٣", "9999999", "1 000"])
async def test_what_is_no_amount_changes_nothing(house: House, purse: Purse, text: str) -> None:
    with pytest.raises(BadInput):
        await purse.set(MOD, None, DAY, text)
    assert await lines(house) == []


async def test_a_grant_beside_no_limit_names_the_meter(purse: Purse) -> None:
    with pytest.raises(BadInput, match="“Dollars a day” has no limit for this person"):
        await purse.grant(MOD, ANNA, Gift(Meter.USD_PER_DAY, "5", "why"))


async def test_a_cleared_rule_gives_way_to_the_next(purse: Purse) -> None:
    await purse.set(MOD, LOW, DAY, "1")
    await purse.set(MOD, LOW, Meter.MESSAGES_PER_DAY, "1")

    assert len(await purse.clear(MOD, LOW, None)) == 2
    assert (await purse.entitlement(MOD, ANNA)).given[0].basis is Basis.OPERATOR
    with pytest.raises(NotFound):
        await purse.clear(MOD, LOW, None)


@pytest.mark.parametrize(
    "gift",
    [
        Gift(DAY, "0", "why"),
        Gift(DAY, "unlimited", "why"),
        Gift(DAY, "5", "  "),
        Gift(DAY, "5", "x" * 201),
        Gift(DAY, "5", "why", 0),
        Gift(DAY, "5", "why", 367),
        Gift(Meter.USD_PER_DAY, "5", "nothing limits that"),
    ],
)
async def test_a_grant_that_makes_no_sense_is_refused(house: House, purse: Purse, gift: Gift) -> None:
    with pytest.raises(BadInput):
        await purse.grant(MOD, ANNA, gift)
    assert await lines(house) == []


async def test_a_grant_ends_by_itself_or_when_it_is_taken_back(house: House, purse: Purse) -> None:
    await purse.set(MOD, LOW, DAY, "0")
    grant = await purse.grant(MOD, ANNA, Gift(DAY, "2", "a  birthday", 1))
    assert grant.reason == "a birthday"
    await house.done()
    house.world.clock.move(days=1)
    with pytest.raises(QuotaExceeded):
        await house.order()

    again = await purse.grant(MOD, ANNA, Gift(DAY, "2", "why"))
    with pytest.raises(NotFound):
        await purse.end(MOD, Subject(99), again)
    assert (await purse.end(MOD, LOW, again)).left == 2
    with pytest.raises(NotFound):
        await purse.end(MOD, LOW, again)
    with pytest.raises(NotFound):
        await purse.grant_of(replace(MOD, guild_id=71), again.id)
    with pytest.raises(QuotaExceeded):
        await house.order()


@pytest.mark.further
async def test_the_set_up_decides_all_at_once_or_nothing(house: House, purse: Purse) -> None:
    for wrong in ({"zone": "Atlantis"}, {"images": "lots"}, {"budget": "cheap"}):
        with pytest.raises(BadInput):
            await purse.set_up(MOD, replace(ANSWERS, **wrong))
    with pytest.raises(BadInput) as refused:
        await purse.set_up(MOD, replace(ANSWERS, zone="Atlantis", messages="many", budget="cheap"))
    assert [one.partition(":")[0] for one in str(refused.value).split("\n")] == [
        "Time zone",
        "Messages a day",
        "Budget a month",
    ]
    assert await lines(house) == []

    overview = await purse.set_up(MOD, replace(ANSWERS, free=(ROLE,)))

    assert (overview.zone, overview.budget.microusd) == ("Europe/Berlin", 12_500_000)
    assert (overview.cap(DAY), overview.cap(Meter.MESSAGES_PER_DAY)) == (7, None)
    assert overview.free_roles() == {ROLE.id}
    assert overview.targets() == (Target(Scope.DEFAULT), Target(Scope.ROLE, ROLE.id))
    (line,) = await lines(house)
    assert line.action == "quota.setup"
    assert (line.detail["images_per_day"], line.detail["messages_per_day"]) == (7, None), "values, not texts"
    assert (await purse.set_up(MOD, replace(ANSWERS, budget=""))).budget.microusd is None


async def test_a_budget_below_the_price_of_a_picture_stops_all_and_zero_says_so(
    house: House, purse: Purse
) -> None:
    await purse.set_budget(MOD, "0", None)

    with pytest.raises(QuotaExceeded, match="this server's budget is set to zero"):
        await house.order(who=ann())


async def test_moderators_hear_of_a_budget_once_at_each_step_of_a_month_and_an_amount(
    house: House, purse: Purse
) -> None:
    alerts = desk_of(house).alerts
    await house.done()
    await house.done()
    spent = (await purse.overview(MOD)).budget.spent_microusd
    assert spent > 0

    async def heard() -> list[object]:
        return [one.detail["percent"] for one in await lines(house) if one.actor_id == 0]

    await purse.set_budget(MOD, f"{spent * 1.5 / 1e6:.6f}", 60)
    assert [await alerts.check(), await alerts.check()] == [1, 0]
    await purse.set_budget(MOD, f"{spent / 1e6:.6f}", None)
    assert [await alerts.check(), await alerts.check()] == [1, 0]
    assert await heard() == [100, 60]
    await purse.set_budget(MOD, f"{spent * 10 / 1e6:.6f}", None)
    assert await alerts.check() == 0
    await purse.set_budget(MOD, f"{spent / 1e6:.6f}", None)
    assert await alerts.check() == 0, "this was told this month"
    house.world.clock.move(days=40)
    assert await alerts.check() == 0
    await purse.set_budget(MOD, f"{spent * 1.5 / 1e6:.6f}", None)
    await house.done()
    await house.done()
    assert await alerts.check() == 1


async def test_who_is_stopped_late_in_a_budget_is_heard_of_at_once(house: House, purse: Purse) -> None:
    price = house.studio.price(PictureRequest("x"))
    await purse.set_budget(MOD, f"{price.upper_microusd * 1.2 / 1e6:.6f}", 5)
    await house.done()
    for _ in range(9):
        try:
            await house.done()
        except QuotaExceeded:
            break
    told = [one for one in await lines(house) if one.actor_id == 0]

    assert [(one.action, one.detail["percent"]) for one in told] == [("budget.alert", 100)]


async def test_the_export_has_what_everybody_used(house: House, purse: Purse) -> None:
    await house.done()
    await house.done(who=bob())
    await purse.set(MOD, None, DAY, "5")
    export = await purse.export(MOD)

    assert [(who, used) for who, meter, used in export.used if meter is DAY] == [
        (ANN, 1),
        (bob().user_id, 1),
    ]
    assert len(export.overview.rules) == 1


async def test_a_reset_reaches_the_person_alone(house: House, purse: Purse) -> None:
    await house.done()
    house.world.clock.move(seconds=1)
    await purse.reset(MOD, LOW, None)

    assert await house.used() == 0
    await house.done()
    assert await house.used() == 1
    assert [one.detail["meter"] for one in await lines(house)] == ["all"]
    server = await purse.overview(MOD)
    assert server.budget.spent_microusd > 0
    assert server.budget.ends_at > (house.world.clock() + timedelta(0)).timestamp()
    assert (await purse.entitlement(MOD, ANNA)).readings[0].limit.owner is Owner.PERSON


async def test_the_card_says_what_a_role_allows(house: House, purse: Purse):
    await purse.set(MOD, ROLE, DAY, "4")

    await house.done("a fox", ann(role_ids=frozenset({ROLE.id})))

    (result,) = house.world.board.shown
    (reading,) = (one for one in result.readings if one.limit.meter is DAY)
    assert (reading.limit.basis, reading.used, reading.limit.cap) == (Basis.ROLE, 1, 4)


async def test_what_was_used_before_a_reset_is_not_in_the_table(house: House, purse: Purse):
    await house.done()
    await house.done("a fox", bob())
    house.world.clock.move(seconds=1)
    await purse.reset(MOD, LOW, DAY)
    await house.done()
    await house.done()

    used = {(who, meter): amount for who, meter, amount in (await purse.export(MOD)).used}

    assert used[ANN, DAY] == await house.used() == 2
    assert used[ANN, Meter.IMAGES_PER_MONTH] == 3, "that was not reset"
    assert used[bob().user_id, DAY] == 1
