"""The README's pictures, taken of the real thing: `python -m local.pictures`.

Needs a Chromium, and fonts with emoji and Japanese for pictures worth showing
(Debian: fonts-noto-color-emoji, fonts-noto-cjk).
"""

import tempfile
from pathlib import Path

from playwright.sync_api import FilePayload, sync_playwright

from local import aws, bot, chromium
from local.slack import driver

FOLDER = Path(__file__).parent.parent / "docs"

#: What is sent, with its size in bytes.
FILES = (
    ("Q3 report.pdf", "application/pdf", 2_400_000),
    ("Annex A.xlsx", "application/vnd.ms-excel", 310_000),
    ("第3四半期.csv", "text/csv", 42_000),
)


def file(name: str, kind: str, size: int) -> FilePayload:
    """A file to give to the page."""
    return FilePayload(name=name, mimeType=kind, buffer=b"%" * size)


def main() -> None:
    """Walk the road once, as requester, uploader and channel, and keep a picture of each."""
    FOLDER.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        aws.running() as cloud,
        driver.running() as slack,
        bot.running({**cloud.bot_env, **slack.bot_env}, log=Path(folder) / "bot.log"),
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=chromium.path(), args=list(chromium.FLAGS)
        )
        context = browser.new_context(
            viewport={"width": 900, "height": 600}, timezone_id="Europe/Berlin", locale="en-GB"
        )
        workspace = context.new_page()
        workspace.goto(slack.url)
        box = workspace.get_by_role("textbox")
        box.fill("/upload-link Q3 report from Acme")
        box.press("Enter")
        button = workspace.get_by_text("Open the page")
        button.wait_for()
        workspace.screenshot(path=FOLDER / "link.png")

        with context.expect_page() as opened:
            button.click()
        page = opened.value
        page.get_by_text("Choose files").wait_for()
        page.get_by_label("Your name and company").fill("Mei, Acme")
        page.screenshot(path=FOLDER / "page.png", full_page=True)
        page.set_input_files("input[type=file]", [file(*one) for one in FILES])
        page.get_by_text("Your files have arrived").wait_for()
        page.screenshot(path=FOLDER / "arrived.png", full_page=True)

        workspace.get_by_text("sent 3 files").first.wait_for()
        workspace.screenshot(path=FOLDER / "news.png")
        workspace.get_by_role("button", name="upload-link", exact=True).click()
        workspace.get_by_text("Home", exact=True).click()
        workspace.get_by_text("Show link").wait_for()
        workspace.screenshot(path=FOLDER / "home.png")
        browser.close()


if __name__ == "__main__":
    main()
