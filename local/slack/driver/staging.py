"""The scene is set: faults, limits, places, people."""

from typing import Any

from local.slack.driver.seen import Json
from local.slack.driver.wire import Wire
from local.slack.socket_mode import MOST_CONNECTIONS


class Staging(Wire):
    """Changes the workspace, and how Slack behaves."""

    def misbehave(self, *, method: str, kind: str, times: int = 1, **how: Any) -> None:
        """Order a fault. `how`: `seconds`, `retry_after` or `error`; see `local.slack.faults`."""
        self._post("faults", {"method": method, "kind": kind, "times": times, **how})

    def behave(self) -> None:
        """Let no fault that was ordered happen any more."""
        self._post("faults", {})

    def reset_socket(self, most: int = MOST_CONNECTIONS) -> None:
        """Cut so many connections with TCP RST."""
        self._post("sockets", {"do": "reset", "most": most})

    def close_socket(self, most: int = MOST_CONNECTIONS) -> None:
        """Close so many connections with a close frame."""
        self._post("sockets", {"do": "close", "most": most})

    def mute_socket(self, most: int = MOST_CONNECTIONS) -> None:
        """Let so many connections go half-open: nothing comes, no ping is answered."""
        self._post("sockets", {"do": "mute", "most": most})

    def refresh_socket(self, most: int = MOST_CONNECTIONS) -> None:
        """Ask the app to replace so many connections, as Slack does every few hours."""
        self._post("sockets", {"do": "refresh", "most": most})

    def rules(self, **changes: float | list[float]) -> None:
        """Change limits until the next reset; names as in `local.slack.rules.Rules`."""
        self._post("rules", changes)

    def use_http(self, events_url: str, signing_secret: str) -> None:
        """Deliver by signed HTTP from now on."""
        ask = {"mode": "http", "events_url": events_url, "signing_secret": signing_secret}
        self._post("app", ask)

    def use_sockets(self) -> None:
        """Deliver by Socket Mode, as at the start."""
        self._post("app", {"mode": "socket"})

    def reinstall(self, manifest: Json) -> None:
        """The app as another manifest has it, its scopes granted, until the next reset."""
        self._post("manifest", {"manifest": manifest})

    def add_channels(self, count: int) -> list[str]:
        """Public channels with the bot in them; returns their ids."""
        ids: list[str] = self._post("channels", {"add": count})["channels"]
        return ids

    def change_channel(self, channel: str, *, user: str = "ann", **changes: bool) -> str:
        """Set `archived`, `read_only`, or `bot` (a member or not); returns the channel's id."""
        ask = {"user": user, "channel": channel, **changes}
        return str(self._post("channel", ask)["channel"])

    def change_user(self, user: str, **changes: str | bool) -> Json:
        """Set `locale`, `tz`, `is_restricted`, `is_admin`, `deleted`, …; returns the person."""
        changed: Json = self._post("user", {"user": user, "changes": changes})["user"]
        return changed

    def change_usergroup(self, handle: str, **changes: list[str] | bool) -> str:
        """Set `users` (by handle) or `disabled` of a user group; returns its id."""
        return str(self._post("usergroup", {"usergroup": handle, **changes})["usergroup"])

    def channel_id(self, channel: str, *, user: str = "ann") -> str:
        """The id of a channel."""
        return self.change_channel(channel, user=user)

    def reset(self, **ids: str) -> None:
        """A fresh workspace; nothing recorded; connections stay. `general` may be its new id."""
        self._post("reset", ids)
