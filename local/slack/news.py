"""Who is told when something changes: the page's live stream, and tests that wait."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from local.slack.shapes import Json


class News:
    """Numbers every change and hands it to whoever listens."""

    def __init__(self) -> None:
        self.revision = 0
        self._listeners: set[asyncio.Queue[Json | None]] = set()
        self._changed = asyncio.Event()

    def tell(self, kind: str, **what: object) -> None:
        """Something happened."""
        self.revision += 1
        self._changed.set()
        self._changed = asyncio.Event()
        for listener in self._listeners:
            listener.put_nowait({"kind": kind, "revision": self.revision, **what})

    async def after(self, revision: int, seconds: float) -> int:
        """Wait until there is more than `revision`, at most so long; return the newest."""
        if self.revision <= revision:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), seconds)
        return self.revision

    async def listen(self) -> AsyncIterator[Json]:
        """All that happens from now on, until `close`."""
        queue: asyncio.Queue[Json | None] = asyncio.Queue()
        self._listeners.add(queue)
        try:
            while (event := await queue.get()) is not None:
                yield event
        finally:
            self._listeners.discard(queue)

    def close(self) -> None:
        """Nothing more will happen."""
        for listener in self._listeners:
            listener.put_nowait(None)
