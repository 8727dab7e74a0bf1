"""Slack's manifest against what the bot really registers and calls."""

import ast
import json
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
    """The commands in the manifest are the commands that are registered."""
    app = AsyncApp(token="xoxb-none", signing_secret="none")
    heard: list[str] = []

    def command(name: str) -> object:
        heard.append(name)
        return lambda listener: listener

    app.command = command  # type: ignore[method-assign]
    register(app, office=None)  # type: ignore[arg-type]
    assert heard == [c["command"] for c in MANIFEST["features"]["slash_commands"]]
    assert MANIFEST["settings"]["interactivity"]["is_enabled"]


def test_is_within_slacks_limits() -> None:
    """Lengths of the manifest's texts (docs.slack.dev/reference/app-manifest)."""
    shown = MANIFEST["display_information"]
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    for c in MANIFEST["features"]["slash_commands"]:
        assert len(c["command"]) <= 32
        assert len(c["usage_hint"]) <= 1000
