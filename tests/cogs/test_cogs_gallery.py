from __future__ import annotations

import csv
import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from checks_kit import check_document, components_of, texts_of
from cogs_kit import CALLBACK, EDIT, Stage
from people_kit import completing, pick, press, slash, snowflake
from provider_kit import FLUX
from world_kit import ANN, BOB, World

from bot.domain.images import Role
from bot.errors import StorageTrouble
from bot.services import gallery as room
from bot.ui import answers

if TYPE_CHECKING:
    from checks_kit import Call

JOB = int(snowflake(1))
FOLLOWUP = "POST /webhooks/#/token"


@pytest.fixture
def world(world: World) -> World:
    """A world in which nobody's allowance is in the way."""
    world.caps.person = {}
    return world


async def draw(stage: Stage, n: int, prompt: str = "a fox", *, user_id: int = ANN, **options: Any) -> int:
    """Let somebody draw; return the job's id."""
    await stage.act(slash("imagine", {"prompt": prompt, **options}, interaction_id=n, user_id=user_id))
    return int(snowflake(n))


def data_of(call: Call) -> dict[str, Any]:
    return call.payload.get("data", call.payload)


def parts(call: Call) -> dict[str, dict[str, Any]]:
    """Return what can be pressed, by its id."""
    return {one["custom_id"]: one for one in components_of(data_of(call)) if "custom_id" in one}


def words(call: Call) -> str:
    return "\n".join(texts_of(data_of(call)))


