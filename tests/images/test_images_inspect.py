"""What a file is, by its bytes alone; and whether a model's picture is whole."""

from __future__ import annotations

import base64
import struct

import pytest
from image_files import SOUND, chunk, exif, flipped, gif, jpeg_with, photo, png, saved, segment
from PIL import ImageFile

from bot.domain.images import PictureInfo
from bot.errors import PictureUnusable
from bot.images import structure
from bot.images.inspect import MAX_BYTES, inspect, verify, working_bytes


def refused(data: bytes) -> str:
    with pytest.raises(PictureUnusable) as caught:
        inspect(data)
    return str(caught.value)


def test_sentences_are_written_for_a_guest():
    assert refused(b"") == "That file is empty. Send a PNG, JPEG, WebP or GIF picture."
    assert refused(b"\0\0\0\x18ftypheic") == "HEIC pictures are not supported; send them as JPEG or PNG."
    assert refused(b"%PDF-1.7") == "PDF files are not supported; send a PNG, JPEG, WebP or GIF picture."
    assert refused(png(9000, 9000, rows=b"")) == (
        "That picture is too large (9000 × 9000 pixels). "
        "At most 25 megapixels and 12,000 pixels a side are possible."
    )
    assert refused(png(1, 1) + bytes(MAX_BYTES)) == "That file is too large. At most 20 MiB are possible."


@pytest.mark.parametrize("kind", SOUND)
def test_type_and_size_are_those_of_the_bytes(kind):
    data = SOUND[kind]()

    assert inspect(data) == PictureInfo(f"image/{kind}", 96, 64, len(data))


def test_limits_themselves_are_allowed():
    assert inspect(png(5000, 5000, rows=b"")).width == 5000
    assert inspect(png(12_000, 1, rows=b"")).width == 12_000


def test_header_is_enough_for_inspect_and_not_for_verify():
    empty = png(800, 600, rows=b"\0")

    assert inspect(empty).width == 800
    with pytest.raises(PictureUnusable, match="damaged"):
        verify(empty)


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
def test_every_cut_of_a_models_picture_is_seen(kind):
    data = SOUND[kind]()

    for end in range(0, len(data), 7):
        with pytest.raises(PictureUnusable):
            verify(data[:end])
    with pytest.raises(PictureUnusable):
        verify(data[:-1])
    assert verify(data).size_bytes == len(data)


def test_every_flipped_bit_of_a_png_is_seen():
    data = SOUND["png"]()

    for seed in range(500):
        with pytest.raises(PictureUnusable):
            verify(flipped(data, seed))


@pytest.mark.sampled
@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
def test_a_models_picture_cut_at_every_997th_byte_is_refused(kind):
    data = saved(photo(900, 600), kind.upper(), **({"lossless": True} if kind == "webp" else {}))
    assert len(data) > 20 * 997

    for end in range(997, len(data), 997):
        with pytest.raises(PictureUnusable):
            verify(data[:end])


def test_base64_that_was_cut_and_still_decodes_is_no_whole_picture():
    letters = base64.b64encode(SOUND["png"]())

    for end in range(4, len(letters) - 4, 400):
        with pytest.raises(PictureUnusable):
            verify(base64.b64decode(letters[:end], validate=True))


def test_a_models_png_is_not_decoded_to_be_verified(monkeypatch):
    monkeypatch.setattr(ImageFile.ImageFile, "load", None)

    assert verify(SOUND["png"]()).width == 96


def test_interlaced_png_and_one_of_few_bits_can_hold_their_pixels():
    few = photo(2000, 1500).convert("1").point(lambda _: 0)

    assert verify(saved(few, "PNG", optimize=True)).width == 2000
    assert verify(png(3000, 3000, depth=1, color=0, rows=bytes(376 * 3000))).width == 3000


def test_small_chunks_are_free_only_up_to_a_number_whatever_comes_later():
    notes = [chunk(b"tEXt", b"a\0b")] * (structure.FREE_CHUNKS + 99)

    assert inspect(png(8, 8, *notes[:1000])).width == 8
    with pytest.raises(PictureUnusable, match="damaged"):
        inspect(png(8, 8, *notes, chunk(b"prIv", bytes(structure.MIN_CHUNK_BYTES * 4096))))


