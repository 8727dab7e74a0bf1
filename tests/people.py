"""People as tests need them: one asks for files in Slack, one outside sends them."""

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

from sigv4 import refusal

from local import plan
from local.aws import Aws
from local.loopback import Response
from local.plan import Plan
from local.process import Child
from local.slack.driver import Slack, words
from uploads import shapes
from uploads.links import FileId
from uploads.records import Records

ONCE = {"If-None-Match": "*"}

#: What SQS says of the messages that nobody holds; those that somebody does have a suffix.
_WAITING = "ApproximateNumberOfMessages"

#: A sitting as the page names one.
MARK = "k3m9x2p7"


@dataclass(frozen=True)
class Asked:
    """What a requester holds after `/upload-link`: the answer, and the address in it.

    `folder` is what the S3 keys of its files begin with.
    """

    answer: dict[str, Any]
    address: str
    folder: str

    @classmethod
    def at(cls, answer: dict[str, Any], address: str) -> "Asked":
        """What a requester holds of an open link that nobody has used yet."""
        key = urlsplit(plan.put_url(address)).path.lstrip("/")
        return cls(answer, address, key.removesuffix("1"))

    @property
    def plan(self) -> Plan:
        """What the page is told of the link now. Raises `LookupError` where there is no plan."""
        found = plan.fetch(self.address)
        if found is None:
            raise LookupError(self.address)
        return found

    def put_url(self, slot: int = 1) -> str:
        """The signed URL that the page would send the file of a slot to."""
        return plan.put_url(self.address, slot)

    @property
    def reference(self) -> str:
        """What the link is called where its id must not stand."""
        return self.folder.split("/")[-2]

    def file(self, slot: int = 1) -> FileId:
        """What the product calls the file of a slot."""
        return FileId(self.reference, slot)

    def key(self, slot: int | str = 1) -> str:
        """The S3 key of a slot, or of whatever else lies beside it."""
        return f"{self.folder}{slot}"


