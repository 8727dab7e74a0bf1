"""A file's whole way, gone for real: preflight, signed PUT, event, queue, bot, table.

All that is put anywhere carries the nonce of this one question, and is taken
away again, whatever happens.
"""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from urllib.parse import quote

from botocore.exceptions import BotoCoreError, ClientError

from cloud.doctor.bucket import UPLOAD_HEADERS
from cloud.doctor.finding import Check, Finding, Findings, Verdict
from cloud.doctor.installation import Installation, now
from cloud.doctor.looking import BOT_POLICY, DOCTOR_POLICY, denied, explained, look, refusal
from cloud.doctor.waiting import EVENT, wait, waiting_messages
from uploads.arrivals import PROBES
from uploads.bucket import Bucket
from uploads.disposition import attachment
from uploads.errors import Unavailable, error_code

PREFLIGHT = Check("upload.preflight", "OPTIONS, from the page's origin")
FOREIGN = Check("upload.foreign", "OPTIONS, from https://foreign.example")
ASKED = Check("upload.table", "writing the question into the table")
PUT = Check("upload.put", "a signed PUT")
AGAIN = Check("upload.again", "the same PUT once more")
ALTERED = Check("upload.unsigned-header", "the same PUT with a header that nobody signed")
PLAIN = Check("upload.overwrite", "PutObject without If-None-Match, by the bot's own key")
HEAD = Check("upload.head", "the page's question whether it is there")
STRANGER = Check("upload.stranger", "a GET without a signature")
PARTS = Check("upload.parts", "a multipart upload: begun, a part sent, listed, thrown away")
CLEAN = Check("upload.cleanup", "taking all of it away again")

#: What a signed PUT has to come with.
ONCE = {"If-None-Match": "*"}

#: What AWS says of a bucket or table in which nothing can be.
_NOWHERE = frozenset({"NoSuchBucket", "ResourceNotFoundException", "ValidationException"})

#: The doctor's signatures need not live longer than the doctor.
_LIFE = timedelta(minutes=10)

_CORS = "See bucket.cors. Set CORS again as cloud/template.yaml has it."
_POLICY = "Set the bucket's policy again as cloud/template.yaml has it (UploadBucketPolicy)."


@dataclass(frozen=True, slots=True)
class Probe:
    """One question: its key, and the two URLs that a link would carry for it."""

    nonce: str
    put: str
    head: str

    @property
    def key(self) -> str:
        return PROBES + self.nonce

    @classmethod
    def sign(cls, it: Installation) -> "Probe":
        """By the product's own way. Raises `Unavailable` without credentials."""
        at = now()
        batch, _ = it.ours.signer.batch(at, at + _LIFE)
        nonce = secrets.token_hex(16)
        key = PROBES + nonce
        url = f"{batch.base}{key}?{batch.query}&X-Amz-SignedHeaders=host"
        return cls(
            nonce,
            f"{url}%3Bif-none-match&X-Amz-Signature={batch.put(key)}",
            f"{url}&X-Amz-Signature={batch.head(key)}",
        )


def examine(it: Installation) -> Findings:
    probe = Probe.sign(it)
    try:
        asked = look(ASKED, partial(_ask, it, probe))
        yield asked
        yield from _send(it, probe, asked=asked.verdict is Verdict.OK)
    finally:
        clean = look(CLEAN, partial(_clean, it, probe))
    yield clean


def _send(it: Installation, probe: Probe, *, asked: bool) -> Iterator[Finding]:
    before = waiting_messages(it)
    put = look(PUT, partial(_put, it, probe))
    yield put
    if put.verdict is not Verdict.OK:
        for check in (PREFLIGHT, FOREIGN, EVENT, AGAIN, ALTERED, PLAIN, HEAD, STRANGER, PARTS):
            yield check.skipped("nothing could be put there")
        return
    yield (
        look(EVENT, partial(wait, it, probe.nonce, before))
        if asked
        else EVENT.skipped("a bot could not answer in the table")
    )
    yield look(PREFLIGHT, partial(_preflight, it, probe))
    yield look(FOREIGN, partial(_foreign, it, probe))
    yield look(AGAIN, partial(_again, it, probe))
    yield look(ALTERED, partial(_altered, it, probe))
    yield look(PLAIN, partial(_plain, it, probe))
    yield look(HEAD, partial(_head, it, probe))
    yield look(STRANGER, partial(_stranger, it, probe))
    yield look(PARTS, partial(_parts, it, probe))


def _preflight(it: Installation, probe: Probe) -> Finding:
    allowed = _may(it, probe, it.page_origin)
    lacks = [header for header in UPLOAD_HEADERS if header not in allowed]
    wrong = "" if "put" in allowed and not lacks else "S3 does not let the page send files"
    return PREFLIGHT.judged(wrong, f"{it.page_origin} may send files", _CORS)


def _foreign(it: Installation, probe: Probe) -> Finding:
    wrong = "any page may use a link" if _may(it, probe, "https://foreign.example") else ""
    return FOREIGN.judged(wrong, "refused", _CORS)


