from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.builtin_styles import BUILT_IN
from bot.domain.permutations import permutations
from bot.domain.requests import Kind, PictureRequest, StyleUse
from bot.domain.styles import (
    MAX_NAME,
    MAX_NOTE,
    MAX_TEMPLATE,
    Source,
    Style,
    Variable,
    Written,
    checked,
    fill,
    filled,
    key,
    missing,
    variables,
    wanted,
)
from bot.errors import BadInput

NAMES = st.from_regex(r"[a-z][a-z0-9_-]{0,8}", fullmatch=True).filter(lambda name: name != "subject")


def a_style(template: str) -> Style:
    return Style("1", Source.OWN, "Woodcut", template)


class TestTemplates:
    @pytest.mark.parametrize(
        ("template", "found"),
        [
            ("{subject}", ()),
            ("{ Subject } in {Colour}", (Variable("colour"),)),
            ("{subject} {a = deep  red } {b}", (Variable("a", "deep red"), Variable("b"))),
            ("{subject} {a} {a=x} {a}", (Variable("a", "x"),)),
            ("{subject} {a=x} {a=x}", (Variable("a", "x"),)),
            ("{subject} {größe=2=3}", (Variable("größe", "2=3"),)),
        ],
        ids=["none", "any case", "in order", "a default anywhere", "said twice", "any script"],
    )
    def test_variables_are_read(self, template: str, found: tuple[Variable, ...]):
        assert variables(template) == found

    @pytest.mark.parametrize(
        ("template", "says"),
        [
            ("", "does not say where the subject goes"),
            ("a {fox}", "does not say where the subject goes"),
            ("{subject=fox}", "{subject} takes no default"),
            ("{subject} {}", "“{}” is no variable"),
            ("{subject} {red, blue}", "“{red, blue}” is no variable"),
            ("{subject} {1st}", "“{1st}” is no variable"),
            ("{subject} {" + "a" * 33 + "}", "is no variable"),
            ("{subject} {a=}", "The default of “a” is empty"),
            ("{subject} {a=x} {a=y}", "“a” has two defaults"),
            ("{subject} {a=" + "x" * 101 + "}", "The default of “a” is too long"),
            ("{subject} {a {b}}", "braces of the template do not match"),
            ("{subject} }", "braces of the template do not match"),
            ("{subject} {a} {b} {c} {d} {e} {f}", "has 6 variables; 5 are the most"),
            ("{subject}" + "x" * MAX_TEMPLATE, "characters long; 2000 are the most"),
        ],
    )
    def test_what_is_no_template_is_said(self, template: str, says: str):
        with pytest.raises(BadInput) as error:
            checked(Written("Woodcut", template))

        assert says in str(error.value)

    @pytest.mark.parametrize(
        ("name", "says"),
        [
            ("", "needs a name"),
            ("—", "needs a name"),
            ("x" * (MAX_NAME + 1), "41 characters long; 40 are the most"),
            ("Auto", "it stands for having none"),
            ("a;b", "cannot hold ;"),
            ("#1", "cannot hold #"),
            ("a · b", "cannot hold ·"),
            ("a\u202eb", "characters that nobody sees"),
        ],
    )
    def test_what_is_no_name_is_said(self, name: str, says: str):
        with pytest.raises(BadInput) as error:
            checked(Written(name, "{subject}"))

        assert says in str(error.value)

    def test_a_note_that_is_too_long_is_said(self):
        with pytest.raises(BadInput, match="The note is 201 characters long"):
            checked(Written("a", "{subject}", "x" * (MAX_NOTE + 1)))

    def test_what_is_kept_has_no_spaces_around_it(self):
        kept = checked(Written("  Wood \n cut ", "  {subject}\nin two lines ", " a\n note "))

        assert kept == Written("Wood cut", "{subject}\nin two lines", "a note")

    @given(st.lists(st.sampled_from(("{subject}", "{ Subject}", "{a}", "{b=c}", "x", " ", "{", "}", "="))))
    def test_any_text_is_a_sentence_or_a_template_that_shows_the_subject(self, pieces: list[str]):
        written = Written("Woodcut", "".join(pieces))
        try:
            kept = checked(written)
        except BadInput:
            return
        words = filled(a_style(kept.template), dict.fromkeys(missing(kept.template), "y")).applied("a fox")

        assert "a fox" in words
        assert not set("{}") & set(words)

    def test_names_that_look_alike_are_the_same(self):
        assert key("  Pixel  ＡＲＴ ") == key("pixel art")


