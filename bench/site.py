"""One plain HTTP/1.1 server for every page measured, a site per host name, so none is favoured."""

import base64
import gzip
import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from cloud.page import assemble

PAGE = Path(__file__).parent.parent / "page"


@dataclass(frozen=True)
class File:
    """A stored object: its bytes as they travel."""

    body: bytes
    content_type: str
    content_encoding: str = "gzip"
    cache_control: str = "no-cache"

    @property
    def response(self) -> bytes:
        """The whole HTTP answer."""
        return (
            "HTTP/1.1 200 OK\r\n"
            f"Content-Type: {self.content_type}\r\n"
            f"Content-Encoding: {self.content_encoding}\r\n"
            f"Cache-Control: {self.cache_control}\r\n"
            f"Content-Length: {len(self.body)}\r\n\r\n"
        ).encode() + self.body


Site = Mapping[str, File]
"""Path → file; `/` is the page."""


def text(source: str | bytes, content_type: str) -> File:
    """A file stored compressed, as S3 must have it, since S3 compresses nothing."""
    raw = source.encode() if isinstance(source, str) else source
    return File(gzip.compress(raw, 9, mtime=0), f"{content_type}; charset=utf-8")


def ours(upload_prefix: str) -> Site:
    """The upload page exactly as it is published, for uploads to `upload_prefix` only."""
    files = {
        f"/{asset.key}": File(
            asset.body, asset.content_type, asset.content_encoding, asset.cache_control
        )
        for asset in assemble(PAGE, upload_prefix=upload_prefix)
    }
    return files | {"/": files["/index.html"]}


@dataclass(frozen=True)
class Server:
    """The running server. `sent` holds (host, path, bytes of the body) of every request."""

    port: int
    sent: list[tuple[str, str, int]] = field(default_factory=list)

    def url(self, site: str) -> str:
        """The address of a site's page."""
        return f"http://{site}.localhost:{self.port}/"


@contextmanager
def serving(sites: Mapping[str, Site]) -> Iterator[Server]:
    """Serve each site at `http://<its name>.localhost:<port>/`."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            host, path = self.headers["Host"].split(".")[0], urlsplit(self.path).path
            found = sites[host].get(path)
            response = found.response if found else b"HTTP/1.1 404 \r\nContent-Length: 0\r\n\r\n"
            server.sent.append((host, path, len(found.body) if found else 0))
            self.wfile.write(response)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.daemon_threads = True
    server = Server(httpd.server_port)
    threading.Thread(target=httpd.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        httpd.shutdown()
        httpd.server_close()


def signed(upload_prefix: str, key: str) -> str:
    """An upload address under the prefix with the shape of a presigned PUT, good for an hour."""
    now = time.gmtime()
    query = {
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": time.strftime("AKIAEXAMPLE/%Y%m%d/eu-central-1/s3/aws4_request", now),
        "X-Amz-Date": time.strftime("%Y%m%dT%H%M%SZ", now),
        "X-Amz-Expires": "3600",
        "X-Amz-SignedHeaders": "host;if-none-match",
        "X-Amz-Signature": "0123456789abcdef" * 4,
    }
    return f"{upload_prefix}{key}?{urlencode(query)}"


def plan(upload_prefix: str, reference: str = "0123456789abcdef" * 2) -> File:
    """The plan of a short link for twenty files, as large as a real one."""
    signature = "0123456789abcdef" * 4
    base, _, rest = signed(upload_prefix, f"2026/11/24/{reference}/").partition("?")
    query = rest.partition("&X-Amz-SignedHeaders")[0]
    said = {
        **{"v": 1, "state": "open", "for": "Q3 report from Acme", "from": "Ann", "note": ""},
        **{"until": int(time.time()) + 3600, "limit": 5 * 1024**3, "files": 20, "sender": "ask"},
        **{"base": base, "query": query},
        "slots": {str(slot): [signature] * 2 for slot in range(1, 21)},
        "covers": {str(number): signature for number in range(1, 6)},
        "intents": {str(number): signature for number in range(1, 21)},
    }
    return json_of(said)


def json_of(said: object) -> File:
    """What the bot publishes."""
    return File(json.dumps(said).encode(), "application/json", content_encoding="identity")


def link(page: str, upload_url: str) -> str:
    """The link that a requester would get: the page, the upload address, and what it is for."""
    about = {
        "for": "Q3 report from Acme",
        "from": "Ann",
        "until": int(time.time()) + 3600,
        "check": "fedcba9876543210" * 4,
    }
    fragment = base64.urlsafe_b64encode(json.dumps(about).encode()).decode().rstrip("=")
    return f"{page}?s3_url={base64.urlsafe_b64encode(upload_url.encode()).decode()}#{fragment}"
