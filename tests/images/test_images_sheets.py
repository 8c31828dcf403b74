"""Several pictures in one: nothing lost, everything lettered, never larger than said."""

from __future__ import annotations

import io
from importlib.util import find_spec
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont  # pyright: ignore[reportMissingTypeStubs] - fontTools has none
from hypothesis import given
from hypothesis import strategies as st
from image_files import SOUND, exif, flipped, glass, photo, saved
from PIL import Image, ImageChops

from bot.domain.images import PictureInfo
from bot.errors import PictureUnusable
from bot.images import inspect, lettering
from bot.images.inspect import verify
from bot.images.sheets import MAX_PANELS, PAPER, Panel, arranged, compare, sheet, working_bytes

MARK = b"trainedAlgorithmicMedia"
SIZES = st.lists(st.tuples(st.integers(1, 12_000), st.integers(1, 12_000)), min_size=1, max_size=MAX_PANELS)


def plain(color: str, size: tuple[int, int] = (300, 200)) -> bytes:
    return saved(Image.new("RGB", size, color), "PNG")


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB")


def middle(image: Image.Image, layout, index: int) -> object:
    left, top = layout.corner(index)
    return image.getpixel((left + layout.cell[0] // 2, top + layout.cell[1] // 2))


def test_one_damaged_picture_is_refused_in_words():
    with pytest.raises(PictureUnusable, match="damaged"):
        sheet([Panel(plain("red")), Panel(SOUND["jpeg"]()[:-200])])
    with pytest.raises(PictureUnusable):
        sheet([Panel(flipped(SOUND["png"](), 1))])


@pytest.mark.parametrize("count", [0, MAX_PANELS + 1])
def test_a_sheet_has_as_many_panels_as_there_are_letters(count):
    with pytest.raises(ValueError, match="1 to 26"):
        sheet([Panel(b"")] * count)


def test_pictures_stand_in_reading_order():
    colors = ["red", "lime", "blue", "white", "black"]
    panels = [Panel(plain(color)) for color in colors]

    image = opened(sheet(panels, lossless=True).data)

    layout = arranged([(300, 200)] * 5, 2048)
    assert image.size == layout.size
    assert [middle(image, layout, index) for index in range(5)] == [
        (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0)
    ]  # fmt: skip


def test_nothing_is_cropped_and_what_is_of_another_shape_stands_in_the_middle():
    panels = [Panel(plain("red", (100, 400))), Panel(plain("lime", (400, 100))), Panel(plain("blue"))]

    image = opened(sheet(panels, max_side=600, lossless=True).data)

    layout = arranged([(100, 400), (400, 100), (300, 200)], 600)
    for index, color in enumerate(["red", "lime", "blue"]):
        left, top = layout.corner(index)
        cell = image.crop((left, top, left + layout.cell[0], top + layout.cell[1]))
        alone = ImageChops.difference(cell, Image.new("RGB", cell.size, PAPER)).getbbox()
        assert alone is not None
        shape = (alone[2] - alone[0]) / (alone[3] - alone[1])
        assert shape == pytest.approx({"red": 1 / 4, "lime": 4, "blue": 1.5}[color], rel=0.06)
        assert abs(alone[0] + alone[2] - layout.cell[0]) <= 2
        assert abs(alone[1] + alone[3] - layout.cell[1]) <= 2


@given(SIZES, st.integers(200, 4096), st.booleans())
def test_a_sheet_is_never_larger_than_asked_and_its_cells_never_overlap(sizes, max_side, has_captions):
    layout = arranged(sizes, max_side, has_captions=has_captions)

    assert max(layout.size) <= max_side
    places = [layout.corner(index) for index in range(len(sizes))]
    width, height = layout.cell
    for index, (left, top) in enumerate(places):
        assert 0 <= left <= layout.size[0] - width
        assert 0 <= top <= layout.size[1] - height - layout.line
        for other_left, other_top in places[:index]:
            assert abs(left - other_left) >= width or abs(top - other_top) >= height + layout.line


@pytest.mark.parametrize(
    ("count", "size", "columns"),
    [
        (1, (1024, 1024), 1),
        (2, (1024, 1024), 2),
        (2, (1024, 1536), 2),
        (3, (1024, 1024), 2),
        (4, (1024, 1024), 2),
        (4, (1536, 1024), 2),
        (9, (1024, 1024), 3),
        (10, (1024, 1024), 4),
        (10, (1024, 1536), 4),
        (3, (2000, 400), 1),
        (3, (400, 2000), 3),
    ],
)
def test_columns_are_those_that_leave_the_pictures_largest(count, size, columns):
    assert arranged([size] * count, 2048).columns == columns


def test_a_comparison_is_one_row_however_wide_its_pictures_are():
    image = opened(compare([Panel(plain("red", (800, 200))), Panel(plain("blue", (800, 200)))]).data)

    assert image.width > 4 * image.height


def test_small_pictures_are_not_enlarged():
    assert arranged([(64, 48)] * 3, 2048).cell == (64, 48)


def test_each_picture_carries_its_own_letter():
    image = opened(sheet([Panel(plain("red"))] * 3, columns=3, lossless=True).data)

    layout = arranged([(300, 200)] * 3, 2048, columns=3)
    corners = [
        image.crop((left, top, left + 60, top + 60)).tobytes()
        for left, top in (layout.corner(index) for index in range(3))
    ]
    assert len(set(corners)) == 3


def test_a_mark_takes_the_place_of_the_letter():
    lettered, marked = (sheet([Panel(plain("white"), mark=mark)]).data for mark in ("", "v12b"))

    assert ImageChops.difference(opened(lettered), opened(marked)).getbbox() is not None
    assert sheet([Panel(plain("white"), mark="A")]).data == lettered


@pytest.mark.further
def test_captions_are_below_their_pictures_and_never_wider():
    panels = [Panel(plain("red"), "a word " * 60), Panel(plain("blue"), "short"), Panel(plain("lime"))]

    image = opened(sheet(panels, columns=3, lossless=True).data)

    layout = arranged([(300, 200)] * 3, 2048, columns=3, has_captions=True)
    below = []
    for index in range(3):
        left, top = layout.corner(index)
        top += layout.cell[1]
        strip = image.crop((left - layout.gap, top, left + layout.cell[0] + layout.gap, top + layout.line))
        below.append(ImageChops.difference(strip, Image.new("RGB", strip.size, PAPER)).getbbox())
    long, short, nothing = below
    assert long[0] >= layout.gap - 2
    assert long[2] <= layout.gap + layout.cell[0] + 2
    assert 0 < short[2] - short[0] < long[2] - long[0]
    assert nothing is None


@pytest.mark.further
def test_a_limit_of_bytes_is_kept_by_jpeg_where_png_is_too_large():
    panels = [Panel(saved(Image.effect_noise((300, 300), 90).convert("RGB"), "PNG"))] * 4

    kept = sheet(panels, lossless=True, max_bytes=60_000)

    assert kept.media_type == "image/jpeg"
    assert len(kept.data) <= 60_000
    assert verify(kept.data).media_type == "image/jpeg"


@pytest.mark.parametrize("lossless", [True, False])
def test_a_sheet_is_marked_and_the_same_every_time(lossless):
    panels = [Panel(SOUND[kind](), kind) for kind in SOUND]

    kept = sheet(panels, lossless=lossless)

    assert MARK in kept.data
    assert kept == sheet(panels, lossless=lossless)
    assert verify(kept.data).media_type == kept.media_type


def test_a_turned_picture_is_upright_and_a_transparent_one_on_white():
    turned, clear = saved(photo(), "JPEG", exif=exif(6)), saved(glass(), "PNG")

    assert opened(sheet([Panel(turned)]).data).height > opened(sheet([Panel(clear)]).data).height
    layout = arranged([(96, 64)], 2048)
    left, top = layout.corner(0)
    image = opened(sheet([Panel(clear)], lossless=True).data)
    assert min(image.crop((left + 60, top, left + 96, top + 1)).tobytes()) > 250


def test_working_memory_is_that_of_the_sheet_and_of_the_largest_picture():
    infos = [PictureInfo("image/png", 1024, side, 1000) for side in (512, 1536)]

    assert working_bytes(infos, max_side=1000) == inspect.working_bytes(infos[1]) + 16_000_000


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch):
    """Let the system have just the fonts named, as matplotlib brings them along."""
    matplotlib = find_spec("matplotlib")
    assert matplotlib is not None
    home = Path(matplotlib.origin or "").parent / "mpl-data" / "fonts" / "ttf"

    def choose(*names: str) -> None:
        monkeypatch.setattr(lettering, "FONTS", tuple(str(home / name) for name in names))

    return choose


def test_a_line_is_written_whole_or_without_accents_or_not_at_all(only):
    only()

    assert lettering.line("Café  “Zürich”…\n5 %", 20)[0] == "Cafe “Zurich”… 5 %"
    assert lettering.line("a fox 🐈 runs", 20)[0] == "a fox runs"
    assert lettering.line("画像 1", 20)[0] == ""
    assert lettering.line("кот", 20)[0] == ""


def test_a_font_of_the_system_writes_what_the_own_one_lacks(only):
    only("DejaVuSans.ttf")

    assert lettering.line("plain", 20)[1].getname()[0] == "Aileron"
    for words in ("Après", "кот 2", "Σ"):
        said, font = lettering.line(words, 20)
        assert (said, font.getname()[0]) == (words, "DejaVu Sans")
    assert lettering.line("画像 1", 20)[0] == ""


def test_what_counts_as_written_is_what_the_font_has(only):
    only("DejaVuSans.ttf")
    has = TTFont(lettering.FONTS[0])["cmap"].getBestCmap() or {}

    for mark in "aéßжΣא画かค한ｱ９…":
        assert bool(lettering.line(mark, 20)[0]) == (ord(mark) in has), mark


def test_letters_from_right_to_left_are_written_only_in_their_order(only, monkeypatch):
    only("DejaVuSans.ttf")
    monkeypatch.setattr(lettering.features, "check", lambda _name: False)

    assert lettering.line("קטע", 20)[0] == ""


def test_a_caption_that_cannot_be_written_takes_no_room(only):
    only()
    panel = plain("red")

    assert sheet([Panel(panel, "変更前")], lossless=True) == sheet([Panel(panel)], lossless=True)


def test_a_line_is_cut_with_an_ellipsis_and_vanishes_where_there_is_no_room():
    font = lettering.font_of(20)

    cut = lettering.shortened("One, two, three", font, 70)

    assert cut == "One…" or (cut.endswith("…") and font.getlength(cut) <= 70)
    assert lettering.shortened("short", font, 500) == "short"
    assert lettering.shortened("long", font, 3) == ""
