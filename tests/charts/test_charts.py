from __future__ import annotations

import importlib
import io
from dataclasses import asdict
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from bot.charts.figures import Bars, Charts, Course, Days, Figure
from bot.errors import TooBusy

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def opened(drawn: bytes) -> Image.Image:
    return Image.open(io.BytesIO(drawn)).convert("RGB")


def colours(picture: Image.Image) -> set[tuple[int, ...]]:
    found = picture.getcolors(picture.width * picture.height) or []
    return {colour for _, colour in found if isinstance(colour, tuple)}


@pytest.mark.further
async def test_figures_are_pictures_of_their_size_with_the_colours_that_the_text_names(tmp_path: Path):
    charts = Charts(tmp_path)
    days = Days(["11-27", "11-28"], [[1.0, 0.0], [0.5, 2.0]])
    drawn = opened(await charts.draw(Figure([days], 4.2)))

    assert drawn.size == (720, 420)
    orange, blue, green = (0xF4, 0x90, 0x0C), (0x55, 0xAC, 0xEE), (0x78, 0xB1, 0x59)
    assert colours(drawn) >= {orange, blue}
    assert green not in colours(drawn)

    others = [Bars(["imagine"], [1.0], ["$1.00"]), Course(["11-01", "11-02"], [0.5], 2.0)]
    assert opened(await charts.draw(Figure(others, 2.6))).size == (720, 260)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., bytes]:
    """Return the program's drawing without a process of its own, which takes a second to be ready."""
    monkeypatch.setenv("MPLCONFIGDIR", str(tmp_path))
    draw = importlib.import_module("bot.charts.draw")
    monkeypatch.setitem(draw.rcParams, "font.family", draw._fonts())

    def png(*panels: Days | Bars) -> bytes:
        return draw._png({"height": 2.0, "panels": [{"kind": one.kind, **asdict(one)} for one in panels]})

    return png


@pytest.mark.further
def test_a_name_that_no_font_can_write_is_an_ellipsis_and_no_box(drawn: Callable[..., bytes]):
    def bars(*names: str) -> bytes:
        return drawn(Bars(names, [2.0, 1.0], ["$2.00", "$1.00"]))

    nowhere, unknown = "\U0010fffd", bars("imagine", "…")

    assert bars("imagine", nowhere) == unknown
    assert bars("imagine", "прочее") != unknown
    spared = drawn(Bars(["imagine", nowhere], [2.0, 1.0], ["$2.00", "$1.00"], spare=["x", "edit"]))
    assert spared == bars("imagine", "edit")


@pytest.mark.filterwarnings("ignore:Attempting to set identical:UserWarning")  # from nothing to nothing
def test_nothing_at_all_is_still_a_figure(drawn: Callable[..., bytes]):
    assert opened(drawn(Days(["11-28"], []), Bars([], [], []))).size == (720, 200)


@pytest.mark.further
def test_an_axis_names_amounts_as_they_were_written_for_it(drawn: Callable[..., bytes]):
    def days(*scale: tuple[float, str]) -> bytes:
        return drawn(Days(["11-28"], [[2.0]], scale))

    german = days((0.0, "0\u00a0$"), (2.0, "2\u00a0$"))

    assert german != days((0.0, "$0"), (2.0, "$2"))
    assert german != days((0.0, "0\u00a0$"))


async def test_a_program_that_hangs_is_ended_and_one_that_breaks_is_said(tmp_path: Path):
    hangs, breaks = tmp_path / "hangs.py", tmp_path / "breaks.py"
    hangs.write_text("import time\ntime.sleep(60)\n")
    breaks.write_text("raise SystemExit(3)\n")
    figure = Figure([Days(["11-28"], [[1.0]])], 2.0)

    with pytest.raises(TooBusy, match="too long"):
        await Charts(tmp_path, program=hangs, patience_s=0.2).draw(figure)
    with pytest.raises(TooBusy, match="CSV"):
        await Charts(tmp_path, program=breaks).draw(figure)
