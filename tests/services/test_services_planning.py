from __future__ import annotations

import json

import pytest
from house_kit import House, open_house
from provider_kit import FLUX, GEMINI, MINI
from world_kit import Caps, World, ann

from bot.domain.capabilities import Transport
from bot.domain.quotas import Meter, Owner
from bot.domain.requests import PictureRequest
from bot.domain.rules import Decided
from bot.domain.rules import limits as limits_of
from bot.errors import ModelGone, ModelUnavailable, OptionUnsupported
from bot.services.planning import Planner


class TestChoices:
    @pytest.mark.parametrize(
        ("option", "asked", "values"),
        [
            ("quality", None, {"auto": None, "low": None, "medium": None, "high": None}),
            ("aspect", None, {"1:1": None, "3:2": None, "2:3": None}),
            ("format", None, {"png": None, "jpeg": None, "webp": None}),
            ("aspect", FLUX, {"1:1": None, "16:9": None}),
            ("quality", FLUX, {}),
        ],
        ids=["quality", "aspect", "format", "of a model", "none of a model"],
    )
    def test_values_are_the_deciding_model_s(self, house: House, option, asked, values):
        assert dict(house.planner.choices(option, asked)) == values

    async def test_where_the_first_model_has_none_the_others_are_named(self, world: World):
        world.caps = Caps(models=(FLUX, MINI, GEMINI))
        async with open_house(world) as house:
            assert dict(house.planner.choices("background", None)) == {
                "transparent": "gpt-5-image-mini",
                "opaque": "gpt-5-image-mini",
            }

    async def test_those_who_cannot_do_the_rest_are_not_named(self, world: World):
        world.caps = Caps(models=(FLUX, MINI, GEMINI))
        async with open_house(world) as house:
            assert house.planner.choices("background", None, PictureRequest("", seed=0)) == ()

    def test_a_model_that_is_not_on_the_list_has_none(self, house: House):
        with pytest.raises(OptionUnsupported):
            house.planner.choices("aspect", "acme/none")


class TestPlan:
    def test_the_first_model_of_the_list_draws(self, house: House):
        plan = house.planner.plan(PictureRequest("a fox"))

        assert (plan.model_id, plan.transport) == (MINI, Transport.IMAGES)

    def test_a_model_that_could_is_named(self, house: House):
        with pytest.raises(
            OptionUnsupported, match=r"do a seed\. .* choose the model flux\.2-pro, which can\."
        ):
            house.planner.plan(PictureRequest("a fox", seed=0))

    def test_a_model_that_is_down_is_said_at_once(self, house: House):
        def down(model_id: str) -> None:
            raise ModelUnavailable(f"{model_id} is down")

        planner = Planner(house.planner._catalogue, (MINI, FLUX), down)

        with pytest.raises(ModelUnavailable, match=MINI):
            planner.plan(PictureRequest("a fox"))

    def test_where_none_could_nobody_is_named(self, house: House):
        with pytest.raises(OptionUnsupported) as missing:
            house.planner.plan(PictureRequest("a fox", aspect="9:99"))

        assert str(missing.value).endswith("Leave that out, or choose another model.")

    def test_a_gone_model_is_passed_over(self, house: House):
        house.catalogue.mark_gone(MINI)

        assert house.planner.plan(PictureRequest("a fox")).model_id == FLUX

    def test_with_every_model_gone_that_is_said(self, house: House):
        for model in (MINI, FLUX, GEMINI):
            house.catalogue.mark_gone(model)

        with pytest.raises(ModelGone, match="None of the bot's models"):
            house.planner.plan(PictureRequest("a fox"))

    async def test_before_the_list_was_read_that_is_said(self, world: World):
        world.provider.lists = {}
        async with open_house(world) as house:
            with pytest.raises(ModelUnavailable, match="could not be read yet"):
                await house.order()


def test_prices_are_reckoned_once_for_each_time_that_the_catalogue_is_read(house: House, world: World):
    first = house.planner.prices()
    assert all(one is other for one, other in zip(house.planner.prices(), first, strict=True))

    house.catalogue.load(json.dumps(world.provider.lists))

    assert house.planner.prices()[0][0] is house.catalogue.model(MINI)
    assert house.planner.prices()[0][0] is not first[0][0]


def test_prices_are_given_by_model_and_quality(house: House):
    prices = {model.id: dict(rows) for model, rows in house.planner.prices()}

    assert list(prices) == [MINI, FLUX, GEMINI]
    assert list(prices[MINI]) == ["low", "medium", "high"]
    assert list(prices[FLUX]) == [""]
    assert all(cost >= 20_000 for cost in prices[MINI].values())


class TestAllowances:
    async def test_a_person_sees_their_own_limits_and_the_server_s_but_not_the_operator_s(self, world: World):
        world.caps = Caps(
            person={Meter.IMAGES_PER_DAY: 5},
            server={Meter.USD_PER_MONTH: 1_000_000},
            operator={Meter.USD_PER_DAY: 9},
        )
        async with open_house(world) as house:
            readings = await house.allowances.readings(ann(), world.clock())
            limits = limits_of(house.allowances.claim(ann()), Decided(), world.clock())

        assert [reading.limit.owner for reading in readings] == [Owner.PERSON, Owner.SERVER]
        assert [limit.owner for limit in limits] == [Owner.PERSON, Owner.SERVER, Owner.OPERATOR]

    async def test_in_direct_messages_no_server_counts(self, world: World):
        world.caps = Caps(server={Meter.IMAGES_PER_DAY: 1})
        async with open_house(world) as house:
            limits = limits_of(house.allowances.claim(ann(guild_id=None)), Decided(), world.clock())

        assert [(limit.owner, limit.guild_id) for limit in limits] == [(Owner.PERSON, 0)]

    async def test_allowances_return_with_the_day_of_the_server_s_zone(self, world: World):
        world.caps = Caps(person={Meter.IMAGES_PER_DAY: 1}, zone="Asia/Kathmandu")
        async with open_house(world) as house:
            await house.done()
            world.clock.move(hours=6, minutes=14)
            assert (await house.reading()).left == 0

            world.clock.move(minutes=1)
            assert (await house.reading()).left == 1
