"""Figures as values, and their drawing: in a process of its own, which is ended when it takes too long.

matplotlib holds the interpreter's lock for hundreds of milliseconds and keeps 60 MB once it is imported.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import structlog

from bot.errors import TooBusy
from bot.texts import tr

if TYPE_CHECKING:
    from collections.abc import Sequence

log = structlog.get_logger(__name__)
PROGRAM = Path(__file__).with_name("draw.py")
PATIENCE_S = 30.0
MOST_SERIES = 7
"""As many as there are colours."""


@dataclass(frozen=True, slots=True)
class Days:
    """A bar for each day, made of a piece for each series; amounts in dollars.

    `scale` are the amounts that the axis names, with what is written beside each.
    """

    kind: ClassVar[str] = "days"
    days: Sequence[str]
    series: Sequence[Sequence[float]]
    scale: Sequence[tuple[float, str]] = ()


@dataclass(frozen=True, slots=True)
class Course:
    """How an amount of dollars grew over days, and the line that it is to stay under; `scale` as for Days.

    `said` and `cap_said` are written beside the last amount and on the line.
    """

    kind: ClassVar[str] = "course"
    days: Sequence[str]
    values: Sequence[float]
    cap: float
    scale: Sequence[tuple[float, str]] = ()
    said: str = ""
    cap_said: str = ""


@dataclass(frozen=True, slots=True)
class Bars:
    """A lying bar for each name, with what is said of it at its end; amounts in dollars.

    Names that have no colour in the text beside the figure all have the same. `spare` has a name for each
    that is written where no font has the letters of its own.
    """

    kind: ClassVar[str] = "bars"
    names: Sequence[str]
    values: Sequence[float]
    said: Sequence[str]
    has_colours: bool = False
    spare: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """Panels one above the other; the height is in hundreds of pixels, of seven hundred and twenty across.

    A phone shows a figure 300 pixels wide, so that what is written in it has to be large.
    """

    panels: Sequence[Days | Course | Bars]
    height: float


class Charts:
    """Draws figures, one at a time; `cache` is a folder where matplotlib remembers the fonts it found."""

    def __init__(self, cache: Path, *, program: Path = PROGRAM, patience_s: float = PATIENCE_S) -> None:
        self._cache = cache
        self._program = program
        self._patience_s = patience_s
        self._turn = asyncio.Lock()

    async def draw(self, figure: Figure) -> bytes:
        """Return a figure as PNG, or raise TooBusy where that takes too long or fails."""
        said = json.dumps(
            {"height": figure.height, "panels": [{"kind": one.kind, **asdict(one)} for one in figure.panels]}
        )
        async with self._turn:
            drawing = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-I", str(self._program)),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env={"MPLCONFIGDIR": str(self._cache), "OPENBLAS_NUM_THREADS": "1", "PATH": os.defpath},
            )
            try:
                async with asyncio.timeout(self._patience_s):
                    drawn, complaint = await drawing.communicate(said.encode())
            except TimeoutError:
                raise TooBusy(
                    tr("The charts take too long to draw right now. Try again in a minute.")
                ) from None
            finally:
                if drawing.returncode is None:
                    drawing.kill()
                    await drawing.wait()
        if drawing.returncode or not drawn:
            log.warning(
                "no chart", status=drawing.returncode, reason=complaint[-500:].decode("utf-8", "replace")
            )
            raise TooBusy(tr("The charts could not be drawn. The CSV file has all of it."))
        return drawn
