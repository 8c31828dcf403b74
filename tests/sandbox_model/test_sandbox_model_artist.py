"""The artist paints the same picture for the same words, quickly, and in the right size and format."""

from __future__ import annotations

import io

import pybase64
import pytest
from PIL import Image, ImageChops, ImageStat
from sandbox_model_kit import data_url, picture_bytes

from sandbox.model.afloat import FUR
from sandbox.model.artist import Commission, paint
from sandbox.model.asks import GEMINI_SIZES
from sandbox.model.palette import SCENES
from sandbox.model.stock import STOCK

SQUARE = (256, 256)


def painted(prompt="a quiet evening", token=b"1", **options):
    return paint(Commission(prompt, options.pop("size", SQUARE), token, **options))


def average(image):
    return ImageStat.Stat(image.convert("RGB")).mean


@pytest.mark.sampled(6)
@pytest.mark.parametrize("quality", ["low", "medium", "auto", "high", "xhigh", "max"])
@pytest.mark.parametrize("scene", SCENES)
def test_every_scene_at_every_quality_is_a_rich_picture(scene, quality):
    image = painted(SCENES[scene].split()[0], quality=quality)

    assert image.size == SQUARE
    assert len(image.getcolors(100_000) or []) > 100


def test_every_shape_of_gemini_has_its_pixels():
    (gemini,) = (entry for entry in STOCK if entry["provider"] == "Google")

    assert set(gemini["image_parameters"]["aspect_ratio"]["values"]) == set(GEMINI_SIZES)


def test_the_same_commission_is_the_same_picture():
    assert painted().tobytes() == painted().tobytes()
    assert painted().tobytes() != painted(token=b"2").tobytes()


def test_colours_of_the_words_are_seen():
    red, blue = painted("a red sea at noon"), painted("a blue sea at noon")
    floor = (0, 200, 256, 256)

    assert average(red.crop(floor))[0] > average(blue.crop(floor))[0] + 30
    assert average(blue.crop(floor))[2] > average(red.crop(floor))[2] + 30


def test_a_fox_sits_in_a_paper_boat_when_it_is_asked_for():
    empty, manned = painted("a paper boat"), painted("a fox in a paper boat")
    foxy = Image.new("RGB", SQUARE, FUR)

    def fur(image):
        red, green, blue = ImageChops.difference(image, foxy).split()
        return sum(ImageChops.lighter(ImageChops.lighter(red, green), blue).histogram()[:40])

    assert fur(manned) > fur(empty) + 300


def test_loose_colours_set_the_mood():
    green, pink = painted("green abstract"), painted("pink abstract")

    assert average(pink)[0] > average(green)[0]


def test_a_reference_is_seen_in_the_picture():
    red, blue = (painted(references=(picture_bytes(colour=colour),)) for colour in ("red", "blue"))
    upper = (20, 60, 120, 120)

    assert average(red.crop(upper))[0] > average(blue.crop(upper))[0] + 60


def test_more_references_are_hung_up():
    one = picture_bytes()
    single = painted(references=(one,))
    double = painted(references=(one, picture_bytes("JPEG", "blue")))

    assert ImageChops.difference(single, double).getbbox() is not None


def test_transparent_means_clear_corners_and_a_solid_middle():
    image = painted(transparent=True)

    alpha = image.getchannel("A")
    assert (alpha.getpixel((0, 0)), alpha.getpixel((128, 128))) == (0, 255)


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("body", "size"),
    [
        ({}, (1024, 1024)),
        ({"aspect_ratio": "16:9"}, (1376, 768)),
        ({"aspect_ratio": "2:3"}, (832, 1248)),
        ({"size": "640x512"}, (640, 512)),
        ({"model": "google/gemini-3.1-flash-image", "n": 1, "aspect_ratio": "16:9"}, (1344, 768)),
        ({"model": "google/gemini-3.1-flash-image", "n": 1, "aspect_ratio": "8:1"}, (3072, 384)),
        ({"model": "openai/gpt-image-2.5-flare", "seed": None, "aspect_ratio": "16:9"}, (1536, 1024)),
        ({"model": "openai/gpt-image-2.5-flare", "seed": None, "aspect_ratio": "2:3"}, (1024, 1536)),
    ],
    ids=str,
)
async def test_the_shape_asked_is_the_shape_in_pixels(client, images, body, size):
    asked = {name: value for name, value in (images | {"n": 1} | body).items() if value is not None}
    reply = (await client.post("/images", json=asked)).json()

    with Image.open(io.BytesIO(pybase64.b64decode(reply["data"][0]["b64_json"]))) as image:
        assert image.size == size


@pytest.mark.parametrize("output_format", ["png", "jpeg", "webp"])
async def test_the_format_asked_is_the_format_that_comes(client, images, output_format):
    asked = images | {"n": 1, "size": "256x256", "output_format": output_format, "output_compression": 50}
    data = (await client.post("/images", json=asked)).json()["data"][0]

    with Image.open(io.BytesIO(pybase64.b64decode(data["b64_json"]))) as image:
        assert image.get_format_mimetype() == data["media_type"] == f"image/{output_format}"


async def test_a_transparent_picture_has_alpha(client, images):
    asked = images | {"n": 1, "size": "256x256", "background": "transparent"}
    data = (await client.post("/images", json=asked)).json()["data"][0]

    with Image.open(io.BytesIO(pybase64.b64decode(data["b64_json"]))) as image:
        assert image.mode == "RGBA"


async def test_equal_requests_give_equal_pictures_and_seeds_differ(client, images):
    async def drawn(seed):
        reply = await client.post("/images", json=images | {"seed": seed, "size": "256x256"})
        return [picture["b64_json"] for picture in reply.json()["data"]]

    first, again, other = await drawn(0), await drawn(0), await drawn(1)
    assert first == again
    assert len({*first, *other}) == 4


@pytest.mark.further
async def test_gemini_honours_the_shape_in_chat_and_openai_does_not(client, chat):
    sizes = []
    for name in ("google/gemini-3.1-flash-image", "openai/gpt-5-image-mini"):
        reply = await client.post(
            "/chat/completions", json=chat | {"model": name, "image_config": {"aspect_ratio": "9:16"}}
        )
        url = reply.json()["choices"][0]["message"]["images"][0]["image_url"]["url"]
        with Image.open(io.BytesIO(pybase64.b64decode(url.partition(",")[2]))) as image:
            sizes.append(image.size)

    assert sizes == [(768, 1344), (1024, 1024)]


async def test_references_are_recorded_decoded(client, model, images):
    data = picture_bytes("WEBP")
    part = {"type": "image_url", "image_url": {"url": data_url(data, "image/webp")}}
    await client.post("/images", json=images | {"input_references": [part], "size": "256x256"})

    assert model.calls[0].references == (data,)
