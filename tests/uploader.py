"""An uploader in the tests: a link of the bot's, opened in a real browser."""

import base64
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from botocore.credentials import Credentials
from people import Asked
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from local.aws import Aws
from uploads.disposition import original_name
from uploads.links import Link, State, new_id
from uploads.plan import closing_plan, open_plan
from uploads.plans import Plans
from uploads.signing import Signer, embedded_address, short_address

FILE = {"name": "report.pdf", "mimeType": "application/pdf", "buffer": b"a report"}
#: A line on which a large file goes in parts, in bytes a second.
SLOW = 1024**2

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


#: By the endpoint of their AWS: making a client takes longer than all that it signs.
_signers: dict[str, Signer] = {}


def _signer(aws: Aws) -> Signer:
    """What the bot signs with: its own key, for the host that browsers use."""
    if aws.endpoint not in _signers:
        config = {"signature_version": "s3v4", "s3": {"addressing_style": "virtual"}}
        s3 = aws.client("s3", as_bot=True, **config)
        credentials = Credentials(*aws.bot_key)
        _signers[aws.endpoint] = Signer(s3, aws.outputs["UploadBucket"], credentials)
    return _signers[aws.endpoint]


def _link(**terms: Any) -> Link:
    now = datetime.now(UTC).replace(microsecond=0)
    said = {"title": "Q3 report from Acme", "requester_name": "Ann", **terms}
    ends_at = now + timedelta(days=7)
    return Link(id=new_id(), requester="U1", made_at=now, ends_at=ends_at, **said)


def ask(aws: Aws, title: str = "Q3 report from Acme", who: str = "Ann") -> Ask:
    """Make an embedded link as the bot makes it."""
    link = _link(title=title, requester_name=who, embedded=True)
    signed = _signer(aws).embedded(link, link.made_at)
    return Ask(aws, link, embedded_address(aws.page_url, link, signed))


@dataclass(frozen=True, slots=True)
class Many:
    """A short link for several files, with a plan of the product's, and what came of it."""

    aws: Aws
    link: Link

    @property
    def address(self) -> str:
        """What is handed out."""
        return short_address(self.aws.page_url, self.link)

    @property
    def prefix(self) -> str:
        """Where its files go."""
        return self.link.folder

    def publish(self, *, life: int = 3600, **said: Any) -> None:
        """Publish the plan, signed now for `life` seconds; `said` stands in it instead."""
        taken = {int(key) for key in self.keys() if key.isdigit()}
        now = datetime.now(UTC)
        batch, _ = _signer(self.aws).batch(now, now + timedelta(seconds=life))
        self.say(open_plan(self.link, batch, taken) | said)

    def end(self, state: State) -> None:
        """Leave of the plan what is left when a link is over."""
        self.say(closing_plan(self.link, state))

    def say(self, plan: Any) -> None:
        """Put anything where the plan stands."""
        Plans(self.aws.client("s3"), self.aws.outputs["PageBucket"]).publish(self.link.id, plan)

    def keys(self) -> list[str]:
        """What is stored, by the end of its key."""
        s3, bucket = self.aws.client("s3"), self.aws.outputs["UploadBucket"]
        found = s3.list_objects_v2(Bucket=bucket, Prefix=self.prefix).get("Contents", [])
        return [item["Key"].removeprefix(self.prefix) for item in found]

    def arrived(self) -> dict[str, bytes]:
        """The files by their original names."""
        return {
            original_name(found["ContentDisposition"]): found["Body"].read()
            for found in (self.stored(key) for key in self.keys() if key.isdigit())
        }

    def stored(self, key: str) -> Any:
        """What S3 holds there."""
        bucket = self.aws.outputs["UploadBucket"]
        return self.aws.client("s3").get_object(Bucket=bucket, Key=self.prefix + key)

    def cover(self) -> dict[str, Any]:
        """Who sent what, as the one uploader says; it may get there after the files."""
        until = time.monotonic() + 5
        while not (keys := [key for key in self.keys() if key.startswith("cover/")]):
            assert time.monotonic() < until, "nobody has said who sends what"
            time.sleep(0.02)
        [key] = keys
        said: dict[str, Any] = json.loads(self.stored(key)["Body"].read())
        return said


def ask_many(aws: Aws, slots: int = 20, *, life: int = 3600, **said: Any) -> Many:
    """Make a short link as the bot makes it."""
    asked = Many(aws, _link(files=slots))
    asked.publish(life=life, **said)
    return asked


def nobody_knows(aws: Aws) -> Many:
    """A short link without a plan."""
    return Many(aws, _link())


