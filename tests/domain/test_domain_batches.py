from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.batches import MAX_BYTES, MAX_ROWS, Entry, parse, variables
from bot.domain.requests import MAX_PROMPT, MAX_SEED
from bot.errors import BadInput

TABLE = "animal;colour;seed\nfox;red;7\ncat;;\n"
TEMPLATE = "a {Colour=grey} {animal}"


@pytest.mark.parametrize(
    ("data", "filename", "template", "says"),
    [
        (b"", "a.txt", None, "There is no prompt in “a.txt”"),
        (b"\n \r\n\t", "a.txt", None, "There is no prompt"),
        (b"prompt\n\n", "a.csv", None, "There is no prompt"),
        (b"a fox", "a.exe", None, "no list of prompts"),
        (b"a fox", "noending", None, "no list of prompts"),
        (b"x" * (MAX_BYTES + 1), "a.txt", None, "over 1 MB"),
        (b"\x89PNG\r\n\x1a\n\0\0", "a.txt", None, "cannot be read from line 1 on"),
        (b"a fox\na caf\xe9", "a.txt", None, "cannot be read from line 2 on"),
        (b"a fox\0", "a.csv", None, "is no text"),
        (b"\xff\xfea\0b", "a.txt", None, "cannot be read"),
        (b"fox\n" * (MAX_ROWS + 1), "a.txt", None, "more than 200 prompts"),
        (b"\nok\n" + b"x" * (MAX_PROMPT + 1), "a.txt", None, "Row 3 is a prompt of 6,001 characters; 6,000"),
        (b"a fox", "a.txt", "in {a} and {b}", "one variable, such as {prompt}"),
        (b"a fox", "a.txt", "no variable", "one variable, such as {prompt}"),
        (b"", "a.csv", None, "Its first row names none"),
        (b"animal,colour\nfox,red", "a.csv", None, "named “prompt”.*“animal” and “colour”"),
        (b"animal\nfox", "a.csv", "{animal} {mood} {light}", "asks for “mood” and “light”.*“animal”"),
        (b"animal\nfox", "a.csv", "words", "The template has no variable"),
        (b"prompt,Prompt\na,b", "a.csv", None, "Row 1 names the column “prompt” twice"),
        (b"prompt\na fox,red", "a.csv", None, "Row 2 has 2 cells, and row 1 names 1"),
        (b"prompt,seed\n,7", "a.csv", None, "Row 2 has nothing in the column “prompt”"),
        (b"prompt,seed\n\nfox,-1", "a.csv", None, "Row 3: “-1” is no seed"),
        (b"prompt,seed\nfox," + b"9" * 5000, "a.csv", None, "is no seed"),
        (f"prompt,seed\nfox,{MAX_SEED + 1}".encode(), "a.csv", None, "is no seed"),
        ("prompt,seed\nfox,٣".encode(), "a.csv", None, "is no seed"),
        (b'prompt\n"a fox', "a.csv", None, "Row 2 has a quotation mark that is not closed"),
        (b"prompt\nfine\n" + b"x" * 200_000, "a.csv", None, "Row 3 has a cell that is too long"),
        (b"prompt\n" + b"," * 60, "a.csv", None, "Row 2 has 61 cells. 50 are the most"),
    ],
)
def test_what_cannot_be_drawn_is_said_in_a_sentence_that_names_the_row(data, filename, template, says):
    with pytest.raises(BadInput, match=says):
        parse(data, filename, template)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_lines_are_prompts_in_their_order_equal_ones_too(encoding, newline):
    text = newline.join(["a fox", "", "  ein Käfer ", "a fox", ""])
    text = text if encoding != "utf-16-le" else newline.join(["a fox", "", "a beetle", "a fox"])

    found = parse(text.encode(encoding), "list.TXT")

    assert [entry.row for entry in found] == [1, 3, 4]
    assert [entry.prompt for entry in found][::2] == ["a fox", "a fox"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_columns_fill_the_variables_of_a_template(encoding, delimiter):
    data = TABLE.replace(";", delimiter).encode(encoding)

    assert parse(data, "a.csv", TEMPLATE) == (Entry(2, "a red fox", 7), Entry(3, "a grey cat"))


def test_the_column_prompt_is_the_prompt_where_there_is_no_template():
    data = b' Prompt ,seed,,notes\n"a fox,\nand a ""cat""",0,,x\n,,,\nan owl\n'

    assert parse(data, "a.csv") == (Entry(2, 'a fox,\nand a "cat"', 0), Entry(4, "an owl"))


def test_a_line_fills_the_one_variable_of_a_template():
    assert parse(b"fox", "a.txt", "a {subject} by {Subject}") == (Entry(1, "a fox by fox"),)


def test_what_a_cell_holds_is_words_and_nothing_else():
    data = b'prompt\n"=HYPERLINK(""http://x"",""y"")"\n{prompt} {colour} \\1 %s\n@everyone\n'

    drawn = [entry.prompt for entry in parse(data, "a.csv", "{prompt}!")]

    assert drawn == ['=HYPERLINK("http://x","y")!', "{prompt} {colour} \\1 %s!", "@everyone!"]


def test_as_many_as_allowed_are_taken():
    assert len(parse(b"fox\n" * MAX_ROWS, "a.txt")) == MAX_ROWS


def test_a_template_s_variables_are_read_with_their_defaults():
    assert variables("{a} {B = blue} {a=x} {b} {} {=}") == {"a": "x", "b": "blue"}


@given(st.binary(max_size=400), st.sampled_from(["a.txt", "a.csv"]), st.sampled_from([None, "{x} {y=z}"]))
def test_no_bytes_do_anything_but_become_prompts_or_a_sentence(data, filename, template):
    found: tuple[Entry, ...] = ()
    with contextlib.suppress(BadInput):
        found = parse(data, filename, template)

    assert all(entry.prompt.strip() for entry in found)
