"""The control API's acting half: people act, and tests set the scene."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from local.slack import people, seed
from local.slack.errors import SlackError
from local.slack.faults import Fault
from local.slack.hub import Hub
from local.slack.shapes import Channel, Json, Message, User

Act = Callable[[Json], Awaitable[Json]]


class Control:
    """POST /control/…: JSON in, JSON out; 400 with Slack's error code for a refusal."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def routes(self) -> list[web.RouteDef]:
        """What it serves."""
        acts: dict[str, Act] = {
            "command": self._command,
            "click": self._click,
            "message": self._message,
            "view/submit": self._submit,
            "view/close": self._close_view,
            "faults": self._faults,
            "sockets": self._sockets,
            "app": self._app,
            "rules": self._rules,
            "channels": self._add_channels,
            "channel": self._change_channel,
            "reset": self._reset,
        }
        return [web.post(f"/control/{name}", _answering(act)) for name, act in acts.items()]

    def _where(self, ask: Json) -> tuple[User, Channel]:
        user = self._hub.workspace.user(ask["user"])
        return user, self._hub.workspace.channel_of(user, ask["channel"])

    async def _command(self, ask: Json) -> Json:
        user, channel = self._where(ask)
        name, text = ask["command"], ask.get("text", "")
        return (await people.command(self._hub, user, channel, name, text)).to_json()

    async def _message(self, ask: Json) -> Json:
        user, channel = self._where(ask)
        said = self._hub.workspace.say(user, channel, ask["text"], ask.get("thread_ts"))
        return self._hub.workspace.to_json(said)

    async def _click(self, ask: Json) -> Json:
        if ask.get("in_view"):
            user = self._hub.workspace.user(ask["user"])
            view = self._hub.views.top(user)
            found = view and _element(view["blocks"], ask)
            if not view or not found:
                raise SlackError("nothing_to_click")
            action, state = {**found, **ask.get("chosen", {})}, ask.get("state", {})
            return (await people.click_in_view(self._hub, user, view, action, state)).to_json()
        user, channel = self._where(ask)
        message, found = self._newest(user, channel, ask)
        action = {**found, **ask.get("chosen", {})}
        state = ask.get("state", {})
        return (await people.click(self._hub, user, message, action, state)).to_json()

    def _newest(self, user: User, channel: Channel, ask: Json) -> tuple[Message, Json]:
        for message in reversed(self._hub.workspace.sees(user, channel)):
            found = _element(message.blocks, ask)
            if found and ask.get("ts") in {None, message.ts}:
                return message, found
        raise SlackError("nothing_to_click")

    async def _submit(self, ask: Json) -> Json:
        user = self._hub.workspace.user(ask["user"])
        interaction, errors = await people.submit(self._hub, user, ask.get("state", {}))
        return {**interaction.to_json(), "errors": errors}

    async def _close_view(self, ask: Json) -> Json:
        await people.close_view(self._hub, self._hub.workspace.user(ask["user"]))
        return {}

    async def _faults(self, ask: Json) -> Json:
        self._hub.door.faults.order(Fault(**ask))
        return {}

    async def _sockets(self, ask: Json) -> Json:
        return {"connections": await self._hub.sockets.trouble(ask["do"])}

    async def _app(self, ask: Json) -> Json:
        _set(self._hub.delivery.app, ask)
        return {}

    async def _rules(self, ask: Json) -> Json:
        _set(self._hub.rules, ask)
        return {}

    async def _add_channels(self, ask: Json) -> Json:
        members = {seed.ANN.id, seed.KENJI.id, seed.BOT_USER.id}
        made = []
        for _ in range(int(ask["add"])):
            number = len(self._hub.workspace.channels)
            channel = Channel(f"C08{number:08d}", f"load-{number}", "public", set(members))
            made.append(self._hub.workspace.add_channel(channel).id)
        return {"channels": made}

    async def _change_channel(self, ask: Json) -> Json:
        """`archived`, `read_only`, and `bot`: whether the app is a member."""
        _, channel = self._where(ask)
        channel.archived = ask.get("archived", channel.archived)
        channel.read_only = ask.get("read_only", channel.read_only)
        if "bot" in ask:
            change = channel.members.add if ask["bot"] else channel.members.discard
            change(seed.BOT_USER.id)
        self._hub.news.tell("workspace")
        return {"channel": channel.id}

    async def _reset(self, _ask: Json) -> Json:
        self._hub.reset()
        return {}


def _set(thing: Any, changes: Json) -> None:
    for name, value in changes.items():
        if not hasattr(thing, name):
            raise ValueError(f"no setting {name}")
        setattr(thing, name, value)


def _element(blocks: list[Json], ask: Json) -> Json | None:
    """The element that a click means, with its block_id: by action_id, and value if given."""
    for block in blocks:
        inside = [block[key] for key in ("accessory", "element") if key in block]
        inside += block["elements"] if block["type"] == "actions" else []
        for element in inside:
            if element.get("action_id") == ask["action_id"] and (
                ask.get("value") in {None, element.get("value")}
            ):
                return {**element, "block_id": block["block_id"]}
    return None


def _answering(act: Act) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        # Only JSON: a form on some other web page must not act for a person here.
        if request.content_type != "application/json":
            raise web.HTTPUnsupportedMediaType
        try:
            return web.json_response(await act(await request.json()))
        except SlackError as refusal:
            return web.json_response(refusal.answer(), status=400)
        except (KeyError, TypeError, ValueError) as error:
            return web.json_response({"ok": False, "error": str(error)}, status=400)

    return handle
