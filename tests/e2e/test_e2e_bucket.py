"""Pictures in a bucket that is out of reach for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.bucket_kit import serving
from tests.e2e.looks import card_after, words

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
