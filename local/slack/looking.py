"""The control API's looking half: what people see, what the app called, what changes."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from aiohttp import web

from local.slack import seed
from local.slack.errors import SlackError
from local.slack.hub import Hub
from local.slack.shapes import Channel, Json, Message, User

T = TypeVar("T")

UI = Path(__file__).with_name("ui")


class Looking:
    """GET /control/…, and the page."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def routes(self) -> list[web.RouteDef | web.StaticDef]:
        """What it serves."""
        return [
            web.get("/", self._page),
            web.static("/ui", UI),
            web.get("/control/workspace", self._workspace),
            web.get("/control/messages", self._messages),
            web.get("/control/view", self._view),
            web.get("/control/calls", self._calls),
            web.get("/control/interactions/{id}", self._interaction),
            web.get("/control/connections", self._connections),
            web.get("/control/changes", self._changes),
            web.get("/control/stream", self._stream),
        ]

    async def _page(self, _request: web.Request) -> web.FileResponse:
        headers = {
            "Content-Security-Policy": "default-src 'self'; img-src 'self' https: data:",
            "Cache-Control": "no-store",
        }
        return web.FileResponse(UI / "index.html", headers=headers)

    def _user(self, request: web.Request) -> User:
        return _found(lambda: self._hub.workspace.user(request.query.get("user", "ann")))

    async def _workspace(self, request: web.Request) -> web.Response:
        """The workspace as one person finds it."""
        user, workspace = self._user(request), self._hub.workspace
        if not any(
            channel.members == {user.id, seed.BOT_USER.id}
            for channel in workspace.channels.values()
        ):
            workspace.open_dm(user.id, seed.BOT_USER.id)
        return web.json_response(
            {
                "team": seed.TEAM_NAME,
                "you": user.id,
                "users": [
                    {**u.to_json(seed.TEAM, locale=True), "in_app": u.in_app}
                    for u in workspace.users.values()
                ],
                "channels": [
                    self._channel(user, channel)
                    for channel in workspace.channels.values()
                    if user.id in channel.members
                ],
                # Whom and what a select of a view may offer.
                "places": [
                    self._channel(user, channel)
                    for channel in workspace.channels.values()
                    if user.id in channel.members
                    or (channel.kind == "public" and not user.is_restricted)
                ],
                "commands": self._hub.manifest.commands,
                "shortcuts": self._hub.manifest.shortcuts,
                "home_tab": self._hub.manifest.home_tab,
                "mode": self._hub.delivery.app.mode,
            }
        )

    def _channel(self, user: User, channel: Channel) -> Json:
        try:
            self._hub.workspace.may_type(user, channel)
            may_type = True
        except SlackError:
            may_type = False
        return {
            **channel.to_json(user.id),
            "kind": channel.kind,
            "bot": seed.BOT_USER.id in channel.members,
            "may_type": may_type,
        }

    async def _messages(self, request: web.Request) -> web.Response:
        """All that one person sees in a channel."""
        user, workspace = self._user(request), self._hub.workspace
        channel = _found(lambda: workspace.channel_of(user, request.query["channel"]))
        seen = [self._message(message) for message in workspace.sees(user, channel)]
        return web.json_response({"messages": seen, "revision": self._hub.news.revision})

    def _message(self, message: Message) -> Json:
        return {
            **self._hub.workspace.to_json(message, metadata=True),
            "channel": message.channel,
            "ephemeral": message.ephemeral_to is not None,
            "reply_broadcast": message.reply_broadcast,
            "unfurl_links": message.unfurl_links,
            "unfurl_media": message.unfurl_media,
        }

    async def _view(self, request: web.Request) -> web.Response:
        user = self._user(request)
        views = self._hub.views
        view, home = views.top(user), views.homes.get(user.id)
        return web.json_response(
            {
                "view": view,
                "home": home,
                "filled": views.filled.get(view["id"], {}) if view else {},
                "revision": self._hub.news.revision,
            }
        )

    async def _calls(self, request: web.Request) -> web.Response:
        wanted = request.query.get("method")
        calls = [c.to_json() for c in self._hub.door.calls if wanted in {None, c.method}]
        return web.json_response({"calls": calls})

    async def _interaction(self, request: web.Request) -> web.Response:
        interaction = self._hub.interactions.get(request.match_info["id"])
        if interaction is None:
            raise web.HTTPNotFound
        return web.json_response(interaction.to_json())

    async def _connections(self, _request: web.Request) -> web.Response:
        connections = [
            {"id": c.id, "envelopes": c.envelopes, "muted": c.muted, "leaving": c.leaving}
            for c in self._hub.sockets.open
        ]
        return web.json_response({"connections": connections})

    async def _changes(self, request: web.Request) -> web.Response:
        """Answers once there is more than `after`, or after `seconds`."""
        after = int(request.query.get("after", "0"))
        seconds = min(float(request.query.get("seconds", "10")), 30.0)
        return web.json_response({"revision": await self._hub.news.after(after, seconds)})

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events: one for every change."""
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        await response.prepare(request)
        await response.write(b"retry: 500\n\n")
        try:
            async for event in self._hub.news.listen():
                await response.write(f"data: {json.dumps(event)}\n\n".encode())
        except (ConnectionError, asyncio.CancelledError):
            pass  # the page was closed, or the server stops
        return response


def _found(find: Callable[[], T]) -> T:
    try:
        return find()
    except SlackError as refusal:
        raise web.HTTPNotFound(text=refusal.error) from None
