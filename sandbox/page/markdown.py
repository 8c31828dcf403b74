"""Discord's markdown as HTML: every character of the source is escaped, every tag is ours."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

from sandbox.page.timestamps import stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    Inline = Callable[[re.Match[str], "Reader"], str]


@dataclass(frozen=True, slots=True)
class Names:
    """What the ids in a message are called, by kind; an unknown id shows as Discord shows it."""

    users: Mapping[int, str] = field(default_factory=dict[int, str])
    roles: Mapping[int, str] = field(default_factory=dict[int, str])
    channels: Mapping[int, str] = field(default_factory=dict[int, str])


@dataclass(frozen=True, slots=True)
class Reader:
    """What rendering needs besides the text: names for mentions, the time for "3 minutes ago"."""

    names: Names
    now: datetime

    def inline(self, text: str) -> str:
        """Render one run of text, without blocks."""
        pieces: list[str] = []
        position = 0
        for found in INLINE.finditer(text):
            pieces.append(escape(text[position : found.start()]).replace("\n", "<br>"))
            pieces.append(RULES[str(found.lastgroup)](found, self))
            position = found.end()
        pieces.append(escape(text[position:]).replace("\n", "<br>"))
        return "".join(pieces)

    def blocks(self, text: str) -> str:
        """Render a whole text: code blocks, headings, quotes, lists and lines."""
        html: list[str] = []
        position = 0
        for fence in FENCE.finditer(text):
            html += self._lines(text[position : fence.start()])
            html.append(f"<pre><code>{escape(fence['code'])}</code></pre>")
            position = fence.end()
        return "".join([*html, *self._lines(text[position:])])

    def _lines(self, text: str) -> list[str]:
        html: list[str] = []
        lines = text.strip("\n").split("\n") if text.strip("\n") else []
        while lines:
            for pattern, block in BLOCKS:
                if pattern.match(lines[0]):
                    html.append(block(lines, self))
                    break
        return html


def render(text: str, names: Names, now: datetime) -> str:
    """Turn a message's markdown into HTML that is safe to put on the page as it is."""
    return Reader(names, now).blocks(text)


def plain(text: str, names: Names) -> str:
    """Say the same in one line without markup, for reply previews and accessible names."""
    named = re.sub(r"<@!?(\d+)>", lambda m: "@" + names.users.get(int(m[1]), "unknown-user"), text)
    bare = re.sub(r"```\w*\n?|\*+|__|~~|\|\||`|^(?:#{1,3}|-#|>{1,3}) ", "", named, flags=re.MULTILINE)
    return " ".join(bare.split())


FENCE = re.compile(r"```(?:[\w+-]*\n)?(?P<code>.+?)\n?```", re.DOTALL)

INLINE = re.compile(
    r"""
      \\(?P<escaped>[^\w\s]|_)
    | (?P<code>(?P<ticks>`{1,2})(?P<code_text>.+?)(?<!`)(?P=ticks)(?!`))
    | \*\*\*(?P<both>\S.*?)\*\*\*
    | \*\*(?P<bold>.+?)\*\*(?!\*)
    | __(?P<underline>.+?)__(?!_)
    | \*(?P<italic>[^\s*](?:.*?[^\s*])?)\*(?!\*)
    | (?<!\w)_(?P<slanted>[^\s_](?:.*?[^\s])?)_(?!\w)
    | ~~(?P<struck>.+?)~~
    | \|\|(?P<spoiler>.+?)\|\|
    | \[(?P<label>[^\[\]\n]+)\]\(<?(?P<masked>https?://(?:[^\s<>()]|\([^\s<>()]*\))+)>?(?:\s+"[^"]*")?\)
    | <(?P<quiet>https?://[^\s<>]+)>
    | (?P<link>https?://[^\s<>]*[^\s<>.,:;!?'"()\]])
    | <@!?(?P<user>\d+)>
    | <@&(?P<role>\d+)>
    | <\#(?P<channel>\d+)>
    | </(?P<command>[-_\w ]{1,96}):\d+>
    | <a?:(?P<emoji>\w+):\d+>
    | <t:(?P<time>-?\d{1,13})(?::(?P<style>[tTdDfFR]))?>
    | (?P<everyone>@everyone|@here)
    """,
    re.VERBOSE | re.DOTALL,
)


MESSAGE = re.compile(r"https://discord\.com/channels/(?:@me|\d+)/(?P<channel>\d+)/(?P<message>\d+)")
JUMP = ' class="dc-jump" data-channel="{channel}" data-message="{message}"'


def _tag(name: str, group: str, attributes: str = "") -> Inline:
    return lambda found, reader: f"<{name}{attributes}>{reader.inline(found[group])}</{name}>"


