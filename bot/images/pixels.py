"""From whatever a file holds to upright eight-bit sRGB pixels, with alpha only where it shows."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, cast

from PIL import Image, ImageCms

from bot.images.inspect import damage_named

if TYPE_CHECKING:
    from bot.images.inspect import Opened

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
NEAR_ENOUGH = 0.9
"""A JPEG decodes to a half for a fraction of the time; so much of the wished size will do."""

_PROFILE_SPACES = {"L": b"GRAY", "RGB": b"RGB ", "RGBA": b"RGB ", "CMYK": b"CMYK"}


def shown(opened: Opened, *, max_side: int | None = None) -> Image.Image:
    """Decode the first frame as a viewer shows it: RGB, or RGBA where something is transparent.

    A JPEG much larger than `max_side` may come out up to a tenth below it. Carries no metadata. Raises
    PictureUnusable where the pixels are damaged.
    """
    source = opened.image
    profile = source.info.get("icc_profile")
    wish = _within(source.size, max_side)
    with damage_named():
        if wish != source.size:
            width, height = (max(1, int(side * NEAR_ENOUGH)) for side in wish)
            source.draft(None, (width, height))
        source.load()
        image = _resized(_without_idle_alpha(_eight_bit(source)), _within(source.size, max_side))
        image = _in_srgb(image, profile if isinstance(profile, bytes) else b"")
    if opened.orientation in _TURNS:
        image = image.transpose(_TURNS[opened.orientation])
    image.info = {}
    return image


def shrunk(image: Image.Image, max_side: int) -> Image.Image:
    """Return the picture with no side longer than `max_side`, never enlarged."""
    return _resized(image, _within(image.size, max_side))


def inside(image: Image.Image, box: tuple[int, int]) -> Image.Image:
    """Return the picture small enough for a box of width and height, never enlarged."""
    width, height = image.size
    share = min(1, box[0] / width, box[1] / height)
    return _resized(image, (max(1, round(width * share)), max(1, round(height * share))))


def flattened(image: Image.Image) -> Image.Image:
    """Put a transparent picture on white, for formats without alpha."""
    if image.mode == "RGB":
        return image
    paper = Image.new("RGB", image.size, "white")
    paper.paste(image, mask=image.getchannel("A"))
    return paper


def _within(size: tuple[int, int], max_side: int | None) -> tuple[int, int]:
    """Return a size of the same shape whose longer side is at most `max_side`."""
    longest = max(size)
    if max_side is None or longest <= max_side:
        return size
    width, height = (max(1, round(side * max_side / longest)) for side in size)
    return width, height


def _resized(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Shrink by averaging.

    Hamming weights every source pixel and none below zero, so that a picture cannot be made to say
    something else once it is small (image-scaling attacks).
    """
    if image.size == size:
        return image
    return image.resize(size, Image.Resampling.HAMMING, reducing_gap=2.0)  # pyright: ignore[reportUnknownMemberType] - numpy's type, not installed


def _eight_bit(image: Image.Image) -> Image.Image:
    """Return L, RGB, RGBA or CMYK with eight bits a channel."""
    if image.mode == "I;16":
        # Pillow's own conversion clips at 255 instead of scaling; 1/256 is exact, as for its 16-bit RGB.
        wide = image.convert("I")
        high = wide.point(lambda value: value * (1 / 256) + 0)  # pyright: ignore[reportUnknownMemberType] - numpy's type, not installed
        return high.convert("L")
    key = image.info.get("transparency")
    if isinstance(key, tuple) and max(cast("tuple[int, ...]", key)) > 255:
        del image.info["transparency"]  # the key of a 16-bit picture, which Pillow has read as eight bits
    if image.has_transparency_data:
        return image.convert("RGBA")
    if image.mode in ("L", "RGB", "CMYK"):
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def _without_idle_alpha(image: Image.Image) -> Image.Image:
    """Drop an alpha that hides nothing."""
    is_opaque = image.mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255)
    return image.convert("RGB") if is_opaque else image


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Return RGB or RGBA; an embedded profile that is broken or of another colour space is ignored."""
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    try:
        if _applies(profile, image.mode):
            return _transformed(image, ImageCms.ImageCmsProfile(io.BytesIO(profile)))
    except (ImageCms.PyCMSError, OSError):
        pass  # as browsers do: a broken profile is no profile
    return image if image.mode == mode else image.convert(mode)


def _applies(profile: bytes, mode: str) -> bool:
    """Tell whether a profile is for pixels of this mode (ICC.1 §7.2.8) and does something to them."""
    if profile[16:20] != _PROFILE_SPACES[mode]:
        return False
    return not ImageCms.getProfileDescription(io.BytesIO(profile)).startswith("sRGB")


def _transformed(image: Image.Image, source: ImageCms.ImageCmsProfile) -> Image.Image:
    """Map colours to sRGB as browsers do, relative and with black point compensation; alpha stays."""
    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    result = ImageCms.profileToProfile(
        image if alpha is None else image.convert("RGB"),
        source,
        ImageCms.createProfile("sRGB"),  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType] - no stub for its C part
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        outputMode="RGB",
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    mapped = cast("Image.Image", result)  # None is for transformation in place
    if alpha is not None:
        mapped.putalpha(alpha)
    return mapped
