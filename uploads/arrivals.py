"""From a queue message to what it says of our objects: landed, or gone.

S3 delivers at least once, in any order, and through several envelopes: its own
notification, EventBridge's, and either of them inside an SNS message. Nothing
here looks anything up.
"""

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from uploads.errors import Unreadable
from uploads.links import CoverId, FileId, IntentId, Verdict, from_key


@dataclass(frozen=True, slots=True)
class Arrival:
    """The fact that an object landed. Its size and name are asked of S3, which knows best."""

    what: FileId | CoverId | IntentId
    key: str


@dataclass(frozen=True, slots=True)
class Gone:
    """The fact that an object was deleted or expired, whoever did it."""

    what: FileId | CoverId
    key: str


@dataclass(frozen=True, slots=True)
class Scanned:
    """The fact that GuardDuty has looked into an object, and what it made of it."""

    what: FileId
    key: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Probe:
    """Somebody's question whether events get here at all: see `probes`."""

    nonce: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """An event that is nothing to us, and why."""

    reason: str


Event = Arrival | Gone | Scanned | Probe | Ignored

#: What the keys of probes begin with. No link signs such a key.
PROBES = "uploads/doctor/"

_PROBE = re.compile(PROBES + r"(?P<nonce>[0-9a-f]{32})")


def read(body: str, bucket: str) -> list[Event]:
    """Every event in a queue message. Raises `Unreadable` for what is none we know.

    Event shapes: S3 User Guide, "Event message structure" and "Using
    EventBridge"; SNS Developer Guide, "Parsing message formats"; GuardDuty User
    Guide, "Monitoring S3 object scan status with Amazon EventBridge".
    """
    try:
        message = json.loads(body)
        return _open(message, bucket)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unreadable("no_event") from error


def _open(message: dict[str, Any], bucket: str) -> list[Event]:
    if message.get("Type") == "Notification":
        return _open(json.loads(message["Message"]), bucket)
    if message.get("Event") == "s3:TestEvent":
        return [Ignored("S3's test event")]
    if "detail-type" in message:
        return [_from_eventbridge(message, bucket)]
    return [_from_s3(record, bucket) for record in message["Records"]]


def _from_s3(record: dict[str, Any], bucket: str) -> Event:
    # Real S3 writes "ObjectCreated:Put", some that speak its language "s3:ObjectCreated:Put".
    name = record["eventName"].removeprefix("s3:")
    of = _KINDS.get(name.partition(":")[0])
    if of is None:
        return Ignored(f"{name} is neither a creation nor a removal")
    # The key is form-encoded in this envelope: a space is a plus sign.
    key = unquote_plus(record["s3"]["object"]["key"])
    return _ours(of, record["s3"]["bucket"]["name"], key, bucket)


def _from_eventbridge(event: dict[str, Any], bucket: str) -> Event:
    if event["detail-type"] == "GuardDuty Malware Protection Object Scan Result":
        return _from_guardduty(event["detail"], bucket)
    of = _KINDS.get(event["detail-type"])
    if of is None:
        return Ignored(f"{event['detail-type']} is neither a creation nor a removal")
    return _ours(of, event["detail"]["bucket"]["name"], event["detail"]["object"]["key"], bucket)


def _from_guardduty(detail: dict[str, Any], bucket: str) -> Event:
    scanned = detail["s3ObjectDetails"]
    event = _ours(Arrival, scanned["bucketName"], scanned["objectKey"], bucket)
    if isinstance(event, Ignored):
        return event
    if not isinstance(event, Arrival) or not isinstance(event.what, FileId):
        return Ignored("a scan of what is no file")
    result = (detail.get("scanResultDetails") or {}).get("scanResultStatus") or ""
    return Scanned(event.what, event.key, verdict(result))


def verdict(status: str) -> Verdict:
    """What GuardDuty's word for a result comes to, in an event or in its tag.

    >>> verdict("THREATS_FOUND").value, verdict("ACCESS_DENIED").value
    ('infected', 'failed')
    """
    known = {
        "NO_THREATS_FOUND": Verdict.CLEAN,
        "THREATS_FOUND": Verdict.INFECTED,
        "UNSUPPORTED": Verdict.UNKNOWN,
    }
    return known.get(status, Verdict.FAILED)


_KINDS: dict[str, type[Arrival] | type[Gone]] = {
    "ObjectCreated": Arrival,
    "ObjectRemoved": Gone,
    "LifecycleExpiration": Gone,
    "Object Created": Arrival,
    "Object Deleted": Gone,
}


def _ours(of: type[Arrival] | type[Gone], found_in: str, key: str, bucket: str) -> Event:
    if found_in != bucket:
        return Ignored("another bucket")
    if key.endswith("/"):
        return Ignored("a folder marker")
    if probe := _PROBE.fullmatch(key):
        return Probe(probe["nonce"]) if of is Arrival else Ignored("a probe that is over")
    what = from_key(key)
    if what is None:
        return Ignored("no key of a link")
    if of is Arrival:
        return Arrival(what, key)
    # What was announced is in the records, and is announced once.
    return Ignored("an announcement") if isinstance(what, IntentId) else Gone(what, key)
