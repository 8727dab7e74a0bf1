"""What the app was granted: read from its manifest, as Slack does at installation."""

import json
from dataclasses import dataclass
from pathlib import Path

from local.slack.shapes import Json

MANIFEST = Path(__file__).parents[2] / "manifest.json"


@dataclass(frozen=True, slots=True)
class Manifest:
    """The part of a manifest that decides what the app may do."""

    scopes: frozenset[str]
    commands: list[Json]


def read(path: Path = MANIFEST) -> Manifest:
    """Raises `OSError` or `ValueError` for a manifest that cannot be read."""
    manifest = json.loads(path.read_text(encoding="utf-8"))
    return Manifest(
        frozenset(manifest["oauth_config"]["scopes"]["bot"]),
        manifest.get("features", {}).get("slash_commands", []),
    )
