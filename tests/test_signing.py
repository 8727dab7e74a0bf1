"""What the bot signs: the original recipe, row by row, and what we added to it."""

import base64
import json
import random
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from urllib.parse import parse_qs, urlsplit, urlunsplit

import pytest
from botocore.config import Config
from botocore.credentials import Credentials, RefreshableCredentials
from sigv4 import refusal

from local.clients import session
from uploads.errors import UploadLinkError
from uploads.links import Link, new_id
from uploads.signing import (
    ADDRESS_LIMIT,
    FOR_BROWSERS,
    SignedPut,
    Signer,
    embedded_address,
    encode,
    short_address,
    true_end,
)

KEY_ID, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
BUCKET = "uploads-1"
REGIONS = ["us-east-1", "eu-west-1", "ap-northeast-1", "eu-central-1", "eu-south-2"]


@cache
def signer(region: str = "eu-central-1", token: str | None = None) -> Signer:
    s3 = session(KEY_ID, SECRET, token, region=region).client("s3", config=FOR_BROWSERS)
    return Signer(s3, BUCKET, Credentials(KEY_ID, SECRET, token))


def link(title: str = "Q3 report", days: float = 7) -> Link:
    now = datetime.now(UTC).replace(microsecond=0)
    return Link(
        id=new_id(),
        title=title,
        requester="U1",
        requester_name="Ann Example",
        made_at=now,
        ends_at=now + timedelta(days=days),
    )


def head_of(signed: SignedPut) -> str:
    """The HEAD that the page makes of a PUT."""
    parts = urlsplit(signed.url)
    query = [p.split("=", 1) for p in parts.query.split("&")]
    said = {"X-Amz-SignedHeaders": "host", "X-Amz-Signature": signed.check}
    return urlunsplit(parts._replace(query="&".join(f"{n}={said.get(n, v)}" for n, v in query)))


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("token", [None, "FwoGZXIvYXdzE+/=" * 40])
def test_signs_a_put_that_s3_accepts(region: str, token: str | None) -> None:
    """SigV4, the bucket's own regional host, the key in the path, the expiry in seconds."""
    wanted = link(days=3)
    url = signer(region, token).embedded(wanted, wanted.made_at).url

    parts, said = urlsplit(url), parse_qs(urlsplit(url).query)
    assert parts.netloc == f"{BUCKET}.s3.{region}.amazonaws.com"
    assert parts.path == f"/{wanted.key()}"
    assert said["X-Amz-Expires"] == [str(3 * 24 * 3600)]
    assert refusal("PUT", url, {"If-None-Match": "*"}, {KEY_ID: SECRET}) is None


@pytest.mark.parametrize(
    ("method", "headers", "why"),
    [
        ("PUT", {}, "not sent: ['if-none-match']"),
        ("PUT", {"If-None-Match": "other"}, "wrong signature"),
        ("PUT", {"If-None-Match": "*", "X-Amz-Acl": "public-read"}, "not signed: ['x-amz-acl']"),
        ("GET", {"If-None-Match": "*"}, "wrong signature"),
        ("DELETE", {"If-None-Match": "*"}, "wrong signature"),
    ],
)
def test_signs_nothing_but_a_write_once_put(method: str, headers: dict[str, str], why: str) -> None:
    """The link lets its holder write one new object, and do nothing else."""
    wanted = link()
    url = signer().embedded(wanted, wanted.made_at).url
    assert refusal(method, url, headers, {KEY_ID: SECRET}) == why


def test_sends_what_the_recipe_sends_besides() -> None:
    """Content-Type and Content-Disposition go unsigned, whatever they are."""
    wanted = link()
    url = signer().embedded(wanted, wanted.made_at).url
    sent = {"If-None-Match": "*", "Content-Type": "text/csv", "Content-Disposition": "attachment"}
    assert refusal("PUT", url, sent, {KEY_ID: SECRET}) is None


@pytest.mark.parametrize("token", [None, "FwoGZXIvYXdzE+/="])
def test_the_page_can_make_a_head_of_the_put(token: str | None) -> None:
    """With `check` in place of the signature, the same URL asks whether the file is there."""
    wanted = link()
    signed = signer(token=token).embedded(wanted, wanted.made_at)
    assert refusal("HEAD", head_of(signed), {}, {KEY_ID: SECRET}) is None


def test_a_download_is_saved_and_never_shown() -> None:
    """Five minutes, under its own name, as a type that no browser renders."""
    url = signer().download("uploads/2026/11/24/x/1", "月次 報告.html")
    said = parse_qs(urlsplit(url).query)
    assert refusal("GET", url, {}, {KEY_ID: SECRET}) is None
    assert said["X-Amz-Expires"] == ["300"]
    assert said["response-content-type"] == ["application/octet-stream"]
    assert said["response-content-disposition"] == [
        "attachment; filename*=UTF-8''%E6%9C%88%E6%AC%A1%20%E5%A0%B1%E5%91%8A.html"
    ]


@pytest.mark.parametrize("token", [None, "FwoGZXIvYXdzE+/=" * 70])
def test_any_download_fits_a_button(token: str | None) -> None:
    """However long a stranger's file name is; its ending stays."""
    url = signer(token=token).download("uploads/2026/11/24/x/1", "報" * 195 + ".xlsx")
    assert len(url) <= 3000
    assert parse_qs(urlsplit(url).query)["response-content-disposition"][0].endswith(".xlsx")


