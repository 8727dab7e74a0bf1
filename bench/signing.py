"""What it costs to keep links signed: microseconds, links a second, and US dollars a day."""

import hmac
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Any

import boto3
from botocore.config import Config
from botocore.credentials import Credentials

from bench.report import Row, spread
from uploads.links import COVERS, IntentId, Link, new_id
from uploads.moments import resign_at
from uploads.multipart import MOST_PARTS, Intent, Multipart
from uploads.plan import OFFERED, open_plan, parts_plan
from uploads.signing import FOR_BROWSERS, Signer
from uploads.sigv4 import Batch

ROUNDS = 5
SIGNATURES = 2_000  # in a round, ours
PEERS = 200  # in a round, botocore's
PLANS = 200  # in a round
SLOTS = 20  # of a link: the default of LINK_FILES

#: How many times faster than botocore a signature must be.
GOAL = 50

KEY = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "FwoGZXIvYXdzE+/=" * 40

LINKS = 10_000
CREDENTIALS = timedelta(hours=1)  # the usual life of a role's session

#: US dollars, region us-east-1: aws.amazon.com/s3/pricing (S3 Standard, PUT),
#: aws.amazon.com/dynamodb/pricing/on-demand (write and read request units).
PER_PUT = 0.005 / 1000
PER_WRITE = 0.625 / 1_000_000
PER_READ = 0.125 / 1_000_000

#: Write units for one renewal: a lease and a schedule, each of an item of at most 1 kB
#: and, since the moment is its sort key, of the index `clock` (one deletion, one insertion).
WRITES = 2 * (1 + 2)

#: Read units for one renewal, consistent and of at most 4 kB each: the link three times
#: (taken up, settled, published), its files, what was announced, and its share of the query that found it.
READS = 6


def measure() -> list[Row]:
    """Signatures by ours and by botocore, plans by ours, and the bill of a day."""
    signer, peer = made()
    now = datetime.now(UTC)
    batch, _ = signer.batch(now, now + CREDENTIALS)
    link = example(now)
    keys = [link.key(slot) for slot in range(1, SLOTS + 1)]
    ours = [each(lambda key: batch.put(key), keys, SIGNATURES) for _ in range(ROUNDS)]
    theirs = [each(peer, keys, PEERS) for _ in range(ROUNDS)]
    plans = [each(lambda _: plan(signer, link, now), keys, PLANS) for _ in range(ROUNDS)]
    times, per_link = min(theirs) / min(ours), min(plans)
    signed = 2 * SLOTS + COVERS + OFFERED
    return [
        Row("a signature, ours", spread(ours, "µs"), SIGNATURES),
        Row("a signature, botocore", spread(theirs, "µs"), PEERS),
        Row("botocore / ours", f"{times:.0f}", None, f"≥ {GOAL}", times >= GOAL),
        Row(f"a plan of {signed} signatures", spread(plans, "µs"), PLANS),
        Row("links signed in a second, a core", f"{1e6 / per_link:,.0f}"),
        *ten_thousand_parts(signer, link, now),
        *bill(link, now, per_link),
    ]