class TestPages:
    async def test_where_there_is_nothing_it_says_how_to_begin(self, stage: Stage):
        (call,) = await stage.act(slash("gallery"))
        (direct,) = await stage.act(slash("gallery", guild_id=None, interaction_id=2))

        assert "`/imagine`" in words(call)
        assert "Pictures of this server" in words(call)
        assert "direct message" in words(call)
        assert "Your pictures" in words(direct)
        assert "direct message" not in words(direct)
        assert parts(call) == {}
        check_document(call)

    async def test_a_page_shows_pictures_lines_and_what_can_be_done(self, stage: Stage):
        await draw(stage, 1, "a *red* fox", count=2)

        (call,) = await stage.act(slash("gallery", interaction_id=2))

        assert (call.name, data_of(call)["flags"] & 64, len(call.files)) == (CALLBACK, 64, 2)
        check_document(call)
        assert list(parts(call)) == ["v2p:galleryopen", "v2:gallerypack:0"]
        assert words(call).count("a \\*red\\* fox") == 2
        options = parts(call)["v2p:galleryopen"]["options"]
        assert [(one["label"], one["value"]) for one in options] == [
            ("1. a *red* fox", f"{JOB}-0"),
            ("2. a *red* fox", f"{JOB}-1"),
        ]

    @pytest.mark.further
    async def test_long_prompts_of_nine_pictures_fit_into_a_message(self, stage: Stage):
        await draw(stage, 1, "*_`~|> @everyone " * 300, count=9)

        (call,) = await stage.act(slash("gallery", interaction_id=2))

        assert sum(map(len, texts_of(data_of(call)))) <= 4000
        check_document(call)

    @pytest.mark.further
    async def test_pages_turn_in_place_and_after_the_search_was_kept(self, stage: Stage):
        await draw(stage, 1, count=9)
        await draw(stage, 2, "a blue fox", count=9)
        (first,) = await stage.act(slash("gallery", {"search": "fo"}, interaction_id=3))
        assert "“fo”" in words(first)

        older = next(one for name, one in parts(first).items() if ":older:" in name)
        assert not older["disabled"]
        deferred, second = await stage.act(press(older["custom_id"], interaction_id=4))

        assert (deferred.payload["type"], second.name, len(second.files)) == (6, EDIT, 9)
        assert "blue" not in words(second)
        assert len(second.payload["attachments"]) == 9
        newer = next(one for name, one in parts(second).items() if ":newer:" in name)
        _, back = await stage.act(press(newer["custom_id"], interaction_id=5))
        assert words(back) == words(first)

    async def test_pages_of_another_person_or_of_long_ago_are_said_to_have_expired(self, stage: Stage):
        await draw(stage, 1)
        await stage.act(slash("gallery", {"search": "fox"}, interaction_id=2))
        old = f"v2:gallery:{snowflake(2)}:older:5"

        assert "expired" in await stage.said(press(old, user_id=BOB, interaction_id=3))
        assert "expired" in await stage.said(press(f"v2:gallerypack:{snowflake(7)}", interaction_id=4))
        assert "not here any more" in await stage.said(press("v2:gallery:0:older", interaction_id=5))
        assert "not here any more" in await stage.said(press("v2:gallery", interaction_id=6))

    @pytest.mark.sampled
    @pytest.mark.parametrize(
        ("options", "says"),
        [
            ({"search": "🦊"}, "Use words"),
            ({"since": "some day"}, "Write a time"),
            ({"until": "99999d"}, "Write a time"),
            ({"since": "today", "until": "yesterday"}, "before it begins"),
        ],
    )
    async def test_what_cannot_be_looked_for_is_said_privately(self, stage: Stage, options, says: str):
        assert says in await stage.said(slash("gallery", options))

    async def test_everything_that_was_filtered_by_is_said(self, stage: Stage):
        options = {"search": "fox", "style": "Ink", "model": "m", "since": "2026-01-01", "favourites": True}

        (call,) = await stage.act(slash("gallery", options))

        for said in ("“fox”", "style Ink", "model m", "since <t:", "favourites", "Nothing was found"):
            assert said in words(call)

    async def test_a_picture_whose_file_is_gone_is_said_to_be(self, stage: Stage):
        await draw(stage, 1)
        (picture,) = await stage.house.pictures.of_job(JOB, Role.RESULT)
        await stage.house.blobs.delete(picture.blob)

        (call,) = await stage.act(slash("gallery", interaction_id=2))

        assert call.files == {}
        assert "no longer here" in words(call)

    async def test_a_picture_whose_file_cannot_be_fetched_now_is_said_and_the_page_comes(
        self, stage: Stage, monkeypatch
    ):
        await draw(stage, 1)

        async def out_of_reach(_name):
            raise StorageTrouble("out of reach")

        monkeypatch.setattr(stage.house.blobs, "get", out_of_reach)
        (call,) = await stage.act(slash("gallery", interaction_id=2))

        assert call.files == {}
        assert "cannot be fetched right now" in words(call)

    async def test_a_page_that_takes_long_is_waited_for(self, stage: Stage, monkeypatch):
        await draw(stage, 1)
        monkeypatch.setattr(answers, "PATIENCE_S", 0)

        first, second = await stage.act(slash("gallery", interaction_id=2))

        assert (first.payload["type"], first.payload["data"]["flags"] & 64) == (5, 64)
        assert (second.name, len(second.files)) == (EDIT, 1)

    async def test_styles_and_models_that_are_there_are_offered(self, stage: Stage):
        await draw(stage, 1)
        model = (await stage.house.job(JOB)).plan.model_id

        (models,) = await stage.act(completing("gallery", {"model": ""}, "model", interaction_id=2))
        (styles,) = await stage.act(completing("gallery", {"style": ""}, "style", interaction_id=3))
        (days,) = await stage.act(completing("gallery", {"since": "week"}, "since", interaction_id=4))

        assert [one["value"] for one in data_of(models)["choices"]] == [model]
        assert data_of(styles)["choices"] == []
        assert [one["value"] for one in data_of(days)["choices"]] == ["7d"]

    async def test_what_a_picture_shows_becomes_its_description(self, stage: Stage):
        await draw(stage, 1)
        await stage.bot.services.gallery.set_caption(f"{JOB}-0", "A fox that sleeps")

        for asked in (slash("gallery", interaction_id=2), slash("show", {"id": str(JOB)}, interaction_id=3)):
            (call,) = await stage.act(asked)
            (gallery,) = [one for one in components_of(data_of(call)) if one["type"] == 12]
            assert [item["description"] for item in gallery["items"]] == ["A fox that sleeps"]


