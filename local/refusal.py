"""An error as AWS writes it: XML from S3, JSON from the services that speak it."""

import json
from dataclasses import dataclass, field
from xml.sax.saxutils import escape


@dataclass(frozen=True, slots=True)
class Refusal:
    """What AWS answers instead; `more` are the further elements of S3's error document."""

    status: int
    code: str
    message: str
    headers: dict[str, str] = field(default_factory=dict)
    more: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> tuple[dict[str, str], bytes]:
        """Headers and body for a JSON service (one whose requests carry `X-Amz-Target`)."""
        body = json.dumps({"__type": self.code, "message": self.message})
        return {"content-type": "application/x-amz-json-1.0"} | self.headers, body.encode()

    def as_xml(self) -> tuple[dict[str, str], bytes]:
        """Headers and body for S3."""
        said = {"Code": self.code, "Message": self.message, **self.more, "RequestId": "GUARD"}
        elements = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in said.items())
        body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{elements}</Error>'
        return {"content-type": "application/xml"} | self.headers, body.encode()


def headers_not_signed(names: list[str]) -> Refusal:
    """S3's complaint about `x-amz-*` headers that a presigned URL does not allow for."""
    message = "There were headers present in the request which were not signed"
    return Refusal(403, "AccessDenied", message, more={"HeadersNotSigned": ", ".join(names)})