def said(address: str, **changes: object) -> str:
    """The address with something else in its fragment."""
    carried, _, fragment = address.partition("#")
    known = json.loads(base64.urlsafe_b64decode(fragment + "=="))
    text = json.dumps(known | changes).encode()
    return f"{carried}#{base64.urlsafe_b64encode(text).decode().rstrip('=')}"


class _Seat:
    """A context of a browser, and its one page that stays open so that its process does, too."""

    def __init__(self, browser: Browser, locale: str, **how: Any) -> None:
        zone = {"ja": "Asia/Tokyo"}.get(locale, "Europe/Berlin")
        self.context: BrowserContext = browser.new_context(locale=locale, timezone_id=zone, **how)
        self._stays = self.context.new_page()
        self._devtools = self.context.new_cdp_session(self._stays)
        self._wrong: list[str] = []
        self.context.on("console", self._note)
        self.context.on("weberror", lambda error: self._wrong.append(str(error.error)))

    def _note(self, message: ConsoleMessage) -> None:
        # Chromium itself reports every refused request; the page is to say it better.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self._wrong.append(message.text)

    def clear(self) -> None:
        """Leave nothing of whoever was here: no page, nothing stored or cached, no dead line."""
        for page in self.context.pages:
            if page != self._stays:
                page.close()
        self.context.set_offline(False)
        self._devtools.send("Network.clearBrowserCache")
        everything = {"origin": "*", "storageTypes": "all"}
        self._devtools.send("Storage.clearDataForOrigin", everything)
        now = self._stays.evaluate("Date.now()") / 1000
        assert abs(now - time.time()) < 60, "whoever sets the clock must have `kept=False`"

    def told(self) -> list[str]:
        """What the pages of whoever was here have broken."""
        wrong, self._wrong = self._wrong, []
        return wrong


#: Where nobody is, by the browser and how it was made.
_free: dict[tuple[Browser, str], list[_Seat]] = {}


@contextmanager
def person(
    browser: Browser, locale: str = "en-GB", *, kept: bool = True, **how: Any
) -> Iterator[Page]:
    """Someone's browser, as good as new: to make one takes as long as most of what they do in it.

    Whatever they do, the page breaks neither its policy nor itself. Where they set
    the clock, which cannot be undone, it must not be `kept` for the next.
    """
    free = _free.setdefault((browser, f"{locale} {how}"), [])
    seat = free.pop() if free else _Seat(browser, locale, **how)
    page = seat.context.new_page()
    page.set_default_timeout(15_000)
    # Listened for from the start: at the moment of the click it can be too late.
    page.on("filechooser", lambda _: None)
    yield page
    if kept:
        seat.clear()
        free.append(seat)
    else:
        seat.context.close()
    assert seat.told() == []


def choose(page: Page, file: Any = FILE) -> None:
    """Give the page a file by its input, as a click or a key does in the end."""
    # While it asks what the link is, nobody sees anything to click, and it takes no file.
    page.locator("body:not(.opening)").wait_for()
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


class Line:
    """What lies between a page and the world."""

    def __init__(self, page: Page) -> None:
        self._devtools = page.context.new_cdp_session(page)
        self._devtools.send("Network.enable")

    def be(self, rate: int = -1, *, offline: bool = False) -> None:
        """Let out so many bytes a second (-1: as many as there are)."""
        line = {
            "offline": offline,
            "latency": 0,
            "downloadThroughput": -1,
            "uploadThroughput": rate,
        }
        self._devtools.send("Network.emulateNetworkConditions", line)


def is_part(request: Request) -> bool:
    """Whether it takes a part of a large file to S3."""
    return request.method == "PUT" and "partNumber" in request.url


@contextmanager
def sending(
    browser: Browser, asked: Asked, film: Path, rate: int = SLOW
) -> Iterator[tuple[Page, Line]]:
    """Somebody who has chosen the film, on a slow line, and sends parts of it by now."""
    with person(browser) as page:
        page.goto(asked.address)
        line = Line(page)
        line.be(rate)
        so_far = _requests(page)
        try:
            with page.expect_request(is_part):
                choose(page, film)
        except PlaywrightTimeoutError as waited:
            shown = page.locator("main").inner_text()
            raise AssertionError("\n".join(["no part was sent:", shown, *so_far])) from waited
        yield page, line


def _requests(page: Page) -> list[str]:
    """What the page asks from now on, and what comes of it, with when: a line each."""
    lines: list[str] = []

    def note(what: object, request: Request) -> None:
        where = urlsplit(request.url).path
        lines.append(f"{time.monotonic():.2f} {what} {request.method} {where}")

    page.on("request", lambda request: note("asks", request))
    page.on("response", lambda answer: note(answer.status, answer.request))
    page.on("requestfailed", lambda request: note(request.failure, request))
    return lines
