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
        page.get_by_text("Choose a file").wait_for()
        page.screenshot(path=FOLDER / "page.png")
        file = FilePayload(
            name="Q3 report.pdf", mimeType="application/pdf", buffer=b"%" * 2_400_000
        )
        page.set_input_files("input[type=file]", file)
        page.get_by_text("Your file has arrived").wait_for()
        page.screenshot(path=FOLDER / "arrived.png")

        workspace.get_by_role("button", name="Download").click()
        workspace.get_by_text("Save the file").wait_for()
        workspace.screenshot(path=FOLDER / "news.png")
        browser.close()


if __name__ == "__main__":
    main()
