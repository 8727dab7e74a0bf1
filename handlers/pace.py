"""Slack's measure: about one message a second in a channel."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

#: Seconds between two posts in one channel (Slack: "Rate limits", chat.postMessage).
INTERVAL = 1.0

#: Channels remembered before those that nobody waits for are forgotten.
_MANY = 1000


@dataclass(slots=True)
class _Lane:
    free: float = 0.0
    asked: int = 0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Pace:
    """Hands out turns to post, per channel, on one event loop.

    Other replicas have a pace of their own. Where they meet in a channel, Slack
    answers 429, and `hold` takes its word for it.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lanes: dict[str, _Lane] = {}

    def wait(self, channel: str) -> float:
        """About how many seconds a turn that is asked for now would be in coming."""
        lane = self._lane(channel)
        return max(0.0, lane.free - self._clock()) + lane.asked * INTERVAL

    @asynccontextmanager
    async def turn(self, channel: str) -> AsyncIterator[None]:
        """Have the channel to oneself, in the order of asking.

        The next turn comes `INTERVAL` after this one is over, and not after it
        began: however long a post is on its way, Slack sees a second between two.
        """
        lane = self._lane(channel)
        lane.asked += 1
        try:
            async with lane.lock:
                # Again and again, for a `hold` may come while we wait.
                while (delay := lane.free - self._clock()) > 0:
                    await asyncio.sleep(delay)
                try:
                    yield
                finally:
                    self.hold(channel, INTERVAL)
        finally:
            lane.asked -= 1

    def hold(self, channel: str, seconds: float) -> None:
        """Give out no turn for so long."""
        lane = self._lane(channel)
        lane.free = max(lane.free, self._clock() + seconds)

    def _lane(self, channel: str) -> _Lane:
        if len(self._lanes) > _MANY:
            now = self._clock()
            self._lanes = {
                name: lane for name, lane in self._lanes.items() if lane.asked or lane.free > now
            }
        return self._lanes.setdefault(channel, _Lane())
