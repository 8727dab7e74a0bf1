"""Slack's manifest against what the bot really registers and calls."""

import ast
import json
import re
from collections.abc import Callable
from pathlib import Path

from slack_bolt.async_app import AsyncApp

from handlers import register

ROOT = Path(__file__).parent.parent
MANIFEST = json.loads((ROOT / "manifest.json").read_text())

#: The bot scope that each Web API method needs (docs.slack.dev/reference/methods).
SCOPES = {
    "apps_connections_open": set(),
    "auth_test": set(),
    "chat_delete": {"chat:write"},
    "chat_postMessage": {"chat:write", "chat:write.public"},
    "chat_update": {"chat:write"},
    "conversations_history": {
        "channels:history", "groups:history", "im:history", "mpim:history",
    },
    "conversations_replies": {
        "channels:history", "groups:history", "im:history", "mpim:history",
    },
    "conversations_open": {"im:write"},
    "usergroups_users_list": {"usergroups:read"},
    "users_info": {"users:read"},
    "views_open": set(),
    "views_publish": set(),
    "views_push": set(),
    "views_update": set(),
}  # fmt: skip


def called() -> set[str]:
    """Every Web API method that the product's code names."""
    files = [ROOT / "bot.py", *(ROOT / "handlers").rglob("*.py")]
    nodes = [node for file in files for node in ast.walk(ast.parse(file.read_text()))]
    names = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    families = (
        "apps",
        "auth",
        "chat",
        "conversations",
        "users",
        "views",
        "files",
        "reactions",
        "team",
        "usergroups",
    )
    return {name for name in names if name.partition("_")[0] in families and "_" in name}


def test_asks_for_the_scopes_it_needs_and_no_other() -> None:
    """Every call has its scope, every scope its call."""
    assert called() == set(SCOPES)
    needed = set().union(*SCOPES.values()) | {"commands"}
    assert set(MANIFEST["oauth_config"]["scopes"]["bot"]) == needed


def test_declares_what_it_listens_to() -> None:
    """Commands, shortcuts and events in the manifest are those that are registered."""
    app = AsyncApp(token="xoxb-none", signing_secret="none")
    heard: dict[str, list[str]] = {"command": [], "shortcut": [], "event": []}

    def listen(kind: str) -> Callable[[str], object]:
        def to(name: str) -> object:
            heard[kind].append(name)
            return lambda listener: listener

        return to

    for kind in heard:
        setattr(app, kind, listen(kind))
    register(app, office=None)  # type: ignore[arg-type]
    features, settings = MANIFEST["features"], MANIFEST["settings"]
    assert heard == {
        "command": [c["command"] for c in features["slash_commands"]],
        "shortcut": [s["callback_id"] for s in features["shortcuts"]],
        "event": settings["event_subscriptions"]["bot_events"],
    }
    assert features["app_home"]["home_tab_enabled"] == ("app_home_opened" in heard["event"])
    assert settings["interactivity"]["is_enabled"]


def test_every_button_is_listened_to() -> None:
    """Whatever can be pressed in what we show has a listener, and every listener something."""
    app = AsyncApp(token="xoxb-none", signing_secret="none")
    heard: set[str] = set()

    def action(name: str) -> object:
        heard.add(name)
        return lambda listener: listener

    app.action = action  # type: ignore[method-assign,assignment]
    register(app, office=None)  # type: ignore[arg-type]
    shown = "".join(file.read_text() for file in (ROOT / "handlers/views").glob("*.py"))
    families = {"files_page_prev", "files_page_next", "links_prev", "links_next"}  # put together
    assert {name for name in heard - families if f'"{name}"' not in shown} == set()
    pressed = set(re.findall(r'button\(\s*t\([^()]*(?:\([^()]*\))?[^()]*\),\s*"(\w+)"', shown))
    assert pressed
    assert pressed <= heard


def test_is_within_slacks_limits() -> None:
    """Lengths of the manifest's texts (docs.slack.dev/reference/app-manifest)."""
    shown = MANIFEST["display_information"]
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    for c in MANIFEST["features"]["slash_commands"]:
        assert len(c["command"]) <= 32
        assert len(c["usage_hint"]) <= 1000
    for s in MANIFEST["features"]["shortcuts"]:
        assert len(s["name"]) <= 24
        assert len(s["description"]) <= 150
