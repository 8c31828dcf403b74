"""Colours and subjects from the words of a prompt: what the artist understands of language."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

Colour = tuple[int, int, int]

COLOURS: dict[str, Colour] = {
    "red": (214, 62, 56), "crimson": (176, 32, 54), "scarlet": (222, 54, 40), "orange": (240, 138, 52),
    "amber": (246, 176, 64), "yellow": (248, 208, 82), "gold": (232, 184, 70), "golden": (240, 192, 84),
    "green": (76, 152, 92), "emerald": (36, 140, 104), "olive": (128, 136, 72), "mint": (150, 214, 184),
    "teal": (40, 140, 146), "turquoise": (64, 188, 188), "cyan": (84, 196, 216), "blue": (58, 110, 190),
    "navy": (30, 48, 98), "indigo": (70, 66, 150), "purple": (128, 84, 172), "violet": (146, 104, 196),
    "lavender": (186, 170, 222), "magenta": (204, 70, 150), "pink": (240, 150, 178), "rose": (226, 114, 138),
    "brown": (128, 88, 62), "black": (30, 30, 38), "white": (246, 244, 238), "silver": (204, 210, 218),
    "grey": (140, 146, 154), "gray": (140, 146, 154),
}  # fmt: skip
SCENES = {
    "sea": "sea ocean boat boats ship sail sails sailing lake harbour beach coast island whale fish water",
    "city": "city town street skyline tower towers building buildings cyberpunk neon house houses village",
    "space": "space planet planets galaxy astronaut rocket cosmos nebula comet saturn mars",
    "hills": "mountain mountains hill hills forest tree trees valley field meadow fox dragon castle",
    "shapes": "abstract pattern geometric logo icon poster shapes circles minimal bauhaus robot cat portrait",
}
"""Scenes by the words that call for them, the strongest first."""
_NIGHT = "night moon moonlight midnight stars star starry dark space galaxy neon cyberpunk"
_PLACES = {
    "light": "moon sun",
    "accent": "boat ship sail sails house planet",
    "sky_top": "sky",
    "water": "sea ocean lake water",
    "near": "hills hill mountain mountains forest",
}
"""What a colour before a noun paints."""
_WORD = re.compile(r"[a-z]+")


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one picture."""

    sky_top: Colour
    sky_low: Colour
    light: Colour
    far: Colour
    near: Colour
    water: Colour
    accent: Colour
    night: bool = False


DAYS = (
    Palette(
        (98, 160, 206), (250, 226, 190), (255, 244, 206), (132, 168, 186),
        (38, 82, 88), (72, 136, 168), (222, 88, 70),
    ),
    Palette(
        (244, 132, 102), (255, 214, 150), (255, 240, 196), (196, 112, 120),
        (72, 40, 82), (206, 118, 112), (44, 66, 110),
    ),
    Palette(
        (122, 190, 190), (246, 236, 208), (255, 250, 226), (126, 172, 148),
        (34, 78, 62), (86, 158, 160), (234, 150, 62),
    ),
    Palette(
        (176, 142, 198), (255, 208, 196), (255, 238, 214), (164, 130, 178),
        (66, 50, 102), (142, 122, 182), (240, 112, 118),
    ),
    Palette(
        (240, 176, 96), (252, 234, 184), (255, 250, 224), (208, 152, 100),
        (110, 62, 48), (216, 164, 112), (52, 110, 122),
    ),
)  # fmt: skip
NIGHTS = (
    Palette(
        (16, 24, 58), (74, 96, 148), (248, 242, 214), (56, 76, 122),
        (12, 18, 40), (30, 48, 94), (238, 132, 78), night=True,
    ),
    Palette(
        (26, 18, 54), (132, 76, 136), (255, 232, 206), (88, 58, 116),
        (20, 14, 42), (62, 42, 100), (84, 190, 190), night=True,
    ),
    Palette(
        (8, 36, 52), (60, 134, 138), (240, 250, 226), (34, 88, 102),
        (6, 24, 36), (20, 72, 88), (244, 176, 92), night=True,
    ),
)  # fmt: skip


def words_of(prompt: str) -> list[str]:
    """Return the words of a prompt in lower case."""
    return _WORD.findall(prompt.lower())


def choose(words: list[str], dice: Random) -> Palette:
    """Return the palette of a prompt: day or night by its words, its colours where it names them."""
    night = not set(_NIGHT.split()).isdisjoint(words)
    palette = dice.choice(NIGHTS if night else DAYS)
    named = [(place, word) for place, word in enumerate(words) if word in COLOURS]
    loose: list[Colour] = []
    for place, word in named:
        target = _target(words[place + 1 : place + 4])
        if target is None and {"is", "are"} & set(words[max(0, place - 2) : place]):
            target = _target(words[max(0, place - 5) : place][::-1])  # "the moon is red"
        if target is None:
            loose.append(COLOURS[word])
        else:
            palette = replace(palette, **{target: COLOURS[word]})
    if loose:
        palette = _tinted(palette, loose)
    return palette


def _target(following: list[str]) -> str | None:
    """Return the part of the palette that the nearest noun after a colour speaks of."""
    for word in following:
        for part, nouns in _PLACES.items():
            if word in nouns.split():
                return part
    return None


def _tinted(palette: Palette, colours: list[Colour]) -> Palette:
    """Let colours that belong to nothing in particular set the mood."""
    main, second = colours[0], colours[-1]
    return replace(
        palette,
        sky_top=mix(palette.sky_top, main, 0.55),
        sky_low=mix(palette.sky_low, second, 0.35),
        far=mix(palette.far, main, 0.5),
        near=mix(palette.near, main, 0.25),
        accent=second,
    )


def scene_of(words: list[str], dice: Random) -> str:
    """Return the scene that a prompt speaks of; where it names none, chance decides."""
    for name, nouns in SCENES.items():
        if set(nouns.split()) & set(words):
            return name
    return dice.choice(("hills", "sea", "shapes", "hills"))


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """Return a colour between two; a share of 1 is the other one."""
    return (
        round(one[0] + (other[0] - one[0]) * share),
        round(one[1] + (other[1] - one[1]) * share),
        round(one[2] + (other[2] - one[2]) * share),
    )
