"""A link read as a browser reads it, for demo, tests and bench that have no browser."""

import base64
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from local.loopback import request
from uploads.links import FileId, from_key


@dataclass(frozen=True, slots=True)
class Plan:
    """What `/p/<id>.json` says."""

    said: dict[str, Any]

    @property
    def state(self) -> str:
        return str(self.said["state"])

    @property
    def slots(self) -> list[int]:
        """The free ones."""
        return [int(slot) for slot in self.said.get("slots", {})]

    def put(self, slot: int) -> str:
        """The URL of a write-once PUT."""
        return self._url(str(slot), "host%3Bif-none-match", self.said["slots"][str(slot)][0])

    def head(self, slot: int) -> str:
        """The URL that asks what lies in a slot."""
        return self._url(str(slot), "host", self.said["slots"][str(slot)][1])

    def cover(self, number: int) -> str:
        """The URL of a write-once PUT of a cover note."""
        signature = self.said["covers"][str(number)]
        return self._url(f"cover/{number}", "host%3Bif-none-match", signature)

    def _url(self, name: str, headers: str, signature: str) -> str:
        query = f"{self.said['query']}&X-Amz-SignedHeaders={headers}&X-Amz-Signature={signature}"
        return f"{self.said['base']}{name}?{query}"


def fetch(address: str) -> Plan | None:
    """The plan behind a short address; None where there is none."""
    page, _, link = address.partition("#")
    answer = request("GET", f"{page.rstrip('/')}/p/{link}.json")
    return Plan(json.loads(answer.body)) if answer.status == 200 else None


def put_url(address: str, slot: int = 1) -> str:
    """The signed PUT that a link of either form leads to."""
    if "s3_url=" in address:
        carried = parse_qs(urlsplit(address).query)["s3_url"][0]
        return base64.urlsafe_b64decode(carried).decode()
    plan = fetch(address)
    if plan is None:
        raise LookupError("there is no plan for this address")
    return plan.put(slot)


def file_of(url: str) -> FileId:
    """Which file a signed URL is for. Raises `LookupError` for a key that no link of ours has."""
    found = from_key("uploads/" + urlsplit(url).path.split("/uploads/")[1])
    if isinstance(found, FileId):
        return found
    raise LookupError(f"no file's key is in {url.partition('?')[0]}")
