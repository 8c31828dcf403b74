"""Answers whose messages are deleted while they are written."""

from __future__ import annotations

import pytest
from scribe_kit import PARAGRAPHS, PATCH, TYPING, begin, place, shown, writes
from ui_kit import POST

__all__ = ["begin", "place"]


@pytest.mark.parametrize("ends", ["finish", "fail", "fail without words", "close"])
async def test_what_is_deleted_is_not_posted_anew(begin, place, remote, ends):
    scribe = begin(place)
    await scribe.hear("Light")
    await shown(remote, 1)
    (posted,) = scribe.carried()
    remote.refuse(PATCH, 404, 10008)

    assert not scribe.taken([posted + 1])
    assert scribe.taken([posted])
    await scribe.hear(" scatters")
    if ends == "finish":
        assert await scribe.finish("Light scatters.") == ()
    elif ends != "close":
        assert await scribe.fail("Light" if ends == "fail" else "", "Stopped.") == ()
    await scribe.aclose()

    assert len(remote.named(POST)) == 1
    assert [text for _, text in writes(remote)] == ["Light"]


async def test_an_answer_that_vanishes_leaves_nothing(begin, place, remote):
    scribe = begin(place)
    await scribe.hear("Light")
    await shown(remote, 1)

    scribe.vanish()
    await scribe.fail("", "Stopped.")

    assert scribe.carried() == ()
    assert [call.method for call in remote.calls if call.name != TYPING] == ["POST", "DELETE"]


async def test_the_rest_of_it_is_taken_away(begin, place, remote):
    scribe = begin(place)
    await scribe.hear("\n\n".join(PARAGRAPHS[:2]))
    await shown(remote, 2)
    first, second = scribe.carried()

    scribe.taken([first])
    await scribe.finish("\n\n".join(PARAGRAPHS[:2]))

    assert scribe.carried() == ()
    assert len(remote.named(POST)) == 2
    assert str(second) in str([call for call in remote.calls if call.method == "DELETE"])
