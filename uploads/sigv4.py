"""Many presigned URLs at once: Signature Version 4 in a query string, for one bucket.

boto3 makes one such URL in about 260 µs, and a plan holds dozens. All of a
plan's share their credentials, their second and their life, so that what they
have in common is computed once. Pure; the signatures equal botocore's.

Source: "Authenticating Requests: Using Query Parameters", S3 API Reference.
"""

import hmac
import re
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from urllib.parse import quote, urlsplit

_ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, slots=True)
class Key:
    """The credentials to sign with; `token` is a session's, or None."""

    id: str
    secret: str
    token: str | None = None


class Batch:
    """Signs keys of one bucket, all for the same `seconds` (1 to 604,800) from `made_at` (UTC).

    `base` is the URL that every key is appended to. `query` is what all of the
    URLs have in common; SignedHeaders and Signature follow it.
    """

    def __init__(self, key: Key, region: str, base: str, made_at: datetime, seconds: int) -> None:
        day, second = f"{made_at:%Y%m%d}", f"{made_at:%Y%m%dT%H%M%SZ}"
        scope = f"{day}/{region}/s3/aws4_request"
        said = {
            "X-Amz-Algorithm": _ALGORITHM,
            "X-Amz-Credential": f"{key.id}/{scope}",
            "X-Amz-Date": second,
            "X-Amz-Expires": str(seconds),
        }
        if key.token is not None:
            said["X-Amz-Security-Token"] = key.token
        self.base = base
        self.query = "&".join(f"{name}={quote(value, safe='')}" for name, value in said.items())
        where = urlsplit(base)
        self._path, self._host = where.path, where.netloc
        derived = b"AWS4" + key.secret.encode()
        for step in (day, region, "s3", "aws4_request"):
            derived = hmac.digest(derived, step.encode(), "sha256")
        to_sign = f"{_ALGORITHM}\n{second}\n{scope}\n"
        self._keyed = hmac.new(derived, to_sign.encode(), "sha256")
        # What follows the key in a canonical request, and is the same for every key.
        self._put, self._head = self._rest("", _ONCE), self._rest("", {})

    def put(self, key: str) -> str:
        """The signature of a write-once PUT of this key."""
        return self._sign("PUT", key, self._put)

    def head(self, key: str) -> str:
        """The signature of a HEAD of this key."""
        return self._sign("HEAD", key, self._head)

    def parts(self, key: str, upload_id: str, size: int, part: int) -> bytes:
        """The signatures of all parts of a multipart upload, 32 bytes each, one after the other.

        Each is bound to its length in bytes: `part`, and for the last one what is left of `size`.
        """
        query = f"&partNumber=\0&uploadId={_value(upload_id)}"
        number, last = divmod(size - 1, part)
        rests = [self._rest(query, {"content-length": str(n)}) for n in (part, last + 1)]
        (before, _, whole), (_, _, rest) = (rest.partition("\0") for rest in rests)
        # A part's number stands late in what is hashed, and all before it is hashed once.
        begun = sha256(f"PUT\n{self._path}{_escaped(key)}{before}".encode())
        ends = [f"{n}{whole}" for n in range(1, number + 1)] + [f"{number + 1}{rest}"]
        signatures = []
        for end in ends:
            hashed = begun.copy()
            hashed.update(end.encode())
            keyed = self._keyed.copy()
            keyed.update(hashed.hexdigest().encode())
            signatures.append(keyed.digest())
        return b"".join(signatures)

    def list(self, key: str, upload_id: str, after: int) -> str:
        """The signature of a ListParts, by a GET of at most 1,000 parts after a number."""
        marker = f"&max-parts=1000&part-number-marker={after}&uploadId={_value(upload_id)}"
        return self._sign("GET", key, self._rest(marker, {}))

    def complete(self, key: str, upload_id: str) -> str:
        """The signature of a write-once CompleteMultipartUpload, by a POST."""
        return self._sign("POST", key, self._rest(f"&uploadId={_value(upload_id)}", _ONCE))

    def abort(self, key: str, upload_id: str) -> str:
        """The signature of an AbortMultipartUpload, by a DELETE."""
        return self._sign("DELETE", key, self._rest(f"&uploadId={_value(upload_id)}", {}))

    def _rest(self, query: str, headers: dict[str, str]) -> str:
        """A canonical request from the end of its key on. `query` comes after what begins X-Amz."""
        signed = sorted({"host": self._host, **headers}.items())
        names = ";".join(name for name, _ in signed)
        lines = "".join(f"{name}:{value}\n" for name, value in signed)
        return (
            f"\n{self.query}&X-Amz-SignedHeaders={_value(names)}{query}\n"
            f"{lines}\n{names}\nUNSIGNED-PAYLOAD"
        )

    def _sign(self, method: str, key: str, rest: str) -> str:
        canonical = f"{method}\n{self._path}{_escaped(key)}{rest}"
        keyed = self._keyed.copy()
        keyed.update(sha256(canonical.encode()).hexdigest().encode())
        return keyed.hexdigest()


_ONCE = {"if-none-match": "*"}


def _value(text: str) -> str:
    return quote(text, safe="-_.~")


def _escaped(key: str) -> str:
    # Nothing in a key of ours needs it, and to see that is cheaper than to do it.
    return key if _PLAIN.fullmatch(key) else quote(key, safe="/-_.~")


_PLAIN = re.compile(r"[A-Za-z0-9/_.~-]*")
