from __future__ import annotations

import io

import pytest
from PIL import Image

from bot.images.strips import cut


@pytest.mark.parametrize(
    ("mode", "colours", "kind"),
    [
        ("RGB", ((250, 0, 0), (0, 0, 250)), "image/jpeg"),
        ("RGBA", ((250, 0, 0, 90), (0, 0, 250, 90)), "image/png"),
    ],
)
def test_pieces_show_what_stands_there(mode, colours, kind):
    whole = Image.new(mode, (40, 100), colours[0])
    whole.paste(colours[1], (0, 50, 40, 100))
    file = io.BytesIO()
    whole.save(file, "PNG")

    first, second = cut(file.getvalue(), [(0, 0, 40, 40), (0, 60, 40, 100)])

    assert (first.media_type, second.media_type) == (kind, kind)
    for piece, colour in zip((first, second), colours, strict=True):
        shown = Image.open(io.BytesIO(piece.data))
        assert shown.size == (40, 40)
        found = shown.convert("RGB").getpixel((20, 20))
        assert isinstance(found, tuple)
        assert all(abs(a - b) < 9 for a, b in zip(found, colour[:3], strict=True))
