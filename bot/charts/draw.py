"""A program that draws the figure described on its standard input as PNG on its standard output.

A figure is of marks, numbers and names of ours, and a name may be in any script that Easel speaks: it is
written by matplotlib's own font or by one that the system has. The words around a figure are Discord's.
"""

from __future__ import annotations

import io
import json
import resource
import sys
from functools import cache
from pathlib import Path
from typing import Any, cast

from matplotlib import font_manager, rcParams
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

MOST_CPU_S = 20
GROUND, INK, QUIET, GRID = "#1e1f22", "#f2f3f5", "#b5bac1", "#3a3c42"
"""A ground of its own, so that a figure reads alike in Discord's dark and light."""
PALETTE = ("#f4900c", "#55acee", "#78b159", "#aa8ed6", "#fdcb58", "#dd2e44", "#e6e7e8")
"""The colours of Discord's squares 🟧🟦🟩🟪🟨🟥⬜, which name them in the text beside the figure."""
PLAIN = "#8ea1e1"
"""The colour of what is told apart by its name alone; none of the palette."""
DPI = 100
WIDTH = 7.2
"""Inches. Discord shows pictures 550 pixels wide at most, and phones about 300."""
MOST_DATES = 6
FONTS = {
    "DejaVu Sans": "DejaVuSans.ttf",
    "VL PGothic": "VL-PGothic-Regular.ttf",
    "Noto Sans CJK JP": "NotoSansCJK-Regular.ttc",
    "IPAPGothic": "ipagp.ttf",
    "WenQuanYi Micro Hei": "wqy-microhei.ttc",
    "Yu Gothic": "YuGothM.ttc",
    "Hiragino Sans": "ヒラギノ角ゴシック W3.ttc",
}
"""matplotlib's own font, and those for what it lacks, as far as the system has them; and their files."""
BADGE = 0.55
"""Inches at the foot for the badge by which Discord tells that there is alt text."""

Fields = dict[str, Any]
Axes = Any
fonts: Any = font_manager
"""matplotlib leaves parts of the types of its axes and its fonts open."""


def main() -> None:
    """Draw; whatever goes wrong ends the program."""
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_S, MOST_CPU_S))
    rcParams["font.family"] = _fonts()
    sys.stdout.buffer.write(_png(json.load(sys.stdin)))


def _png(fields: Fields) -> bytes:
    height = cast("float", fields["height"])
    foot = BADGE / height
    layout = ConstrainedLayoutEngine(w_pad=0.18, h_pad=0.12, rect=(0, foot, 1, 1 - foot))
    figure = Figure(figsize=(WIDTH, height), dpi=DPI, facecolor=GROUND, layout=layout)
    canvas: Any = FigureCanvasAgg(figure)
    panels = cast("list[Fields]", fields["panels"])
    shares = [max(1, len(panel.get("names", ()))) for panel in panels]
    axes = figure.subplots(len(panels), 1, squeeze=False, height_ratios=shares)[:, 0]
    for panel, axis in zip(panels, axes, strict=True):
        _dress(axis)
        {"days": _days, "course": _course, "bars": _bars}[panel["kind"]](axis, panel)
    written = io.BytesIO()
    canvas.print_png(written)
    return written.getvalue()


@cache
def _fonts() -> list[str]:
    """Return the fonts that there are, in the order in which a letter is looked for.

    The list that matplotlib remembers is not read again when a font is installed later.
    """
    missing = {file for name, file in FONTS.items() if name not in _names()}
    for path in fonts.findSystemFonts():
        if Path(path).name in missing:
            fonts.fontManager.addfont(path)
    return [name for name in FONTS if name in _names()]


def _names() -> set[str]:
    return {entry.name for entry in fonts.fontManager.ttflist}


def _written(name: str, spare: str) -> str:
    """Return a name, or what stands for it where no font has its letters: the alt text has all names."""
    charts = [fonts.get_font(fonts.findfont(font)).get_charmap() for font in _fonts()]
    return name if all(any(ord(mark) in chart for chart in charts) for mark in name) else spare


def _dress(axis: Axes) -> None:
    """Take away what does not carry meaning."""
    axis.set_facecolor(GROUND)
    axis.tick_params(colors=QUIET, labelsize=14, length=0)
    for side in ("top", "right", "left"):
        axis.spines[side].set_visible(False)
    axis.spines["bottom"].set_color(GRID)
    axis.set_axisbelow(True)


