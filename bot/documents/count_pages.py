"""A program that counts the pages of the PDF on its standard input: a hostile one harms it alone."""

from __future__ import annotations

import io
import logging
import resource
import sys

from pypdf import PdfReader
from pypdf.errors import DependencyError, PyPdfError

MOST_CPU_S = 5
MOST_MEMORY = 1024**3
LOCKED = "locked"


def count(data: bytes) -> int | None:
    """Return how many pages a PDF has, or None where a password keeps it shut."""
    reader = PdfReader(io.BytesIO(data))
    if reader.is_encrypted and not _opens(reader):
        return None
    return len(reader.pages)


def _opens(reader: PdfReader) -> bool:
    """Tell whether an encrypted PDF opens without a password, as ones that may only not be printed do."""
    try:
        return bool(reader.decrypt(""))
    except (DependencyError, PyPdfError):
        return False


def main() -> None:
    """Write the number of pages, or that the PDF is locked; whatever else goes wrong ends the program."""
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_S, MOST_CPU_S))
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    logging.disable()
    pages = count(sys.stdin.buffer.read())
    sys.stdout.write(LOCKED if pages is None else str(pages))


if __name__ == "__main__":
    main()
