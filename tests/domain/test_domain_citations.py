from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.citations import MOST, Source, sources
from bot.domain.words import Annotation


def cited(url, title="A page", kind="url_citation"):
    return Annotation(kind, title, url, "{}")


def test_pages_come_in_their_order_and_each_once():
    found = sources(
        [cited("https://b.example/x"), cited("https://a.example/y"), cited("https://b.example/x")]
    )

    assert [one.url for one in found] == ["https://b.example/x", "https://a.example/y"]


@pytest.mark.parametrize(
    ("url", "written", "host"),
    [
        (
            "https://en.wikipedia.org/wiki/Teal_(colour)",
            "https://en.wikipedia.org/wiki/Teal_%28colour%29",
            "en.wikipedia.org",
        ),
        ("http://WWW.Example.org", "http://www.example.org/", "example.org"),
        (
            "https://example.org:8443/a b?q=ü#>".replace(" ", "%20"),
            "https://example.org:8443/a%20b?q=%C3%BC#%3E",
            "example.org",
        ),
        ("https://bücher.example/ü", "https://xn--bcher-kva.example/%C3%BC", "xn--bcher-kva.example"),
        ("https://example.org/?a=1&b=%20%28", "https://example.org/?a=1&b=%20%28", "example.org"),
    ],
    ids=["brackets", "bare host", "port and query", "other letters", "written already"],
)
def test_address_is_written_so_that_nothing_in_it_ends_a_link(url, written, host):
    assert sources([cited(url)]) == (Source("A page", written, host),)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "javascript:alert(1)",
        "data:text/html,hello",
        "ftp://example.org/a",
        "//example.org/a",
        "https://",
        "https:///a",
        "https://localhost/a",
        "https://[::1]/a",
        "https://bank.example@evil.example/",
        "https://exa mple.org/",
        "https://example.org/\nhttps://evil.example",
        "https://example.org\\@evil.example/",
        "https://example.org:port/",
        "https://[broken/",
        "https://a..b.example/",
        "https://-.example/",
        "https://example.org/" + "a" * 2000,
        "https://example.org/" + "ü" * 1000,
    ],
)
def test_what_is_no_page_of_the_web_is_left_out(url):
    assert sources([cited(url)]) == ()


def test_notes_of_other_kinds_are_no_sources():
    assert sources([cited("https://a.example/", kind="file"), cited("https://a.example/", kind="")]) == ()


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("", "a.example"),
        (" \n\t", "a.example"),
        ("two\nlines", "two lines"),
        ("see https://bank.example", "see bank.example"),
    ],
)
def test_page_is_called_by_its_title_else_by_its_host(title, shown):
    (source,) = sources([cited("https://a.example/", title)])

    assert source.title == shown


@given(st.text(max_size=40), st.text(max_size=40))
def test_whatever_stands_there_is_bounded_and_plain(path, title):
    for source in sources([cited(f"https://a.example/{path}", title)]):
        assert source.url.isascii()
        assert not set(source.url) & set(' <>()[]"\\`{}|^\n')
        assert source.title.strip()


def test_of_very_many_only_so_many_are_kept():
    assert len(sources(cited(f"https://a.example/{n}") for n in range(200))) == MOST
