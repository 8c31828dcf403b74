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
    names = {sample.name for sample in CORPUS}
    assert len(names) == len(CORPUS) >= 60
    for kind, least in (("foreign: ", 12), ("bomb: ", 9), ("mode: ", 14), ("animated ", 3)):
        assert sum(name.startswith(kind) for name in names) >= least


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
        assert (before.width, before.height) == (width, height)
        longest = max(after.width, after.height)
        assert (
            (0.9 if before.media_type == "image/jpeg" else 1) * min(2048, max(width, height))
            <= longest
            <= 2048
        )
        assert min(after.width, after.height) == max(
            1, round(min(width, height) * longest / max(width, height))
        )
        assert (after.width < after.height) == (width < height)
        assert SECRET not in kept
        assert len(kept) <= 4 * 2**20


@pytest.mark.parametrize("sample", [sample for sample in CORPUS if sample.is_bomb], ids=str)
def test_bombs_are_refused_at_once(sample):
    data = sample.make()

    def refuse():
        with pytest.raises(PictureUnusable):
            inspect(data)

    assert fastest_s(refuse) < 0.2  # two milliseconds, and ten times as many under coverage


MEMORY = """
from pathlib import Path
from corpus import CORPUS
from bot.errors import PictureUnusable
from bot.images.inspect import inspect
from bot.images.prepare import prepare
def kib(name): return int(Path("/proc/self/status").read_text().split(name)[1].split()[0])
for sample in CORPUS:
    data = sample.make()
    Path("/proc/self/clear_refs").write_text("5")
    before = kib("VmRSS:")
    try:
        inspect(data)
        prepare(data)
    except PictureUnusable:
        pass
    print(sample.name, kib("VmHWM:") - before, sep="=")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of a process's memory is Linux's to tell")
def test_no_file_takes_much_memory_and_bombs_take_next_to_none():
    here = Path(__file__).parent
    result = subprocess.run(
        [sys.executable, "-c", MEMORY], cwd=here, env={"PYTHONPATH": f"{here}:{here.parents[1]}"},
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip

    grown = {name: int(kib) for name, kib in (line.rsplit("=", 1) for line in result.stdout.splitlines())}
    bombs = [grown[sample.name] for sample in CORPUS if sample.is_bomb]
    assert len(grown) == len(CORPUS)
    assert max(grown.values()) < 50 * 1024
    assert max(bombs) < 20 * 1024
