"""What people do that the app must answer: commands, shortcuts, clicks, modals sent."""

import asyncio
import secrets
import time
from dataclasses import dataclass, field

from local.slack.errors import SlackError
from local.slack.shapes import Channel, Json, Message, User


@dataclass(slots=True)
class Interaction:
    """One thing that a person did, and how the app took it.

    `error` is what Slack shows when the app fails: `operation_timeout` or
    `dispatch_failed`. `seen_ms` is when the first answer could be seen, by
    response_url, ephemeral or modal.
    """

    kind: str
    user: User
    channel: Channel | None
    #: What Slack calls it when it fails: `/upload-link`, or an action's id.
    name: str = ""
    #: The message whose button was pressed, or whose shortcut was used.
    message: Message | None = None
    #: The conversation that the person was looking at, where the app is not told.
    at: Channel | None = None
    trigger_id: str = ""
    id: str = field(default_factory=lambda: secrets.token_hex(6))
    sent_at: float = field(default_factory=time.time)
    acked_ms: float | None = None
    seen_ms: float | None = None
    error: str | None = None
    #: Why Slack would try an event again, or "" where it would not.
    retry_reason: str = ""
    settled: asyncio.Event = field(default_factory=asyncio.Event)
    _started: float = field(default_factory=time.perf_counter)

    def elapsed_ms(self) -> float:
        """Milliseconds since it was sent."""
        return (time.perf_counter() - self._started) * 1000

    def saw_something(self) -> None:
        """The first answer counts."""
        if self.seen_ms is None:
            self.seen_ms = self.elapsed_ms()

    def to_json(self) -> Json:
        """For the control API and the page."""
        return {
            "id": self.id,
            "kind": self.kind,
            "name": self.name,
            "user": self.user.id,
            "channel": self.channel.id if self.channel else None,
            "ts": self.message.ts if self.message else None,
            "sent_at": self.sent_at,
            "acked_ms": self.acked_ms,
            "seen_ms": self.seen_ms,
            "error": self.error,
            "timed_out": self.error == "operation_timeout",
        }


class Triggers:
    """trigger_ids: each opens one modal, soon after the act it came from."""

    def __init__(self) -> None:
        self._issued: dict[str, tuple[Interaction, float]] = {}
        self._spent: set[str] = set()

    def issue(self, interaction: Interaction) -> str:
        """A new trigger_id for something that a person just did."""
        trigger = f"{secrets.randbelow(10**13)}.{secrets.randbelow(10**10)}.{secrets.token_hex(16)}"
        self._issued[trigger] = (interaction, time.monotonic())
        return trigger

    def spend(self, trigger: str, life: float) -> Interaction:
        """What a trigger came from; it is of no use afterwards (views.open, "Errors")."""
        if trigger not in self._issued:
            raise SlackError("invalid_trigger_id")
        if trigger in self._spent:
            raise SlackError("exchanged_trigger_id")
        interaction, issued = self._issued[trigger]
        if time.monotonic() - issued > life:
            raise SlackError("expired_trigger_id")
        self._spent.add(trigger)
        return interaction
