"""People as tests need them: one asks for a file in Slack, one outside sends it."""

import base64
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from sigv4 import refusal

from local.aws import Aws
from local.loopback import Response
from local.process import Child
from local.slack.driver import Slack, words
from uploads.links import FileId


@dataclass(frozen=True)
class Asked:
    """What a requester holds after `/upload-link`: the answer, and the address in it."""

    answer: dict[str, Any]
    address: str

    @property
    def put_url(self) -> str:
        carried = parse_qs(urlsplit(self.address).query)["s3_url"][0]
        return base64.urlsafe_b64decode(carried).decode()

    @property
    def file(self) -> FileId:
        key = "uploads/" + urlsplit(self.put_url).path.split("/uploads/")[1]
        found = FileId.from_key(key)
        assert found is not None, key
        return found


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
        asked = Asked(answer, _url(answer, "Open the page"))
        assert refusal("PUT", asked.put_url, {"If-None-Match": "*"}, self.secrets) is None
        return asked

    def send(
        self,
        asked: Asked,
        body: bytes = b"hello",
        *,
        name: str = "Q3.pdf",
        content_type: str = "application/pdf",
    ) -> Response:
        """Send a file as the page does."""
        headers = {
            "If-None-Match": "*",
            "Content-Type": content_type,
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}; mark=m1",
        }
        return self.aws.request("PUT", asked.put_url, headers=headers, body=body)

    def event(self, asked: Asked, name: str = "ObjectCreated:Put") -> dict[str, Any]:
        """S3's event for the file of a link, as S3 would send it again."""
        key = asked.put_url.partition("?")[0].partition("/uploads/")[2]
        what = {
            "bucket": {"name": self.aws.outputs["UploadBucket"]},
            "object": {"key": f"uploads/{key}", "size": 5, "eTag": "x", "sequencer": "0A"},
        }
        return {"Records": [{"eventVersion": "2.1", "eventName": name, "s3": what}]}

    def queue(self, *bodies: object) -> None:
        """Put messages into the queue by hand."""
        for body in bodies:
            self.aws.client("sqs").send_message(
                QueueUrl=self.aws.outputs["EventQueueUrl"],
                MessageBody=body if isinstance(body, str) else json.dumps(body),
            )

    def news(self, text: str, **where: Any) -> dict[str, Any]:
        """The follow-up that holds this text."""
        return self.slack.wait_for(
            lambda m: not m["ephemeral"] and "has arrived" in words(m) and text in words(m), **where
        )

    def all_news(self, *, user: str = "ann", channel: str = "general") -> list[dict[str, Any]]:
        """Every follow-up in a channel."""
        seen = self.slack.sees(user, channel)
        return [m for m in seen if "has arrived" in m["text"]]

    def download(self, *, user: str = "ann", channel: str = "general") -> Response:
        """Press Download on the newest follow-up, and then the button that it gives."""
        self.slack.click("download", user=user, channel=channel)
        offer = self.slack.wait_for("Save the file", user=user, channel=channel)
        url = _url(offer, "Save the file")
        assert refusal("GET", url, {}, self.secrets) is None
        return self.aws.request("GET", url)

    @property
    def secrets(self) -> dict[str, str]:
        """The bot's key, for the verifier."""
        env = self.aws.bot_env
        return {env["AWS_ACCESS_KEY_ID"]: env["AWS_SECRET_ACCESS_KEY"]}


def _url(message: dict[str, Any], button: str) -> str:
    for block in message["blocks"]:
        for element in block.get("elements", []):
            if element.get("type") == "button" and element["text"]["text"] == button:
                return str(element["url"])
    raise AssertionError(f"no button {button!r} in {message}")
