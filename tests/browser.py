"""A browser that nobody sees: Debian's Chromium, or the Chrome that the system has."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"]


@contextmanager
def opened() -> Iterator:
    """Open a browser for a while; Playwright's error says what is missing if there is none."""
    from playwright.sync_api import sync_playwright

    path = next(filter(None, map(shutil.which, NAMES)), None)
    where = {"executable_path": path} if path else {"channel": "chrome"}
    with sync_playwright() as play:
        browser = play.chromium.launch(args=["--no-sandbox"], **where)
        yield browser
        browser.close()


def without(error: Exception) -> None:
    """Skip what needs a browser where there is none, but fail where all must be proved."""
    if os.environ.get("CI"):
        raise error
    pytest.skip(f"no Chromium here (apt-get install chromium): {str(error).splitlines()[0]}")


@pytest.fixture(scope="module")
def chromium():
    """A browser for the tests of one module; two may not be open at once."""
    from playwright.sync_api import Error

    browsers = opened()
    try:
        browser = browsers.__enter__()
    except Error as error:
        without(error)
    yield browser
    browsers.__exit__(None, None, None)
