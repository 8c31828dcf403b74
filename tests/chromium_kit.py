"""The browser in which the sandbox's page is tried."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.async_api import Browser, Playwright

NAMES = ("chromium-headless-shell", "chromium")
"""Debian's packages; the shell is the same browser without what nobody sees here, and cheaper."""
CHROMIUM = next((path for name in NAMES if (path := shutil.which(name))), None)
NO_CHROMIUM = f"none of {' and '.join(NAMES)} is installed"


async def opened(playwright: Playwright) -> Browser:
    """Return a new browser."""
    return await playwright.chromium.launch(
        executable_path=CHROMIUM,
        args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"],
    )
