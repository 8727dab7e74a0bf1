"""Socket Mode: the app's WebSockets, and envelopes to exactly one of them each."""

import asyncio
import json
import secrets
import socket
import struct
from dataclasses import dataclass, field

from aiohttp import WSMsgType, web

from local.slack import seed
from local.slack.shapes import Json

#: Connections of one app at a time ("Using multiple connections").
MOST_CONNECTIONS = 10
#: How long a connection lives on after it was told to go, in seconds.
GRACE = 10.0


class NotConnected(Exception):
    """No connection took the envelope."""


@dataclass(slots=True, eq=False)
class Connection:
    """One WebSocket of the app."""

    ws: web.WebSocketResponse
    transport: asyncio.Transport | None
    id: str = field(default_factory=lambda: secrets.token_hex(4))
    muted: bool = False
    leaving: bool = False
    envelopes: int = 0


class Sockets:
    """All connections; they outlive a reset of the workspace."""

    def __init__(self) -> None:
        self.open: list[Connection] = []
        self._tickets: set[str] = set()
        self._waiting: dict[str, asyncio.Future[Json]] = {}
        self._leaving: set[asyncio.Task[None]] = set()

    def ticket(self) -> str:
        """What apps.connections.open hands out: good for one connection."""
        ticket = secrets.token_urlsafe(16)
        self._tickets.add(ticket)
        return ticket

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """GET /link: one connection, until it ends."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            raise web.HTTPUnauthorized(text="no such ticket")
        self._tickets.discard(ticket)
        # Pings are answered by hand, so that a muted connection can leave them unanswered.
        ws = web.WebSocketResponse(autoping=False)
        await ws.prepare(request)
        if len(self.open) >= MOST_CONNECTIONS:
            await ws.send_json({"type": "disconnect", "reason": "too_many_websockets"})
            await ws.close()
            return ws
        connection = Connection(ws, request.transport)
        self.open.append(connection)
        try:
            await ws.send_json(self._hello())
            await self._read(connection)
        finally:
            self.open.remove(connection)
        return ws

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self.open),
            "connection_info": {"app_id": seed.APP},
            "debug_info": {"host": "local-slack", "approximate_connection_time": 18060},
        }

    async def _read(self, connection: Connection) -> None:
        async for message in connection.ws:
            if connection.muted:
                continue
            if message.type is WSMsgType.PING:
                await connection.ws.pong(message.data)
            elif message.type is WSMsgType.TEXT:
                ack = json.loads(message.data)
                waiting = self._waiting.pop(ack.get("envelope_id", ""), None)
                if waiting and not waiting.done():
                    waiting.set_result(ack.get("payload") or {})

    async def send(
        self, kind: str, payload: Json, seconds: float, again: tuple[int, str] | None = None
    ) -> Json:
        """Give an envelope to one connection; return the payload of its acknowledgement.

        `again`: how often it was sent before, and why it is sent again; for events.
        Raises `NotConnected`, or `TimeoutError` without an acknowledgement in time.
        """
        # Slack names no order; taking turns shows soonest an app that relies on one.
        able = [c for c in self.open if not c.leaving] or self.open
        if not able:
            raise NotConnected
        connection = min(able, key=lambda c: c.envelopes)
        connection.envelopes += 1
        envelope = f"{secrets.token_hex(4)}-{secrets.token_hex(6)}"
        waiting = asyncio.get_running_loop().create_future()
        self._waiting[envelope] = waiting
        try:
            if not connection.muted:
                sent: Json = {"envelope_id": envelope, "type": kind, "payload": payload}
                sent["accepts_response_payload"] = again is None
                if again:
                    sent["retry_attempt"], sent["retry_reason"] = again
                await connection.ws.send_json(sent)
            return await asyncio.wait_for(waiting, seconds)
        except ConnectionError as error:
            raise NotConnected from error
        finally:
            self._waiting.pop(envelope, None)

    async def trouble(self, what: str, most: int) -> int:
        """Do it to so many connections, at most, and return how many that were.

        `reset`: TCP RST. `close`: a clean close frame. `mute`: half-open, no
        pongs, nothing sent. `refresh`: Slack's routine "reconnect, please".
        Raises `ValueError` for anything else.
        """
        act = {
            "reset": self._reset,
            "close": self._close,
            "mute": self._mute,
            "refresh": self._refresh,
        }.get(what)
        if act is None:
            raise ValueError(f"unknown trouble {what}: reset, close, mute or refresh")
        connections = self.open[:most]
        for connection in connections:
            await act(connection)
        return len(connections)

    async def _reset(self, connection: Connection) -> None:
        if connection.transport:
            sock = connection.transport.get_extra_info("socket")
            # Lingering for zero seconds makes the kernel send RST, not FIN.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.transport.abort()

    async def _close(self, connection: Connection) -> None:
        await connection.ws.close()

    async def _mute(self, connection: Connection) -> None:
        connection.muted = True

    async def _refresh(self, connection: Connection) -> None:
        connection.leaving = True
        await connection.ws.send_json(
            {
                "type": "disconnect",
                "reason": "refresh_requested",
                "debug_info": {"host": "local-slack"},
            }
        )
        task = asyncio.create_task(self._leave(connection))
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    async def _leave(self, connection: Connection) -> None:
        await asyncio.sleep(GRACE)
        await connection.ws.close()

    async def close(self) -> None:
        """The server is going down."""
        for connection in list(self.open):
            await connection.ws.close(code=1001, message=b"going away")
