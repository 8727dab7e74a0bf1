"""An uploader's page without a browser: it announces a file, and sends it in parts."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from people import MARK, ONCE, Asked, People, until

from local import plan
from local.loopback import Response
from local.plan import Parts
from uploads.links import new_id
from uploads.multipart import SMALLEST_PART

MIB = 1024**2
SIZE = 2 * SMALLEST_PART + 3 * MIB  # three parts
BODY = bytes(range(256)) * (SIZE // 256)


@dataclass
class Sender:
    """One file on its way."""

    people: People
    asked: Asked
    number: int = 1
    slot: int = 1
    name: str = "movie.mp4"
    body: bytes = field(default=BODY, repr=False)
    mark: str = f"{MARK}.1"
    reply: str = field(default_factory=new_id)

    @property
    def disposition(self) -> str:
        return f"attachment; filename*=UTF-8''{quote(self.name, safe='')}; mark={self.mark}"

    def announce(self, **said: Any) -> Response:
        """PUT the announcement, or what else is said in its place."""
        intent: dict[str, Any] = {"v": 1, "slot": self.slot, "size": len(self.body)}
        intent |= {"type": "video/mp4", "disposition": self.disposition, "reply": self.reply} | said
        headers = {**ONCE, "Content-Type": "application/json"}
        url = self.asked.plan.intent(self.number)
        body = json.dumps(intent).encode()
        return self.people.aws.request("PUT", url, headers=headers, body=body)

    def answer(self, *states: str, seconds: float = 10) -> Parts:
        """What the bot says to it, once that is one of these states."""
        until(lambda: getattr(self.look(), "state", None) in (states or ("open",)), seconds)
        found = self.look()
        assert found is not None
        return found

    def look(self) -> Parts | None:
        return plan.fetch_parts(self.asked.address, self.reply)

    def begin(self) -> Parts:
        assert self.announce().status == 200
        return self.answer()

    def send(self, parts: Parts, *numbers: int) -> dict[int, str]:
        """PUT some parts (or all); returns their ETags by number."""
        etags = {}
        for number in numbers or range(1, len(parts.lengths) + 1):
            answer = self.put(parts, number)
            assert answer.status == 200, answer.body
            etags[number] = answer.headers["etag"]
        return etags

    def put(self, parts: Parts, number: int) -> Response:
        begin = (number - 1) * parts.said["part"]
        body = self.body[begin : begin + parts.lengths[number - 1]]
        return self.people.aws.request("PUT", parts.part(number), body=body)

    def complete(self, parts: Parts, etags: dict[int, str]) -> Response:
        listed = "".join(
            f"<Part><PartNumber>{n}</PartNumber><ETag>{etag}</ETag></Part>"
            for n, etag in sorted(etags.items())
        )
        body = f"<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>".encode()
        headers = {**ONCE, "Content-Type": "application/xml"}
        return self.people.aws.request("POST", parts.complete, headers=headers, body=body)

    def unfinished(self) -> int:
        """How many multipart uploads of this link S3 holds."""
        found = self.people.aws.client("s3").list_multipart_uploads(
            Bucket=self.people.aws.outputs["UploadBucket"], Prefix=self.asked.folder
        )
        return len(found.get("Uploads", []))
