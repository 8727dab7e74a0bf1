"""What the bot is doing for people right now, so that a stop can wait for it."""

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from slack_bolt.listener.async_listener_completion_handler import (
    AsyncCustomListenerCompletionHandler,
)
from slack_bolt.listener.async_listener_start_handler import AsyncCustomListenerStartHandler

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp
    from slack_bolt.context.async_context import AsyncBoltContext

    from handlers.health import Metrics

log = logging.getLogger(__name__)


class InHand:
    """Counts the listeners that run.

    Bolt starts each as a task that outlives the acknowledgement, and forgets
    it; its start and completion handlers are where one can see them.
    """

    def __init__(self, app: "AsyncApp", metrics: "Metrics") -> None:
        self._metrics = metrics
        self._running = 0
        self._idle = asyncio.Event()
        self._idle.set()
        runner = app.listener_runner
        runner.listener_start_handler = AsyncCustomListenerStartHandler(log, self._started)
        runner.listener_completion_handler = AsyncCustomListenerCompletionHandler(
            log, self._completed
        )

    async def _started(self, context: "AsyncBoltContext") -> None:
        context["begun"] = time.monotonic()
        self._running += 1
        self._idle.clear()

    async def _completed(self, context: "AsyncBoltContext") -> None:
        self._metrics.answering.observe(time.monotonic() - context["begun"])
        self._running -= 1
        if not self._running:
            self._idle.set()

    async def finish(self, seconds: float) -> None:
        """Wait until nothing is in hand, at most so long."""
        try:
            await asyncio.wait_for(self._idle.wait(), seconds)
        except TimeoutError:
            log.warning("stopping with %d requests unanswered", self._running)
