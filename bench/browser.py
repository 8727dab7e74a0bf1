"""The browser of the measurements, and the memory of the processes that run its pages."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from local import chromium

#: To run in a page under measurement before anything of its own.
WATCH_UPLOAD = """
performance.setResourceTimingBufferSize(100_000);
addEventListener("change", () => { window.benchChosenAt = performance.now(); }, true);
"""
#: Milliseconds from a file's choice to the end of the answer by which a bench.sink says that it
#: is there, whatever lies between; null until then.
UPLOAD_TOOK = """
() => {
  const whole = performance
    .getEntriesByType("resource")
    .find(({ serverTiming }) => serverTiming.some(({ name }) => name === "whole"));
  return whole ? whole.responseEnd - window.benchChosenAt : null;
}
"""


@contextmanager
def launched() -> Iterator[Browser]:
    """A headless Chromium with an empty profile, closed at the end."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.path(), args=list(chromium.FLAGS)
        )
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
