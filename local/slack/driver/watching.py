"""What people see in the local Slack, and what the app did."""

import time

from local.slack.driver.seen import (
    Call,
    Interaction,
    Json,
    NotSeen,
    Wanted,
    home_not_seen,
    interaction,
    not_seen,
    words,
)
from local.slack.driver.wire import Wire


class Watching(Wire):
    """Looks, and waits for what is to be seen."""

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

    def wait_for_home(self, wanted: Wanted, *, user: str = "ann", seconds: float = 10.0) -> Json:
        """The person's Home tab once it holds this text, or once this is true of it.

        Raises `NotSeen` after so many seconds.
        """
        until = time.monotonic() + seconds
        while True:
            answer = self._get("view", user=user)
            home: Json | None = answer["home"]
            if home and (wanted(home) if callable(wanted) else wanted in words(home)):
                return home
            left = until - time.monotonic()
            if left <= 0:
                raise NotSeen(home_not_seen(wanted, user, home))
            self._get("changes", after=answer["revision"], seconds=left)

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
