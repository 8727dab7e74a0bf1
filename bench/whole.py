"""A file larger than any single PUT, from a browser through parts into S3 and out again, whole.

Its tab is killed at half, and the file goes on in another.
"""

import hashlib
import http.client
import os
import random
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from botocore.credentials import Credentials
from playwright.sync_api import Page

from bench import site
from bench.browser import launched
from bench.report import Row, at_most
from bench.site import File
from local import seaweedfs
from local.seaweedfs import SeaweedFs
from uploads.bucket import Bucket
from uploads.links import IntentId, Link, new_id
from uploads.multipart import INTENT_LIMIT, Multipart, part_size, read_intent
from uploads.plan import open_plan, parts_plan
from uploads.signing import Signer

SIZE = 6 * 1024**3  # bytes
FILLED = 32 * 1024**2  # of them not zero, spread over the file
TIMEOUT = 900_000  # milliseconds for the upload
LIFE = timedelta(hours=1)
#: What may be sent twice of a file whose tab is killed: the parts that were on their way.
LANES = 6

#: To run in a page before anything of its own: counts what leaves it.
WATCH_SENT = """
window.benchSent = 0;
const { send } = XMLHttpRequest.prototype;
XMLHttpRequest.prototype.send = function (body) {
  let before = 0;
  this.upload.addEventListener("progress", ({ loaded }) => {
    window.benchSent += loaded - before;
    before = loaded;
  });
  return send.call(this, body);
};
"""


class Product:
    """The product around a link, as far as this needs it: plans signed, and announcements answered."""

    def __init__(self, s3: SeaweedFs, plans: dict[str, File]) -> None:
        signing = s3.client(signature_version="s3v4", s3={"addressing_style": "virtual"})
        self._signer = Signer(signing, s3.bucket, Credentials(*s3.key))
        self._s3, self._name = s3.client(), s3.bucket
        self.bucket = Bucket(self._s3, s3.bucket)
        self._plans = plans
        now = datetime.now(UTC).replace(microsecond=0)
        self.link = Link(
            id=new_id(),
            title="Q3 film from Acme",
            requester="U1",
            requester_name="Ann",
            made_at=now,
            ends_at=now + LIFE,
            max_size=2 * SIZE,
        )
        self.prefix = f"{self._signer.base}uploads/"
        batch, _ = self._signer.batch(now, self.link.ends_at)
        self._publish("", open_plan(self.link, batch))

    def answer(self, over: threading.Event) -> None:
        """Begin what is announced, until it is over."""
        prefix = f"{self.link.folder}intent/"
        while not over.wait(0.2):
            found = self._s3.list_objects_v2(Bucket=self._name, Prefix=prefix).get("Contents", [])
            for key in [item["Key"] for item in found]:
                self._begin(key)
                return

    def _begin(self, key: str) -> None:
        id = IntentId(self.link.reference, int(key.rpartition("/")[2]))
        intent = read_intent(id, self.bucket.read(key, INTENT_LIMIT))
        slot, now = self.link.key(intent.slot), datetime.now(UTC)
        begun = Multipart(
            intent=intent,
            upload_id=self.bucket.begin(slot, intent.content_type, intent.disposition),
            part=part_size(intent.size),
            begun_at=now,
            looked_at=now,
            moved_at=now,
        )
        batches = self._signer.batches(now, self.link.ends_at)
        self._publish(f"/{intent.reply}", parts_plan(self.link, begun, batches))

    def _publish(self, name: str, said: dict[str, object]) -> None:
        self._plans[f"/p/{self.link.id}{name}.json"] = site.json_of(said)

    def digest(self) -> str:
        """The SHA-256 of what lies there, read by a signed GET as whoever downloads it would."""
        url = urlsplit(self._signer.download(self.link.key(), "film.bin"))
        connection = http.client.HTTPConnection("127.0.0.1", url.port or 80, timeout=60)
        connection.request("GET", f"{url.path}?{url.query}", headers={"Host": url.netloc})
        answer, digest = connection.getresponse(), hashlib.sha256()
        while piece := answer.read(1 << 20):
            digest.update(piece)
        connection.close()
        return digest.hexdigest()


def measure() -> list[Row]:
    """Send it once, and compare."""
    plans: dict[str, File] = {}
    sites: dict[str, dict[str, File]] = {"ours": plans}
    with (
        tempfile.TemporaryDirectory() as folder,
        site.serving(sites) as server,
        seaweedfs.running(page_origin=server.url("ours").rstrip("/")) as s3,
    ):
        film = made(Path(folder) / "film.bin")
        product = Product(s3, plans)
        plans |= site.ours(product.prefix)
        with answering(product), launched() as browser:
            context, address = browser.new_context(), f"{server.url('ours')}#{product.link.id}"
            context.add_init_script(WATCH_SENT)
            seconds, sent = 0.0, 0
            for percent in (50, 100):
                page, begun = context.new_page(), time.monotonic()
                send(page, address, film, percent)
                seconds += time.monotonic() - begun
                sent += page.evaluate("window.benchSent")
                page.close()
        with film.open("rb") as opened:
            ours = hashlib.file_digest(opened, "sha256").hexdigest()
        same = ours == product.digest()
    return [
        Row("6 GiB into SeaweedFS, killed at half", f"{SIZE / seconds / 1e6:.0f} MB/s", 1),
        at_most("sent more than the file, in parts", (sent - SIZE) / part_size(SIZE), LANES),
        Row("SHA-256 at both ends", "the same" if same else "not the same", 1, "the same", same),
    ]


def made(path: Path) -> Path:
    """A sparse file in which no two places are alike."""
    at = random.Random(6)
    path.touch()
    os.truncate(path, SIZE)
    with path.open("r+b") as file:
        for _ in range(FILLED >> 20):
            file.seek(at.randrange(SIZE - (1 << 20)))
            file.write(at.randbytes(1 << 20))
    return path


@contextmanager
def answering(product: Product) -> Iterator[None]:
    """A bot that answers meanwhile."""
    over = threading.Event()
    thread = threading.Thread(target=product.answer, args=(over,))
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def send(page: Page, address: str, film: Path, percent: int) -> None:
    """Choose the file, and wait until so much is there; of 100, until the page says it has arrived."""
    page.goto(address)
    page.set_input_files("input[type=file]", film)
    until, told = time.monotonic() + TIMEOUT / 1000, 0.0
    while not page.locator("body:is(.done, .failed)").count():
        said = page.locator("#percent").inner_text()
        if percent < 100 and int(said.strip("%") or 0) >= percent:
            return
        if time.monotonic() > told + 10:
            print(f"  {said or 'begins'}", file=sys.stderr, flush=True)
            told = time.monotonic()
        page.wait_for_timeout(200)
        if time.monotonic() > until:
            raise TimeoutError(page.inner_text("body"))
    if page.locator("body.failed").count():
        raise ValueError(page.inner_text("body"))
