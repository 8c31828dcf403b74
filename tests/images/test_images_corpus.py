"""The hostile corpus: a clear sentence or the right picture, always, and soon."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from corpus import CORPUS, Sample
from image_files import SECRET
from time_kit import fastest_s

from bot.errors import PictureUnusable
from bot.images.inspect import inspect, verify
from bot.images.prepare import prepare

if TYPE_CHECKING:
    from bot.domain.images import PictureInfo

every_file = pytest.mark.parametrize("sample", CORPUS, ids=str)


def outcome(sample: Sample) -> tuple[PictureInfo, PictureInfo, bytes] | str:
    """What a person gets: the sentence, or what was sent and what is kept."""
    data = sample.make()
    try:
        before = inspect(data)
        kept = prepare(data)
    except PictureUnusable as error:
        return str(error)
    after = verify(kept.data)
    assert after.media_type == kept.media_type
    return before, after, kept.data


def test_corpus_is_large_and_its_names_differ():
    assert len({sample.name for sample in CORPUS}) == len(CORPUS) >= 60


@every_file
def test_every_file_gives_its_sentence_or_the_right_picture(sample):
    started = time.thread_time()
    result = outcome(sample)
    took_s = time.thread_time() - started

    assert took_s < 5
    if isinstance(result, str):
        assert sample.size is None
        assert (sample.refused or "damaged") in result
        assert result.endswith(".")
        assert result[0].isupper()
    else:
        assert sample.refused is None
        before, after, kept = result
        width, height = sample.size or (before.width, before.height)
        scale = min(1, 2048 / max(width, height))
        assert (before.width, before.height) == (width, height)
        assert (after.width, after.height) == (max(1, round(width * scale)), max(1, round(height * scale)))
        assert SECRET not in kept
        assert len(kept) <= 4 * 2**20


@pytest.mark.parametrize("sample", [sample for sample in CORPUS if sample.is_bomb], ids=str)
def test_bombs_are_refused_at_once(sample):
    data = sample.make()

    def refuse():
        with pytest.raises(PictureUnusable):
            inspect(data)

    assert fastest_s(refuse) < 0.05


MEMORY = """
import resource
from corpus import CORPUS
from bot.errors import PictureUnusable
from bot.images.inspect import inspect
import bot.images.prepare
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for sample in CORPUS:
    if sample.is_bomb:
        data = sample.make()
        before = peak()
        try:
            inspect(data)
        except PictureUnusable:
            print(sample.name, peak() - before, sep="=")
"""


def test_bombs_take_no_memory():
    here = Path(__file__).parent
    result = subprocess.run(
        [sys.executable, "-c", MEMORY], cwd=here, env={"PYTHONPATH": f"{here}:{here.parents[1]}"},
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip

    grown = {name: int(kib) for name, kib in (line.rsplit("=", 1) for line in result.stdout.splitlines())}
    assert len(grown) == sum(sample.is_bomb for sample in CORPUS)
    assert max(grown.values()) < 20 * 1024
