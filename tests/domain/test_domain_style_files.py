from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.builtin_styles import BUILT_IN
from bot.domain.style_files import MAX_BYTES, MAX_ENTRIES, read, to_json
from bot.domain.styles import MAX_NAME, MAX_NOTE, MAX_TEMPLATE, Written
from bot.errors import BadInput

GOOD = {"name": "A", "template": "{subject}"}


def a_file(*entries: object, **more: object) -> bytes:
    return json.dumps({"easel_styles": 1, "styles": list(entries)} | more).encode()


def test_what_is_written_is_read():
    written = tuple(Written(style.name, style.template, style.note) for style in BUILT_IN)

    assert read(to_json(written).encode()) == written
    assert read(b"\xef\xbb\xbf" + to_json(written).encode()) == written, "with the mark that Windows puts"


def test_the_fullest_list_fits_into_a_file():
    styles = [
        Written(f"{n:03}" + "𝕏" * (MAX_NAME - 3), "{subject}" + "𝕏" * (MAX_TEMPLATE - 9), "𝕏" * MAX_NOTE)
        for n in range(MAX_ENTRIES)
    ]

    assert len(read(to_json(styles).encode())) == MAX_ENTRIES


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "This is no file of styles."),
        (b"\xff\xfe", "This is no file of styles."),
        (b"[]", "This is no file of styles."),
        (b"{}", "This is no file of styles."),
        (b"[" * 100_000, "This is no file of styles."),
        (a_file(GOOD, easel_styles=2), "This file is of another version."),
        (a_file(GOOD, easel_styles=True), "This file is of another version."),
        (a_file(), "The file has no styles in it."),
        (a_file(styles={}), "The file has no styles in it."),
        (a_file(*[GOOD] * 101), "The file has 101 styles; 100 are the most."),
        (b" " * (MAX_BYTES + 1), "The file is too big."),
        (a_file(GOOD, 7), "Entry 2: It must look like"),
        (a_file({"name": "A"}), "Entry 1 (“A”): Its template must be text."),
        (a_file({"name": 7, "template": "{subject}"}), "Entry 1: Its name must be text."),
        (a_file(GOOD | {"colour": 1}), "Entry 1 (“A”): “colour” is not known."),
        (a_file(GOOD | {"template": "x"}), "Entry 1 (“A”): The template does not say where"),
        (a_file(GOOD | {"template": "x" * 10_001}), "Entry 1 (“A”): Its template is far too long."),
        (
            a_file(GOOD, {"name": " a ", "template": "{subject}"}),
            "Entry 2 (“a”): the file has this name twice.",
        ),
    ],
)
def test_what_is_wrong_is_named(data: bytes, says: str):
    with pytest.raises(BadInput) as error:
        read(data)

    assert str(error.value).startswith(says)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_any_entry_that_is_no_style_is_a_sentence(entry: object):
    with pytest.raises(BadInput):
        read(a_file(entry))


@given(st.binary(max_size=200))
def test_any_bytes_are_a_sentence(data: bytes):
    with pytest.raises(BadInput):
        read(data)