def test_gif_needs_its_trailer_to_be_whole():
    assert verify(SOUND["gif"]()).media_type == "image/gif"
    with pytest.raises(PictureUnusable, match="damaged"):
        verify(SOUND["gif"]()[:-1])


@pytest.mark.further
def test_a_models_large_file_is_taken():
    data = png(8, 8, chunk(b"caBX", bytes(MAX_BYTES)))

    assert verify(data) == PictureInfo("image/png", 8, 8, len(data))
    assert "20 MiB" in refused(data)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_size_is_the_one_shown(order, orientation):
    info = inspect(saved(photo(), "JPEG", exif=exif(orientation, order=order)))

    assert (info.width, info.height) == ((64, 96) if orientation > 4 else (96, 64))


@pytest.mark.parametrize(
    "block",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"II*\0", id="cut after the magic"),
        pytest.param(b"XX*\0" + bytes(20), id="no tiff"),
        pytest.param(b"II*\0\xff\xff\xff\x7f", id="directory outside"),
        pytest.param(b"II*\0\x08\0\0\0\xff\xff", id="more entries than bytes"),
        pytest.param(b"II*\0\x08\0\0\0\0\0", id="no entries"),
        pytest.param(exif(0)[6:], id="orientation 0"),
        pytest.param(exif(9)[6:], id="orientation 9"),
    ],
)
def test_senseless_exif_turns_nothing(block):
    assert inspect(jpeg_with(segment(0xE1, b"Exif\0\0" + block))).width == 96
    assert inspect(png(8, 4, chunk(b"eXIf", block))).width == 8


def test_first_exif_block_counts():
    blocks = [segment(0xE1, exif(orientation)) for orientation in (6, 1)]

    assert inspect(jpeg_with(*blocks)).width == 64


def test_exif_of_a_webp_is_found_behind_the_frames_and_missed_without_harm():
    data = saved(photo(), "WEBP", exif=exif(6))
    assert inspect(data).width == 64

    crowded = data[12:30] + (b"JUNK" + struct.pack("<I", 0)) * 5000 + data[30:]
    data = b"RIFF" + struct.pack("<I", len(crowded) + 4) + b"WEBP" + crowded
    assert inspect(data).width == 96


def test_png_with_a_broken_note_is_still_a_picture():
    note = bytearray(chunk(b"tEXt", b"Comment\0hello"))
    note[-1] ^= 1

    assert verify(png(8, 8, bytes(note))).width == 8


def test_what_decoding_does_not_need_is_dropped():
    sound = structure.read(png(8, 8)).data

    assert (
        structure.read(png(8, 8, chunk(b"tEXt", b"a\0b"), chunk(b"acTL", bytes(8))) + b"tail").data == sound
    )


def test_control_block_of_a_gif_is_kept_and_its_comment_is_not():
    control = b"\x21\xf9\x04\x01\0\0\0\0"

    kept = structure.read(gif(4, 4, b"\x21\xfe\x02hi\0", control)).data

    assert control in kept
    assert b"hi" not in kept


def test_size_that_decoder_and_header_disagree_on_is_refused(monkeypatch):
    honest = structure.read

    def lying(data: bytes) -> structure.Container:
        found = honest(data)
        return structure.Container(found.media_type, 8, 9, found.data, is_whole=True)

    monkeypatch.setattr(structure, "read", lying)
    assert "damaged" in refused(png(8, 8))


@pytest.mark.parametrize(
    ("kind", "encodes_again", "each"), [("jpeg", False, 8), ("png", False, 16), ("png", True, 30)]
)
def test_working_memory_is_counted_by_pixel_and_byte(kind, encodes_again, each):
    info = PictureInfo(f"image/{kind}", 4000, 3000, 1000)

    assert working_bytes(info, encodes_again=encodes_again) == each * 12_000_000 + 2000
