from __future__ import annotations

import discord
import pytest
from checks_kit import Call, check_document, components_of
from people_kit import attachment, form
from ui_kit import JOB_ID, LONGEST, a_job, some_pictures

from bot.domain.edits import Change
from bot.domain.requests import PictureRequest, Upload
from bot.errors import BadInput
from bot.ui.modals import FIELD_LIMIT, Base, EditForm, bases_of, read
from bot.ui.press import custom_id

ASPECTS = [f"{n}:1" for n in range(40)]
QUALITIES = ["auto", "low", "medium", "high"]


def _body(job, pictures, aspects=(), qualities=()):
    bases = bases_of(pictures)
    return EditForm(
        custom_id("edit", job.id), job.request, bases, aspects=aspects, qualities=qualities
    ).to_dict()


async def _read(client: discord.Client, values: dict, original: str = "a fox", files=()) -> Change:
    payload = form(f"v1:edit:{JOB_ID}", values, files)
    begun = PictureRequest(original)
    return read(discord.Interaction(data=payload, state=client._connection), begun)  # pyright: ignore[reportArgumentType] - a payload by hand


@pytest.mark.parametrize("prompt", ["a fox", LONGEST], ids=["short", "as long as can be"])
@pytest.mark.parametrize("count", [0, 1, 10], ids=["deleted", "one", "ten"])
async def test_the_form_keeps_discord_s_limits(prompt: str, count: int):
    job = a_job(PictureRequest(prompt, aspect="3:1", quality="low"))

    body = _body(job, some_pictures(job, count), ASPECTS, QUALITIES)

    assert len(body["title"]) <= 45
    assert 1 <= len(body["components"]) <= 5
    for one in components_of(body):
        assert len(one.get("custom_id", "")) <= 100
        assert len(one.get("options", [])) <= 25
        if one["type"] == 18:
            assert len(one["label"]) <= 45
            assert len(one.get("description") or "") <= 100
        if one["type"] == 4:
            assert len(one["value"]) <= one["max_length"] == FIELD_LIMIT


async def test_the_form_is_what_discord_s_document_says():
    job = a_job(PictureRequest("a fox", aspect="3:1"))
    body = _body(job, some_pictures(job, 2), ASPECTS, QUALITIES)

    check_document(Call("POST", "/interactions/1/token/callback", {"type": 9, "data": body}))


async def test_what_was_chosen_before_is_chosen_again():
    job = a_job(PictureRequest("a fox", aspect="3:1"))

    body = _body(job, some_pictures(job, 2), ASPECTS, QUALITIES)

    selects = {one["custom_id"]: one["options"] for one in components_of(body) if one["type"] == 3}
    chosen = {name: [o["value"] for o in given if o.get("default")] for name, given in selects.items()}
    assert chosen == {"picture": [f"{JOB_ID}-0"], "aspect": ["3:1"], "quality": ["-"]}
    assert "auto" not in [option["value"] for option in selects["quality"]], "the model decides is the same"


async def test_options_that_a_model_has_not_are_not_asked_for():
    body = _body(a_job(), ())

    fields = [one["custom_id"] for one in components_of(body) if "custom_id" in one]
    assert fields == ["prompt", "files", "private"]


@pytest.mark.parametrize(
    ("aspects", "qualities", "fields"),
    [
        ((), QUALITIES, ["prompt", "picture", "quality", "files", "private"]),
        (ASPECTS, (), ["prompt", "picture", "aspect", "files", "private"]),
        (ASPECTS, QUALITIES, ["prompt", "picture", "aspect", "quality", "files"]),
    ],
    ids=["qualities", "aspects", "both"],
)
async def test_a_full_form_asks_with_the_quality_who_sees_it(aspects, qualities, fields):
    job = a_job(PictureRequest("a fox", quality="high", private=True))

    body = _body(job, some_pictures(job, 2), aspects, qualities)

    by_name = {one["custom_id"]: one for one in components_of(body) if "custom_id" in one}
    assert list(by_name) == fields
    if "private" in by_name:
        assert by_name["private"]["default"] is True
    else:
        chosen = [option["value"] for option in by_name["quality"]["options"] if option.get("default")]
        assert chosen == ["high.me"]
        assert len(by_name["quality"]["options"]) == 8


async def test_a_single_picture_needs_no_menu():
    form_ = EditForm("v2:edit:5", PictureRequest(""), [Base("0", "cat.png")], aspects=(), qualities=())

    fields = [one["custom_id"] for one in components_of(form_.to_dict()) if "custom_id" in one]
    assert fields == ["prompt", "files", "private"]


async def test_a_prompt_that_is_too_long_for_the_field_says_so_and_keeps_its_end():
    prompt = "a" * 4000 + "the end"
    body = _body(a_job(PictureRequest(prompt)), ())

    assert "The last 7 characters did not fit" in body["components"][0]["description"]


class TestRead:
    async def test_an_empty_prompt_is_refused(self, client: discord.Client):
        for prompt in ("", "  \n"):
            with pytest.raises(BadInput, match="prompt is empty"):
                await _read(client, {"prompt": prompt})

    async def test_a_form_without_fields_is_refused(self, client: discord.Client):
        with pytest.raises(BadInput):
            await _read(client, {})

    async def test_everything_filled_in_is_read(self, client: discord.Client):
        files = (attachment(1), attachment(2, filename="dog.jpg"))
        values = {"prompt": "in winter", "picture": ["5-1"], "aspect": ["3:2"], "quality": ["high"]}

        edit = await _read(client, values | {"files": ["2", "1"]}, files=files)

        uploads = (
            Upload("https://cdn.example/2/dog.jpg", "dog.jpg", 100),
            Upload("https://cdn.example/1/cat.png", "cat.png", 100),
        )
        assert edit == Change("in winter", "5-1", "3:2", "high", private=False, uploads=uploads)

    async def test_what_is_left_to_the_model_is_none(self, client: discord.Client):
        edit = await _read(client, {"prompt": "x", "picture": ["-"], "aspect": ["-"], "quality": []})

        assert edit == Change("x", None, None, None, private=False)

    @pytest.mark.parametrize(
        ("values", "quality", "private"),
        [
            ({"quality": ["high"], "private": [True]}, "high", True),
            ({"quality": ["high"], "private": [False]}, "high", False),
            ({"quality": ["high.me"]}, "high", True),
            ({"quality": ["-.me"]}, None, True),
            ({"quality": ["high"]}, "high", False),
        ],
        ids=["box", "empty box", "full form", "full form, any quality", "full form, for all"],
    )
    async def test_who_sees_it_is_a_box_or_stands_with_the_quality(
        self, client: discord.Client, values, quality, private
    ):
        edit = await _read(client, {"prompt": "x"} | values)

        assert (edit.quality, edit.private) == (quality, private)

    async def test_the_end_that_did_not_fit_is_put_back(self, client: discord.Client):
        edit = await _read(client, {"prompt": "new"}, "a" * 4000 + " the end")

        assert edit.prompt == "new the end"

    async def test_fields_in_rows_are_read_as_well(self, client: discord.Client):
        payload = form("v1:edit:5", {})
        payload["data"]["components"] = [
            {"type": 1, "components": [{"type": 4, "custom_id": "prompt", "value": "old client"}]}
        ]

        edit = read(discord.Interaction(data=payload, state=client._connection), PictureRequest("x"))  # pyright: ignore[reportArgumentType] - a payload by hand

        assert edit.prompt == "old client"
