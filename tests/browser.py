"""A real browser for tests: Chromium, driven by Playwright."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

# Where LECTERN_SCREENSHOTS names a folder, tests leave their screenshots there.
_SCREENSHOTS = os.environ.get("LECTERN_SCREENSHOTS")
_ARGUMENTS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium() -> str:
    """The browser's path. Without one the test is skipped, or fails where it was promised."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if found and Path(found).exists():
        return found
    if "chromium" in os.environ.get("LECTERN_REQUIRE", ""):
        pytest.fail("LECTERN_REQUIRE promises Chromium, and there is none")
    pytest.skip("there is no Chromium on this machine (set CHROMIUM to its path)")


@contextmanager
def open_browser(*, width: int = 1280, height: int = 900) -> Iterator[Page]:
    """A page of a new, empty browser."""
    arguments = [*_ARGUMENTS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=arguments)
        try:
            page = browser.new_page(viewport={"width": width, "height": height})
            page.set_default_timeout(20_000)
            yield page
        finally:
            browser.close()


def screenshot(page: Page, name: str) -> None:
    """Keep what the page looks like, where that is wanted."""
    if _SCREENSHOTS:
        folder = Path(_SCREENSHOTS)
        folder.mkdir(parents=True, exist_ok=True)
        page.wait_for_load_state("networkidle")
        page.screenshot(path=folder / f"{name}.png")
