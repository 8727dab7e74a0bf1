"""Slack's measure: about one message a second in a channel."""

import asyncio
import time
from collections.abc import Callable

#: Seconds between two posts in one channel (Slack: "Rate limits", chat.postMessage).
INTERVAL = 1.0


class Pace:
    """Hands out turns to post, per channel, on one event loop.

    Other replicas have a pace of their own. Where they meet in a channel, Slack
    answers 429, and `hold` takes its word for it.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._free: dict[str, float] = {}

    def wait(self, channel: str) -> float:
        """Seconds until a turn asked for now would come."""
        return max(0.0, self._free.get(channel, 0.0) - self._clock())

    async def turn(self, channel: str) -> None:
        """Take the next turn and wait for it. Turns come in the order they were asked for."""
        delay = self.wait(channel)
        self._free[channel] = self._clock() + delay + INTERVAL
        await asyncio.sleep(delay)
        self._forget_the_past()

    def hold(self, channel: str, seconds: float) -> None:
        """Give out no turn for a while, because Slack said so."""
        self._free[channel] = max(self._free.get(channel, 0.0), self._clock() + seconds)

    def _forget_the_past(self) -> None:
        if len(self._free) > 1000:
            now = self._clock()
            self._free = {name: free for name, free in self._free.items() if free > now}
