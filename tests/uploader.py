"""An uploader in the tests: a link of the bot's, opened in a real browser."""

import base64
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

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


@dataclass(frozen=True, slots=True)
class Many:
    """A short link for several files, and what came of it."""

    aws: Aws
    id: str

    @property
    def address(self) -> str:
        """What is handed out."""
        return f"{self.aws.page_url}/#{self.id}"

    @property
    def reference(self) -> str:
        """What the link is called where its id must not stand."""
        return hashlib.sha256(self.id.encode()).hexdigest()[:32]

    @property
    def prefix(self) -> str:
        """Where its files go."""
        return f"uploads/2026/11/24/{self.reference}/"

    def publish(self, slots: int = 20, *, covers: int = 5, life: int = 3600, **said: Any) -> None:
        """Publish the plan, signed now for `life` seconds, with all slots but those with a file."""
        used = {key for key in self.keys() if key.isdigit()}
        free = [str(n) for n in range(1, slots + 1) if str(n) not in used]
        notes = [f"cover/{n}" for n in range(1, covers + 1)]
        base, query, signatures = self._sign([*free, *notes], life)
        plan = {
            "v": 1,
            "state": "open",
            "for": "Q3 report from Acme",
            "note": "",
            "from": "Ann",
            "until": int(datetime.now(UTC).timestamp()) + 7 * 86400,
            "limit": 5 * 1024**3,
            "files": slots,
            "sender": "hide",
            "base": base,
            "query": query,
            "slots": {n: signatures[n] for n in free},
            "covers": {str(i): signatures[n][0] for i, n in enumerate(notes, 1)},
        }
        self.say(plan | said)

    def end(self, state: str) -> None:
        """Leave of the plan what is left when a link is over."""
        self.say({"v": 1, "state": state, "for": "Q3 report from Acme", "from": "Ann"})

    def say(self, plan: object) -> None:
        """Put anything where the plan stands."""
        self.aws.client("s3").put_object(
            Bucket=self.aws.outputs["PageBucket"],
            Key=f"page/p/{self.id}.json",
            Body=json.dumps(plan).encode(),
            ContentType="application/json",
            CacheControl="no-store",
        )

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

    def covers(self) -> list[Any]:
        """Who sent what, as the uploaders say."""
        keys = [key for key in self.keys() if key.startswith("cover/")]
        return [json.loads(self.stored(key)["Body"].read()) for key in keys]

    def _sign(self, keys: list[str], life: int) -> tuple[str, str, dict[str, list[str]]]:
        """Base, common query, and for each key the signatures of a PUT and of a HEAD."""
        config = {"signature_version": "s3v4", "s3": {"addressing_style": "virtual"}}
        s3 = self.aws.client("s3", as_bot=True, **config)
        while True:  # until all fall into one second
            signatures, common = {}, set()
            for key in keys:
                target = {
                    "Bucket": self.aws.outputs["UploadBucket"],
                    "Key": self.prefix + key,
                }
                put = s3.generate_presigned_url("put_object", {**target, "IfNoneMatch": "*"}, life)
                head = s3.generate_presigned_url("head_object", target, life)
                signed = [dict(parse_qsl(urlsplit(url).query)) for url in (put, head)]
                signatures[key] = [query.pop("X-Amz-Signature") for query in signed]
                for query in signed:
                    query.pop("X-Amz-SignedHeaders")
                    common.add(urlencode(query))
            if len(common) == 1:
                return put.partition("?")[0].removesuffix(keys[-1]), common.pop(), signatures


def ask_many(aws: Aws, slots: int = 20, **plan: Any) -> Many:
    """Make a short link as the bot will, with the bot's own key."""
    asked = Many(aws, new_id())
    asked.publish(slots, **plan)
    return asked


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
