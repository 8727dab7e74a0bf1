"""The two ways in which Slack reaches the bot, and the one for whoever watches it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Self

from aiohttp import web
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler

from uploads.errors import UploadLinkError

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler
    from slack_bolt.async_app import AsyncApp

#: Sockets that are open at a time. While one is replaced, commands come through the other.
CONNECTIONS = 2

#: Seconds between two pings of a socket. A dead one is noticed after a few.
PING_INTERVAL = 5

#: Seconds that requests may go on while an HTTP door closes. Each is short.
CLOSE_SECONDS = 5


class Sockets:
    """Socket Mode: connections that the bot opens, so that it needs no public address."""

    def __init__(self, app: "AsyncApp", app_token: str) -> None:
        self._handlers = [
            AsyncSocketModeHandler(app, app_token, ping_interval=PING_INTERVAL)
            for _ in range(CONNECTIONS)
        ]

    async def alive(self) -> int:
        """How many of the connections have answered lately."""
        return sum([await handler.client.is_connected() for handler in self._handlers])

    async def __aenter__(self) -> Self:
        for handler in self._handlers:
            await handler.connect_async()  # type: ignore[no-untyped-call]
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.gather(*(handler.close_async() for handler in self._handlers))  # type: ignore[no-untyped-call]


@asynccontextmanager
async def http(app: "AsyncApp", port: int, healthz: "Handler") -> AsyncIterator[None]:
    """Slack's signed requests at `/slack/events`, and `/healthz` for whoever runs the bot."""
    site = app.server(port=port, path="/slack/events").web_app
    site.add_routes([web.get("/healthz", healthz)])
    async with _serving(site, port):
        yield


@asynccontextmanager
async def watching(port: int, healthz: "Handler", metrics: "Handler") -> AsyncIterator[None]:
    """`/healthz` and `/metrics` on a port of their own, which no stranger should reach."""
    site = web.Application()
    site.add_routes([web.get("/healthz", healthz), web.get("/metrics", metrics)])
    async with _serving(site, port):
        yield


@asynccontextmanager
async def _serving(site: web.Application, port: int) -> AsyncIterator[None]:
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
