"""What stands before the local AWS: the rules that the emulator leaves out, and faults on demand.

An ASGI application around another. It knows S3's rules and nothing of the emulator.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qsl

from local.denials import DENIALS_PATH, Denial
from local.faults import CONTROL_PATH, Fault
from local.refusal import Refusal, headers_not_signed

Scope = dict[str, Any]
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class Guard:
    """Refuses what AWS refuses, and fails where it is told to.

    `hang_up` ends the connection behind a `send` without another byte. `denials`
    is filled by whoever decides them, and told here.
    """

    def __init__(
        self, app: App, hang_up: Callable[[Send], None], denials: Sequence[Denial]
    ) -> None:
        self._app = app
        self._hang_up = hang_up
        self._denials = denials
        self._faults: list[Fault] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif scope["path"] == CONTROL_PATH:
            await self._control(scope, receive, send)
        elif scope["path"] == DENIALS_PATH:
            await _tell(send, self._denials)
        elif fault := self._next_fault(scope):
            await self._fail(fault, scope, receive, send)
        else:
            await self._serve(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As AWS does."""
        if names := unsigned(scope):
            await self._refuse(scope, receive, send, headers_not_signed(names))
        else:
            await self._app(behind_tls(scope), receive, _dated(send))

    async def _control(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _read(receive)
        if scope["method"] == "POST":
            self._faults.append(Fault(**json.loads(body)))
        elif scope["method"] == "DELETE":
            self._faults.clear()
        await _tell(send, [fault for fault in self._faults if fault.times])

    def _next_fault(self, scope: Scope) -> Fault | None:
        target = _header(scope, b"x-amz-target")
        for fault in self._faults:
            if fault.fits(scope["method"], scope["path"], target):
                if fault.skip:
                    fault.skip -= 1
                    continue
                fault.skip = fault.every - 1
                fault.times -= 1
                return fault
        return None

    async def _fail(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        match fault.what:
            case "answer":
                refusal = Refusal(fault.status, fault.code, fault.message, fault.headers)
                await self._refuse(scope, receive, send, refusal)
            case "amend":
                await self._serve(scope, receive, _amended(send, fault))
            case "lose answer":
                await self._serve(scope, receive, _swallow)
                self._hang_up(send)
            case "hang up":
                await _drain(receive, fault.after)
                self._hang_up(send)
            case "slow":
                await self._serve(scope, _slowed(receive, fault.rate), send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, refusal: Refusal) -> None:
        """Refuse as the service would, readable for a page that may read answers."""
        # To the end, as a browser that is still sending takes an early answer for a broken one.
        await _drain(receive)
        is_json = _header(scope, b"x-amz-target")
        headers, body = refusal.as_json() if is_json else refusal.as_xml()
        await _answer(
            _dated(send),
            refusal.status,
            headers | await self._cors(scope),
            b"" if scope["method"] == "HEAD" else body,
        )

    async def _cors(self, scope: Scope) -> dict[str, str]:
        """The CORS headers of an answer: those that the bucket would give to a preflight."""
        origin = _header(scope, b"origin")
        if not origin:
            return {}
        asked = [
            (name, value) for name, value in scope["headers"] if name in {b"host", b"origin"}
        ] + [(b"access-control-request-method", scope["method"].encode())]
        started: Message = {}

        async def note(message: Message) -> None:
            started.update(message if message["type"] == "http.response.start" else {})

        preflight = scope | {"method": "OPTIONS", "headers": asked, "query_string": b""}
        await self._app(preflight, _nothing, note)
        if started["status"] != 200:
            return {}
        return {
            name.decode(): value.decode()
            for name, value in started["headers"]
            if name.lower() in _CORS_ANSWER
        }


_CORS_ANSWER = {
    b"access-control-allow-origin",
    b"access-control-allow-credentials",
    b"access-control-expose-headers",
    b"vary",
}


def unsigned(scope: Scope) -> list[str]:
    """The `x-amz-*` headers of a presigned request that nobody signed.

    Whoever signs a URL decides what it may do, so S3 takes none of its own
    headers from whoever uses it; all but `x-amz-content-sha256:
    UNSIGNED-PAYLOAD`, which says nothing.
    """
    query = dict(parse_qsl(scope["query_string"].decode()))
    if "X-Amz-SignedHeaders" not in query:
        return []
    signed = query["X-Amz-SignedHeaders"].lower().split(";")
    return [
        name.decode()
        for name, value in scope["headers"]
        if name.startswith(b"x-amz-")
        and name.decode() not in signed
        and (name, value) != (b"x-amz-content-sha256", b"UNSIGNED-PAYLOAD")
    ]


def behind_tls(scope: Scope) -> Scope:
    """The request as it looks behind a proxy that ends TLS.

    The template's policies refuse anything but TLS and CloudFront redirects to
    it, here as in AWS. On loopback nothing is encrypted; this one header stands
    for the proxy. A client that wants to be refused sends it with `http`.
    """
    if _header(scope, b"x-forwarded-proto"):
        return scope
    return scope | {"headers": [*scope["headers"], (b"x-forwarded-proto", b"https")]}


def _slowed(receive: Receive, rate: int) -> Receive:
    async def slowed() -> Message:
        message = await receive()
        await asyncio.sleep(len(message.get("body", b"")) / rate)
        return message

    return slowed


def _dated(send: Send) -> Send:
    """Every answer of AWS's says when it was made."""

    async def dated(message: Message) -> None:
        if message["type"] == "http.response.start":
            names = {name.lower() for name, _ in message["headers"]}
            if b"date" not in names:
                date = (b"date", formatdate(usegmt=True).encode())
                message = message | {"headers": [*message["headers"], date]}
        await send(message)

    return dated


def _amended(send: Send, fault: Fault) -> Send:
    async def amended(message: Message) -> None:
        if message["type"] == "http.response.start":
            others = {
                name.lower().encode(): value.encode() for name, value in fault.headers.items()
            }
            kept = [pair for pair in message["headers"] if pair[0].lower() not in others]
            said = [(name, value) for name, value in others.items() if value]
            status = fault.status or message["status"]
            message = message | {"headers": [*kept, *said], "status": status}
        await send(message)

    return amended


def _header(scope: Scope, name: bytes) -> str:
    return next((value.decode() for key, value in scope["headers"] if key == name), "")


async def _read(receive: Receive) -> bytes:
    chunks = []
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(chunks)


async def _drain(receive: Receive, limit: int = sys.maxsize) -> None:
    """Take the body, or at least `limit` bytes of it, and keep none."""
    taken = 0
    while taken < limit:
        message = await receive()
        taken += len(message.get("body", b""))
        if not message.get("more_body"):
            return


async def _nothing() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


async def _swallow(message: Message) -> None:
    pass


async def _tell(send: Send, what: Sequence[Fault | Denial]) -> None:
    body = json.dumps([asdict(one) for one in what]).encode()
    await _answer(send, 200, {"content-type": "application/json"}, body)


async def _answer(send: Send, status: int, headers: dict[str, str], body: bytes) -> None:
    headers = headers | {"content-length": str(len(body))}
    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})
