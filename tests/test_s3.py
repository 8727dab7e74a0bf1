"""What the product leans on in S3, asked of two S3s by different hands.

One is MiniStack behind the guard, the other SeaweedFS. Signed by the bot's own
signer, sent as the page sends it, read as the bot reads it.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from botocore.credentials import Credentials

from local import seaweedfs
from local.aws import Aws
from local.loopback import Response, request
from local.plan import Parts, Plan
from uploads.bucket import Bucket
from uploads.disposition import attachment
from uploads.errors import NotThere, Withheld
from uploads.links import File, FileId, IntentId, Link, new_id
from uploads.multipart import SMALLEST_PART, Intent, Multipart, part_size
from uploads.plan import open_plan, parts_plan
from uploads.signing import FOR_BROWSERS, Signer

MIB = 1024**2
ONCE = {"If-None-Match": "*"}
SIGNING = {"signature_version": "s3v4", "s3": FOR_BROWSERS.s3}


@dataclass(frozen=True)
class Signed:
    """What the page can do with one slot: send a file, and ask whether it is there."""

    put: str
    head: str


@dataclass(frozen=True)
class S3:
    """One of the two, as the bot uses it, in one of the two forms that a link can have."""

    client: Any
    signer: Signer
    bucket: Bucket
    page_origin: str
    embedded: bool = False
    enforces_part_sizes: bool = False

    def put(self, link: Link, *, body: bytes = b"x", **headers: str) -> Response:
        return send("PUT", self.sign(link).put, ONCE | headers, body)

    def sign(self, link: Link) -> Signed:
        now = datetime.now(UTC)
        if not self.embedded:
            batch, _ = self.signer.batch(now, link.ends_at)
            plan = Plan(open_plan(link, batch, taken=()))
            return Signed(plan.put(1), plan.head(1))
        signed = self.signer.embedded(link, now)
        parts = urlsplit(signed.url)
        said = {"X-Amz-SignedHeaders": "host", "X-Amz-Signature": signed.check}
        query = [pair.split("=", 1) for pair in parts.query.split("&")]
        query_of_head = "&".join(f"{name}={said.get(name, value)}" for name, value in query)
        return Signed(signed.url, urlunsplit(parts._replace(query=query_of_head)))

    def begin(self, link: Link, name: str, *, size: int) -> Multipart:
        """A multipart upload as the bot begins one."""
        said = f"{attachment(name)}; mark=k3m9x2p7.1"
        intent = Intent(IntentId(link.reference, 1), 1, size, "video/mp4", said, "r" * 22)
        upload_id = self.bucket.begin(link.key(), intent.content_type, intent.disposition)
        moments = dict.fromkeys(("begun_at", "looked_at", "moved_at"), link.made_at)
        return Multipart(intent=intent, upload_id=upload_id, part=part_size(size), **moments)

    def parts(self, link: Link, begun: Multipart) -> Parts:
        batches = self.signer.batches(datetime.now(UTC), link.ends_at)
        return Parts(parts_plan(link, begun, batches))

    def describe(self, link: Link) -> File:
        return self.bucket.describe(FileId(link.reference, 1), link.key())


def send(
    method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes | None = None
) -> Response:
    return request(method, url, headers=headers, body=body)


@contextmanager
def _second() -> Iterator[S3]:
    with seaweedfs.running() as found:
        yield S3(
            found.client(),
            Signer(found.client(**SIGNING), found.bucket, Credentials(*found.key)),
            Bucket(found.client(), found.bucket),
            "http://page.localhost",
            enforces_part_sizes=True,
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
        aws.client("s3", as_twin=True),
        Signer(aws.client("s3", as_twin=True, **SIGNING), name, Credentials(*aws.twin_key)),
        Bucket(aws.client("s3", as_twin=True), name),
        aws.page_url,
    )


@pytest.fixture(params=["short", "embedded"])
def form(s3: S3, request: pytest.FixtureRequest) -> S3:
    """Each of the two, with each of the two forms of a link."""
    return replace(s3, embedded=request.param == "embedded")


@pytest.fixture
def link() -> Link:
    now = datetime.now(UTC)
    return Link(
        id=new_id(),
        title="Q3",
        requester="U1",
        requester_name="Ann",
        made_at=now,
        ends_at=now + timedelta(hours=1),
        files=2,
    )


@pytest.mark.parametrize("body", [b"", b"x", b"x" * 3_000_000], ids=len)
@pytest.mark.parametrize("name", ["Q3.pdf", "月次 報告（改）.xlsx", "<!channel>&'\";=%.txt"])
def test_a_file_keeps_its_name_type_and_size(s3: S3, link: Link, name: str, body: bytes) -> None:
    """Sent as unsigned headers, stored by S3, read by the bot, given back to whoever downloads."""
    put = s3.put(
        link, body=body, **{"Content-Type": "text/x-q3", "Content-Disposition": attachment(name)}
    )
    assert put.status == 200
    file = s3.describe(link)
    assert (file.name, file.size, file.content_type) == (name, len(body), "text/x-q3")

    got = send("GET", s3.signer.download(link.key(), file.name))
    assert (got.status, got.body) == (200, body)
    assert got.headers["content-type"] == "application/octet-stream"
    assert got.headers["content-disposition"] == attachment(name)


def test_only_the_first_write_counts(form: S3, link: Link) -> None:
    """The second is told 412, and what was delivered stays."""
    assert form.put(link, body=b"first").status == 200
    again = form.put(link, body=b"second")
    assert again.status == 412
    assert b"<Code>PreconditionFailed</Code>" in again.body
    assert send("GET", form.signer.download(link.key(), "a")).body == b"first"


def test_the_page_can_ask_whether_it_is_there(form: S3, link: Link) -> None:
    """By the HEAD beside the PUT: nothing before, the size after."""
    signed = form.sign(link)
    assert send("HEAD", signed.head).status in {403, 404}
    assert send("PUT", signed.put, ONCE, b"12345").status == 200
    there = send("HEAD", signed.head, {"Origin": form.page_origin})
    assert (there.status, there.headers["content-length"]) == (200, "5")
    assert there.headers["access-control-allow-origin"] == form.page_origin


def test_a_file_in_parts(s3: S3, link: Link) -> None:
    """Sent by nothing but signed URLs, under its own name; write-once like any other."""
    begun = s3.begin(link, "月次.mp4", size=6 * MIB)
    signed = s3.parts(link, begun)
    body = b"abcdefgh" * (6 * MIB // 8)
    assert len(signed.lengths) == 2
    etags = [
        send("PUT", signed.part(1), body=body[: 5 * MIB]).headers["etag"],
        send("PUT", signed.part(2), body=body[5 * MIB :]).headers["etag"],
    ]
    listed = send("GET", signed.list(), {"Origin": s3.page_origin})
    assert listed.headers["access-control-allow-origin"] == s3.page_origin
    assert listed.body.count(b"<Part>") == 2
    assert s3.bucket.loaded(link.key(), begun.upload_id) == 6 * MIB
    made = complete(signed, etags)
    assert (made.status, b"<Error>" in made.body) == (200, False)
    file = s3.describe(link)
    assert (file.name, file.size, file.content_type) == ("月次.mp4", 6 * MIB, "video/mp4")
    assert send("GET", s3.signer.download(link.key(), "a")).body == body
    assert s3.put(link).status == 412


def test_parts_that_would_overwrite_make_nothing(s3: S3, link: Link) -> None:
    """What lies there stays, and the upload is thrown away by whoever asks."""
    begun = s3.begin(link, "late.mp4", size=1)
    signed = s3.parts(link, begun)
    etag = send("PUT", signed.part(1), body=b"x").headers["etag"]
    assert s3.put(link, body=b"first").status == 200
    assert complete(signed, [etag]).status == 412
    assert send("GET", s3.signer.download(link.key(), "a")).body == b"first"
    s3.bucket.abort(link.key(), begun.upload_id)
    s3.bucket.abort(link.key(), begun.upload_id)
    gone = send("PUT", signed.part(1), body=b"x")
    assert (gone.status, b"NoSuchUpload" in gone.body) == (404, True)
    with pytest.raises(NotThere):
        s3.bucket.loaded(link.key(), begun.upload_id)


def test_our_parts_are_as_long_as_s3_wants(s3: S3, link: Link) -> None:
    """Shorter ones are refused at the end (by SeaweedFS here; the other does not look)."""
    begun = replace(s3.begin(link, "a", size=3 * MIB), part=MIB)
    signed = s3.parts(link, begun)
    etags = [send("PUT", signed.part(n), body=b"x" * MIB).headers["etag"] for n in (1, 2, 3)]
    refused = complete(signed, etags)
    if s3.enforces_part_sizes:
        assert b"EntityTooSmall" in refused.body
    assert SMALLEST_PART == part_size(1) == 5 * MIB


def complete(signed: Parts, etags: list[str]) -> Response:
    listed = "".join(
        f"<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>"
        for number, etag in enumerate(etags, 1)
    )
    body = f"<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>".encode()
    return send("POST", signed.complete, ONCE | {"Content-Type": "application/xml"}, body)


def test_a_buried_key_is_closed_for_good(form: S3, link: Link) -> None:
    """A tombstone under a free key turns every copied signature into 412, and is no file."""
    signed = form.sign(link)
    assert form.bucket.bury(link.key())
    assert send("PUT", signed.put, ONCE, b"x").status == 412
    with pytest.raises(NotThere):
        form.describe(link)
    assert form.bucket.read(link.key(), 100) == b""
    assert not form.bucket.bury(link.key())


def test_nothing_that_was_received_can_be_buried(s3: S3, link: Link) -> None:
    """The file stays what it was."""
    assert s3.put(link, body=b"first").status == 200
    assert not s3.bucket.bury(link.key())
    assert s3.describe(link).size == 5


def test_a_cover_note_is_read_as_far_as_it_may_go(s3: S3, link: Link) -> None:
    """Whole up to the limit, and not at all beyond it."""
    assert s3.put(link, body=b"x" * 4096).status == 200
    assert s3.bucket.read(link.key(), 4096) == b"x" * 4096
    assert s3.bucket.read(link.key(), 4095) == b""


def test_s3s_own_sum_is_read(s3: S3, link: Link) -> None:
    """CRC64NVME of "123456789" is the algorithm's check value, ae8b14860a799888.

    S3 sums every object (S3 User Guide, "Checking object integrity"); these two
    only what is sent with a sum. Without one the file is described all the same.
    """
    where = {"Bucket": s3.bucket.name, "Key": link.key(1)}
    s3.client.put_object(
        Body=b"123456789", IfNoneMatch="*", ChecksumCRC64NVME="rosUhgp5mIg=", **where
    )
    assert s3.describe(link).checksum == "rosUhgp5mIg="
    where["Key"] = link.key(2)
    s3.client.put_object(Body=b"x", IfNoneMatch="*", **where)
    assert s3.bucket.describe(FileId(link.reference, 2), link.key(2)).checksum == ""


def test_a_missing_object_is_no_file(s3: S3, link: Link) -> None:
    """The bot may hear 404, or 403 where it may not list: either has its own words."""
    with pytest.raises((NotThere, Withheld)):
        s3.describe(link)


def _other_key(url: str) -> str:
    return url.replace("/1?", "/2?")


def _longer(url: str) -> str:
    return url.replace("X-Amz-Expires=35", "X-Amz-Expires=135")


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
    form: S3, link: Link, change: Any, headers: dict[str, str]
) -> None:
    """A link that was altered, or used in another way, writes nothing."""
    assert send("PUT", change(form.sign(link).put), headers, b"x").status == 403
    with pytest.raises((NotThere, Withheld)):
        form.describe(link)


def test_a_link_ends(s3: S3, link: Link) -> None:
    """After its seconds are over S3 says so, in the words that the page looks for."""
    ending = replace(link, ends_at=datetime.now(UTC) + timedelta(seconds=1))
    url = replace(s3, embedded=True).sign(ending).put
    until = datetime.now(UTC) + timedelta(seconds=5)
    while (answer := send("PUT", url, ONCE, b"x")).status != 403 and datetime.now(UTC) < until:
        time.sleep(0.1)
    assert answer.status == 403
    assert b"expired" in answer.body.lower()


@pytest.mark.parametrize("method", ["GET", "DELETE", "POST"])
def test_a_link_is_for_putting_only(s3: S3, link: Link, method: str) -> None:
    """Its signature opens nothing else."""
    assert send(method, s3.sign(link).put, ONCE).status in {400, 403, 405}
