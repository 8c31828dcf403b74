from __future__ import annotations

import re

from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.citations import Source
from bot.texts import END, ISOLATE
from bot.ui.citations import cited
from bot.ui.laying import BELOW


def source(title="A page", path="x", host="a.example"):
    return Source(title, f"https://{host}/{path}", host)


def test_sources_are_numbered_links_that_do_not_unfurl_with_their_hosts():
    assert cited([source(), source("b.example", "", "b.example")]) == [
        "Sources:",
        "1. [A page](<https://a.example/x>) · a.example",
        "2. [b.example](<https://b.example/>)",
    ]
    assert cited([]) == []


def test_title_ends_no_link_pings_nobody_and_formats_nothing():
    line = cited([source("](<https://evil.example>) @everyone <@123456789012345678> **x** `y`")])[1]

    assert line.count("](<") == 1
    assert line.endswith("](<https://a.example/x>) · a.example")
    assert not re.search(r"@everyone|<@|(?<!\\)\*|(?<!\\)`", line)


def test_title_from_right_to_left_turns_nothing_round():
    assert cited([source("اللون 12")])[1].startswith(f"1. [{ISOLATE}اللون 12{END}](<")


def test_those_without_room_are_counted():
    lines = cited([source(f"Page {n}", str(n)) for n in range(11)])

    assert len(lines) == 10
    assert lines[-1] == "3 more"


def test_address_that_is_too_long_is_named_without_a_link():
    assert cited([source(path="x" * 500)])[1] == "1. A page · a.example"


ANY = st.builds(source, st.text(min_size=1, max_size=200), st.text("ab%20", max_size=1900))


@given(st.lists(ANY, max_size=50))
@example([source("\u200b")])
def test_lines_are_within_their_bound_and_each_is_one(found):
    lines = cited(found)

    assert sum(map(len, lines)) + len(lines) <= BELOW
    assert not [line for line in lines if "\n" in line or "[]" in line]
