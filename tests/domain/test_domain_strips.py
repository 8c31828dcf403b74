from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.strips import LONG, LONGEST, MOST, OVERLAP, WIDE, longest_side, pieces

SIDES = st.integers(1, 12_000)


def kept(width: int, height: int) -> tuple[int, int]:
    """Return the size of a picture once its longer side is as long as it may be."""
    share = min(1, longest_side((width, height)) / max(width, height))
    return max(1, round(width * share)), max(1, round(height * share))


def test_a_screenshot_of_a_whole_page_stays_wide_enough_to_be_read():
    assert kept(1920, 1080) == (1920, 1080)
    assert kept(4000, 3000) == (2048, 1536)
    assert kept(1080, 7000) == (512, 3318)
    assert kept(6000, 900) == (3413, 512)
    assert len(pieces(kept(1080, 7000))) == 2
    assert pieces((1920, 1080)) == ()


@given(width=SIDES, height=SIDES)
def test_pieces_hold_all_of_a_picture_and_each_fits_a_model(width, height):
    size = kept(width, height)
    cut = pieces(size)

    assert max(size) <= LONGEST
    assert min(size) >= min(WIDE - 1, width, height) or max(size) >= LONGEST - 1
    assert len(cut) <= MOST
    if max(size) > LONG + 8:
        assert cut
    if cut:
        along = 0 if size[0] > size[1] else 1
        ends = [(box[along], box[along + 2]) for box in cut]
        assert (ends[0][0], ends[-1][1]) == (0, max(size))
        assert all(end - begin <= LONG + 1 for begin, end in ends)
        assert all(before[1] - after[0] >= OVERLAP - 1 for before, after in pairwise(ends))