def _link(url: str, label: str) -> str:
    """Render a link; one to a message leads there by the page's script, where it is in this Discord."""
    there = "" if (found := MESSAGE.fullmatch(url)) is None else JUMP.format(**found.groupdict())
    return f'<a href="{escape(url)}"{there} target="_blank" rel="noopener noreferrer">{label}</a>'


def _mention(sign: str, name: str) -> str:
    return f'<span class="dc-mention">{sign}{escape(name)}</span>'


def _place(channel_id: int, names: Mapping[int, str]) -> str:
    """Render a channel as what leads there; the page's script opens it."""
    if channel_id not in names:
        return _mention("#", "deleted-channel")
    return (
        f'<span class="dc-mention dc-place" role="link" tabindex="0" data-channel="{channel_id}">'
        f"#{escape(names[channel_id])}</span>"
    )


SPOILER = ' class="dc-spoiler" role="button" tabindex="0" aria-label="Spoiler" title="Show what is hidden"'

RULES: dict[str, Inline] = {
    "escaped": lambda found, _: escape(found["escaped"]),
    "code": lambda found, _: f"<code>{escape(found['code_text'].strip())}</code>",
    "both": lambda found, reader: f"<strong><em>{reader.inline(found['both'])}</em></strong>",
    "bold": _tag("strong", "bold"),
    "underline": _tag("u", "underline"),
    "italic": _tag("em", "italic"),
    "slanted": _tag("em", "slanted"),
    "struck": _tag("s", "struck"),
    "spoiler": _tag("span", "spoiler", SPOILER),
    "masked": lambda found, reader: _link(found["masked"], reader.inline(found["label"])),
    "quiet": lambda found, _: _link(found["quiet"], escape(found["quiet"])),
    "link": lambda found, _: _link(found["link"], escape(found["link"])),
    "user": lambda found, reader: _mention("@", reader.names.users.get(int(found["user"]), "unknown-user")),
    "role": lambda found, reader: _mention("@", reader.names.roles.get(int(found["role"]), "deleted-role")),
    "channel": lambda found, reader: _place(int(found["channel"]), reader.names.channels),
    "command": lambda found, _: _mention("/", found["command"]),
    "emoji": lambda found, _: f'<span class="dc-emoji">:{escape(found["emoji"])}:</span>',
    "time": lambda found, reader: stamp(int(found["time"]), found["style"] or "f", reader.now),
    "style": lambda found, reader: stamp(int(found["time"]), found["style"] or "f", reader.now),
    "everyone": lambda found, _: _mention("", found["everyone"]),
}


def _heading(lines: list[str], reader: Reader) -> str:
    marks, _, words = lines.pop(0).partition(" ")
    level = len(marks) + 1
    return f'<h{level} class="dc-h{len(marks)}">{reader.inline(words.strip())}</h{level}>'


def _small(lines: list[str], reader: Reader) -> str:
    return f"<small>{reader.inline(lines.pop(0)[3:])}</small>"


def _quote(lines: list[str], reader: Reader) -> str:
    quoted: list[str] = []
    while lines and lines[0].startswith("> "):
        quoted.append(lines.pop(0)[2:])
    return f"<blockquote>{reader.blocks(chr(10).join(quoted))}</blockquote>"


def _quoted_rest(lines: list[str], reader: Reader) -> str:
    quoted = "\n".join([lines[0][4:], *lines[1:]])
    lines.clear()
    return f"<blockquote>{reader.blocks(quoted)}</blockquote>"


def _list(lines: list[str], reader: Reader) -> str:
    items: list[str] = []
    numbered = ITEM.match(lines[0])
    kind = "ol" if numbered and numbered["number"] else "ul"
    first = f' start="{numbered["number"]}"' if numbered and numbered["number"] else ""
    while lines and (item := ITEM.match(lines[0])) and bool(item["number"]) == (kind == "ol"):
        depth = len(item["indent"]) // 2
        items.append(f'<li class="dc-depth-{min(depth, 3)}">{reader.inline(item["words"])}</li>')
        lines.pop(0)
    return f"<{kind}{first}>{''.join(items)}</{kind}>"


def _paragraph(lines: list[str], reader: Reader) -> str:
    said = [lines.pop(0)]
    while lines and not any(pattern.match(lines[0]) for pattern, _ in BLOCKS[:-1]):
        said.append(lines.pop(0))
    return f"<p>{reader.inline(chr(10).join(said))}</p>"


ITEM = re.compile(r"(?P<indent> *)(?:[-*]|(?P<number>\d{1,9})\.) (?P<words>.*)")
BLOCKS: tuple[tuple[re.Pattern[str], Callable[[list[str], Reader], str]], ...] = (
    (re.compile(r"#{1,3} \S"), _heading),
    (re.compile(r"-# \S"), _small),
    (re.compile(r">>> "), _quoted_rest),
    (re.compile(r"> "), _quote),
    (ITEM, _list),
    (re.compile(r""), _paragraph),
)
