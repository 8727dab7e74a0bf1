"""What the driver hands out: interactions, calls, and messages as text."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from typing import Any

Json = dict[str, Any]
#: A text to be found in a message, or a question asked of it.
Wanted = str | Callable[[Json], bool]


class NotSeen(AssertionError):
    """What was awaited did not appear. The text shows what there was instead."""


@dataclass(frozen=True, slots=True)
class Interaction:
    """One command, click or submission, by the stand-in's clock.

    `acked_ms` and `seen_ms` count from `sent_at` (unix seconds): until the app
    acknowledged, and until the person could see a first answer. `error` is what
    Slack shows instead: `operation_timeout` or `dispatch_failed`, and for a modal
    also why the app's answer could not be followed. `errors` are those that the
    app put beside the inputs of a modal.
    """

    id: str
    kind: str
    user: str
    channel: str | None
    sent_at: float
    acked_ms: float | None
    seen_ms: float | None
    timed_out: bool
    error: str | None
    errors: Json | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One call by the app. `status` 0: it never got an answer. See `local.slack.door.Call`."""

    method: str
    args: Json
    at: float
    monotonic: float
    took_ms: float
    status: int
    error: str | None
    fault: str | None


def words(message: Json) -> str:
    """All text of a message or view: its own, and that of its blocks."""
    own = [message["text"]] if "text" in message else []
    return "\n".join([*own, *_texts(message.get("blocks", []))])


def _texts(thing: Any) -> Iterator[str]:
    if isinstance(thing, list):
        for part in thing:
            yield from _texts(part)
    elif isinstance(thing, dict):
        for name, part in thing.items():
            if name in {"text", "url"} and isinstance(part, str):
                yield part
            else:
                yield from _texts(part)


def interaction(answer: Json) -> Interaction:
    """An interaction from the control API's JSON."""
    known = {field.name for field in fields(Interaction)}
    return Interaction(**{name: value for name, value in answer.items() if name in known})


def not_seen(wanted: Wanted, user: str, channel: str, messages: list[Json]) -> str:
    """What to say when something did not appear."""
    what = "such a message" if callable(wanted) else repr(wanted)
    seen = "\n".join(
        f"  {message['ts']}{' (ephemeral)' if message['ephemeral'] else ''}: {words(message)!r}"
        for message in messages
    )
    return f"{user} does not see {what} in {channel}, but:\n{seen or '  nothing at all'}"


def home_not_seen(wanted: Wanted, user: str, home: Json | None) -> str:
    """What to say when a Home tab did not come to hold something."""
    what = "such a thing" if callable(wanted) else repr(wanted)
    return f"{user}'s Home tab does not hold {what}, but:\n{words(home) if home else '  nothing'}"
