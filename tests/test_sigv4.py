"""Many signatures at once: the same that botocore makes one by one."""

import random
import string
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from botocore.config import Config
from botocore.credentials import Credentials

from local.clients import session
from uploads.signing import FOR_BROWSERS, Signer
from uploads.sigv4 import Batch, Key

KEY_ID, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
REGIONS = ("us-east-1", "eu-central-1", "ap-northeast-1", "eu-south-2", "cn-north-1")
TOKENS = (None, "FwoGZXIvYXdzE+/=" * 40, "a~b-c_d.e%f&g=h i")
ENDPOINTS = (None, "http://localhost:4566", "https://s3.example.com:8443", "http://127.0.0.1:9000")
BUCKETS = ("uploads-1", "a.bucket.with.dots", "upload-link-uploads-000000000000-eu-central-1")

#: All that a key of ours is made of.
LETTERS = string.digits + "abcdef"


def key(at: random.Random) -> str:
    """A key as a file or a cover note has one."""
    day = f"{at.randint(2024, 2099)}/{at.randint(1, 12):02}/{at.randint(1, 28):02}"
    link = "".join(at.choices(LETTERS, k=32))
    return f"uploads/{day}/{link}/{at.choice(['', 'cover/'])}{at.randint(1, 9999)}"


def others(url: str) -> dict[str, str]:
    """A URL's query as a server reads it."""
    return dict(parse_qsl(urlsplit(url).query, strict_parsing=True))


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("style", ["virtual", "path"])
def test_every_signature_is_botocores(region: str, style: str) -> None:
    """PUT and HEAD, whatever the bucket, the endpoint, the token, the life and the key."""
    at = random.Random(region + style)
    settings = {**FOR_BROWSERS.s3, "addressing_style": style}
    for number, endpoint in enumerate(ENDPOINTS):
        token = TOKENS[number % len(TOKENS)]
        config = Config(signature_version="s3v4", s3=settings)
        s3 = session(KEY_ID, SECRET, token, region=region).client(
            "s3", endpoint_url=endpoint, config=config
        )
        for bucket in BUCKETS:
            base = Signer(s3, bucket, Credentials(KEY_ID, SECRET, token)).base
            for _ in range(10):
                compare(s3, base, bucket, region, token, key(at), at.randint(1, 604_800))


def compare(
    s3: Any, base: str, bucket: str, region: str, token: str | None, name: str, seconds: int
) -> None:
    """Sign by botocore, and then by ourselves for the second that botocore took."""
    target = {"Bucket": bucket, "Key": name}
    for method, operation, more, headers in (
        ("PUT", "put_object", {"IfNoneMatch": "*"}, "host%3Bif-none-match"),
        ("HEAD", "head_object", {}, "host"),
    ):
        theirs = s3.generate_presigned_url(
            operation, Params={**target, **more}, ExpiresIn=seconds, HttpMethod=method
        )
        made = datetime.fromisoformat(others(theirs)["X-Amz-Date"])
        batch = Batch(Key(KEY_ID, SECRET, token), region, base, made, seconds)
        signature = batch.put(name) if method == "PUT" else batch.head(name)
        ours = f"{base}{name}?{batch.query}&X-Amz-SignedHeaders={headers}"
        ours += f"&X-Amz-Signature={signature}"
        assert ours.partition("?")[0] == theirs.partition("?")[0]
        assert others(ours) == others(theirs)
        assert sorted(urlsplit(ours).query.split("&")) == sorted(urlsplit(theirs).query.split("&"))
