"""What is kept of compiled catalogues: nothing but what the source says, and never a reason to fail."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
from german_kit import german

from bot import catalogues

__all__ = ["german"]
SAID, DRAWING = "Ein Bild wird gemalt …", "Drawing a picture…"


@pytest.fixture
def copies(german, tmp_path):
    return tmp_path / "data" / "catalogues"


@pytest.fixture
def compiled(monkeypatch):
    """The languages that were compiled."""
    names: list[str] = []
    compile_ = catalogues._compile

    def noted(source: bytes, name: str) -> bytes:
        names.append(name)
        return compile_(source, name)

    monkeypatch.setattr(catalogues, "_compile", noted)
    return names


def start(copies: Path) -> str:
    """Begin anew, as a process does, and return a sentence in German."""
    catalogues.forget()
    catalogues.load(copies)
    return catalogues.catalogue("de").gettext(DRAWING)


def test_a_disk_that_takes_no_copy_costs_nothing_but_time(copies, compiled, monkeypatch):
    def full(path: Path, data: bytes) -> int:
        path.touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)

    assert (start(copies), start(copies)) == (SAID, SAID)

    assert compiled == ["de", "de"]
    assert list(copies.iterdir()) == []


def test_a_place_that_is_no_folder_costs_nothing_but_time(copies, compiled):
    copies.parent.mkdir()
    copies.write_text("a file")

    assert (start(copies), start(copies)) == (SAID, SAID)

    assert compiled == ["de", "de"]
    assert copies.read_text() == "a file"


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda _: b"", id="empty"),
        pytest.param(lambda held: held[:20], id="cut within the seal"),
        pytest.param(lambda held: held[:-1], id="cut by its last byte"),
        pytest.param(lambda held: held[:-40] + bytes([held[-40] ^ 1]) + held[-39:], id="one flipped bit"),
        pytest.param(lambda held: bytes(len(held)), id="zeros, as after a power cut"),
        pytest.param(lambda held: held[32:], id="without its seal"),
    ],
)
def test_a_damaged_copy_is_made_anew(copies, compiled, damage):
    start(copies)
    copy = copies / "de.mo"
    whole = copy.read_bytes()
    copy.write_bytes(damage(whole))

    assert start(copies) == SAID

    assert compiled == ["de", "de"]
    assert copy.read_bytes() == whole


def test_a_copy_that_cannot_be_read_is_done_without(copies, compiled):
    (copies / "de.mo").mkdir(parents=True)

    assert (start(copies), start(copies)) == (SAID, SAID)

    assert compiled == ["de", "de"]
    assert [path.name for path in copies.iterdir()] == ["de.mo"]


def test_what_a_translator_saves_wins_whatever_the_clock_says(copies, compiled):
    start(copies)
    source = catalogues.po_path("de")
    source.write_text(source.read_text("utf-8").replace(SAID, "Es wird gemalt …"), "utf-8")
    (copies / "de.mo").touch()

    assert (start(copies), start(copies)) == ("Es wird gemalt …", "Es wird gemalt …")

    assert compiled == ["de", "de"]
    assert [path.name for path in copies.iterdir()] == ["de.mo"]


def test_a_copy_that_other_code_made_is_made_anew(copies, compiled, monkeypatch, tmp_path):
    start(copies)
    code = tmp_path / "catalogues.py"
    code.write_bytes(Path(catalogues.__file__).read_bytes() + b"# the next version\n")

    monkeypatch.setattr(catalogues, "__file__", str(code))
    assert (start(copies), start(copies)) == (SAID, SAID)
    monkeypatch.setattr(catalogues.babel, "__version__", "0.0")
    assert (start(copies), start(copies)) == (SAID, SAID)

    assert compiled == ["de", "de", "de"]


def test_a_start_that_was_killed_while_it_wrote_leaves_the_next_nothing_to_stumble_over(copies, compiled):
    copies.mkdir(parents=True)
    (copies / "de.new").write_bytes(b"half a copy")

    assert (start(copies), start(copies)) == (SAID, SAID)

    assert compiled == ["de"]
    assert [path.name for path in copies.iterdir()] == ["de.mo"]


def test_the_second_start_compiles_nothing_and_says_the_same(copies, compiled):
    first = start(copies)
    catalog = catalogues.catalogue("de")
    said = [catalog.ngettext("{count} picture", "{count} pictures", count) for count in (1, 2)]

    assert (first, start(copies)) == (SAID, SAID)

    again = catalogues.catalogue("de")
    assert again is not catalog
    assert [again.ngettext("{count} picture", "{count} pictures", count) for count in (1, 2)] == said
    assert again.pgettext("command", "imagine") == "malen"
    assert again.info() == catalog.info()
    assert compiled == ["de"]


def test_without_a_folder_nothing_is_kept(copies, compiled):
    catalogues.forget()

    assert catalogues.catalogue("de").gettext(DRAWING) == SAID

    assert compiled == ["de"]
    assert not copies.parent.exists()
