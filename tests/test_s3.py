"""What the product leans on in S3, asked of two S3s by different hands.

One is MiniStack behind the guard, the other SeaweedFS. Signed by the bot's own
signer, sent as the page sends it, read as the bot reads it.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from botocore.credentials import Credentials

import bot
from local import seaweedfs
from local.aws import Aws
from local.loopback import Response, request
from uploads.arrivals import Arrival
from uploads.bucket import Bucket
from uploads.errors import NotThere, Withheld
from uploads.links import FileId, Link, new_id
from uploads.signing import SignedPut, Signer, attachment

ONCE = {"If-None-Match": "*"}
SIGNING = {"signature_version": "s3v4", "s3": bot.FOR_BROWSERS.s3}


@dataclass(frozen=True)
class S3:
    """One of the two, as the bot uses it."""

    signer: Signer
    bucket: Bucket
    page_origin: str

    def put(
        self, link: Link, *, life: float = 3600, body: bytes = b"x", **headers: str
    ) -> Response:
        return send("PUT", self.sign(link, life).url, ONCE | headers, body)

    def sign(self, link: Link, life: float = 3600) -> SignedPut:
        now = datetime.now(UTC)
        return self.signer.put(replace(link, ends_at=now + timedelta(seconds=life)), now)


def send(
    method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes | None = None
) -> Response:
    return request(method, url, headers=headers, body=body)


@contextmanager
def _second() -> Iterator[S3]:
    with seaweedfs.running() as found:
        yield S3(
            Signer(found.client(**SIGNING), found.bucket, Credentials(*found.key)),
            Bucket(found.client(), found.bucket),
            "http://page.localhost",
        )


@pytest.fixture(scope="module", params=["MiniStack", "SeaweedFS"])
def s3(request: pytest.FixtureRequest) -> Iterator[S3]:
    if request.param == "SeaweedFS":
        with _second() as second:
            yield second
        return
    aws: Aws = request.getfixturevalue("aws")
    name = aws.outputs["UploadBucket"]
    yield S3(
        Signer(aws.client("s3", as_bot=True, **SIGNING), name, Credentials(*aws.bot_key)),
        Bucket(aws.client("s3", as_bot=True), name),
        aws.page_url,
    )


@pytest.fixture
def link() -> Link:
    now = datetime.now(UTC)
    return Link(new_id(), "Q3", "U1", "Ann", now, now + timedelta(hours=1))


def arrival(link: Link) -> Arrival:
    return Arrival(FileId(link.id, 1), link.key())


@pytest.mark.parametrize("body", [b"", b"x", b"x" * 3_000_000], ids=len)
@pytest.mark.parametrize("name", ["Q3.pdf", "月次 報告（改）.xlsx", "<!channel>&'\";=%.txt"])
def test_a_file_keeps_its_name_type_and_size(s3: S3, link: Link, name: str, body: bytes) -> None:
    """Sent as unsigned headers, stored by S3, read by the bot, given back to whoever downloads."""
    put = s3.put(
        link, body=body, **{"Content-Type": "text/x-q3", "Content-Disposition": attachment(name)}
    )
    assert put.status == 200
    file = s3.bucket.describe(arrival(link))
    assert (file.name, file.size, file.content_type) == (name, len(body), "text/x-q3")

    got = send("GET", s3.signer.download(link.key(), file.name))
    assert (got.status, got.body) == (200, body)
    assert got.headers["content-type"] == "application/octet-stream"
    assert got.headers["content-disposition"] == attachment(name)


def test_only_the_first_write_counts(s3: S3, link: Link) -> None:
    """The second is told 412, and what was delivered stays."""
    assert s3.put(link, body=b"first").status == 200
    again = s3.put(link, body=b"second")
    assert again.status == 412
    assert b"<Code>PreconditionFailed</Code>" in again.body
    assert send("GET", s3.signer.download(link.key(), "a")).body == b"first"


def test_the_page_can_ask_whether_it_is_there(s3: S3, link: Link) -> None:
    """By the HEAD that it makes of the PUT: nothing before, the size after."""
    signed = s3.sign(link)
    parts = urlsplit(signed.url)
    said = {"X-Amz-SignedHeaders": "host", "X-Amz-Signature": signed.check}
    query = [pair.split("=", 1) for pair in parts.query.split("&")]
    head = urlunsplit(parts._replace(query="&".join(f"{n}={said.get(n, v)}" for n, v in query)))

    assert send("HEAD", head).status in {403, 404}
    assert send("PUT", signed.url, ONCE, b"12345").status == 200
    there = send("HEAD", head, {"Origin": s3.page_origin})
    assert (there.status, there.headers["content-length"]) == (200, "5")
    assert there.headers["access-control-allow-origin"] == s3.page_origin


def test_a_missing_object_is_no_file(s3: S3, link: Link) -> None:
    """The bot may hear 404, or 403 where it may not list: either has its own words."""
    with pytest.raises((NotThere, Withheld)):
        s3.bucket.describe(arrival(link))


def _other_key(url: str) -> str:
    return url.replace("/1?", "/2?")


def _longer(url: str) -> str:
    return url.replace("X-Amz-Expires=3600", "X-Amz-Expires=36000")


@pytest.mark.parametrize(
    ("change", "headers"),
    [
        (str, {}),
        (str, {"If-None-Match": '"other"'}),
        (str, ONCE | {"x-amz-meta-a": "b"}),
        (str, ONCE | {"x-amz-acl": "public-read"}),
        (_other_key, ONCE),
        (_longer, ONCE),
        (lambda url: url[:-1] + ("0" if url[-1] != "0" else "1"), ONCE),
        (lambda url: url + "&x-id=PutObject", ONCE),
        (lambda url: url.partition("?")[0], ONCE),
    ],
    ids=[
        "no-condition",
        "other-condition",
        "meta",
        "acl",
        "other-key",
        "longer",
        "forged",
        "extra",
        "unsigned",
    ],
)
def test_nothing_but_what_was_signed(
    s3: S3, link: Link, change: Any, headers: dict[str, str]
) -> None:
    """A link that was altered, or used in another way, writes nothing."""
    assert send("PUT", change(s3.sign(link).url), headers, b"x").status == 403
    with pytest.raises((NotThere, Withheld)):
        s3.bucket.describe(arrival(link))


def test_a_link_ends(s3: S3, link: Link) -> None:
    """After its seconds are over S3 says so, in the words that the page looks for."""
    url = s3.sign(link, life=1).url
    until = datetime.now(UTC) + timedelta(seconds=5)
    while (answer := send("PUT", url, ONCE, b"x")).status != 403 and datetime.now(UTC) < until:
        pass
    assert answer.status == 403
    assert b"expired" in answer.body.lower()


@pytest.mark.parametrize("method", ["GET", "DELETE", "POST"])
def test_a_link_is_for_putting_only(s3: S3, link: Link, method: str) -> None:
    """Its signature opens nothing else."""
    assert send(method, s3.sign(link).url, ONCE).status in {400, 403, 405}
