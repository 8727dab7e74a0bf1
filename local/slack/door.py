"""The way in for the app's calls: each is recorded, and may be made to fail."""

import asyncio
import json
import math
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace

from aiohttp import web

from local.slack.errors import RateLimited, SlackError
from local.slack.faults import Fault, Faults
from local.slack.shapes import Json


@dataclass(slots=True)
class Call:
    """One call by the app, as tests read it. Never a token.

    `at` is unix seconds, `monotonic` a steady clock for measuring, `took_ms`
    what the stand-in needed. `status` 0 means that the answer was never sent.
    """

    method: str
    args: Json
    at: float = field(default_factory=time.time)
    monotonic: float = field(default_factory=time.monotonic)
    took_ms: float = 0.0
    status: int = 0
    error: str | None = None
    fault: str | None = None

    def to_json(self) -> Json:
        """For the control API."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back to the app: JSON, or in its place a text of another kind."""

    body: Json
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    text: str = ""
    content_type: str = "application/json"

    def response(self) -> web.Response:
        """As HTTP."""
        text = self.text or json.dumps(self.body)
        return web.Response(
            text=text, status=self.status, headers=self.headers, content_type=self.content_type
        )

    @classmethod
    def ratelimited(cls, seconds: float) -> "Answer":
        """429 with whole seconds in Retry-After ("Rate limits")."""
        wait = str(max(1, math.ceil(seconds)))
        return cls({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": wait})


class Door:
    """Lets calls in, writes them down, and misbehaves where a fault was ordered."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self.calls: list[Call] = []

    async def pass_through(
        self, request: web.Request, method: str, args: Json, perform: Callable[[], Answer]
    ) -> web.StreamResponse:
        """Perform a call, unless a fault forbids it, and answer, unless one forbids that."""
        call = Call(method, _readable(args))
        self.calls.append(call)
        fault = self.faults.due(method)
        call.fault = fault.kind if fault else None
        answer = _refusal(fault) or _performed(perform)
        call.took_ms = (time.monotonic() - call.monotonic) * 1000
        call.error = answer.body.get("error")
        if fault and fault.kind in {"slow", "hang"}:
            await asyncio.sleep(fault.seconds)
        if fault and fault.kind in {"drop_reply", "hang"}:
            if request.transport:
                request.transport.abort()
            return web.Response()  # goes nowhere: the connection is gone
        if fault and fault.kind == "http_504":
            answer = Answer({}, 504, text="<h1>Gateway timeout</h1>", content_type="text/html")
        if fault and fault.kind == "garbled":
            whole = json.dumps(answer.body)
            answer = replace(answer, text=whole[: len(whole) // 2])
        call.status = answer.status
        return answer.response()


def _readable(args: Json) -> Json:
    """Arguments for people: without the token, and decoded where a form carried JSON."""
    readable = {name: value for name, value in args.items() if name != "token"}
    for name in ("blocks", "metadata", "view"):
        if isinstance(readable.get(name), str):
            with suppress(ValueError):
                readable[name] = json.loads(readable[name])
    return readable


def _performed(perform: Callable[[], Answer]) -> Answer:
    try:
        return perform()
    except RateLimited as limit:
        return Answer.ratelimited(limit.seconds)
    except SlackError as refusal:
        return Answer(refusal.answer())


def _refusal(fault: Fault | None) -> Answer | None:
    match fault.kind if fault else None, fault:
        case "hang", _:
            return Answer({})
        case "http_429", _:
            return Answer({}, 429, text="Too many requests", content_type="text/plain")
        case "http_500", _:
            return Answer({"ok": False, "error": "internal_error"}, 500)
        case "http_502", _:
            return Answer({}, 502, text="<h1>Bad gateway</h1>", content_type="text/html")
        case "http_503", _:
            return Answer({"ok": False, "error": "service_unavailable"}, 503)
        case "ratelimited", Fault(retry_after=seconds):
            return Answer.ratelimited(seconds)
        case "error", Fault(error=error):
            return Answer({"ok": False, "error": error})
    return None


async def arguments(request: web.Request) -> Json:
    """The arguments of a call: JSON, or the query and a form. Raises `SlackError`."""
    if request.content_type == "application/json":
        try:
            args = json.loads(await request.text() or "{}")
        except ValueError:
            raise SlackError("invalid_json") from None
        if not isinstance(args, dict):
            raise SlackError("json_not_object")
        return args
    form = await request.post()
    texts = {name: value for name, value in form.items() if isinstance(value, str)}
    return {**request.query, **texts}
