"""Many signatures at once: the same that botocore makes one by one."""

import random
import string
from collections.abc import Callable
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

MIB = 1024**2

#: All that a key of ours is made of.
LETTERS = string.digits + "abcdef"


def key(at: random.Random) -> str:
    """A key as a file or a cover note has one."""
    day = f"{at.randint(2024, 2099)}/{at.randint(1, 12):02}/{at.randint(1, 28):02}"
    link = "".join(at.choices(LETTERS, k=32))
    return f"uploads/{day}/{link}/{at.choice(['', 'cover/', 'intent/'])}{at.randint(1, 9999)}"


def others(url: str) -> dict[str, str]:
    """A URL's query as a server reads it."""
    return dict(parse_qsl(urlsplit(url).query, strict_parsing=True))


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("style", ["virtual", "path"])
def test_every_signature_is_botocores(region: str, style: str) -> None:
    """PUT, HEAD and all of a multipart upload, whatever the bucket, the endpoint, the token, the life and the key."""
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
            for _ in range(4):
                compare(s3, base, bucket, region, token, key(at), at.randint(1, 604_800))


def compare(
    s3: Any, base: str, bucket: str, region: str, token: str | None, name: str, seconds: int
) -> None:
    """Sign by botocore, and then by ourselves for the second that botocore took."""
    at = random.Random(name)
    id = "".join(at.choices(string.ascii_letters + string.digits + "._-~+/=", k=at.randint(1, 140)))
    # Sometimes the last part is a whole one.
    part = at.randint(5 * MIB, 9 * MIB)
    size = part * at.randint(0, 30) + at.choice([part, at.randint(1, part)])
    number = at.randint(1, -(-size // part))
    length, marker = min(part, size - (number - 1) * part), at.randint(0, 9000)
    upload, once = {"UploadId": id}, {"IfNoneMatch": "*"}

    def sign_part(batch: Batch) -> str:
        return batch.parts(name, id, size, part)[32 * (number - 1) : 32 * number].hex()

    asked: list[tuple[str, str, dict[str, Any], str, Callable[[Batch], str]]] = [
        ("PUT", "put_object", once, "host;if-none-match", lambda b: b.put(name)),
        ("HEAD", "head_object", {}, "host", lambda b: b.head(name)),
        (
            "PUT",
            "upload_part",
            {**upload, "PartNumber": number, "ContentLength": length},
            "content-length;host",
            sign_part,
        ),
        (
            "GET",
            "list_parts",
            {**upload, "MaxParts": 1000, "PartNumberMarker": marker},
            "host",
            lambda b: b.list(name, id, marker),
        ),
        (
            "POST",
            "complete_multipart_upload",
            {**upload, **once},
            "host;if-none-match",
            lambda b: b.complete(name, id),
        ),
        ("DELETE", "abort_multipart_upload", upload, "host", lambda b: b.abort(name, id)),
    ]
    for method, operation, params, headers, sign in asked:
        theirs = s3.generate_presigned_url(
            operation,
            Params={"Bucket": bucket, "Key": name, **params},
            ExpiresIn=seconds,
            HttpMethod=method,
        )
        said = others(theirs)
        made = datetime.fromisoformat(said["X-Amz-Date"])
        batch = Batch(Key(KEY_ID, SECRET, token), region, base, made, seconds)
        assert theirs.partition("?")[0] == f"{base}{name}"
        assert said["X-Amz-SignedHeaders"] == headers
        assert said["X-Amz-Signature"] == sign(batch), operation
        assert set(batch.query.split("&")) <= set(urlsplit(theirs).query.split("&"))