def ten_thousand_parts(signer: Signer, link: Link, now: datetime) -> list[Row]:
    """The largest plan there is: by ours, by botocore, and the bare hashing of it."""
    batches = signer.batches(now, link.ends_at)
    upload_id, part = "u" * 120, 16 * 1024**2
    size = MOST_PARTS * part

    def ours() -> None:
        batches[0].parts(link.key(), upload_id, size, part)

    def hashing() -> None:
        # What cannot be saved: of each part one SHA-256 of what is its own, and one HMAC.
        for number in range(MOST_PARTS):
            hmac.digest(b"k" * 32, sha256(b"%0220d" % number).digest(), "sha256")

    def peer(_: str) -> None:
        target = {"Bucket": "uploads", "Key": link.key(), "UploadId": upload_id}
        peers_client().generate_presigned_url(
            "upload_part",
            Params={**target, "PartNumber": 7, "ContentLength": part},
            HttpMethod="PUT",
        )

    mine, bare = [], []
    for _ in range(ROUNDS):  # in turns, so that both bear the same load
        mine.append(once(ours))
        bare.append(once(hashing))
    theirs = [each(peer, [""], PEERS) * MOST_PARTS / 1000 for _ in range(ROUNDS)]
    times, ratio = min(theirs) / min(mine), min(mine) / min(bare)
    said = "attachment; filename*=UTF-8''film.mp4; mark=k3m9x2p7.1"
    intent = Intent(IntentId(link.reference, 1), 1, size, "video/mp4", said, "r" * 22)
    multipart = Multipart(
        intent=intent, upload_id=upload_id, part=part, begun_at=now, looked_at=now, moved_at=now
    )
    published = len(json.dumps(parts_plan(link, multipart, batches)))
    return [
        Row("10,000 parts, ours", spread(mine, "ms"), ROUNDS),
        Row("10,000 parts, botocore", spread(theirs, "ms"), PEERS),
        Row("  botocore / ours", f"{times:.0f}", None, f"≥ {GOAL}", times >= GOAL),
        Row("  ours / bare hashing", f"{ratio:.2f}", None, "≤ 1.5", ratio <= 1.5),
        Row("  published for two hosts", f"{published:,} bytes"),
    ]


def once(do: Callable[[], object]) -> float:
    """Milliseconds that it takes."""
    begun = time.perf_counter()
    do()
    return (time.perf_counter() - begun) * 1e3


@cache
def peers_client() -> Any:
    """An S3 client that signs as ours does, with the same key."""
    session = boto3.Session(*KEY, region_name="eu-central-1")
    return session.client("s3", config=Config().merge(FOR_BROWSERS))


def made() -> tuple[Signer, Callable[[str], str]]:
    """Our signer, and botocore's way to the same signature."""
    s3 = peers_client()

    def peer(name: str) -> str:
        target = {"Bucket": "uploads", "Key": name, "IfNoneMatch": "*"}
        url: str = s3.generate_presigned_url("put_object", Params=target, HttpMethod="PUT")
        return url

    return Signer(s3, "uploads", Credentials(*KEY)), peer


def example(now: datetime) -> Link:
    """A link as most are."""
    return Link(
        id=new_id(),
        title="Q3 report from Acme",
        requester="U1",
        requester_name="Ann Example",
        made_at=now,
        ends_at=now + timedelta(days=7),
        files=SLOTS,
        signed_until=now + CREDENTIALS,
    )


def each(do: Callable[[str], object], keys: list[str], times: int) -> float:
    """Microseconds that one call takes, on average."""
    begun = time.perf_counter()
    for number in range(times):
        do(keys[number % len(keys)])
    return (time.perf_counter() - begun) / times * 1e6


def plan(signer: Signer, link: Link, now: datetime) -> None:
    """Sign everything anew, as the clock does."""
    batch: Batch
    batch, _ = signer.batch(now, link.ends_at)
    open_plan(link, batch, taken=())


def bill(link: Link, now: datetime, per_link: float) -> list[Row]:
    """What a day of many open links with credentials of an hour comes to. Computed."""
    at = resign_at(link, now)
    assert at is not None
    renewals = LINKS * timedelta(days=1) / (at - now)
    usd = renewals * (PER_PUT + WRITES * PER_WRITE + READS * PER_READ)
    busy = renewals * per_link / 1e6
    hours = CREDENTIALS / timedelta(hours=1)
    return [
        Row(f"a day with {LINKS:,} links, keys of {hours:.0f} h", f"{renewals:,.0f} renewals"),
        Row("  its signing", f"{busy:,.0f} s of a core"),
        Row("  its bill (computed)", f"{usd:.2f} USD"),
    ]
