"""The two ways in which Slack reaches the bot. Both are open while their context lasts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from aiohttp import web
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler

from uploads.errors import UploadLinkError

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

    from handlers.arrivals import Announcer

#: Seconds between two pings of the socket. A dead one is noticed after a few.
PING_INTERVAL = 5

#: Seconds that requests may go on while the HTTP door closes. Each is short.
CLOSE_SECONDS = 5

#: Seconds without an answer from the queue after which the bot is not healthy.
QUEUE_SILENCE = 60


@asynccontextmanager
async def socket_mode(app: "AsyncApp", app_token: str) -> AsyncIterator[None]:
    """A connection that the bot opens: no public address is needed."""
    handler = AsyncSocketModeHandler(app, app_token, ping_interval=PING_INTERVAL)
    await handler.connect_async()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]


@asynccontextmanager
async def http(app: "AsyncApp", port: int, announcer: "Announcer") -> AsyncIterator[None]:
    """Slack's signed requests at `/slack/events`, and `/healthz` for whoever runs the bot."""

    async def healthz(_: web.Request) -> web.Response:
        silence = asyncio.get_running_loop().time() - announcer.last_read
        return web.json_response(
            {"ok": silence < QUEUE_SILENCE, "seconds_since_queue_answered": round(silence, 1)},
            status=200 if silence < QUEUE_SILENCE else 503,
        )

    site = app.server(port=port, path="/slack/events").web_app
    site.add_routes([web.get("/healthz", healthz)])
    runner = web.AppRunner(site, access_log=None, shutdown_timeout=CLOSE_SECONDS)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, port=port).start()
        except OSError as error:
            raise UploadLinkError("port_taken", port=port, why=str(error.strerror)) from error
        yield
    finally:
        await runner.cleanup()
