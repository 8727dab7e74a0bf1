"""Act as people in the local Slack, and read what they see and what the app called.

    with running() as slack:
        slack.command("Q3 report", user="ann", channel="general")
        slack.wait_for("Your upload link", user="ann", channel="general")

People are named by handle (`ann`, `kenji`, `mei`), channels by name (`general`)
or, for direct messages, by the other person (`@kenji`, `@upload-link`).
"""

import http.client
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from local.process import child
from local.slack import seed
from local.slack.seen import Call, Interaction, Json, NotSeen, Wanted, interaction, not_seen, words

__all__ = ["Call", "Interaction", "NotSeen", "Refused", "Slack", "running", "words"]

#: Longer than any act takes: three seconds to acknowledge, and a slow machine.
_PATIENCE = 60.0


class Refused(Exception):
    """Slack would not let this person do it; the text is its error code."""


class Slack:
    """A running local Slack."""

    def __init__(self, url: str) -> None:
        self.url = url

    @property
    def bot_env(self) -> Mapping[str, str]:
        """What the bot must be told to use this Slack in Socket Mode."""
        return {
            "SLACK_API_URL": f"{self.url}/api/",
            "SLACK_BOT_TOKEN": seed.BOT_TOKEN,
            "SLACK_APP_TOKEN": seed.APP_TOKEN,
        }

    # People act. Each waits until the app has acknowledged or failed to.

    def command(
        self,
        text: str = "",
        *,
        user: str = "ann",
        channel: str = "general",
        command: str = "/upload-link",
    ) -> Interaction:
        """Type a slash command. Raises `Refused` where there is no box to type in."""
        ask = {"user": user, "channel": channel, "command": command, "text": text}
        return interaction(self._post("command", ask))

    def say(
        self,
        text: str,
        *,
        user: str = "ann",
        channel: str = "general",
        thread_ts: str | None = None,
    ) -> Json:
        """Write a plain message."""
        ask = {"user": user, "channel": channel, "text": text, "thread_ts": thread_ts}
        return self._post("message", ask)

    def click(
        self,
        action_id: str,
        *,
        user: str = "ann",
        channel: str = "general",
        ts: str | None = None,
        value: str | None = None,
    ) -> Interaction:
        """Press the newest such button that the person sees, or the one in message `ts`."""
        ask = {"action_id": action_id, "user": user, "channel": channel, "ts": ts, "value": value}
        return interaction(self._post("click", ask))

    def click_in_view(
        self, action_id: str, *, user: str = "ann", chosen: Json | None = None
    ) -> Interaction:
        """Use an element of the modal on top; `chosen` is what it then holds."""
        ask = {"action_id": action_id, "user": user, "chosen": chosen or {}, "in_view": True}
        return interaction(self._post("click", ask))

    def submit(self, state: Json | None = None, *, user: str = "ann") -> Interaction:
        """Send the modal on top. `state` is `{block_id: {action_id: {"type": …, "value": …}}}`."""
        return interaction(self._post("view/submit", {"user": user, "state": state or {}}))

    def close_view(self, *, user: str = "ann") -> None:
        """Close the modal on top."""
        self._post("view/close", {"user": user})

    # What people see.

    def sees(self, user: str = "ann", channel: str = "general") -> list[Json]:
        """Every message a person sees there, oldest first, with `ephemeral`, threads included."""
        return self._seen(user, channel)[0]

    def view(self, user: str = "ann") -> Json | None:
        """The modal that a person has open."""
        view: Json | None = self._get("view", user=user)["view"]
        return view

    def home(self, user: str = "ann") -> Json | None:
        """The Home tab that the app published for a person."""
        view: Json | None = self._get("view", user=user)["home"]
        return view

    def wait_for(
        self,
        wanted: Wanted,
        *,
        user: str = "ann",
        channel: str = "general",
        seconds: float = 10.0,
    ) -> Json:
        """The first message that holds this text (in its blocks too), or that this is true of.

        Raises `NotSeen` after so many seconds.
        """
        until = time.monotonic() + seconds
        while True:
            messages, revision = self._seen(user, channel)
            for message in messages:
                if wanted(message) if callable(wanted) else wanted in words(message):
                    return message
            left = until - time.monotonic()
            if left <= 0:
                raise NotSeen(not_seen(wanted, user, channel, messages))
            self._get("changes", after=revision, seconds=left)

    def _seen(self, user: str, channel: str) -> tuple[list[Json], int]:
        answer = self._get("messages", user=user, channel=channel)
        return answer["messages"], answer["revision"]

    # What the app did.

    def calls(self, method: str | None = None) -> list[Call]:
        """The app's calls in order; answers through a response_url are method `response_url`."""
        query = {"method": method} if method else {}
        return [Call(**call) for call in self._get("calls", **query)["calls"]]

    def interaction(self, id: str) -> Interaction:
        """An interaction as it stands now: `seen_ms` may come after the acknowledgement."""
        return interaction(self._get(f"interactions/{id}"))

    def connections(self) -> list[Json]:
        """The app's Socket Mode connections, with how many envelopes each was given."""
        connections: list[Json] = self._get("connections")["connections"]
        return connections

    def wait_for_connections(self, count: int = 1, *, seconds: float = 10.0) -> None:
        """Wait until the app has so many connections. Raises `NotSeen`."""
        until = time.monotonic() + seconds
        while len(self.connections()) < count:
            if time.monotonic() > until:
                raise NotSeen(f"{len(self.connections())} connections instead of {count}")
            time.sleep(0.02)

    # Setting the scene.

    def misbehave(self, *, method: str, kind: str, times: int = 1, **how: Any) -> None:
        """Order a fault. `how`: `seconds`, `retry_after` or `error`; see `local.slack.faults`."""
        self._post("faults", {"method": method, "kind": kind, "times": times, **how})

    def reset_socket(self) -> None:
        """Cut every connection with TCP RST."""
        self._post("sockets", {"do": "reset"})

    def close_socket(self) -> None:
        """Close every connection with a close frame."""
        self._post("sockets", {"do": "close"})

    def mute_socket(self) -> None:
        """Let every connection go half-open: nothing comes, no ping is answered."""
        self._post("sockets", {"do": "mute"})

    def refresh_socket(self) -> None:
        """Ask the app to reconnect, as Slack does every few hours."""
        self._post("sockets", {"do": "refresh"})

    def rules(self, **changes: float) -> None:
        """Change limits until the next reset; names as in `local.slack.rules.Rules`."""
        self._post("rules", changes)

    def use_http(self, events_url: str, signing_secret: str) -> None:
        """Deliver by signed HTTP from now on."""
        ask = {"mode": "http", "events_url": events_url, "signing_secret": signing_secret}
        self._post("app", ask)

    def use_sockets(self) -> None:
        """Deliver by Socket Mode, as at the start."""
        self._post("app", {"mode": "socket"})

    def add_channels(self, count: int) -> list[str]:
        """Public channels with the bot in them; returns their ids."""
        ids: list[str] = self._post("channels", {"add": count})["channels"]
        return ids

    def change_channel(self, channel: str, *, user: str = "ann", **changes: bool) -> str:
        """Set `archived`, `read_only`, or `bot` (a member or not); returns the channel's id."""
        ask = {"user": user, "channel": channel, **changes}
        return str(self._post("channel", ask)["channel"])

    def channel_id(self, channel: str, *, user: str = "ann") -> str:
        """The id of a channel."""
        return self.change_channel(channel, user=user)

    def reset(self) -> None:
        """A fresh workspace; nothing recorded; connections stay."""
        self._post("reset", {})

    # HTTP.

    def _post(self, path: str, ask: Json) -> Json:
        headers = {"Content-Type": "application/json"}
        return self._ask("POST", f"/control/{path}", json.dumps(ask), headers)

    def _get(self, path: str, **query: object) -> Json:
        return self._ask("GET", f"/control/{path}?{urlencode(query)}", None, {})

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Json:
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=_PATIENCE)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            text = response.read().decode()
        finally:
            connection.close()
        if response.status != 200:
            raise Refused(json.loads(text)["error"] if text.startswith("{") else text)
        answer: Json = json.loads(text)
        return answer


@contextmanager
def running(
    *, host: str = "127.0.0.1", port: int = 0, ack_seconds: float | None = None
) -> Iterator[Slack]:
    """Run a local Slack of your own in a separate process, until the context ends.

    Raises `local.process.ChildError` if it does not come up.
    """
    command = [sys.executable, "-m", "local.slack", "--host", host, "--port", str(port)]
    command += ["--ack-seconds", str(ack_seconds)] if ack_seconds else []
    root = str(Path(__file__).parents[2])
    with (
        tempfile.TemporaryDirectory(prefix="local-slack-") as folder,
        child(
            "the local Slack",
            command,
            env={"PYTHONPATH": root},
            log=Path(folder) / "slack.log",
        ) as process,
    ):
        ready = process.wait_for(r'^\{"url": "(.+)"\}$', seconds=20)
        yield Slack(ready[1])