@pytest.mark.parametrize("length", range(1, 7))
@pytest.mark.parametrize("tail", ["~~~", "???", "日本", "ÿÿþ"])
def test_encodes_as_the_recipe_does(length: int, tail: str) -> None:
    """Both directions, every padding, and the two letters in which the alphabets differ."""
    url = "https://b.s3.eu-central-1.amazonaws.com/" + "a" * length + tail
    coded = encode(url)
    assert coded == base64.urlsafe_b64encode(url.encode()).decode()
    assert base64.b64decode(coded.replace("-", "+").replace("_", "/")).decode() == url


def test_the_address_carries_what_the_page_may_say() -> None:
    """The signed URL in `?s3_url=`; who asks for what, and until when, only in the fragment."""
    wanted = link("決算 <b>")
    signed = signer().embedded(wanted, wanted.made_at)
    parts = urlsplit(embedded_address("https://page.example/", wanted, signed))
    assert (parts.netloc, parts.path) == ("page.example", "/")
    assert parts.query == f"s3_url={encode(signed.url)}"
    padded = parts.fragment + "=" * (-len(parts.fragment) % 4)
    assert json.loads(base64.urlsafe_b64decode(padded)) == {
        "for": "決算 <b>",
        "from": "Ann Example",
        "until": int(wanted.ends_at.timestamp()),
        "check": signed.check,
    }


@pytest.mark.parametrize(
    ("token_length", "title"),
    [(0, "あ" * 150), (1000, "あ" * 150), (1300, ""), (1600, "Q3")],
)
def test_the_address_fits_a_slack_button(token_length: int, title: str) -> None:
    """3,000 characters with a session token of any usual length; the title gives way."""
    wanted = link(title)
    token = base64.b64encode(random.Random(1).randbytes(token_length * 3 // 4)).decode() or None
    assert (
        len(
            embedded_address(
                "https://d111.cloudfront.net",
                wanted,
                signer(token=token).embedded(wanted, wanted.made_at),
            )
        )
        <= ADDRESS_LIMIT
    )


def test_an_address_that_fits_nowhere_is_refused_in_words() -> None:
    """A token that Slack cannot carry stops the link, not the reader."""
    wanted = link()
    signed = signer(token="aB3/" * 600).embedded(wanted, wanted.made_at)
    with pytest.raises(UploadLinkError, match="session_token_too_long"):
        embedded_address("https://d111.cloudfront.net", wanted, signed)


NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("lifetime", "credentials_end", "end"),
    [
        (timedelta(days=3), None, NOW + timedelta(days=3)),
        (timedelta(days=30), None, NOW + timedelta(days=7)),
        (timedelta(days=7), NOW + timedelta(hours=1), NOW + timedelta(hours=1)),
        (timedelta(minutes=5), NOW + timedelta(hours=1), NOW + timedelta(minutes=5)),
    ],
)
def test_a_link_ends_with_the_first_of_its_three_lives(
    lifetime: timedelta, credentials_end: datetime | None, end: datetime
) -> None:
    """Its own, the signature's seven days, the credentials'."""
    assert true_end(NOW, lifetime, credentials_end) == end


def test_knows_when_credentials_end() -> None:
    """A user's keys do not; a role's do, when botocore says; an unmarked token within the hour."""
    ends = datetime.now(UTC) + timedelta(hours=6)
    role = RefreshableCredentials(KEY_ID, SECRET, "token", ends, refresh_using=dict, method="test")
    s3 = session(KEY_ID, SECRET, region="eu-central-1").client("s3")
    now = datetime.now(UTC)
    assert signer().credentials_end(now) is None
    assert Signer(s3, BUCKET, role).credentials_end(now) == ends
    assert signer(token="t").credentials_end(now) == now + timedelta(hours=1)


def test_no_text_of_a_person_is_in_a_key() -> None:
    """The key is a date, 128 bits that do not open the link, and a number."""
    wanted = link("../../etc/<!channel>")
    assert wanted.key() == f"uploads/{wanted.made_at:%Y/%m/%d}/{wanted.reference}/1"
    assert re.fullmatch("[0-9a-f]{32}", wanted.reference)
    assert len(wanted.id) == 22
    assert wanted.id not in wanted.key()
    assert replace(wanted, title="").key() == wanted.key()


def test_a_short_address_can_be_read_out() -> None:
    """Under 80 characters on a host of CloudFront, and the id where no server is told it."""
    wanted = link("x" * 150)
    address = short_address("https://d111111abcdef8.cloudfront.net/", wanted)
    assert len(address) < 80
    assert address == f"https://d111111abcdef8.cloudfront.net/#{wanted.id}"


@pytest.mark.parametrize("region", [*REGIONS, "cn-north-1"])
def test_parts_may_go_to_two_hosts_of_the_bucket(region: str) -> None:
    """Its own, and the dual-stack one, named as botocore names it."""
    dual = Config(s3={**FOR_BROWSERS.s3, "use_dualstack_endpoint": True}).merge(
        Config(signature_version="s3v4")
    )
    s3 = session(KEY_ID, SECRET, region=region).client("s3", config=dual)
    url = s3.generate_presigned_url("put_object", Params={"Bucket": BUCKET, "Key": "k"})
    assert signer(region).bases == [signer(region).base, url.partition("?")[0].removesuffix("k")]


def test_elsewhere_a_bucket_has_one_host() -> None:
    """What is not AWS's own S3 need not know the other name."""
    s3 = session(KEY_ID, SECRET).client(
        "s3", endpoint_url="https://s3.example.com", config=FOR_BROWSERS
    )
    assert Signer(s3, BUCKET, Credentials(KEY_ID, SECRET)).bases == [
        "https://uploads-1.s3.example.com/"
    ]
