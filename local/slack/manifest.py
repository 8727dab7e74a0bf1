"""What the app was granted: read from its manifest, as Slack does at installation."""

import json
from dataclasses import dataclass
from pathlib import Path

from local.slack.shapes import Json

MANIFEST = Path(__file__).parents[2] / "manifest.json"


@dataclass(frozen=True, slots=True)
class Manifest:
    """The part of a manifest that decides what the app may do, and what it is told."""

    scopes: frozenset[str]
    commands: list[Json]
    #: Each with `name`, `type` ("global" or "message"), `callback_id`, `description`.
    shortcuts: list[Json]
    home_tab: bool
    events: frozenset[str]
    #: All of it, as apps.manifest.export gives it back.
    document: Json

    @property
    def provided(self) -> str:
        """The scopes as a refusal and a header list them."""
        return ",".join(sorted(self.scopes))


def read(path: Path = MANIFEST) -> Manifest:
    """Raises `OSError` or `ValueError` for a manifest that cannot be read."""
    return understood(json.loads(path.read_text(encoding="utf-8")))


def understood(manifest: Json) -> Manifest:
    """A manifest's JSON as what it means. Raises `KeyError` where it has no bot scopes."""
    features = manifest.get("features", {})
    subscriptions = manifest.get("settings", {}).get("event_subscriptions", {})
    return Manifest(
        scopes=frozenset(manifest["oauth_config"]["scopes"]["bot"]),
        commands=features.get("slash_commands", []),
        shortcuts=features.get("shortcuts", []),
        home_tab=features.get("app_home", {}).get("home_tab_enabled", False),
        events=frozenset(subscriptions.get("bot_events", [])),
        document=manifest,
    )
