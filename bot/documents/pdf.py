"""How many pages a PDF has; it is read in a process of its own, which is ended when it takes too long."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from bot.errors import DocumentUnusable
from bot.texts import mark, number, tr

HEAD_BYTES = 1024
"""How far a PDF may begin after junk."""
MOST_PAGES = 100
"""Pages of a document, and of the documents of one request; OpenAI takes as many."""
PATIENCE_S = 10.0
COUNTER = Path(__file__).with_name("count_pages.py")
LOCKED = mark("this PDF is locked with a password. Save it without one.")
BROKEN = mark("this PDF is damaged and cannot be read. Save it again.")
SLOW = mark("this PDF takes too long to read. Save it again, or send fewer pages.")


def is_pdf(data: bytes) -> bool:
    """Tell whether a file is a PDF, by its content."""
    return b"%PDF-" in data[:HEAD_BYTES]


def pages(data: bytes, *, counter: Path = COUNTER, patience_s: float = PATIENCE_S) -> int:
    """Return how many pages a PDF has, or raise DocumentUnusable. It waits: run it in a thread."""
    try:
        done = subprocess.run(  # noqa: S603 - our own program, on a file that it gets as data
            [sys.executable, "-I", str(counter)],
            input=data,
            capture_output=True,
            timeout=patience_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise DocumentUnusable(tr(SLOW)) from None
    said = done.stdout.decode("ascii", "replace").strip()
    if said == "locked":
        raise DocumentUnusable(tr(LOCKED))
    if done.returncode or not said.isdecimal() or int(said) == 0:
        raise DocumentUnusable(tr(BROKEN))
    if int(said) > MOST_PAGES:
        raise DocumentUnusable(
            tr(
                "this PDF has {pages} pages, and {most} can be read. Send fewer.",
                pages=number(int(said)),
                most=MOST_PAGES,
            )
        )
    return int(said)
