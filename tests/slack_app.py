"""Apps that the local Slack talks to, and what they show and ask."""

import asyncio
import queue
import threading
import time
from collections.abc import Coroutine
from http.server import BaseHTTPRequestHandler
from typing import Any, TypeVar

from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from local.slack import seed
from local.slack.driver import Slack

Json = dict[str, Any]
T = TypeVar("T")


class Loop:
    """An event loop in a thread, for Slack's asynchronous clients."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class Listening:
    """An app in Socket Mode that keeps what it gets, and acknowledges with `body`."""

    def __init__(self, url: str, *, acks: bool) -> None:
        self.got: queue.Queue[Json] = queue.Queue()
        self.requests: list[SocketModeRequest] = []
        self.body: Json | None = None
        self.wait = 0.0
        self._acks = acks
        self._web = AsyncWebClient(base_url=f"{url}/api/")

    async def open(self) -> None:
        self._client = SocketModeClient(seed.APP_TOKEN, web_client=self._web)
        self._client.socket_mode_request_listeners.append(self._take)
        await self._client.connect()

    async def close(self) -> None:
        await self._client.close()

    async def _take(self, client: Any, request: SocketModeRequest) -> None:
        self.requests.append(request)
        self.got.put(request.payload)
        await asyncio.sleep(self.wait)
        if self._acks:
            response = SocketModeResponse(request.envelope_id, self.body)
            await client.send_socket_mode_response(response)

    def next(self) -> Json:
        return self.got.get(timeout=5)


def gone(slack: Slack) -> None:
    """Wait until no connection of the app before is left."""
    until = time.monotonic() + 5
    while slack.connections():
        assert time.monotonic() < until
        time.sleep(0.005)


def refusal(call: Any, **arguments: Any) -> str:
    """The error code with which a call is refused, or "ok"."""
    try:
        call(**arguments)
    except SlackApiError as error:
        return str(error.response["error"])
    return "ok"


def section(text: str) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def button(**more: Any) -> Json:
    text = {"type": "plain_text", "text": "Go"}
    return {"type": "button", "text": text, "action_id": "go", **more}


def modal(**more: Any) -> Json:
    title = {"type": "plain_text", "text": "Ask"}
    return {"type": "modal", "title": title, "blocks": [section("hello")], **more}


class HttpApp(BaseHTTPRequestHandler):
    """An app on HTTP that keeps what it gets."""

    got: "queue.Queue[tuple[bytes, dict[str, str]]]"
    status = 200
    enough = False

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.got.put((body, dict(self.headers)))
        self.send_response(self.status)
        if self.enough:
            self.send_header("X-Slack-No-Retry", "1")
        self.end_headers()
        self.wfile.write(b'{"text": "hello"}')

    def log_message(self, *_: object) -> None:
        """Keep quiet."""
