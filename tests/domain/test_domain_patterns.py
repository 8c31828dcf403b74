from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.patterns import compiled
from bot.errors import BadInput


@pytest.mark.parametrize(
    "source",
    [
        "a{9999999}",
        "a{9999999,}",
        "a{,9999999}",
        "a{1,9999999}",
        "((a{50}){50}){50}",
        "(?:(?:(?:a{9}){9}){9}){9}",
        "(?:ab|[cde]{300}){4}",
        "[abc]{400}",
        "(?=a{900})",
        "a{1000}{1000}",
        "(?:a{400}b{400})",
        "(" * 60 + "a" + ")" * 60,
    ],
)
def test_a_pattern_that_would_be_written_out_too_far_is_refused_before_it_is_compiled(source: str):
    began = time.perf_counter()

    with pytest.raises(BadInput):
        compiled(source)

    assert time.perf_counter() - began < 0.05


@pytest.mark.parametrize(
    "source",
    [
        "(?:gore){e<=2}",
        "gore{i<=1}",
        "(?e)gore",
        "(?x)a{ 9999999 }",
        "(?V1)[a--b]",
        "(?i:gore)",
        "a(?#remark)b",
        "(?R)",
        "(a)(?1)",
        "(?P<n>a)(?&n)",
        "(?P<n>a)",
        "(a)\\1",
        r"(a)\g<1>",
        r"\L<words>",
        r"\N{LATIN SMALL LETTER A}",
        r"\X+",
        r"\Ka",
        r"\p{Script=Latin, 1}",
        "(?|a|b)",
        "(?>a)",
        "(?(1)a|b)",
        "(?r)a",
        "a{ 3 }",
        "a{b",
        "a}",
        "a**",
        "[a&&b]",
        "[a--b]",
        "[a||b]",
        "[[:alpha:]]",
        "[]a]",
        r"[\b]",
        "[a",
        "(a",
        "a)",
        "\\",
        "(*FAIL)",
        "[z-a]",
        r"\p{Nonsense}",
        r"\U0001F600",
    ],
)
def test_what_is_not_of_the_subset_is_refused(source: str):
    with pytest.raises(BadInput):
        compiled(source)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("g[o0]+re", "some G0Ore"),
        (r"\bécole\b", "une École."),
        ("^(?:red|blue) cat$", "blue cat"),
        ("colou?r(?!ful)", "the color"),
        (r"(?<=a )cat", "a cat"),
        ("(?<!no )gore", "gore"),
        (r"\p{Han}{2,3}", "血腥"),
        (r"[^\w\s]{3}", "a!!!"),
        (r"[\-\]a-c]", "-"),
        (r"a\.b\/c", "a.b/c"),
        (r"\x67ore", "gore"),
        ("a.*?b", "a and b"),
        ("a++b", "aab"),
        ("b{,3}d", "bd"),
        ("(a|b|)c", "c"),
        ("killer(s)?", "killers"),
    ],
)
def test_what_blocklists_are_written_with_is_understood(source: str, text: str):
    assert compiled(source).search(text) is not None


PIECES = st.sampled_from(
    [
        *("a", "k", "ß", ".", "|", "(", "(?:", "(?=", "(?<!", ")", "[", "]", "[a-z]", "[^", "*", "+", "?"),
        *(
            "\\w",
            "\\b",
            "{2}",
            "{9,}",
            "{,30}",
            "{99}",
            "{999999}",
            "\\p{L}",
            "\\",
            "{",
            "}",
            "-",
            "&&",
            "^",
            "(?",
        ),
    ]
)


@settings(deadline=2000)
@given(st.lists(PIECES, max_size=40).map("".join))
def test_whatever_is_written_is_read_in_no_time(source: str):
    began = time.perf_counter()
    with suppress(BadInput):
        compiled(source)

    assert time.perf_counter() - began < 1
