"""Slack's time limits and rates, in one place, so that a test can shorten them."""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class Rules:
    """Seconds, unless a name says otherwise. The defaults are Slack's."""

    #: To acknowledge a command or click ("Implementing slash commands").
    ack_seconds: float = 3.0
    #: Life of a trigger_id ("Handling user interaction").
    trigger_seconds: float = 3.0
    #: Life and uses of a response_url ("Handling user interaction").
    response_url_seconds: float = 1800.0
    response_url_uses: int = 5
    #: chat.postMessage, per channel ("Rate limits": one a second, short bursts). 0: no limit.
    posts_per_second: float = 1.0
    post_burst: int = 3
    #: chat.update, for the whole app ("Rate limits", Tier 3: 50 and more a minute). 0: no limit.
    updates_per_minute: float = 50.0
    #: Between an event's failure and its next delivery ("Events API", "Retries").
    event_retry_seconds: tuple[float, ...] = (0.0, 60.0, 300.0)
    #: Whether people may write to the app, and it to them ("App Home").
    messages_tab: bool = True


class Pace:
    """Token buckets: what was done where, and how long to wait for the next.

    `limits` tells the rate in a second (0: none) and the burst, anew each time,
    because a test may change the rules.
    """

    def __init__(self, limits: Callable[[], tuple[float, float]]) -> None:
        self._limits = limits
        self._buckets: dict[str, tuple[float, float]] = {}

    def wait(self, key: str) -> float:
        """0 if it may go now, and then it counts; or the seconds to wait."""
        rate, burst = self._limits()
        if rate <= 0:
            return 0.0
        now = time.monotonic()
        tokens, then = self._buckets.get(key, (burst, now))
        tokens = min(burst, tokens + (now - then) * rate)
        allowed = tokens >= 1
        self._buckets[key] = (tokens - 1 if allowed else tokens, now)
        return 0.0 if allowed else (1 - tokens) / rate
