"""Links as signatures: what the bot lets a stranger do, for how long, and the address of it."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from botocore.config import Config

from uploads.disposition import attachment
from uploads.errors import Unavailable, UploadLinkError, aws_errors
from uploads.links import Link
from uploads.sigv4 import Batch, Key
from uploads.untrusted import shortened

if TYPE_CHECKING:
    from botocore.credentials import Credentials
    from types_boto3_s3 import S3Client

#: How browsers reach the bucket: SigV4 and the bucket's own regional host name.
#: With boto3's defaults several regions would get SigV2, which knows no
#: conditions, or the global host, which redirects what a browser may not
#: follow (S3 User Guide, "Virtual hosting of buckets").
FOR_BROWSERS = Config(
    signature_version="s3v4",
    s3={"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"},
)

#: The longest life of a SigV4 presigned URL, by S3 (botocore does not check it).
MAX_SIGNATURE_LIFE = timedelta(days=7)

#: The shortest life of a plan's signatures, in seconds. Credentials that end
#: sooner are about to be replaced: what is signed a little later lives longer.
SHORTEST_SIGNATURE = 30

#: A download link is made at the click and used at once.
DOWNLOAD_LIFE = timedelta(minutes=5)

#: What temporary credentials are trusted for when nothing says when they end
#: (an AWS_SESSION_TOKEN without AWS_CREDENTIAL_EXPIRATION): the usual hour of
#: a role session (sts:AssumeRole's default DurationSeconds).
UNKNOWN_CREDENTIAL_LIFE = timedelta(hours=1)

#: The longest address that Slack can carry: a button's `url` holds 3,000 characters,
#: and so does the text that it is copied from, between two fences of three.
ADDRESS_LIMIT = 3000 - 6

#: What a button's `url` holds, in characters (Block Kit, "Button element").
BUTTON_LIMIT = 3000


@dataclass(frozen=True, slots=True)
class SignedPut:
    """A presigned PUT and the signature of a HEAD for the same key and the same time.

    The page builds the HEAD from the PUT by exchanging two parameters, and so
    finds out after a lost answer whether its file arrived.
    """

    url: str
    check: str


class Signer:
    """Signs for one bucket.

    `s3` must sign with SigV4 for the host that browsers use (`FOR_BROWSERS`): a
    client with boto3's defaults would sign with SigV2 in several regions, and
    drop the write-once condition without a word (boto3#4367).
    """

    def __init__(self, s3: "S3Client", bucket: str, credentials: "Credentials | None") -> None:
        self._s3 = s3
        self._region = s3.meta.region_name
        self._bucket = bucket
        self._credentials = credentials

    def credentials_end(self, now: datetime) -> datetime | None:
        """When the credentials that sign now will end; None for those that do not.

        Raises `Unavailable` where there are none.
        """
        if self._credentials is None:
            raise Unavailable("no_credentials")
        with aws_errors():
            frozen = self._credentials.get_frozen_credentials()
        # botocore has no public name for it; it is set once the credentials were fetched.
        end: datetime | None = getattr(self._credentials, "_expiry_time", None)
        if end is None and frozen.token is not None:
            return now + UNKNOWN_CREDENTIAL_LIFE
        return end

    def batch(self, now: datetime, until: datetime) -> tuple[Batch, datetime]:
        """What signs a plan now, and when its signatures will end.

        That is `until`, or earlier where S3 or the credentials allow less. Raises
        `Unavailable` where there are none, or none for long enough to be of use.
        """
        end = true_end(now, until - now, self.credentials_end(now))
        return self._batch(self.base, now, end), end

    def batches(self, now: datetime, until: datetime) -> list[Batch]:
        """As `batch`, for each of the bucket's hosts: browsers open six connections to each."""
        end = true_end(now, until - now, self.credentials_end(now))
        return [self._batch(base, now, end) for base in self.bases]

    def _batch(self, base: str, now: datetime, end: datetime) -> Batch:
        seconds = int((end - now).total_seconds())
        if seconds < SHORTEST_SIGNATURE:
            raise Unavailable("credentials_ending")
        with aws_errors():
            frozen = self._credentials.get_frozen_credentials()  # type: ignore[union-attr]
        key = Key(str(frozen.access_key), str(frozen.secret_key), frozen.token)
        return Batch(key, self._region, base, now, seconds)

    @cached_property
    def bases(self) -> list[str]:
        """`base`, for each of the bucket's hosts."""
        return bases(self.base, self._region)

    @cached_property
    def base(self) -> str:
        """The URL of the bucket as browsers must call it, with a slash at the end.

        botocore's rules for it are many (regions, dots in a name, endpoints), so
        it is asked: what it signs for a key of ours begins with the bucket's URL.
        """
        with aws_errors():
            url = self._s3.generate_presigned_url(
                "put_object", Params={"Bucket": self._bucket, "Key": "k"}, HttpMethod="PUT"
            )
        return url.partition("?")[0].removesuffix("k")

    def embedded(self, link: Link, now: datetime) -> SignedPut:
        """Sign a write-once PUT for the link's only file, good until the link ends.

        By boto3, as the original recipe does. `If-None-Match: *` becomes a
        signed header: whoever uses the URL must send it, and S3 answers 412 to
        every PUT after the first.
        """
        seconds = max(1, int((link.ends_at - now).total_seconds()))
        target = {"Bucket": self._bucket, "Key": link.key()}
        for url, head in self._same_second(target, seconds):
            if _parameter(url, "X-Amz-Date") == _parameter(head, "X-Amz-Date"):
                return SignedPut(url, _parameter(head, "X-Amz-Signature"))
        raise AssertionError("unreachable: two signatures never fell into one second")

    def _same_second(self, target: dict[str, str], seconds: int) -> Iterator[tuple[str, str]]:
        # A signature holds the second it was made in, and botocore takes it from
        # the clock. Two in a row almost always share one; if not, the next two do.
        for _ in range(10):
            with aws_errors():
                yield (
                    self._s3.generate_presigned_url(
                        "put_object",
                        Params={**target, "IfNoneMatch": "*"},
                        ExpiresIn=seconds,
                        HttpMethod="PUT",
                    ),
                    self._s3.generate_presigned_url(
                        "head_object", Params=target, ExpiresIn=seconds, HttpMethod="HEAD"
                    ),
                )

    def download(self, key: str, name: str) -> str:
        """Sign a GET for `DOWNLOAD_LIFE`, saved under `name` and never shown by the browser.

        The type is overridden too: what a stranger called `text/html` must not
        run as such, wherever it is opened. A name that makes the URL longer than
        a button of Slack's can carry is shortened: encoded twice, one Japanese
        character takes fifteen.
        """
        for limit in (200, 100, 50, 25):
            disposition = attachment(shortened(name, limit))
            params: dict[str, Any] = {
                "Bucket": self._bucket,
                "Key": key,
                "ResponseContentDisposition": disposition,
                "ResponseContentType": "application/octet-stream",
            }
            with aws_errors():
                url = self._s3.generate_presigned_url(
                    "get_object",
                    Params=params,
                    ExpiresIn=int(DOWNLOAD_LIFE.total_seconds()),
                    HttpMethod="GET",
                )
            if len(url) <= BUTTON_LIMIT:
                break
        return url


def bases(base: str, region: str) -> list[str]:
    """A bucket's URL, and the one with its dual-stack host, if it is AWS's own S3 that has it.

    (S3 User Guide, "Using dual-stack endpoints".)

    >>> bases("https://b.s3.eu-west-1.amazonaws.com/", "eu-west-1")[1]
    'https://b.s3.dualstack.eu-west-1.amazonaws.com/'
    """
    ours = f".s3.{region}.amazonaws.com"
    dual = base.replace(ours, f".s3.dualstack.{region}.amazonaws.com")
    return [base] if dual == base else [base, dual]


def true_end(now: datetime, lifetime: timedelta, credentials_end: datetime | None) -> datetime:
    """The moment a link really stops working, in whole seconds.

    The earliest of its own life, the signature's and the signing credentials'.
    """
    end = now + min(lifetime, MAX_SIGNATURE_LIFE)
    if credentials_end is not None:
        end = min(end, credentials_end.astimezone(UTC))
    return end.replace(microsecond=0)


def short_address(page_url: str, link: Link) -> str:
    """The link to hand out: the page, and the link's id where no server and no log sees it."""
    return f"{page_url.rstrip('/')}/#{link.id}"


def embedded_address(page_url: str, link: Link, signed: SignedPut) -> str:
    """The recipe's link: the signed URL in `?s3_url=`, what the page may say in the fragment.

    A fragment is never sent to a server, so no log knows the title. Where the
    address grows over Slack's limit for a button (session tokens are long), the
    title is what it can do without. Raises `UploadLinkError` beyond that.
    """
    carried = f"{page_url.rstrip('/')}/?s3_url={encode(signed.url)}"
    known = {
        "for": link.title,
        "from": link.requester_name,
        "until": int(link.ends_at.timestamp()),
        "check": signed.check,
    }
    for without in ((), ("for", "from")):
        said = {name: value for name, value in known.items() if value and name not in without}
        whole = f"{carried}#{_fragment(said)}"
        if len(whole) <= ADDRESS_LIMIT:
            return whole
    raise UploadLinkError("session_token_too_long")


def encode(url: str) -> str:
    """base64url with padding, exactly as the original recipe encodes it."""
    return base64.urlsafe_b64encode(url.encode()).decode()


def _fragment(said: dict[str, object]) -> str:
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _parameter(url: str, name: str) -> str:
    return parse_qs(urlsplit(url).query)[name][0]
