"""What it costs to keep links signed: microseconds, links a second, and US dollars a day."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import boto3
from botocore.config import Config
from botocore.credentials import Credentials

from bench.report import Row, spread
from uploads.links import COVERS, Link, new_id
from uploads.moments import resign_at
from uploads.plan import open_plan
from uploads.signing import FOR_BROWSERS, Signer
from uploads.sigv4 import Batch

ROUNDS = 5
SIGNATURES = 2_000  # in a round, ours
PEERS = 200  # in a round, botocore's
PLANS = 200  # in a round
SLOTS = 20  # of a link: the default of LINK_FILES

#: How many times faster than botocore a signature must be.
GOAL = 50

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
#: (taken up, settled, published), its files, and its share of the query that found it.
READS = 5


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
    signed = 2 * SLOTS + COVERS
    return [
        Row("a signature, ours", spread(ours, "µs"), SIGNATURES),
        Row("a signature, botocore", spread(theirs, "µs"), PEERS),
        Row("botocore / ours", f"{times:.0f}", None, f"≥ {GOAL}", times >= GOAL),
        Row(f"a plan of {signed} signatures", spread(plans, "µs"), PLANS),
        Row("links signed in a second, a core", f"{1e6 / per_link:,.0f}"),
        *bill(link, now, per_link),
    ]


def made() -> tuple[Signer, Callable[[str], str]]:
    """Our signer, and botocore's way to the same signature."""
    key = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "FwoGZXIvYXdzE+/=" * 40
    session = boto3.Session(*key, region_name="eu-central-1")
    s3 = session.client("s3", config=Config().merge(FOR_BROWSERS))

    def peer(name: str) -> str:
        target = {"Bucket": "uploads", "Key": name, "IfNoneMatch": "*"}
        return s3.generate_presigned_url("put_object", Params=target, HttpMethod="PUT")

    return Signer(s3, "uploads", Credentials(*key)), peer


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
