"""Discord's markdown becomes HTML in which nothing but our own tags stands."""

import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.page.markdown import Names, plain, render

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
NAMES = Names({1: "Ada"}, {2: "Moderator"}, {3: "studio"})
TAGS = {
    *(
        "p",
        "br",
        "strong",
        "em",
        "u",
        "s",
        "code",
        "pre",
        "span",
        "a",
        "small",
        "blockquote",
        "ul",
        "ol",
        "li",
    ),
    *("h2", "h3", "h4", "time"),
}


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**b** *i* _i_", "<p><strong>b</strong> <em>i</em> <em>i</em></p>"),
        ("***both*** __u__ ~~s~~", "<p><strong><em>both</em></strong> <u>u</u> <s>s</s></p>"),
        ("**a *b* c**", "<p><strong>a <em>b</em> c</strong></p>"),
        ("`**x**` ``a`b``", "<p><code>**x**</code> <code>a`b</code></p>"),
        ("a\nb\n\nc", "<p>a<br>b<br><br>c</p>"),
        (
            "# One\n## Two\n### Three",
            '<h2 class="dc-h1">One</h2><h3 class="dc-h2">Two</h3><h4 class="dc-h3">Three</h4>',
        ),
        ("#none\n-#none", "<p>#none<br>-#none</p>"),
        ("-# small *i*", "<small>small <em>i</em></small>"),
        ("> one\n> two\nthree", "<blockquote><p>one<br>two</p></blockquote><p>three</p>"),
        (">>> one\ntwo", "<blockquote><p>one<br>two</p></blockquote>"),
        ("- a\n  - b", '<ul><li class="dc-depth-0">a</li><li class="dc-depth-1">b</li></ul>'),
        ("3. a\n4. b", '<ol start="3"><li class="dc-depth-0">a</li><li class="dc-depth-0">b</li></ol>'),
        (
            "- a\n1. b",
            '<ul><li class="dc-depth-0">a</li></ul><ol start="1"><li class="dc-depth-0">b</li></ol>',
        ),
        ("a\n```py\n<b>\n```\nc", "<p>a</p><pre><code>&lt;b&gt;</code></pre><p>c</p>"),
        (r"\*no\* \<@1>", "<p>*no* &lt;@1&gt;</p>"),
        (r"\_no\_ snake\_case", "<p>_no_ snake_case</p>"),
        ("snake_case_name 2 * 3 * 4", "<p>snake_case_name 2 * 3 * 4</p>"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ("", ""),
    ],
    ids=lambda value: repr(value)[:24],
)
def test_text_is_rendered_as_discord_does(text, html):
    assert render(text, NAMES, NOW) == html


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<@1> <@!1> <@9>", ["@Ada", "@Ada", "@unknown-user"]),
        ("<@&2> <@&9>", ["@Moderator", "@deleted-role"]),
        ("<#9> <#10>", ["#deleted-channel", "#deleted-channel"]),
        ("</imagine:5> </manage quota show:5>", ["/imagine", "/manage quota show"]),
        ("@everyone @here", ["@everyone", "@here"]),
    ],
    ids=["people", "roles", "channels", "commands", "everyone"],
)
def test_mentions_show_names(text, shown):
    html = render(text, NAMES, NOW)

    spans = [f'<span class="dc-mention">{name}</span>' for name in shown]
    assert html == f"<p>{' '.join(spans)}</p>"


def test_a_channel_that_is_there_can_be_gone_to():
    found = re.search(r'<span class="dc-mention dc-place" ([^>]*)>#studio</span>', render("<#3>", NAMES, NOW))

    assert found
    assert found[1] == 'role="link" tabindex="0" data-channel="3"'


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("see https://example.org/a_b?c=1&d=2.", "https://example.org/a_b?c=1&amp;d=2"),
        ("<https://example.org>", "https://example.org"),
        ("[words](https://example.org/x)", "https://example.org/x"),
        ("([words](https://example.org/x_(y)))", "https://example.org/x_(y)"),
        ('[words](<https://example.org/x> "title")', "https://example.org/x"),
    ],
    ids=["bare", "quiet", "masked", "masked with brackets", "masked with a title"],
)
def test_links_open_elsewhere_without_telling_where_from(text, address):
    assert f'<a href="{address}" target="_blank" rel="noopener noreferrer">' in render(text, NAMES, NOW)


def test_a_link_to_a_message_says_which_it_is():
    html = render(
        "[show](https://discord.com/channels/7/8/9) [other](https://discord.com/channels/7/8)", NAMES, NOW
    )

    assert (
        '<a href="https://discord.com/channels/7/8/9" class="dc-jump" data-channel="8" data-message="9" '
        in html
    )
    assert html.count("dc-jump") == 1


def test_a_link_that_runs_code_is_text():
    assert "<a" not in render("[x](javascript:alert(1)) javascript:alert(1)", NAMES, NOW)


def test_custom_emojis_and_spoilers_are_marked():
    html = render("<:brush:42> ||secret **x**||", NAMES, NOW)

    assert '<span class="dc-emoji">:brush:</span>' in html
    assert 'class="dc-spoiler" role="button"' in html
    assert "secret <strong>x</strong></span>" in html


def test_plain_words_are_left_of_marked_up_ones():
    assert plain("## **Hi** <@1>\n> ||there|| `x`\n```py\ny```", NAMES) == "Hi @Ada there x y"
    assert plain("<@9>", NAMES) == "@unknown-user"


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag, attrs) -> None:
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}


@given(st.text(alphabet="*_~|`<>@#&:t/()[]!-\\ \n\"'ahtps.1=onerr", max_size=60))
def test_no_text_brings_in_tags_or_handlers_of_its_own(text):
    seen = Tags()
    seen.feed(render(text, NAMES, NOW))

    assert seen.names <= TAGS
    assert not {name for name in seen.attributes if name.startswith("on")}