class TestOpening:
    async def test_the_card_comes_back_with_working_buttons(self, stage: Stage):
        await draw(stage, 1, count=2)

        _looked, call = await stage.act(pick("v2p:galleryopen", f"{JOB}-1", user_id=BOB, interaction_id=2))

        assert (data_of(call)["flags"] & 64, len(call.files)) == (64, 2)
        check_document(call)
        assert f"v1:again:{JOB}" in parts(call)
        assert f"v2:favourite:{JOB}" in parts(call)

    @pytest.mark.sampled
    @pytest.mark.parametrize("value", ["x", "5-0", f"{JOB}-0"])
    async def test_what_is_gone_or_another_person_s_is_not_opened(self, stage: Stage, value: str):
        await draw(stage, 1, private=True)

        said = await stage.said(pick("v2p:galleryopen", value, user_id=BOB, interaction_id=2))

        assert "no longer here" in said


class TestDownload:
    async def test_where_there_is_nothing_it_says_so(self, stage: Stage):
        assert "nothing to download" in await stage.said(press("v2:gallerypack:0"))

    async def test_all_that_is_found_comes_as_it_was_drawn_with_a_list(self, stage: Stage):
        await draw(stage, 1, "=a fox", seed=5, model=FLUX)
        await draw(stage, 2, "Bob's own", user_id=BOB, private=True)
        job = await stage.house.job(JOB)
        (picture,) = await stage.house.pictures.of_job(JOB, Role.RESULT)

        (call,) = await stage.act(press("v2:gallerypack:0", interaction_id=3))

        assert data_of(call)["flags"] & 64
        check_document(call)
        assert "1 picture" in words(call)
        zipped = zipfile.ZipFile(io.BytesIO(next(iter(_contents(call)))))
        (line,) = json.loads(zipped.read("manifest.json"))
        (row,) = csv.DictReader(io.StringIO(zipped.read("manifest.csv").decode("utf-8-sig")))
        assert zipped.read(line["file"]) == await stage.house.blobs.get(picture.blob)
        assert (line["prompt"], line["seed"], line["model"]) == ("=a fox", 5, job.plan.model_id)
        assert line["cost_usd"] == job.cost_microusd / 1e6
        assert (row["file"], row["prompt"]) == (line["file"], "'=a fox")
        assert list((stage.house.world.folder / "packing").iterdir()) == []

    async def test_large_ones_come_in_parts_and_go_on(self, stage: Stage, monkeypatch):
        monkeypatch.setattr(room, "MOST_PARTS", 2)
        for n in range(1, 4):
            await draw(stage, n, f"a fox {n}")
        (picture,) = await stage.house.pictures.of_job(JOB, Role.RESULT)
        limit = picture.info.size_bytes + 5500
        pressed = press("v2:gallerypack:0", interaction_id=4, attachment_size_limit=limit)

        first, second = await stage.act(pressed)

        assert second.name == FOLLOWUP
        assert second.payload["flags"] & 64
        assert "Part 1 of 2" in words(first)
        assert "Part 2 of 2" in words(second)
        (older,) = [name for name in parts(second) if name.startswith("v2:gallerypack:0:")]
        (rest,) = await stage.act(press(older, interaction_id=5, attachment_size_limit=limit))
        held = [
            zipfile.ZipFile(io.BytesIO(data)).namelist()
            for one in (first, second, rest)
            for data in _contents(one)
        ]
        assert [len(names) for names in held] == [3, 3, 3]
        assert len({names[0] for names in held}) == 3
        assert not [name for name in parts(rest) if name.startswith("v2:gallerypack")]

    async def test_what_is_too_large_or_gone_is_said(self, stage: Stage):
        await draw(stage, 1, count=2)
        pictures = await stage.house.pictures.of_job(JOB, Role.RESULT)
        await stage.house.blobs.delete(pictures[0].blob)

        (gone,) = await stage.act(press("v2:gallerypack:0", interaction_id=2))
        (large,) = await stage.act(press("v2:gallerypack:0", interaction_id=3, attachment_size_limit=4200))

        assert "could not be read" in words(gone)
        assert "over Discord's limit" in words(large)


