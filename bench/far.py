"""`python -m bench.far BUNDLES SECONDS ADDRESS...`: all that an upload needs at the far end.

Pages, an S3, and who signs for them, at one port of each address. Our page's bot answers an
intent after SECONDS. Prints its port, then the byte count of each object that came in whole.
"""

import base64
import json
import re
import socket
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from bench import node, site
from bench.sink import CORS, LISTED, WHOLE, Bucket, Reply, Request, serve
from uploads.multipart import part_size

PEERS = Path(__file__).parent / "peers"
#: Two names of the same bucket, one for each address. Under `localhost` browsers trust them
#: without TLS.
BUCKETS = (
    "bucket.s3.eu-central-1.amazonaws.localhost",
    "bucket.s3.dualstack.eu-central-1.amazonaws.localhost",
)
#: Our page, by how many names of the bucket its parts go to.
OURS = {"ours": 1, "ours2": 2}
#: Which packages each version of Uppy is made of.
UPPYS = {
    "uppy6": (),
    "uppy5": ("--alias:@uppy/core=uppy5-core", "--alias:@uppy/aws-s3=uppy5-aws-s3"),
}
#: What our page tells the bot of, beside the files.
NOTE = re.compile(r"/(cover|intent)/\d+$")
SIGNATURE = "0123456789abcdef" * 4
JSON = {"Content-Type": "application/json", "Cache-Control": "no-store"}


def bundle(folder: Path) -> None:
    """Both Uppys, for `sites`."""
    for name, aliases in UPPYS.items():
        node.bundle(PEERS / "parts.js", folder / name, *aliases)


def sites(bundles: Path, prefixes: list[str]) -> dict[str, site.Site]:
    """Every page that is measured."""
    parts = site.text((PEERS / "parts.html").read_bytes(), "text/html")
    return {
        "ours": site.ours(" ".join(prefixes)),
        "bare": {"/": site.text((PEERS / "bare.html").read_bytes(), "text/html")},
        **{
            name: {
                "/": parts,
                "/parts.js": site.text(
                    (bundles / name / "parts.js").read_bytes(), "text/javascript"
                ),
            }
            for name in UPPYS
        },
    }


def address(page: str, port: int, number: int) -> str:
    """Where a page is opened to send a file, each to another place by its number."""
    if page in OURS:
        # A link's id, of 22 letters or digits.
        return f"http://ours.localhost:{port}/#{OURS[page]}{number:021}"
    url = site.signed(_prefixes(port)[0], f"{page}/{number}")
    return site.link(f"http://{page}.localhost:{port}/", url)


def _prefixes(port: int) -> list[str]:
    return [f"http://{name}:{port}/uploads/" for name in BUCKETS]


