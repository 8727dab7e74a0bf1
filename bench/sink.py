"""`python -m bench.sink`: an S3 that forgets; reads as fast as the machine can, keeps sizes only.

Prints its port on the first line, then the byte count of each object that came in whole.
"""

import re
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import count
from urllib.parse import parse_qsl, urlsplit

CHUNK = 1 << 20  # bytes; a body up to this size is kept until it is answered
LISTED = 1000  # parts at most that S3 lists at a time
# What a bucket's CORS configuration has S3 answer, for as long as cloud/template.yaml says.
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "PUT, HEAD, GET, POST, DELETE",
    "Access-Control-Allow-Headers": "content-type, content-disposition, if-none-match",
    "Access-Control-Expose-Headers": "ETag, content-disposition",
    "Access-Control-Max-Age": "7200",
}
#: By this a page under measurement tells the answer that ended an upload from all others.
WHOLE = {"Server-Timing": "whole", "Timing-Allow-Origin": "*"}


@dataclass(frozen=True)
class Request:
    """What came in; `body` is empty where it was too long to keep."""

    method: str
    target: str
    headers: Mapping[str, str]  # by name in lower case
    length: int = 0
    body: bytes = b""

    @property
    def host(self) -> str:
        """The first label of the host's name."""
        return self.headers.get("host", "").split(".")[0]

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))


@dataclass(frozen=True)
class Reply:
    """What goes out."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def encoded(self) -> bytes:
        """As it travels."""
        headers = {"Content-Length": str(len(self.body)), **self.headers}
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        status = f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}\r\n"
        return f"{status}{lines}\r\n".encode() + self.body


class Bucket:
    """Objects and multipart uploads, of which only sizes are known."""

    def __init__(self) -> None:
        self._objects: dict[str, tuple[int, str]] = {}
        self._uploads: dict[str, dict[int, int]] = {}
        self._dispositions: dict[str, str] = {}
        self._numbers = count(1)

    def create(self, disposition: str = "") -> str:
        """Begin a multipart upload: its id."""
        upload = f"upload-{next(self._numbers)}"
        self._uploads[upload] = {}
        self._dispositions[upload] = disposition
        return upload

    def complete(self, key: str, upload: str, named: list[tuple[int, str]]) -> bool:
        """Make an object of the parts, if they are all there and named as they came."""
        parts = self._uploads.get(upload, {})
        if not parts or named != [
            (number, etag(number, parts[number])) for number in sorted(parts)
        ]:
            return False
        del self._uploads[upload]
        self._store(key, sum(parts.values()), self._dispositions[upload])
        return True

    def answer(self, request: Request) -> Reply:
        """As S3 would, signatures aside."""
        said = self._answer(request)
        return Reply(said.status, {**CORS, **said.headers}, said.body)

    def _answer(self, request: Request) -> Reply:
        method, key, query = request.method, request.path, request.query
        upload = query.get("uploadId")
        if method == "OPTIONS":
            return Reply()
        if method == "POST" and "uploads" in query:
            return _xml("InitiateMultipartUploadResult", f"<UploadId>{self.create()}</UploadId>")
        if upload is not None:
            if upload not in self._uploads:
                return _xml("Error", "<Code>NoSuchUpload</Code>", status=404)
            return self._part_of(upload, request)
        if method == "PUT":
            self._store(key, request.length, request.headers.get("content-disposition", ""))
            return Reply(headers={"ETag": '"0"', **WHOLE})
        if key not in self._objects:
            return Reply(404)
        size, disposition = self._objects[key]
        return Reply(headers={"Content-Length": str(size), "Content-Disposition": disposition})

    def _part_of(self, upload: str, request: Request) -> Reply:
        parts, query = self._uploads[upload], request.query
        if request.method == "PUT":
            number = int(query["partNumber"])
            parts[number] = request.length
            return Reply(headers={"ETag": etag(number, request.length)})
        if request.method == "POST":
            if not self.complete(request.path, upload, _named(request.body.decode())):
                return _xml("Error", "<Code>InvalidPart</Code>", status=400)
            done = _xml("CompleteMultipartUploadResult", "<ETag>&quot;0&quot;</ETag>")
            return Reply(headers=WHOLE, body=done.body)
        if request.method == "DELETE":
            del self._uploads[upload]
            return Reply(204)
        return _xml("ListPartsResult", _listed(parts, int(query.get("part-number-marker", 0))))

    def _store(self, key: str, size: int, disposition: str) -> None:
        self._objects[key] = (size, disposition)
        print(f"{size}\n", end="", flush=True)  # one write, whole among threads


def etag(number: int, size: int) -> str:
    """That of a part."""
    return f'"{number}-{size}"'


def _named(body: str) -> list[tuple[int, str]]:
    """The parts that a CompleteMultipartUpload names, in whichever order it tells of each."""
    parts = re.findall(r"<Part>(.*?)</Part>", body, re.DOTALL)
    numbers = [re.findall(r"<PartNumber>(\d+)<", part) for part in parts]
    tags = [re.findall(r"<ETag>(?:&quot;|&#34;|\")?([^<&\"]*)", part) for part in parts]
    return [(int(number), f'"{tag}"') for [number], [tag] in zip(numbers, tags, strict=True)]


def _listed(parts: Mapping[int, int], marker: int) -> str:
    after = sorted(number for number in parts if number > marker)
    page = after[:LISTED]
    listed = "".join(
        f"<Part><PartNumber>{number}</PartNumber><ETag>{etag(number, parts[number])}</ETag>"
        f"<Size>{parts[number]}</Size></Part>"
        for number in page
    )
    more = str(len(after) > LISTED).lower()
    following = page[-1] if page else 0
    return (
        f"<IsTruncated>{more}</IsTruncated>"
        f"<NextPartNumberMarker>{following}</NextPartNumberMarker>{listed}"
    )


def _xml(name: str, inside: str, status: int = 200) -> Reply:
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<{name}>{inside}</{name}>'
    return Reply(status, {"Content-Type": "application/xml"}, body.encode())


def serve(listener: socket.socket, answer: Callable[[Request], Reply]) -> None:
    """Answer each connection in a thread, for ever."""
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=_converse, args=(connection, answer), daemon=True).start()


def _converse(connection: socket.socket, answer: Callable[[Request], Reply]) -> None:
    """Serve one connection until its client is done with it."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    buffer = memoryview(bytearray(CHUNK))
    received = b""
    with connection, suppress(ConnectionError):
        while True:
            while b"\r\n\r\n" not in received:
                more = connection.recv(CHUNK)
                if not more:
                    return
                received += more
            head, _, received = received.partition(b"\r\n\r\n")
            method, target, headers = parse(head)
            length = int(headers.get("content-length", 0))
            kept, left = received, length - len(received)
            received = b""
            while left > 0:
                read = connection.recv_into(buffer, min(left, CHUNK))
                if not read:
                    return
                left -= read
                if length <= CHUNK:
                    kept += buffer[:read]
            body = kept if length <= CHUNK else b""
            connection.sendall(answer(Request(method, target, headers, length, body)).encoded())


def parse(head: bytes) -> tuple[str, str, dict[str, str]]:
    """Method, target and headers of a request."""
    request, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = request.split(" ")
    pairs = (line.partition(":") for line in lines)
    return method, target, {name.lower(): value.strip() for name, _, value in pairs}


def main() -> None:
    """Listen on a free port of loopback until killed."""
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    serve(listener, Bucket().answer)


if __name__ == "__main__":
    main()