def _contents(call: Call) -> list[bytes]:
    """Return the bytes of the files that a request carried."""
    return list(call.files.values())


class TestFavourites:
    async def test_pressing_keeps_a_picture_and_pressing_again_lets_it_go(self, stage: Stage):
        await draw(stage, 1)

        (kept,) = await stage.act(press(f"v2:favourite:{JOB}", user_id=BOB, interaction_id=2))
        *_, found = await stage.act(slash("gallery", {"favourites": True}, user_id=BOB, interaction_id=3))
        (let_go,) = await stage.act(press(f"v2:favourite:{JOB}", user_id=BOB, interaction_id=4))
        (none,) = await stage.act(slash("gallery", {"favourites": True}, user_id=BOB, interaction_id=5))

        assert "favourite of yours now" in words(kept)
        assert "⭐" in words(found)
        assert "any more" in words(let_go)
        assert "no favourites here yet" in words(none)
        for call in (kept, found, let_go, none):
            assert data_of(call)["flags"] & 64
            check_document(call)

    async def test_of_several_pictures_it_asks_which(self, stage: Stage):
        await draw(stage, 1, count=3)
        (asked,) = await stage.act(press(f"v2:favourite:{JOB}", interaction_id=2))
        menu = parts(asked)[f"v2p:favourite:{JOB}"]
        assert (menu["min_values"], menu["max_values"]) == (0, 3)
        check_document(asked)

        (told,) = await stage.act(pick(f"v2p:favourite:{JOB}", f"{JOB}-0", f"{JOB}-2", interaction_id=3))
        (again,) = await stage.act(press(f"v2:favourite:{JOB}", interaction_id=4))

        assert "2 of 3" in words(told)
        defaults = [one.get("default", False) for one in parts(again)[f"v2p:favourite:{JOB}"]["options"]]
        assert defaults == [True, False, True]
        (none,) = await stage.act(pick(f"v2p:favourite:{JOB}", interaction_id=5))
        assert "0 of 3" in words(none)

    async def test_only_what_one_can_see_can_be_a_favourite(self, stage: Stage):
        await draw(stage, 1, count=2, private=True)

        pressed = await stage.said(press(f"v2:favourite:{JOB}", user_id=BOB, interaction_id=2))
        picked = await stage.said(pick(f"v2p:favourite:{JOB}", f"{JOB}-0", user_id=BOB, interaction_id=3))

        assert "no longer here" in pressed
        assert "no longer here" in picked
        assert await stage.house.database.read("SELECT * FROM favourite") == []

    async def test_another_card_s_picture_is_not_taken_along(self, stage: Stage):
        await draw(stage, 1, private=True)
        mine = await draw(stage, 2, count=2, user_id=BOB)

        said = await stage.said(pick(f"v2p:favourite:{mine}", f"{JOB}-0", user_id=BOB, interaction_id=3))

        assert "not in the gallery" in said
        assert await stage.house.database.read("SELECT * FROM favourite") == []

    async def test_deleted_pictures_are_said_to_be_gone(self, stage: Stage):
        await draw(stage, 1)
        await stage.act(press(f"v1:delete:{JOB}", interaction_id=2))

        assert "no longer here" in await stage.said(press(f"v2:favourite:{JOB}", interaction_id=3))
        assert "no longer here" in await stage.said(
            pick(f"v2p:favourite:{JOB}", f"{JOB}-0", interaction_id=4)
        )
