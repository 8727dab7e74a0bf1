"""A link read as a browser reads it, for demo, tests and bench that have no browser."""

import base64
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

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

    @property
    def intents(self) -> list[int]:
        """The numbers that nothing was announced under."""
        return [int(number) for number in self.said.get("intents", {})]

    def intent(self, number: int) -> str:
        """The URL of a write-once PUT of an announcement."""
        signature = self.said["intents"][str(number)]
        return self._url(f"intent/{number}", "host%3Bif-none-match", signature)

    def _url(self, name: str, headers: str, signature: str) -> str:
        query = f"{self.said['query']}&X-Amz-SignedHeaders={headers}&X-Amz-Signature={signature}"
        return f"{self.said['base']}{name}?{query}"


@dataclass(frozen=True, slots=True)
class Parts:
    """What `/p/<id>/<number>.json` says: how an announced file goes on."""

    said: dict[str, Any]

    @property
    def state(self) -> str:
        return str(self.said["state"])

    @property
    def lengths(self) -> list[int]:
        """How long each part is."""
        size, part = self.said["size"], self.said["part"]
        return [min(part, size - begin) for begin in range(0, size, part)]

    def part(self, number: int, host: int = 0) -> str:
        """The URL that takes a part, at one of the bucket's hosts."""
        raw = base64.b64decode(self.said["parts"][host])[32 * (number - 1) : 32 * number]
        return self._url("content-length%3Bhost", raw.hex(), f"partNumber={number}", host=host)

    def list(self, page: int = 0) -> str:
        """The URL that lists parts, a thousand a page."""
        marker = f"max-parts=1000&part-number-marker={1000 * page}"
        return self._url("host", self.said["list"][page], marker)

    @property
    def complete(self) -> str:
        """The URL that makes a file of the parts."""
        return self._url("host%3Bif-none-match", self.said["complete"])

    @property
    def abort(self) -> str:
        """The URL that throws the parts away."""
        return self._url("host", self.said["abort"])

    @property
    def head(self) -> str:
        """The URL that asks what lies in the slot."""
        return self._url("host", self.said["head"], upload=False)

    def _url(
        self, headers: str, signature: str, more: str = "", *, host: int = 0, upload: bool = True
    ) -> str:
        said = self.said
        query = [said["query"], f"X-Amz-SignedHeaders={headers}", more]
        query += [f"uploadId={quote(said['upload'], safe='')}" if upload else ""]
        query += [f"X-Amz-Signature={signature}"]
        return f"{said['bases'][host]}{said['slot']}?{'&'.join(filter(None, query))}"


def fetch(address: str) -> Plan | None:
    """The plan behind a short address; None where there is none."""
    said = _fetch(address, "")
    return None if said is None else Plan(said)


def fetch_parts(address: str, reply: str) -> Parts | None:
    """How an announced file goes on, by the secret of its page; None before anybody has said."""
    said = _fetch(address, f"/{reply}")
    return None if said is None else Parts(said)


def _fetch(address: str, name: str) -> dict[str, Any] | None:
    page, _, link = address.partition("#")
    answer = request("GET", f"{page.rstrip('/')}/p/{link}{name}.json")
    said: dict[str, Any] | None = json.loads(answer.body) if answer.status == 200 else None
    return said


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
