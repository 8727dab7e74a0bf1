"""Slack's measure: about one message a second in a channel."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
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

    @asynccontextmanager
    async def turn(self, channel: str, patience: float | None = None) -> AsyncIterator[None]:
        """Have the channel to oneself, in the order of asking.

        Raises `TimeoutError` if the turn does not come in `patience` seconds.
        Whoever posts says so with `hold`, after the post: however long it was on
        its way, Slack then sees a second between two.
        """
        lane = self._lane(channel)
        lane.asked += 1
        try:
            async with AsyncExitStack() as turn:
                async with asyncio.timeout(patience):
                    await turn.enter_async_context(lane.lock)
                    # Again and again, for a `hold` may come while we wait.
                    while (delay := lane.free - self._clock()) > 0:
                        await asyncio.sleep(delay)
                yield
        finally:
            lane.asked -= 1

    def hold(self, channel: str, seconds: float = INTERVAL) -> None:
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
