"""The control API's acting half: people act, and tests set the scene."""

from collections.abc import Awaitable, Callable
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from local.slack import home, inputs, manifest, modals, people, seed
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
            "shortcut": self._shortcut,
            "click": self._click,
            "tab": self._open_tab,
            "message": self._message,
            "view/submit": self._submit,
            "view/close": self._close_view,
            "faults": self._faults,
            "sockets": self._sockets,
            "app": self._app,
            "manifest": self._manifest,
            "rules": self._rules,
            "channels": self._add_channels,
            "channel": self._change_channel,
            "user": self._change_user,
            "usergroup": self._change_usergroup,
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

    async def _shortcut(self, ask: Json) -> Json:
        """With `ts`, a shortcut on that message; without, a global one."""
        (user, channel), name = self._where(ask), ask["callback_id"]
        if ts := ask.get("ts"):
            done = await people.message_shortcut(self._hub, user, name, channel, ts)
        else:
            done = await people.shortcut(self._hub, user, name, channel)
        return done.to_json()

    async def _open_tab(self, ask: Json) -> Json:
        user = self._hub.workspace.user(ask["user"])
        return home.open_tab(self._hub, user, ask["tab"]).to_json()

    async def _message(self, ask: Json) -> Json:
        user, channel = self._where(ask)
        said = self._hub.workspace.say(user, channel, ask["text"], ask.get("thread_ts"))
        return self._hub.workspace.to_json(said)

    async def _click(self, ask: Json) -> Json:
        """`in`: "modal" or "home"; without it, in a message of `channel`."""
        state = ask.get("state", {})
        if place := ask.get("in"):
            user = self._hub.workspace.user(ask["user"])
            views = self._hub.views
            view = views.top(user) if place == "modal" else views.homes.get(user.id)
            found = view and inputs.find(view["blocks"], ask)
            if not view or not found:
                raise SlackError("nothing_to_click")
            return (await modals.click(self._hub, user, view, found, state)).to_json()
        user, channel = self._where(ask)
        message, found = self._newest(user, channel, ask)
        return (await people.click(self._hub, user, message, found, state)).to_json()

    def _newest(self, user: User, channel: Channel, ask: Json) -> tuple[Message, Json]:
        for message in reversed(self._hub.workspace.sees(user, channel)):
            if ask.get("ts") not in {None, message.ts}:
                continue
            if found := inputs.find(message.blocks, ask):
                return message, found
        raise SlackError("nothing_to_click")

    async def _submit(self, ask: Json) -> Json:
        user = self._hub.workspace.user(ask["user"])
        interaction, errors = await modals.submit(
            self._hub, user, ask.get("state", {}), ask.get("times", 1)
        )
        return {**interaction.to_json(), "errors": errors}

    async def _close_view(self, ask: Json) -> Json:
        await modals.close(self._hub, self._hub.workspace.user(ask["user"]))
        return {}

    async def _faults(self, ask: Json) -> Json:
        if ask:
            self._hub.door.faults.order(Fault(**ask))
        else:
            self._hub.door.faults.clear()
        return {}

    async def _sockets(self, ask: Json) -> Json:
        return {"connections": await self._hub.sockets.trouble(ask["do"], ask["most"])}

    async def _app(self, ask: Json) -> Json:
        _set(self._hub.delivery.app, ask)
        return {}

    async def _manifest(self, ask: Json) -> Json:
        """The app installed with another manifest, until the reset."""
        self._hub.manifest = manifest.understood(ask["manifest"])
        self._hub.news.tell("workspace")
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

    async def _change_user(self, ask: Json) -> Json:
        """Any field of a `User` but the id: `locale`, `tz`, `is_restricted`, …"""
        user = self._hub.workspace.user(ask["user"])
        changes = ask["changes"]
        ZoneInfo(changes.get("tz", user.tz))  # raises for a zone that there is not
        _set(user, changes)
        self._hub.news.tell("workspace")
        return {"user": user.to_json(seed.TEAM, locale=True)}

    async def _change_usergroup(self, ask: Json) -> Json:
        """`users` (by name or id) and `disabled`, of the group with this handle."""
        groups = self._hub.workspace.usergroups.values()
        group = next((g for g in groups if ask["usergroup"] in {g.id, g.handle}), None)
        if group is None:
            raise SlackError("no_such_subteam")
        if "users" in ask:
            group.users = [self._hub.workspace.user(ref).id for ref in ask["users"]]
        group.disabled = ask.get("disabled", group.disabled)
        return {"usergroup": group.id}

    async def _reset(self, ask: Json) -> Json:
        self._hub.reset(**ask)
        return {}


def _set(thing: Any, changes: Json) -> None:
    for name, value in changes.items():
        if not hasattr(thing, name):
            raise ValueError(f"no setting {name}")
        setattr(thing, name, value)


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