class Bot:
    """The part of our bot that a page in parts meets: plans, and answers to intents."""

    def __init__(self, bucket: Bucket, prefixes: list[str], patience: float) -> None:
        self._bucket = bucket
        self._prefixes = prefixes
        self._patience = patience
        self._answers: dict[str, tuple[float, bytes]] = {}

    def published(self, name: str) -> bytes | None:
        """The plan of a link, or the answer to one of its intents, if that is there by now."""
        if "/" in name:
            ready, said = self._answers.get(name, (float("inf"), b""))
            return said if time.monotonic() >= ready else None
        return site.plan(self._prefixes[0], f"{int(name):032}").body

    def hear(self, request: Request) -> None:
        """Take an intent, as of S3's event."""
        folder, _, number = request.path.removeprefix("/uploads/").partition("intent/")
        name = folder.split("/")[-2][-22:]  # as `published` made the one of the other
        said = json.loads(request.body)
        size, part = said["size"], part_size(said["size"])
        signatures = base64.b64encode(bytes.fromhex(SIGNATURE) * -(-size // part)).decode()
        hosts = int(name[0])
        answer = {
            **{"v": 1, "state": "open", "slot": said["slot"], "size": size, "part": part},
            "upload": self._bucket.create(said["disposition"]),
            "bases": [prefix + folder for prefix in self._prefixes[:hosts]],
            "query": json.loads(site.plan(self._prefixes[0]).body)["query"],
            "parts": [signatures] * hosts,
            "list": [SIGNATURE] * -(-size // part // LISTED),
            **dict.fromkeys(("complete", "abort", "head"), SIGNATURE),
        }
        ready = time.monotonic() + self._patience
        # Where the page said that it would look; at the number, if it named no place.
        self._answers[f"{name}/{said.get('reply', number)}"] = (ready, json.dumps(answer).encode())


class FarEnd:
    """Who answers what, by host name; a host that is no page's is the bucket's."""

    def __init__(
        self, pages: Mapping[str, site.Site], prefixes: list[str], patience: float
    ) -> None:
        self._pages = pages
        self._prefixes = prefixes
        self._bucket = Bucket()
        self._bot = Bot(self._bucket, prefixes, patience)

    def answer(self, request: Request) -> Reply:
        """Answer one request."""
        if request.host in self._pages:
            return self._page(self._pages[request.host], request)
        if request.method == "PUT" and NOTE.search(request.path):
            if "/intent/" in request.path:
                self._bot.hear(request)
            return Reply(headers=CORS)
        return self._bucket.answer(request)

    def _page(self, page: site.Site, request: Request) -> Reply:
        if request.path == "/sign":
            return _json({"url": self._signed(json.loads(request.body))})
        if request.path.startswith("/s3/multipart"):
            return self._companion(request)
        if request.path.startswith("/p/"):
            said = self._bot.published(request.path.removeprefix("/p/").removesuffix(".json"))
            return Reply(200, JSON, said) if said else Reply(404)
        if file := page.get(request.path):
            headers = {
                "Content-Type": file.content_type,
                "Content-Encoding": file.content_encoding,
                "Cache-Control": file.cache_control,
            }
            return Reply(200, headers, file.body)
        return Reply(404)

    def _signed(self, asked: Mapping[str, object]) -> str:
        """For Uppy 6: the address of one request to S3."""
        url = site.signed(self._prefixes[0], str(asked["key"]))
        if "uploadId" in asked:
            url += f"&uploadId={asked['uploadId']}"
        elif asked["method"] == "POST":
            url += "&uploads="
        return url + (f"&partNumber={asked['partNumber']}" if "partNumber" in asked else "")

    def _companion(self, request: Request) -> Reply:
        """For Uppy 5: what a Companion answers."""
        key = request.query.get("key", "")
        match request.path.removeprefix("/s3/multipart").split("/")[1:]:
            case []:
                name = json.loads(request.body)["filename"]
                return _json({"key": name, "uploadId": self._bucket.create()})
            case [upload, "complete"]:
                parts = json.loads(request.body)["parts"]
                named = [(part["PartNumber"], part["ETag"]) for part in parts]
                if self._bucket.complete(key, upload, named):
                    return _json({"location": self._prefixes[0] + key}, WHOLE)
                return Reply(400)
            case [upload, number]:
                asked = {"key": key, "uploadId": upload, "partNumber": number}
                return _json({"url": self._signed(asked), "expires": 3600})
            case _:
                return _json([])


def _json(said: object, headers: Mapping[str, str] | None = None) -> Reply:
    return Reply(200, {**JSON, **(headers or {})}, json.dumps(said).encode())


def main() -> None:
    """Serve until killed."""
    bundles, patience, *addresses = sys.argv[1:]
    first = socket.create_server((addresses[0], 0), backlog=128)
    port = first.getsockname()[1]
    listeners = [first] + [socket.create_server((other, port)) for other in addresses[1:]]
    prefixes = _prefixes(port)
    far = FarEnd(sites(Path(bundles), prefixes), prefixes, float(patience))
    for listener in listeners:
        threading.Thread(target=serve, args=(listener, far.answer), daemon=True).start()
    print(port, flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
