"""Cards and forms of moderators keep Discord's limits at their fullest."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from checks_kit import Call, check_document, check_view, components_of, texts_of
from ui_kit import HOSTILE, NOW, a_reading

from bot.domain.hierarchy import Subject
from bot.domain.purse import Answers, Budget, Export, Overview, Target
from bot.domain.quotas import Basis, Charge, Grant, Limit, Meter, Owner, Reading
from bot.domain.rules import Decided, Entitlement, Given, Rule, Scope
from bot.storage.exceeded import quota_exceeded
from bot.texts import number
from bot.ui import allowance_form, meters, purse, purse_export, purse_forms, quota
from bot.ui.allowance_form import AllowanceForm, Wish

BIG = 10**12
BUDGET = Budget(BIG, 80, BIG, BIG, 1_800_000_000, BIG)
ID = 1_300_000_000_000_000_000


def a_grant(number: int, meter: Meter = Meter.IMAGES_PER_DAY) -> Grant:
    return Grant(number, 70, ID, meter, BIG, 3, HOSTILE[:200], 1, NOW, NOW + timedelta(days=30))


def the_fullest() -> Entitlement:
    own = [a_reading(9, 10, meter) for meter in Meter]
    readings = [
        Reading(one.limit, one.used, tuple(a_grant(n, one.limit.meter) for n in range(40))) for one in own
    ]
    server = [a_reading(9, 10, Meter.USD_PER_MONTH, Owner.SERVER)]
    given = tuple(Given(meter, BIG, Basis.ROLE, ID) for meter in Meter)
    return Entitlement((*readings, *server), given, Decided())


def an_overview(people: int) -> Overview:
    targets = [Target(Scope.DEFAULT), *(Target(Scope.ROLE, ID + n) for n in range(people))]
    rules = tuple(one.rule(70, meter, BIG) for one in targets for meter in Meter)
    return Overview(rules, (), "America/Argentina/ComodRivadavia", BUDGET)


CARDS: dict[str, Any] = {
    "a person": lambda: purse.person(ID, the_fullest(), "done"),
    "all": lambda: purse.listing(an_overview(100), 0, "done"),
    "the last page": lambda: purse.listing(an_overview(100), 99),
    "nothing": lambda: purse.listing(Overview((), (), "UTC", Budget(None, 80, 0, 0, 0, None)), 0),
    "a role": lambda: purse.role(Target(Scope.ROLE, ID), an_overview(3)),
    "a role without rules": lambda: purse.role(Target(Scope.ROLE, 5), an_overview(0), "done"),
    "the budget": lambda: purse.budget(an_overview(0), "done"),
    "the zone": lambda: purse.zone(an_overview(0)),
    "the set-up": lambda: purse.set_up(an_overview(0), [ID + n for n in range(10)]),
    "rejected": lambda: purse_forms.rejected(HOSTILE, Answers(HOSTILE, HOSTILE, HOSTILE, HOSTILE)),
    "an allowance rejected": lambda: allowance_form.rejected(
        HOSTILE, ID, Wish("set", "usd_per_month", HOSTILE[:20], HOSTILE[:3], HOSTILE[:200])
    ),
    "/quota": lambda: quota.card(the_fullest(), ()),
}


@pytest.mark.parametrize("card", CARDS.values(), ids=CARDS)
def test_cards_keep_discord_s_limits_at_their_fullest(card: Any):
    check_view(card())


FORMS: dict[str, Any] = {
    "a person's": lambda: AllowanceForm(ID, HOSTILE, the_fullest()),
    "a person's, again": lambda: AllowanceForm(ID, "x", the_fullest(), Wish("set", "", "x" * 99, "x" * 9)),
    "the set-up's": lambda: purse_forms.SetupForm(an_overview(0)),
    "the first set-up's": lambda: purse_forms.SetupForm(
        Overview((), ((Meter.IMAGES_PER_DAY, 20),), "UTC", Budget(None, 80, 0, 0, 0, None))
    ),
}


@pytest.mark.parametrize("opened", FORMS.values(), ids=FORMS)
async def test_forms_keep_discord_s_limits(opened: Any):
    body = opened().to_dict()

    assert len(body["title"]) <= 45
    assert 1 <= len(body["components"]) <= 5
    for one in components_of(body):
        if one["type"] == 18:
            assert len(one["label"]) <= 45
            assert len(one.get("description") or "") <= 100
    check_document(Call("POST", "/interactions/1/token/callback", {"type": 9, "data": body}))


def filled(form: purse_forms.SetupForm) -> list[str]:
    fields = components_of(form.to_dict())
    return [one.get("value", "") for one in fields if one["type"] == 4]


@pytest.mark.parametrize(
    "given",
    [Answers("Atlantis", "lots", "5", "2"), Answers("東京", "－", "", "")],
    ids=["the id that is kept for ever", "any script"],
)
async def test_who_answered_wrongly_finds_their_answers_in_the_form(given: Answers):
    words = purse_forms.packed(given)
    form = purse_forms.SetupForm(an_overview(0), purse_forms.unpacked(words))

    assert filled(form) == [given.zone, given.images, given.messages, given.budget]
    if given.zone == "Atlantis":
        assert words == ("QXRsYW50aXMKbG90cwo1CjI",)
    check_document(Call("POST", "/interactions/1/token/callback", {"type": 9, "data": form.to_dict()}))


@pytest.mark.parametrize(
    "given",
    [
        Wish("grant", "images_per_month", "1.5", "30", "a poster"),
        Wish("clear", "usd_per_day", "", "", ""),
        *(Wish(act, meter, "mucho", "7", "é\né") for act in ("set", "reset") for meter in Meter),
    ],
    ids=lambda given: f"{given.act} {given.meter}",
)
async def test_a_form_for_an_allowance_comes_again_as_it_was_written(given: Wish):
    words = allowance_form.packed(ID, given)
    again = allowance_form.unpacked((str(ID), *words))

    assert again == given
    if given.reason == "a poster":
        assert words == ("ZwppbQoxLjUKMzAKYSBwb3N0ZXI",), "this id is kept for ever"
    body = AllowanceForm(ID, "Grace", the_fullest(), again).to_dict()
    fields = [one for one in components_of(body) if "custom_id" in one]
    written = {one["custom_id"]: one.get("value", "") for one in fields if one["type"] == 4}
    chosen = [one["value"] for field in fields for one in field.get("options", []) if one.get("default")]
    assert chosen == [given.act, given.meter]
    assert written == {"amount": given.amount, "days": given.days, "reason": given.reason}


def test_a_reason_too_long_for_an_id_is_given_back_on_the_card_alone():
    given = Wish("grant", "usd_per_month", "lots", "30", "Won the contest. " * 11)
    card = allowance_form.rejected("No.", ID, given)

    said = texts_of(check_view(card, 0))[0]
    assert "Amount: lots" in said
    assert given.reason.strip() in said
    again = allowance_form.unpacked((str(ID), *allowance_form.packed(ID, given)))
    assert again == Wish("grant", "usd_per_month", "lots", "30", "")


@pytest.mark.parametrize("arguments", [(), ("7",), ("7", "x"), ("7", "Zm9v"), ("7", "_w"), ("7", "é")])
def test_what_is_no_form_of_before_is_none(arguments: tuple[str, ...]):
    assert allowance_form.unpacked(arguments) is None


@pytest.mark.parametrize("arguments", [(), ("x",), ("Zm9v",), ("_w",), ("é",), ("1", "2")])
async def test_a_form_that_was_not_filled_in_before_shows_what_holds(arguments: tuple[str, ...]):
    form = purse_forms.SetupForm(an_overview(0), purse_forms.unpacked(arguments))

    assert filled(form)[0] == "America/Argentina/ComodRivadavia"


def test_answers_too_long_for_an_id_are_given_back_on_the_card_alone():
    assert purse_forms.packed(Answers("x" * 60, "y" * 60, "", "")) == ()


@pytest.mark.parametrize(
    ("basis", "said"),
    [
        (Basis.OPERATOR, "Easel's own default"),
        (Basis.EVERYONE, "for everybody in this server"),
        (Basis.ROLE, f"with the role <@&{ID}>"),
        (Basis.PERSON, "a limit of one's own"),
    ],
)
def test_each_meter_says_which_rule_gave_it(basis: Basis, said: str):
    reading = a_reading(3, 10)
    limit = Limit(Owner.PERSON, Meter.IMAGES_PER_DAY, 10, reading.limit.window, 1, 70, basis, ID)
    shown = meters.lines(Entitlement((Reading(limit, 3),), (Given(limit.meter, 10, basis, ID),), Decided()))
    free = meters.lines(Entitlement((), (Given(limit.meter, None, basis, ID),), Decided()))

    assert f"7 of 10 left\n-# Full again <t:1795305600:f> (<t:1795305600:R>) · {said}" in shown
    assert free == f"**Pictures today**\nUnlimited · {said}"


@pytest.mark.parametrize(
    ("basis", "named"),
    [
        (Basis.OPERATOR, "your allowance is"),
        (Basis.EVERYONE, "everybody's allowance here is"),
        (Basis.ROLE, f"your allowance with the role <@&{ID}> is"),
        (Basis.PERSON, "the allowance that a moderator set for you is"),
        (Basis.BUDGET, "this server's budget is"),
    ],
)
def test_who_gets_nothing_reads_who_set_it_and_no_amount(basis: Basis, named: str):
    owner = Owner.SERVER if basis is Basis.BUDGET else Owner.PERSON
    day = a_reading().limit.window
    limit = Limit(owner, Meter.USD_PER_DAY, 0, day, 1, 70, basis, ID)

    error = quota_exceeded([Reading(limit, 0)], Charge(1, 5))

    assert str(error) == f"Nothing can be drawn here, because {named} set to zero."


def test_grants_that_a_card_has_no_room_for_are_counted():
    readings = the_fullest().readings

    assert f"-# + {number(38 * (BIG - 3))} left of 38 more grants" in meters.lines(
        Entitlement(readings[:1], the_fullest().given[:1], Decided())
    )
    assert "more grant" not in meters.lines(the_fullest_of(2))


def the_fullest_of(count: int) -> Entitlement:
    reading = the_fullest().readings[0]
    fewer = Reading(reading.limit, reading.used, reading.grants[:count])
    return Entitlement((fewer,), the_fullest().given[:1], Decided())


def test_of_two_limits_on_the_server_the_tighter_is_shown():
    month = a_reading(0, 1, Meter.USD_PER_MONTH).limit.window
    budget = Limit(Owner.SERVER, Meter.USD_PER_MONTH, 5_000_000, month, basis=Basis.BUDGET)
    operator = Limit(Owner.SERVER, Meter.USD_PER_MONTH, 9_000_000, month)
    shown = meters.lines(Entitlement((Reading(budget, 0), Reading(operator, 0)), (), Decided()))

    assert shown.count("This server:") == 1
    assert "$5.00 of $5.00 left\n-# This server's budget" in shown, "and what is full is not full again"


def test_what_moderators_wrote_pings_and_formats_nothing():
    text = "\n".join(texts_of(check_view(purse.person(ID, the_fullest()))))

    assert "@everyone" not in text
    assert "<@12345678901234567>" not in text


def test_tables_hold_what_spreadsheets_would_run_as_words():
    grant = Grant(1, 70, ID, Meter.USD_PER_DAY, 2_500_000, 1, "=cmd()", 2, NOW, NOW)
    rules = (Rule(70, Scope.PERSON, ID, Meter.USD_PER_DAY, None),)
    export = Export(Overview(rules, (), "UTC", BUDGET), [grant], [(ID, Meter.USD_PER_DAY, 1_250_000)])
    post = purse_export.post(export)
    tables = {
        file.filename: list(csv.reader(io.StringIO(file.fp.read().decode("utf-8-sig"))))
        for file in post.files
    }

    check_view(post.view, files=3)
    assert tables["rules.csv"][1] == ["person", str(ID), "usd_per_day", "unlimited"]
    assert tables["grants.csv"][1][3:6] == ["2.50", "0.000001", "'=cmd()"]
    assert tables["use.csv"][1] == [str(ID), "usd_per_day", "1.25"]
    assert datetime.fromisoformat(tables["grants.csv"][1][7]).tzinfo is UTC


def test_nothing_is_full_again_where_nothing_is_allowed():
    limit = Limit(Owner.PERSON, Meter.IMAGES_PER_DAY, 0, a_reading(0, 1).limit.window, 1, 70, Basis.PERSON)
    shown = meters.lines(Entitlement((Reading(limit, 0),), (Given(limit.meter, 0, Basis.PERSON),), Decided()))

    assert "0 of 0 left\n-# A limit of one's own" in shown


def test_what_is_left_of_dollars_is_read_in_cents():
    shown = meters.lines(
        Entitlement((a_reading(1_216_500, 5_000_000, Meter.USD_PER_MONTH, Owner.SERVER),), (), Decided())
    )

    assert "$3.78 of $5.00 left" in shown


def test_what_was_wrong_in_the_set_up_gives_all_answers_back():
    answers = Answers("berlin", "7", "many", "", (Subject(ID, is_role=True), Subject(ID + 1, is_role=True)))
    said = "\n".join(texts_of(check_view(purse_forms.rejected("No.", answers), 0)))

    assert f"Without a daily limit: <@&{ID}>, <@&{ID + 1}>" in said


def test_a_form_says_what_is_left_of_an_allowance_without_what_was_granted():
    reading = a_reading(3, 10)
    granted = Reading(reading.limit, 3, (a_grant(1),))
    body = AllowanceForm(ID, "Grace", Entitlement((granted,), (), Decided())).to_dict()

    said = [
        option["description"]
        for one in components_of(body)
        for option in one.get("options", [])
        if "description" in option
    ]
    assert "7 left of 10" in said
