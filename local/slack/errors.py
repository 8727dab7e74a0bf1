"""Refusals, in Slack's own words."""

from typing import Any


class SlackError(Exception):
    """A refusal of the Web API; `error` is the code that Slack documents for it.

    `messages` become `response_metadata.messages`; `more` is merged into the answer.
    """

    def __init__(self, error: str, *messages: str, **more: Any) -> None:
        super().__init__(error, *messages)
        self.error = error
        self._messages = messages
        self._more = more

    def answer(self) -> dict[str, Any]:
        """The JSON body of the refusal."""
        answer: dict[str, Any] = {"ok": False, "error": self.error, **self._more}
        if self._messages:
            answer["response_metadata"] = {"messages": list(self._messages)}
        return answer


class RateLimited(SlackError):
    """429: come back in `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__("ratelimited")
        self.seconds = seconds
