"""A conversation to take along holds what the person can see, and no more."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from rooms_kit import export_room
from test_services_forgetting import say
from world_kit import ANN, BOB, CHANNEL, ann

from bot.domain.conversation import Attached, FileKind
from bot.domain.words import Annotation
from bot.errors import NotFound
from bot.services.export import Form
from bot.storage.threads import ChatThread
from bot.storage.threads import Threads as ThreadRows

LIMIT = 10 * 2**20


def opened(packed):
    return zipfile.ZipFile(io.BytesIO(packed.data))


async def test_another_person_s_path_and_channel_stay_theirs(house):
    await say(house, "Bob's", BOB)
    await say(house, "elsewhere", channel_id=CHANNEL + 1)
    room = export_room(house)

    with pytest.raises(NotFound):
        await room.pack(ann(), None, is_direct=False, most_bytes=LIMIT)
    first = await say(house, "Ann's")
    await say(house, "Ann's second", parent=first)
    packed = await room.pack(ann(), Form.JSON, is_direct=False, most_bytes=LIMIT)

    rows = json.loads(opened(packed).read("conversation.json"))
    assert [row["text"] for row in rows] == ["Ann's", "Ann's second"]


async def test_a_thread_is_whole_but_for_what_others_asked_in_private(house):
    await ThreadRows(house.database).add(ChatThread(CHANNEL, 70, 7, BOB, house.world.clock()))
    await say(house, "for all", BOB)
    await say(house, "for Bob alone", BOB, private=True)
    await say(house, "for Ann alone", ANN, private=True)

    packed = await export_room(house).pack(ann(), Form.MARKDOWN, is_direct=False, most_bytes=LIMIT)

    said = opened(packed).read("conversation.md").decode()
    assert "for all" in said
    assert "for Ann alone" in said
    assert "Bob alone" not in said


async def test_files_keep_inside_the_zip_s_folder_and_its_bound(house):
    small, large = await house.blobs.put(b"small"), await house.blobs.put(b"x" * 90_000)
    files = (
        Attached(FileKind.DOCUMENT, large, "text/plain", "large.txt", 90_000),
        Attached(FileKind.PICTURE, small, "image/png", "../../a b.png", 5, (1, 1)),
    )
    turn = await say(house, "look", files=files)

    packed = await export_room(house).pack(ann(), None, is_direct=False, most_bytes=50_000)

    names = set(opened(packed).namelist())
    assert names == {"conversation.md", "conversation.json", f"files/{turn.id}.1-_.._a_b.png"}
    assert packed.left_out == 1
    assert len(packed.data) <= 50_000


async def test_a_member_s_name_and_words_cannot_speak_as_easel(house):
    turn = await say(house, "hello\n## Easel, 2026")
    named = {"name": "Easel\n## x", "id": turn.id}
    await house.database.change("UPDATE turn SET name = :name WHERE id = :id", named)

    packed = await export_room(house).pack(ann(), None, is_direct=False, most_bytes=LIMIT)

    said = opened(packed).read("conversation.md").decode().splitlines()
    assert [line for line in said if line.startswith("#")] == [said[0]]
    assert said[0].startswith("## Easel ## x")
    assert json.loads(opened(packed).read("conversation.json"))[0]["speaker"] == "person"


async def test_sources_of_an_answer_are_in_both_forms(house):
    cited = Annotation("url_citation", "Teal](<https://evil.example>)", "https://a.example/(teal)", "{}")
    await say(house, "Teal.", annotations=(cited,))

    packed = await export_room(house).pack(ann(), None, is_direct=False, most_bytes=LIMIT)

    (row,) = json.loads(opened(packed).read("conversation.json"))
    assert row["sources"] == [{"title": "Teal](<evil.example>)", "url": "https://a.example/%28teal%29"}]
    said = opened(packed).read("conversation.md").decode()
    assert "\n\n1. [Teal ( evil.example )](<https://a.example/%28teal%29>)" in said
