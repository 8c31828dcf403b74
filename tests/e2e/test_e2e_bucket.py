"""Pictures in a bucket that is out of reach for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.bucket_kit import serving
from tests.e2e.looks import card_after, words
from tests.e2e.test_e2e_gallery import gallery

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sandbox.discord.people import Person
    from sandbox.server import Sandbox
    from tests.bucket_kit import Bucket
    from tests.e2e.conftest import Bot

pytestmark = pytest.mark.e2e
DOWN = (403, "InvalidAccessKeyId")


@pytest.fixture
async def bucket() -> AsyncIterator[Bucket]:
    async with serving() as bucket:
        yield bucket


@pytest.fixture
async def bot(idle_bot: Bot, bucket: Bucket) -> Bot:
    idle_bot.settings |= {"BLOB_URL": "s3://pictures/easel", **bucket.settings}
    await idle_bot.start()
    return idle_bot


async def test_a_picture_that_the_bucket_does_not_take_is_shown_once_it_does(
    bot: Bot, sandbox: Sandbox, bucket: Bucket, ada: Person, grace: Person
) -> None:
    sandbox.model.pause()
    order = await ada.slash("imagine", {"prompt": "a comet"})
    await sandbox.model.until(lambda model: len(model.calls) == 1)
    bucket.trouble = DOWN
    sandbox.model.resume()
    await bot.until(lambda: bucket.refused > 0)

    turned_away = await grace.slash("imagine", {"prompt": "a star"})
    await turned_away.first_response()
    assert turned_away.is_ephemeral
    assert turned_away.original is not None
    assert "no room" in words(turned_away.original)
    assert bot.states() == ["sent"]

    bucket.trouble = None
    await card_after(ada, order)
    await bot.until_states("settled")
    assert len(sandbox.model.calls) == 1
    assert len(bucket.kept) == 1


async def test_a_picture_that_cannot_be_fetched_after_a_restart_is_shown_once_it_can(
    bot: Bot, sandbox: Sandbox, bucket: Bucket, ada: Person
) -> None:
    order = await bot.killed_before_posting(ada)
    bucket.trouble = (404, "NoSuchBucket")

    await bot.spawn()
    await bot.until(lambda: bucket.refused > 0)
    bucket.trouble = None
    await card_after(ada, order)
    await bot.until_states("settled")
    assert len(sandbox.model.calls) == 1


@pytest.mark.further
async def test_files_that_a_kill_cut_off_are_told_of_and_can_be_asked_for_again(
    bot: Bot, bucket: Bucket, ada: Person
) -> None:
    await card_after(ada, await ada.slash("imagine", {"prompt": "a comet"}))
    await bot.until_states("settled")
    found = await gallery(ada)
    await bot.kill()
    await bot.start()  # with nothing at hand but what is in the bucket
    bucket.is_quick.clear()
    waiting = [await ada.slash("privacy export"), await ada.press(found, "Download")]
    for one in waiting:
        await one.until(lambda it: it.original is not None, 60)
    await bot.kill()
    bucket.is_quick.set()

    await bot.start()
    for one in waiting:
        await one.until(lambda it: it.original is not None and "was restarted" in words(it.original), 60)

    assert [one.followups for one in waiting] == [[], []]
    again = await ada.slash("privacy export")
    await again.until(lambda it: it.original is not None and "is here" in words(it.original), 60)
    await bot.until(lambda: bot.rows("SELECT COUNT(*) FROM owed") == [(0,)])
