from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.permutations import MAX_PROMPTS, permutations, seeds
from bot.domain.requests import MAX_SEED
from bot.errors import BadInput


@pytest.mark.parametrize(
    ("prompt", "found"),
    [
        ("a fox", ("a fox",)),
        ("{red, blue} fox", ("red fox", "blue fox")),
        ("a {red,blue} {fox,owl}", ("a red fox", "a red owl", "a blue fox", "a blue owl")),
        ("a {, big} fox", ("a fox", "a big fox")),
        ("{red, red} fox", ("red fox",)),
        ("{subject} in ink", ("{subject} in ink",)),
        ("a {fox", ("a {fox",)),
        ("a fox}, an owl", ("a fox}, an owl",)),
        (r"\{red, blue} fox", (r"\{red, blue} fox",)),
        (r"{red, blue} \{fox\}", ("red {fox}", "blue {fox}")),
        ("｛赤い、青い｝狐", ("赤い狐", "青い狐")),
        ("{赤い，青い}狐と｛猫,犬｝", ("赤い狐と猫", "赤い狐と犬", "青い狐と猫", "青い狐と犬")),
        ("＼｛赤、青｝の{狐、猫}", ("｛赤、青｝の狐", "｛赤、青｝の猫")),
        ("｛赤い｝狐、猫", ("｛赤い｝狐、猫",)),
        ('a sign "{a: 1}"  twice', ('a sign "{a: 1}"  twice',)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_prompt_stands_for_its_choices(prompt, found):
    assert permutations(prompt) == found


def test_too_many_prompts_are_refused():
    with pytest.raises(BadInput, match=f"more than {MAX_PROMPTS}"):
        permutations("{a,b}" * 30)


@given(st.text(st.characters(exclude_characters="{｛"), min_size=1))
def test_words_without_a_choice_are_left_as_they_are(prompt):
    assert permutations(prompt) == (prompt,)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("0", (0,)),
        ("7, 9", (7, 9)),
        ("1-4", (1, 2, 3, 4)),
        ("1 – 2, 9, 1", (1, 2, 9)),
        (str(MAX_SEED), (MAX_SEED,)),
        ("７、１～３，９", (7, 1, 2, 3, 9)),
    ],
    ids=["one", "list", "range", "both", "largest", "full-width"],
)
def test_seeds_are_lists_and_ranges(text, found):
    assert seeds(text) == found


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no list of seeds"),
        ("a", "no list of seeds"),
        ("1-", "no list of seeds"),
        ("-4", "no list of seeds"),
        ("9-1", "backwards"),
        (str(MAX_SEED + 1), "largest seed"),
        ("0-2000000000", "At most 10"),
        ("1-9, 11-19", "At most 10"),
    ],
)
def test_what_is_no_list_of_seeds_is_refused_in_a_sentence(text, says):
    with pytest.raises(BadInput, match=says):
        seeds(text)