class TestFilling:
    def test_words_take_the_place_of_defaults_and_what_is_missing_stays(self):
        template = "{subject} {a=red} {b} {c=x} {a}"

        assert fill(template, {"a": "blue"}) == "{subject} blue {b} x blue"
        assert missing(fill(template, {"a": "blue"})) == ("b",)
        assert fill(fill(template, {"a": "blue"}), {"b": "y"}) == "{subject} blue y x blue"

    @given(st.dictionaries(NAMES, st.text(max_size=40), min_size=1, max_size=5), st.text(max_size=60))
    def test_nothing_that_people_say_is_a_variable(self, values: dict[str, str], subject: str):
        template = "{subject}|" + "|".join(f"{{{name}}}" for name in values)

        use = filled(a_style(template), values)

        assert missing(use.template) == ()
        words = use.applied(subject)
        assert words.startswith(f"{subject}|")
        bare = [value.replace("{", "(").replace("}", ")") for value in values.values()]
        assert words == "|".join((subject, *bare))

    def test_a_prompt_s_choices_are_of_the_prompt_and_never_of_the_template(self):
        use = filled(a_style("{subject} in {colour}"), {"colour": "{red, blue}"})
        variants = permutations("a {big, small} {colour} fox")

        words = PictureRequest("…", variants=variants, style=use).words()

        assert words == ("a big {colour} fox in (red, blue)", "a small {colour} fox in (red, blue)")

    @pytest.mark.parametrize("kind", [Kind.EDIT, Kind.VARY])
    def test_what_goes_on_from_a_picture_says_its_words_alone(self, kind: Kind):
        request = PictureRequest("at night", kind=kind, style=StyleUse("Ink", "{subject} in ink"))

        assert request.words() == ("at night",)
        assert request.settings() == {"style": "Ink"}


class TestWishes:
    def test_words_are_read_behind_the_name(self):
        wish = wanted(" Old  Poster ; Colour = deep  red;; mood=a=b ")

        assert (wish.name, wish.values) == ("Old  Poster", {"colour": "deep red", "mood": "a=b"})

    def test_a_suggestion_that_was_written_on_in_is_its_name(self):
        wish = wanted("Old Poster · this server's · colour; colour=red")

        assert (wish.name, wish.values) == ("Old Poster", {"colour": "red"})

    @pytest.mark.parametrize("written", ["Ink; red", "Ink; colour=", "Ink; colour= "])
    def test_words_without_a_variable_are_said(self, written: str):
        with pytest.raises(BadInput, match="says no variable"):
            wanted(written)


class TestBuiltIn:
    def test_there_are_many_and_each_has_a_name_and_a_ref_of_its_own(self):
        assert 16 <= len(BUILT_IN) <= 24
        assert (
            len({style.ref for style in BUILT_IN})
            == len({key(one.name) for one in BUILT_IN})
            == len(BUILT_IN)
        )
        assert not any(style.ref.isdecimal() for style in BUILT_IN), "numbers are refs of rows"

    @pytest.mark.parametrize("style", BUILT_IN, ids=lambda style: style.ref)
    def test_each_is_as_good_as_any_that_people_write(self, style: Style):
        written = Written(style.name, style.template, style.note)

        assert checked(written) == written
        assert style.note
        assert style.source is Source.BUILT_IN

    def test_some_can_be_chosen_in_and_one_asks(self):
        assert sum(bool(style.variables) for style in BUILT_IN) >= 8
        assert [style.name for style in BUILT_IN if missing(style.template)] == ["Badge"]