def _may(it: Installation, probe: Probe, origin: str) -> set[str]:
    """What S3 allows a page of this origin to send, method and headers; nothing if it may not."""
    ask = {
        "Origin": origin,
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": ",".join(UPLOAD_HEADERS),
    }
    said = it.ask("OPTIONS", probe.put, ask).headers
    if said.get("access-control-allow-origin") not in {origin, "*"}:
        return set()
    named = "access-control-allow-methods", "access-control-allow-headers"
    return {word.strip().lower() for name in named for word in said.get(name, "").split(",")}


def _ask(it: Installation, probe: Probe) -> Finding:
    it.ours.probes.ask(probe.nonce)
    return ASKED.ok("written")


def _put(it: Installation, probe: Probe) -> Finding:
    answer = it.ask("PUT", probe.put, ONCE)
    if answer.status == 200:
        return PUT.ok("taken")
    code = refusal(answer)
    if denied(code):
        return PUT.bad(f"S3 does not let the bot's links write ({code})", BOT_POLICY)
    return PUT.bad(*explained(code))


def _again(it: Installation, probe: Probe) -> Finding:
    status = it.ask("PUT", probe.put, ONCE).status
    wrong = "" if status == 412 else f"{status}: a link may overwrite what it delivered"
    return AGAIN.judged(wrong, "412, as the key is taken", _POLICY)


def _altered(it: Installation, probe: Probe) -> Finding:
    status = it.ask("PUT", probe.put, ONCE | {"x-amz-meta-doctor": "1"}).status
    wrong = "" if status == 403 else f"{status}: whoever has a link may change what it does"
    return ALTERED.judged(wrong, "403", "Whatever answers as S3 here is none: use AWS's.")


def _plain(it: Installation, probe: Probe) -> Finding:
    try:
        it.ours.s3.put_object(Bucket=it.settings.upload_bucket, Key=probe.key, Body=b"")
    except ClientError as error:
        if not denied(error_code(error)):
            raise
        return PLAIN.ok("refused")
    return PLAIN.bad("S3 let it overwrite the file", _POLICY)


def _head(it: Installation, probe: Probe) -> Finding:
    answer = it.ask("HEAD", probe.head)
    wrong = "" if answer.status == 200 else f"{answer.status}: the bot may not read what arrives"
    return HEAD.judged(wrong, "it is there", BOT_POLICY)


def _stranger(it: Installation, probe: Probe) -> Finding:
    status = it.ask("GET", probe.head.partition("?")[0]).status
    wrong = "" if status == 403 else f"{status}: files are not private"
    return STRANGER.judged(wrong, "403", _POLICY)


def _parts(it: Installation, probe: Probe) -> Finding:
    """The way of a large file, as far as it goes without becoming one."""
    bucket = Bucket(it.ours.s3, it.settings.upload_bucket)
    upload_id = bucket.begin(probe.key, "text/plain", attachment("doctor"))
    try:
        at = now()
        batch, _ = it.ours.signer.batch(at, at + _LIFE)
        url = (
            f"{batch.base}{probe.key}?{batch.query}&X-Amz-SignedHeaders=content-length%3Bhost"
            f"&partNumber=1&uploadId={quote(upload_id, safe='')}"
            f"&X-Amz-Signature={batch.parts(probe.key, upload_id, 1, 1).hex()}"
        )
        answer = it.web.request("PUT", url, body=b"x")
        if answer.status != 200:
            return PARTS.bad(*explained(refusal(answer)))
        loaded = bucket.loaded(probe.key, upload_id)
        return PARTS.judged("" if loaded == 1 else "the part is not there", "as it should be", "")
    finally:
        bucket.abort(probe.key, upload_id)


def _clean(it: Installation, probe: Probe) -> Finding:
    steps = (partial(_delete, it, probe.key), partial(it.reading.probes.forget, probe.nonce))
    left = [why for step in steps if (why := _failure(step))]
    wrong = f"{probe.key}, or its item in the table, stays: {', '.join(left)}" if left else ""
    return CLEAN.judged(wrong, "nothing is left", DOCTOR_POLICY)


def _delete(it: Installation, key: str) -> None:
    """Delete every version of a key for good."""
    where = it.settings.upload_bucket
    for page in it.reading.s3.get_paginator("list_object_versions").paginate(
        Bucket=where, Prefix=key
    ):
        for one in (*page.get("Versions", []), *page.get("DeleteMarkers", [])):
            it.reading.s3.delete_object(Bucket=where, Key=key, VersionId=one["VersionId"])


def _failure(step: Callable[[], None]) -> str:
    """Why something could not be taken away; "" if it was, or can never have been put there."""
    try:
        step()
    except (BotoCoreError, ClientError, Unavailable) as error:
        cause = error.__cause__ if isinstance(error, Unavailable) else error
        code = error_code(cause) if isinstance(cause, ClientError) else "no answer"
        return "" if code in _NOWHERE else code
    return ""