@dataclass(frozen=True)
class People:
    """The requester is in Slack; the uploader has nothing but an address."""

    slack: Slack
    aws: Aws
    bot: Child

    def ask(self, text: str = "", *, user: str = "ann", channel: str = "general") -> Asked:
        """Type `/upload-link text`, and take the link out of the answer.

        Every URL that the bot signs on the way is checked by our own verifier.
        """
        before = {m["ts"] for m in self.slack.sees(user, channel)}
        done = self.slack.command(text, user=user, channel=channel)
        assert done.error is None, done
        answer = self.slack.wait_for(
            lambda m: m["ephemeral"] and m["ts"] not in before, user=user, channel=channel
        )
        asked = Asked.at(answer, _url(answer))
        self.verify(asked)
        return asked

    def verify(self, asked: Asked) -> None:
        """Every signature that a link carries is one that S3 accepts, and none is missing."""
        if "s3_url=" in asked.address:
            assert refusal("PUT", asked.put_url(), ONCE, self.secrets) is None
            return
        now = asked.plan
        for slot in now.slots:
            assert refusal("PUT", now.put(slot), ONCE, self.secrets) is None
            assert refusal("HEAD", now.head(slot), {}, self.secrets) is None
        for cover in now.said["covers"]:
            assert refusal("PUT", now.cover(cover), ONCE, self.secrets) is None

    def send(
        self,
        asked: Asked,
        body: bytes = b"hello",
        *,
        slot: int = 1,
        name: str = "Q3.pdf",
        content_type: str = "application/pdf",
        mark: str = MARK,
    ) -> Response:
        """Send a file as the page does."""
        return self.put(
            asked.put_url(slot), body, name=name, content_type=content_type, mark=f"{mark}.{slot}"
        )

    def put(
        self,
        url: str,
        body: bytes = b"hello",
        *,
        name: str = "Q3.pdf",
        content_type: str = "application/pdf",
        mark: str = f"{MARK}.1",
    ) -> Response:
        """As `send`, to a URL that was taken out of a plan before."""
        headers = {
            **ONCE,
            "Content-Type": content_type,
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}; mark={mark}",
        }
        return self.aws.request("PUT", url, headers=headers, body=body)

    def introduce(
        self, asked: Asked, note: dict[str, Any] | bytes | None = None, *, number: int = 1
    ) -> Response:
        """Leave a cover note, as the page does when files are given; or anything in its place."""
        said: dict[str, Any] = {"v": 1, "mark": MARK, "name": "Mei, Acme", "note": ""}
        said |= {"files": 1, "bytes": 5}
        if isinstance(note, dict):
            said |= note
        body = note if isinstance(note, bytes) else json.dumps(said).encode()
        headers = {**ONCE, "Content-Type": "application/json"}
        return self.aws.request("PUT", asked.plan.cover(number), headers=headers, body=body)

    def event(
        self, asked: Asked, name: str = "ObjectCreated:Put", *, slot: int | str = 1
    ) -> dict[str, Any]:
        """S3's event for the file of a link, as S3 would send it again."""
        what = {
            "bucket": {"name": self.aws.outputs["UploadBucket"]},
            "object": {"key": asked.key(slot), "size": 5, "eTag": "x", "sequencer": "0A"},
        }
        return {"Records": [{"eventVersion": "2.1", "eventName": name, "s3": what}]}

    def queue(self, *bodies: object) -> None:
        """Put messages into the queue by hand."""
        for body in bodies:
            self.aws.client("sqs").send_message(
                QueueUrl=self.aws.outputs["EventQueueUrl"],
                MessageBody=body if isinstance(body, str) else json.dumps(body),
            )

    def news(self, *texts: str, seconds: float = 10, **where: Any) -> dict[str, Any]:
        """The follow-up that holds these texts."""
        return self.slack.wait_for(
            lambda m: is_news(m) and all(text in words(m) for text in texts),
            seconds=seconds,
            **where,
        )

    def all_news(
        self, text: str = "", *, user: str = "ann", channel: str = "general"
    ) -> list[dict[str, Any]]:
        """Every follow-up in a channel that holds this text."""
        seen = self.slack.sees(user, channel)
        return [m for m in seen if is_news(m) and text in words(m)]

    def card(self, *texts: str, seconds: float = 10, **where: Any) -> dict[str, Any]:
        """The card that holds these texts."""
        return self.slack.wait_for(
            lambda m: is_card(m) and all(text in words(m) for text in texts),
            seconds=seconds,
            **where,
        )

    def settled(self, *, left: int = 0) -> None:
        """Wait until the bot has dealt with all that is in the queue, and so deleted it.

        `left` messages are such that nobody can. We look twice, since an event
        of S3's takes a moment to get there.
        """
        until, seen = time.monotonic() + 20, 0
        while True:
            seen = seen + 1 if sum(self.in_queue()) == left else 0
            if seen == 2:
                return
            assert time.monotonic() < until, "there is more in the queue"
            time.sleep(0.1)

    def in_queue(self) -> tuple[int, int]:
        """How many messages wait there, and how many some bot holds."""
        counts = [_WAITING, f"{_WAITING}NotVisible"]
        said = self.aws.client("sqs").get_queue_attributes(
            QueueUrl=self.aws.outputs["EventQueueUrl"], AttributeNames=counts
        )
        waiting, held = (int(said["Attributes"][count]) for count in counts)
        return waiting, held

    def download(self, *, user: str = "ann", channel: str = "general") -> Response:
        """Press Download on the newest follow-up, and then the button that it gives."""
        offer = self.press("download", user=user, channel=channel)
        url = _url(offer)
        assert refusal("GET", url, {}, self.secrets) is None
        return self.aws.request("GET", url)

    def press(
        self, action_id: str, *, user: str = "ann", channel: str = "general"
    ) -> dict[str, Any]:
        """Press the newest such button, and wait for the answer that only this person sees."""
        before = {m["ts"] for m in self.slack.sees(user, channel)}
        done = self.slack.click(action_id, user=user, channel=channel)
        assert done.error is None, done
        return self.slack.wait_for(
            lambda m: m["ephemeral"] and m["ts"] not in before, user=user, channel=channel
        )

    @property
    def records(self) -> Records:
        """The bot's table."""
        return Records(self.aws.client("dynamodb"), self.aws.outputs["LinkTable"])

    def set_time(self, asked: Asked, **moments: datetime) -> None:
        """Let moments of a link (`made_at`, `ends_at`, `due_at`) be others than they were."""
        self.aws.client("dynamodb").update_item(
            TableName=self.aws.outputs["LinkTable"],
            Key=shapes.key(asked.reference, "link"),
            UpdateExpression="SET " + ", ".join(f"{name} = :{name}" for name in moments),
            ExpressionAttributeValues={
                f":{name}": shapes.number(at) for name, at in moments.items()
            },
        )

    def stored(self, asked: Asked, slot: int | str = 1) -> dict[str, Any] | None:
        """What lies under a key of a link, as S3 describes it; None where nothing does."""
        s3 = self.aws.client("s3")
        where = {"Bucket": self.aws.outputs["UploadBucket"], "Key": asked.key(slot)}
        listed = s3.list_objects_v2(Bucket=where["Bucket"], Prefix=where["Key"])
        if where["Key"] not in {found["Key"] for found in listed.get("Contents", [])}:
            return None
        found: dict[str, Any] = s3.head_object(**where)
        return found

    def keys(self, asked: Asked) -> list[str]:
        """What is stored of a link, by the end of its key."""
        found = self.aws.client("s3").list_objects_v2(
            Bucket=self.aws.outputs["UploadBucket"], Prefix=asked.folder
        )
        return [item["Key"].removeprefix(asked.folder) for item in found.get("Contents", [])]

    @property
    def secrets(self) -> dict[str, str]:
        """The bot's key, for the verifier."""
        return dict([self.aws.bot_key])


def is_news(message: dict[str, Any]) -> bool:
    """Whether a message is a follow-up."""
    said = r"has arrived|have arrived|files? have arrived| sent \d+ files?"
    return not message["ephemeral"] and re.search(said, message["text"]) is not None


def is_card(message: dict[str, Any]) -> bool:
    """Whether a message is the card of a link."""
    return not message["ephemeral"] and "(asked for by <@" in message["text"]


def _url(message: dict[str, Any]) -> str:
    """Where the button of a message leads that leads somewhere."""
    for block in message.get("blocks", []):
        for element in block.get("elements", []):
            if element.get("action_id") == "open_address":
                return str(element["url"])
    raise AssertionError(f"no button that leads somewhere in {message}")


def until(true: Callable[[], bool], seconds: float = 20) -> None:
    """Wait until something is true."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)
