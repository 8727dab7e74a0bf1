"""The browser of the measurements: one Chromium, started the same way for every page."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

# The second line keeps Chromium from calling home while we measure. Without QUIC, plain HTTP/1.1.
FLAGS = (
    *("--disable-gpu", "--disable-quic", "--disable-dev-shm-usage"),
    *("--no-first-run", "--disable-background-networking", "--disable-component-update"),
    *("--disable-sync", "--disable-default-apps"),
    *(("--no-sandbox",) if os.geteuid() == 0 else ()),  # Chromium's sandbox refuses root
)


def executable() -> str:
    """Where Chromium or Chrome is.

    Raises:
        SystemExit: none is installed.
    """
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        if found := shutil.which(name):
            return found
    raise SystemExit("The bench needs Chromium or Chrome on the PATH; none was found.")


@contextmanager
def launched() -> Iterator[Browser]:
    """A headless browser with an empty profile, closed at the end."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


def renderers(browser: Browser) -> list[int]:
    """Process ids of the processes that run pages."""
    session = browser.new_browser_cdp_session()
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    return [process["id"] for process in processes if process["type"] == "renderer"]


def pss(pid: int) -> int:
    """Bytes of memory a process holds, shared pages counted by share (0 once it is gone)."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    line = next(line for line in rollup.splitlines() if line.startswith("Pss:"))
    return int(line.split()[1]) * 1024
