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
_PROFILE_SPACES = {"L": "GRAY", "RGB": "RGB", "CMYK": "CMYK"}


def shown(opened: Opened, *, max_side: int | None = None) -> Image.Image:
    """Decode the first frame as a viewer shows it: RGB, or RGBA where something is transparent.

    Carries no metadata. Raises PictureUnusable where the pixels are damaged.
    """
    source = opened.image
    profile = source.info.get("icc_profile")
    target = _within(source.size, max_side)
    with damage_named():
        source.draft(None, target)
        source.load()
        image = _resized(_eight_bit(source), target)
        image, alpha = _split(image)
        image = _in_srgb(image, profile if isinstance(profile, bytes) else None)
    if alpha is not None:
        image.putalpha(alpha)
    if opened.orientation in _TURNS:
        image = image.transpose(_TURNS[opened.orientation])
    image.info = {}
    return image


def shrunk(image: Image.Image, max_side: int) -> Image.Image:
    """Return the picture with no side longer than `max_side`, never enlarged."""
    return _resized(image, _within(image.size, max_side))


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


def _split(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """Part colours from alpha; None for an alpha that hides nothing."""
    if image.mode != "RGBA":
        return image, None
    alpha = image.getchannel("A")
    is_opaque = alpha.getextrema() == (255, 255)
    return image.convert("RGB"), None if is_opaque else alpha


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Apply an embedded colour profile; one that is broken or of another colour space is ignored."""
    if profile is None and image.mode == "RGB":
        return image
    if profile is None or profile[16:20].strip().decode("latin-1") != _PROFILE_SPACES[image.mode]:
        return image.convert("RGB")
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if ImageCms.getProfileDescription(source).startswith("sRGB"):
            return image.convert("RGB")
        return _transformed(image, source)
    except (ImageCms.PyCMSError, OSError):
        return image.convert("RGB")


def _transformed(image: Image.Image, source: ImageCms.ImageCmsProfile) -> Image.Image:
    """Map colours to sRGB as browsers do: relative, with black point compensation."""
    result = ImageCms.profileToProfile(
        image,
        source,
        ImageCms.createProfile("sRGB"),  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType] - no stub for its C part
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        outputMode="RGB",
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    return result or image.convert("RGB")
