"""An uploader in the tests: a link of the bot's, opened in a real browser."""

import base64
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from botocore.credentials import Credentials
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from local.aws import Aws
from uploads.bucket import original_name
from uploads.links import Link, new_id
from uploads.signing import Signer, address

FILE = {"name": "report.pdf", "mimeType": "application/pdf", "buffer": b"a report"}
ARRIVED = {"en-GB": "Your file has arrived", "ja": "ファイルが届きました"}


@dataclass(frozen=True, slots=True)
class Ask:
    """A link that the bot made, and what came of it."""

    aws: Aws
    link: Link
    address: str

    @property
    def bare(self) -> str:
        """The link of the original recipe: the signed URL and nothing else."""
        return self.address.partition("#")[0]

    @property
    def fault_path(self) -> str:
        """Where to let go wrong what this link does, and nothing else."""
        return f"^/{self.link.key()}$"

    def arrived(self) -> dict[str, Any] | None:
        """Body, type and original name of what is stored; None if nothing is."""
        s3, bucket = self.aws.client("s3"), self.aws.outputs["UploadBucket"]
        try:
            found = s3.get_object(Bucket=bucket, Key=self.link.key())
        except s3.exceptions.NoSuchKey:
            return None
        return {
            "body": found["Body"].read(),
            "type": found["ContentType"],
            "name": original_name(found["ContentDisposition"]),
        }

    def versions(self) -> int:
        """How many times something was stored under the link's key."""
        s3, bucket = self.aws.client("s3"), self.aws.outputs["UploadBucket"]
        return len(s3.list_object_versions(Bucket=bucket, Prefix=self.link.key())["Versions"])


def ask(aws: Aws, title: str = "Q3 report from Acme", who: str = "Ann") -> Ask:
    """Make a link as the bot makes it, with the bot's own key."""
    key = aws.bot_env["AWS_ACCESS_KEY_ID"], aws.bot_env["AWS_SECRET_ACCESS_KEY"]
    config = {"signature_version": "s3v4", "s3": {"addressing_style": "virtual"}}
    s3 = aws.client("s3", as_bot=True, **config)
    signer = Signer(s3, aws.outputs["UploadBucket"], Credentials(*key))
    now = datetime.now(UTC).replace(microsecond=0)
    link = Link(new_id(), title, "U1", who, now, now + timedelta(days=7))
    return Ask(aws, link, address(aws.page_url, link, signer.put(link, now)))


def said(address: str, **changes: object) -> str:
    """The address with something else in its fragment."""
    carried, _, fragment = address.partition("#")
    known = json.loads(base64.urlsafe_b64decode(fragment + "=="))
    text = json.dumps(known | changes).encode()
    return f"{carried}#{base64.urlsafe_b64encode(text).decode().rstrip('=')}"


@contextmanager
def person(browser: Browser, locale: str = "en-GB", **how: Any) -> Iterator[Page]:
    """Someone's browser, fresh. Whatever they do, the page breaks neither its policy nor itself."""
    zone = {"ja": "Asia/Tokyo"}.get(locale, "Europe/Berlin")
    context: BrowserContext = browser.new_context(locale=locale, timezone_id=zone, **how)
    wrong: list[str] = []

    def note(message: ConsoleMessage) -> None:
        # Chromium itself reports every refused request; the page is to say it better.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            wrong.append(message.text)

    context.on("console", note)
    context.on("weberror", lambda error: wrong.append(str(error.error)))
    page = context.new_page()
    page.set_default_timeout(15_000)
    # Listened for from the start: at the moment of the click it can be too late.
    page.on("filechooser", lambda _: None)
    yield page
    context.close()
    assert wrong == []


def choose(page: Page, file: Any = FILE) -> None:
    """Give the page a file by its input, as a click or a key does in the end."""
    page.set_input_files("#file", file)


def large(folder: Path, size: int) -> Path:
    """A file of `size` zero bytes that takes no room, and no time to hand to the browser."""
    path = folder / "large.bin"
    path.touch()
    os.truncate(path, size)
    return path


def outcome(page: Page) -> str:
    """The heading of what came of it, once there is one."""
    page.locator("body:is(.done, .failed)").wait_for()
    return page.locator("#outcome").inner_text()


def drop(page: Page, *paths: str) -> None:
    """Drop files or folders on the page, as the desktop does."""
    devtools = page.context.new_cdp_session(page)
    data = {"items": [], "files": list(paths), "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        devtools.send("Input.dispatchDragEvent", {"type": kind, "x": 5, "y": 5, "data": data})
    devtools.detach()


def query_of(url: str) -> str:
    """`?s3_url=` for a URL of anybody's."""
    return "/?s3_url=" + quote(base64.urlsafe_b64encode(url.encode()).decode())


def signed_url(asked: Ask) -> str:
    """The presigned URL that the link carries."""
    coded = urlsplit(asked.address).query.removeprefix("s3_url=")
    return base64.urlsafe_b64decode(coded).decode()
