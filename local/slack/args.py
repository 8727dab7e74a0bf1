"""Arguments of a call, whether they came as JSON or as a form, where all is text."""

import json
from typing import Any

from local.slack.errors import SlackError
from local.slack.shapes import Json


class Args:
    """Reads arguments by name and kind; what is wrong becomes a `SlackError`."""

    def __init__(self, raw: Json) -> None:
        self._raw = raw

    def text(self, name: str) -> str | None:
        """The text, or None where there is none."""
        value = self._raw.get(name)
        return None if value is None else str(value)

    def need(self, name: str) -> str:
        """The text. Raises `invalid_arguments` without it."""
        value = self.text(name)
        if not value:
            missing = f"[ERROR] missing required field: {name}"
            raise SlackError("invalid_arguments", missing)
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        """True, "true" and "1" are true."""
        value = self._raw.get(name)
        return default if value is None else str(value).lower() in {"true", "1"}

    def number(self, name: str, default: int) -> int:
        """A whole number. Raises `invalid_arguments`."""
        value = self._raw.get(name, default)
        try:
            return int(value)
        except (TypeError, ValueError):
            wrong = f"[ERROR] must be an integer [json-pointer:/{name}]"
            raise SlackError("invalid_arguments", wrong) from None

    def structure(self, name: str, error: str) -> Any:
        """An object or list, decoded where it came as text. Raises `error`."""
        value = self._raw.get(name)
        if not isinstance(value, str) or value == "":
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise SlackError(error) from None

    def has(self, name: str) -> bool:
        """Whether it was sent at all."""
        return self._raw.get(name) is not None
