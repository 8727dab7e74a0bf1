"""The Slack app as it is registered, beside the one that manifest.json describes. Pure."""

import json
from collections.abc import Iterator
from typing import Any

from cloud.deploy import MANIFEST as PATH

Manifest = dict[str, Any]

MANIFEST: Manifest = json.loads(PATH.read_text(encoding="utf-8"))


def differences(said: Manifest, *, socket_mode: bool) -> list[str]:
    """What people would miss in an app with this manifest, in words."""
    return [*_features(said), *_settings(said, socket_mode)]


def _features(said: Manifest) -> Iterator[str]:
    wanted, features = MANIFEST["features"], said.get("features", {})
    commands = {c["command"]: c for c in features.get("slash_commands", [])}
    for command in wanted["slash_commands"]:
        known = commands.get(command["command"])
        if known is None:
            yield f"the command {command['command']} is not registered"
        elif known.get("should_escape", False) != command["should_escape"]:
            yield f"{command['command']} escapes what people type"
    shortcuts = {(s["callback_id"], s["type"]) for s in features.get("shortcuts", [])}
    for shortcut in wanted["shortcuts"]:
        if (shortcut["callback_id"], shortcut["type"]) not in shortcuts:
            yield f"the shortcut “{shortcut['name']}” is missing"
    home = features.get("app_home", {})
    for tab in ("home_tab_enabled", "messages_tab_enabled"):
        if not home.get(tab):
            yield f"{tab} is off"


def _settings(said: Manifest, socket_mode: bool) -> Iterator[str]:
    settings = said.get("settings", {})
    if not settings.get("interactivity", {}).get("is_enabled"):
        yield "interactivity is off, so that no button works"
    events = settings.get("event_subscriptions", {}).get("bot_events", [])
    for event in MANIFEST["settings"]["event_subscriptions"]["bot_events"]:
        if event not in events:
            yield f"the event {event} is not subscribed to"
    if settings.get("socket_mode_enabled", False) != socket_mode:
        has = "SLACK_APP_TOKEN" if socket_mode else "SLACK_SIGNING_SECRET"
        yield f"Socket Mode is {'off' if socket_mode else 'on'}, and the bot has {has}"