def _scale(axis: Axes, panel: Fields) -> None:
    """Write the amounts beside the axis as whoever asked for the figure reads them."""
    marks = cast("list[tuple[float, str]]", panel["scale"])
    axis.set_yticks([value for value, _ in marks], [said for _, said in marks])
    axis.grid(axis="y", color=GRID, linewidth=1)


def _days(axis: Axes, panel: Fields) -> None:
    """Draw a bar for each day, made of a piece for each series."""
    days = cast("list[str]", panel["days"])
    below = [0.0] * len(days)
    for colour, values in zip(PALETTE, cast("list[list[float]]", panel["series"]), strict=False):
        axis.bar(range(len(days)), values, bottom=below, color=colour, width=0.78)
        below = [low + value for low, value in zip(below, values, strict=True)]
    highest = max([*below, 0.0])
    axis.set_ylim(0, highest * 1.08 or 1)
    _scale(axis, panel)
    _dates(axis, days)


def _dates(axis: Axes, days: list[str]) -> None:
    """Write some of the days, the last one among them: all would not fit."""
    step = max(1, -(-len(days) // MOST_DATES))
    shown = [place for place in range(len(days)) if (len(days) - 1 - place) % step == 0]
    axis.set_xticks(shown, [days[place] for place in shown])
    axis.set_xlim(-0.6, len(days) - 0.4)


def _course(axis: Axes, panel: Fields) -> None:
    """Draw how spending grew, below the line that it is to stay under."""
    days, cap = cast("list[str]", panel["days"]), cast("float", panel["cap"])
    values = cast("list[float]", panel["values"])
    axis.fill_between(range(len(values)), values, color=PALETTE[0], alpha=0.35, linewidth=0)
    axis.plot(range(len(values)), values, color=PALETTE[0], linewidth=3)
    axis.plot(len(values) - 1, values[-1], "o", color=PALETTE[0], markersize=9)
    axis.axhline(cap, color=PALETTE[5], linewidth=2, linestyle=(0, (5, 4)))
    highest = max(cap, *values)
    axis.set_ylim(0, highest * 1.25 or 1)
    last = len(values) - 1
    _write(axis, panel["cap_said"], (0, cap), (0, 5), PALETTE[5])
    _write(axis, panel["said"], (last, values[-1]), (-8, 8), INK, to_left=last > len(days) / 2)
    _scale(axis, panel)
    _dates(axis, days)


def _write(
    axis: Axes,
    said: str,
    at: tuple[float, float],
    offset: tuple[int, int],
    colour: str,
    *,
    to_left: bool = False,
) -> None:
    """Write something above a point, from it to the right or up to it."""
    side = "right" if to_left else "left"
    ground = {"facecolor": GROUND, "edgecolor": "none", "pad": 1}
    axis.annotate(
        said,
        at,
        xytext=offset,
        textcoords="offset points",
        ha=side,
        color=colour,
        fontsize=14,
        bbox=ground,
    )


def _bars(axis: Axes, panel: Fields) -> None:
    """Draw a lying bar for each name, the largest on top."""
    names, values = cast("list[str]", panel["names"]), cast("list[float]", panel["values"])
    places = range(len(names))
    colours = [*PALETTE, *[PALETTE[-1]] * len(names)][: len(names)] if panel["has_colours"] else PLAIN
    axis.barh(places, values, color=colours, height=0.68)
    spare = cast("list[str]", panel["spare"]) or ["…"] * len(names)
    axis.set_yticks(list(places), list(map(_written, names, spare)))
    axis.tick_params(axis="y", colors=INK, labelsize=14)
    axis.set_xticks([])
    axis.spines["bottom"].set_visible(False)
    axis.set_ylim(max(1, len(names)) - 0.5, -0.5)
    axis.set_xlim(0, max([*values, 0.0]) * 1.35 or 1)
    for place, value, said in zip(places, values, cast("list[str]", panel["said"]), strict=True):
        axis.annotate(
            said,
            (value, place),
            xytext=(8, 0),
            textcoords="offset points",
            va="center",
            color=INK,
            fontsize=14,
        )


if __name__ == "__main__":
    main()
