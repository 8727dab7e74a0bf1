"""An independent check of presigned URLs, written from Amazon's description of SigV4.

("Authenticating Requests: Using Query Parameters", S3 API Reference.) It shares
no code with botocore, so that a bot that signs wrongly is not believed.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote, unquote, urlsplit


def refusal(
    method: str,
    url: str,
    headers: Mapping[str, str],
    secrets: Mapping[str, str],
    now: datetime | None = None,
) -> str | None:
    """Why S3 would refuse this request; None if it would not.

    `secrets` maps access key ids to secret access keys. `headers` are all that
    the client sends, apart from Host.
    """
    parts = urlsplit(url)
    query = parse_qsl(parts.query, keep_blank_values=True)
    said = dict(query)
    if said.get("X-Amz-Algorithm") != "AWS4-HMAC-SHA256":
        return "not SigV4"
    key_id, day, region, service, terminator = said["X-Amz-Credential"].split("/")
    if (service, terminator) != ("s3", "aws4_request") or key_id not in secrets:
        return "unknown credential"
    made = datetime.strptime(said["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    life = int(said["X-Amz-Expires"])
    if not 1 <= life <= 604_800:
        return "life out of bounds"
    if (now or datetime.now(UTC)) > made + timedelta(seconds=life):
        return "expired"

    sent = {name.lower(): " ".join(value.split()) for name, value in headers.items()}
    sent["host"] = parts.netloc
    signed = said["X-Amz-SignedHeaders"].split(";")
    if "host" not in signed:
        return "host is not signed"
    if loose := [n for n in sent if n.startswith("x-amz-") and n not in signed]:
        return f"not signed: {loose}"
    if missing := [name for name in signed if name not in sent]:
        return f"not sent: {missing}"

    canonical_query = "&".join(
        sorted(
            f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}"
            for name, value in query
            if name != "X-Amz-Signature"
        )
    )
    canonical = "\n".join(
        [
            method,
            quote(unquote(parts.path), safe="/-_.~"),
            canonical_query,
            *(f"{name}:{sent[name]}" for name in signed),
            "",
            ";".join(signed),
            "UNSIGNED-PAYLOAD",
        ]
    )
    scope = f"{day}/{region}/s3/aws4_request"
    to_sign = "\n".join(
        [
            "AWS4-HMAC-SHA256",
            said["X-Amz-Date"],
            scope,
            hashlib.sha256(canonical.encode()).hexdigest(),
        ]
    )
    key = b"AWS4" + secrets[key_id].encode()
    for step in (day, region, "s3", "aws4_request", to_sign):
        key = hmac.digest(key, step.encode(), "sha256")
    return None if hmac.compare_digest(key.hex(), said["X-Amz-Signature"]) else "wrong signature"
