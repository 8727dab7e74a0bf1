"""From a queue message to the arrivals in it.

S3 delivers at least once, in any order, and through several envelopes: its own
notification, EventBridge's, and either of them inside an SNS message. Nothing
here looks anything up.
"""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from uploads.errors import Unreadable
from uploads.links import FileId


@dataclass(frozen=True, slots=True)
class Arrival:
    """The fact that an object landed. Its size and name are asked of S3, which knows best."""

    file: FileId
    key: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """An event that is no arrival of ours, and why."""

    reason: str


def read(body: str, bucket: str) -> list[Arrival | Ignored]:
    """Every event in a queue message. Raises `Unreadable` for what is none we know.

    Event shapes: S3 User Guide, "Event message structure" and "Using
    EventBridge"; SNS Developer Guide, "Parsing message formats".
    """
    try:
        message = json.loads(body)
        return _open(message, bucket)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unreadable("This queue message is no event of S3.") from error


def _open(message: dict[str, Any], bucket: str) -> list[Arrival | Ignored]:
    if message.get("Type") == "Notification":
        return _open(json.loads(message["Message"]), bucket)
    if message.get("Event") == "s3:TestEvent":
        return [Ignored("S3's test event")]
    if "detail-type" in message:
        return [_from_eventbridge(message, bucket)]
    return [_from_s3(record, bucket) for record in message["Records"]]


def _from_s3(record: dict[str, Any], bucket: str) -> Arrival | Ignored:
    # Real S3 writes "ObjectCreated:Put", some that speak its language "s3:ObjectCreated:Put".
    name = record["eventName"].removeprefix("s3:")
    if not name.startswith("ObjectCreated:"):
        return Ignored(f"{name} is no creation")
    # The key is form-encoded in this envelope: a space is a plus sign.
    key = unquote_plus(record["s3"]["object"]["key"])
    return _arrival(record["s3"]["bucket"]["name"], key, bucket)


def _from_eventbridge(event: dict[str, Any], bucket: str) -> Arrival | Ignored:
    if event["detail-type"] != "Object Created":
        return Ignored(f"{event['detail-type']} is no creation")
    return _arrival(event["detail"]["bucket"]["name"], event["detail"]["object"]["key"], bucket)


def _arrival(found_in: str, key: str, bucket: str) -> Arrival | Ignored:
    if found_in != bucket:
        return Ignored("another bucket")
    if key.endswith("/"):
        return Ignored("a folder marker")
    file = FileId.from_key(key)
    return Arrival(file, key) if file else Ignored("no key of a link")
