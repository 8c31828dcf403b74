"""A grid that is read on any picture, and cells that mean what they show."""

from __future__ import annotations

import io
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from image_files import SOUND, exif, glass, photo, saved
from PIL import Image

from bot.errors import PictureUnusable
from bot.images.grid import Area, Grid, gridded, words
from bot.images.inspect import verify


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB")


def shades(grey: Image.Image, box: tuple[int, int, int, int]) -> tuple[int, int]:
    """The darkest and the lightest shade in a part of a grey picture."""
    return cast("tuple[int, int]", grey.crop(box).getextrema())


@pytest.mark.parametrize("cell", ["", "G1", "A5", "A0", "11", "A", "A-1", "Ä1", "A11"])
def test_a_cell_that_is_not_there_is_refused_in_words(cell):
    with pytest.raises(PictureUnusable) as caught:
        Grid(6, 4).area(["A1", cell])

    assert str(caught.value) == "There is no such cell in the grid. Choose from A1 to F4."


def test_no_cell_is_no_area():
    with pytest.raises(PictureUnusable, match="at least one cell"):
        Grid(6, 4).area([])


def test_a_damaged_picture_is_refused():
    with pytest.raises(PictureUnusable, match="damaged"):
        gridded(SOUND["webp"]()[:-40])


@pytest.mark.parametrize(
    ("size", "grid"),
    [
        ((1536, 1024), (6, 4)),
        ((1024, 1536), (4, 6)),
        ((1024, 1024), (5, 5)),
        ((2100, 900), (8, 3)),
        ((900, 2100), (3, 8)),
        ((12_000, 1), (12, 2)),
        ((1, 12_000), (2, 12)),
    ],
)
def test_cells_are_nearly_square_and_fit_one_menu(size, grid):
    found = Grid.over(*size)

    assert (found.columns, found.rows) == grid
    assert len(set(found.cells)) == found.columns * found.rows <= 25


@given(st.integers(1, 12_000), st.integers(1, 12_000))
def test_every_cell_has_a_place_of_its_own(width, height):
    grid = Grid.over(width, height)

    assert {grid.place(cell) for cell in grid.cells} == {
        (column, row) for column in range(grid.columns) for row in range(grid.rows)
    }


@pytest.mark.parametrize(
    ("cells", "area"),
    [
        (["A1"], Area(0, 0, 17, 25)),
        (["F4"], Area(83, 75, 100, 100)),
        (["b2", " C3 "], Area(17, 25, 50, 75)),
        (["A1", "F4"], Area(0, 0, 100, 100)),
    ],
)
def test_the_area_is_the_rectangle_round_the_cells(cells, area):
    assert Grid(6, 4).area(cells) == area


@given(st.integers(1, 12_000), st.integers(1, 12_000), st.data())
def test_cells_are_kept_as_bits_in_a_number(width, height, data):
    grid = Grid.over(width, height)
    cells = data.draw(st.sets(st.sampled_from(grid.cells)))

    mask = grid.mask(cells)

    assert set(grid.chosen(mask)) == cells
    assert mask < 1 << 25
    assert grid.chosen(mask | 1 << 60) == grid.chosen(mask)


def test_cells_that_are_not_there_have_no_bit():
    with pytest.raises(PictureUnusable, match="no such cell"):
        Grid(6, 4).mask(["A1", "G1"])


@pytest.mark.parametrize(
    ("cells", "name"), [(["B2"], "B2"), (["C3", "B2"], "B2 to C3"), (["A4", "F1"], "A1 to F4")]
)
def test_a_rectangle_is_named_by_its_corners(cells, name):
    assert Grid(6, 4).corners(cells) == name


@pytest.mark.sampled
@pytest.mark.parametrize(
    "area", [Area(17, 25, 50, 75), Area(0, 0, 17, 25), Area(83, 75, 100, 100), Area(0, 0, 100, 100)]
)
def test_what_is_not_chosen_is_darkened(area):
    grey = opened(gridded(saved(Image.new("RGB", (1200, 800), "white"), "PNG"), area).data).convert("L")

    for column in range(6):
        for row in range(4):
            left, top = 200 * column + 100, 200 * row + 100
            inside = area.left <= left / 12 <= area.right and area.top <= top / 8 <= area.bottom
            assert (shades(grey, (left, top, left + 80, top + 80))[0] > 250) == inside


@pytest.mark.parametrize(
    ("area", "place"),
    [
        (Area(0, 0, 17, 25), "the upper left of"),
        (Area(83, 75, 100, 100), "the lower right of"),
        (Area(0, 0, 100, 100), "the centre of"),
        (Area(0, 75, 100, 100), "the lower centre of"),
        (Area(0, 25, 20, 75), "the middle left of"),
        (Area(100, 100, 100, 100), "the lower right of"),
    ],
)
def test_words_name_the_place(area, place):
    assert words(area).startswith(place)


def test_words_give_the_numbers_and_where_they_count_from():
    assert words(Area(17, 25, 50, 75)) == (
        "the centre of the picture, from 17 % to 50 % of its width, counted from the left, "
        "and from 25 % to 75 % of its height, counted from the top"
    )


@pytest.mark.parametrize("color", ["white", "black", "red", "#808080"])
def test_lines_and_letters_show_on_any_colour(color):
    image = opened(gridded(saved(Image.new("RGB", (600, 400), color), "PNG")).data)

    (background,) = Image.new("RGB", (1, 1), color).convert("L").tobytes()
    grey = image.convert("L")
    line = grey.crop((98, 80, 103, 81)).tobytes()
    letters = shades(grey, (0, 0, 60, 40))
    assert max(abs(shade - background) for shade in line) > 60
    assert letters[1] - letters[0] > 120


def test_every_cell_is_labelled_in_its_own_corner():
    image = opened(gridded(saved(Image.new("RGB", (1200, 800), "white"), "PNG")).data).convert("L")

    for column in range(6):
        for row in range(4):
            left, top = 200 * column, 200 * row
            assert shades(image, (left + 5, top + 5, left + 60, top + 60))[0] < 100
            assert shades(image, (left + 100, top + 100, left + 190, top + 190))[0] > 250


def test_the_picture_below_is_upright_bounded_and_still_seen():
    data = saved(photo(1800, 1200), "JPEG", exif=exif(6))

    kept = gridded(data, max_side=900, max_bytes=100_000)

    assert (opened(kept.data).width, opened(kept.data).height) == (600, 900)
    assert len(kept.data) <= 100_000
    assert verify(kept.data).media_type == kept.media_type == "image/jpeg"


@pytest.mark.parametrize("image", [glass(), photo(1, 1), photo(2000, 3)], ids=["clear", "pixel", "line"])
def test_odd_pictures_get_their_grid_too(image):
    assert verify(gridded(saved(image, "PNG")).data).media_type == "image/jpeg"
