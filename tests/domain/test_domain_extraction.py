from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from bot.domain import extraction
from bot.domain.extraction import by_fields, by_schema
from bot.errors import AnswerUnusable, BadInput

DEEP = '{"type": "object", "properties": {"a": ' * 8 + '{"type": "string"}' + "}}" * 8


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("", "Say which fields"),
        (" , ;\n", "Say which fields"),
        ("total, total", "twice"),
        ("a" * 61, "no name"),
        (",".join(f"field {n}" for n in range(31)), "31 fields"),
        ("???", "no name"),
        ("_", "no name"),
        ("_file, _File", "twice"),
    ],
)
def test_words_that_name_no_fields_get_a_sentence(said, sentence):
    with pytest.raises(BadInput, match=sentence):
        by_fields(said)


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("no json", "not JSON"),
        ("[" * 100_000, "20 KB"),
        ("[" * 15_000, "not JSON"),
        ("[]", "object"),
        ("{}", "describe an object.*properties"),
        ('{"type": "thing"}', "describe an object"),
        ('{"type": "object", "properties": {}}', "nothing to take out"),
        ('{"type": "array", "items": {"type": "string"}}', "object"),
        ('{"type": "object"}', "nothing to take out"),
        ('{"properties": {"a": {"type": "object"}}}', "“a” is an object without properties"),
        ('{"type": "object", "properties": {"a": 5}}', "no schema"),
        ('{"type": "object", "properties": {"a": {}}}', "needs a type"),
        ('{"type": "object", "properties": {"a": {"type": "text"}}}', "needs a type"),
        ('{"type": "object", "properties": {"a": {"type": "array"}}}', "no schema"),
        ('{"type": "object", "properties": {"a": {"type": "string", "pattern": "(a+)+$"}}}', "“pattern”"),
        ('{"type": "object", "properties": {"a": {"$ref": "#"}}}', "“\\$ref”"),
        ('{"type": "object", "properties": {"a": {"type": "number", "minimum": "b"}}}', "no JSON schema"),
        (DEEP, "nested"),
        (
            json.dumps({"type": "object", "properties": {f"a{n}": {"type": "null"} for n in range(101)}}),
            "100",
        ),
    ],
)
def test_schema_that_cannot_be_used_gets_a_sentence(written, sentence):
    with pytest.raises(BadInput, match=sentence):
        by_schema(written)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda x: st.dictionaries(
            st.sampled_from(["type", "properties", "items", "anyOf", "enum", "a", "minimum"]), x | st.lists(x)
        ),
    )
)
def test_any_json_is_a_strict_schema_or_a_sentence(written):
    try:
        wanted = by_schema(json.dumps(written))
    except BadInput:
        return
    Draft202012Validator.check_schema(dict(wanted.schema))
    assert wanted.columns


@pytest.mark.parametrize(
    ("said", "name", "kind"),
    [
        ("invoice number", "invoice_number", "string"),
        ("total as number", "total", "number"),
        ("total as a number", "total", "number"),
        ("total (number)", "total", "number"),
        ("Count: whole number", "count", "integer"),
        ("paid as yes/no", "paid", "boolean"),
        ("paid: yes-no", "paid", "boolean"),
        ("due as date", "due", "string"),
        ("names as list", "names", "array"),
        ("Größe", "größe", "string"),
    ],
)
def test_field_says_its_type_and_may_stay_empty(said, name, kind):
    schema = by_fields(said).schema

    assert schema["properties"][name]["type"] == [kind, "null"]
    assert schema["required"] == [name]
    assert schema["additionalProperties"] is False


def test_a_name_keeps_the_lines_that_it_was_written_with():
    assert by_fields("file, _file, total (net)").columns == ("file", "_file", "total_net")


def test_every_thing_is_a_row_of_its_own():
    wanted = by_fields("every line item: name, price as number")
    assert by_fields("every line item：name, price as number").columns == wanted.columns

    value = extraction.read('{"rows": [{"name": "Tea", "price": 2}, {"name": "Bun", "price": null}]}', wanted)

    assert wanted.columns == ("name", "price")
    assert [row["name"] for row in extraction.rows(value, wanted)] == ["Tea", "Bun"]


def test_own_schema_is_made_strict():
    written = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "required": ["a"],
        "properties": {
            "a": {"type": "string", "enum": ["x"]},
            "b": {"anyOf": [{"type": "integer"}, {"type": "null"}], "default": None},
            "c": {"type": "array", "items": {"type": "object", "properties": {"d": {"type": "number"}}}},
        },
    }

    schema = by_schema(json.dumps(written)).schema

    number = {"type": ["number", "null"]}
    item = {
        "type": "object",
        "properties": {"d": number},
        "required": ["d"],
        "additionalProperties": False,
    }
    assert schema == {
        "type": "object",
        "properties": {
            "a": {"type": ["string", "null"], "enum": ["x", None]},
            "b": {"type": ["integer", "null"]},
            "c": {"type": ["array", "null"], "items": item},
        },
        "required": ["a", "b", "c"],
        "additionalProperties": False,
    }


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "Here you are",
        "[]",
        "{}",
        '{"total": "a lot"}',
        '{"total": NaN}',
        '{"total": 1, "more": 2}',
        "[" * 9999,
    ],
)
def test_broken_answer_is_said_to_be_broken(answer):
    with pytest.raises(AnswerUnusable, match="does not follow"):
        extraction.read(answer, by_fields("total as number"))


def test_fenced_answer_is_read():
    assert extraction.read('```json\n{"total": 5}\n```', by_fields("total as number")) == {"total": 5}


@pytest.mark.parametrize("comma", [",", ";", "\n", "，", "、", "；", "،"])
def test_commas_of_every_script_part_fields(comma: str):
    properties = by_fields(f"番号{comma}合計 as number").schema["properties"]

    assert len(properties) == 2
