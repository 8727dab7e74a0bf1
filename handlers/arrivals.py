"""From the queue to the channel: every file that lands is announced once.

A message of the queue is handled in its own task, holds its place in the queue
while it waits for Slack, and is deleted when its work is recorded. What cannot
be handled goes back, and after several tries into the dead-letter queue.
"""

import asyncio
import logging
import time
from asyncio import to_thread
from collections.abc import Iterator
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from botocore.exceptions import ClientError

from handlers import about
from handlers.calls import Away, Busy, Unsure
from uploads.arrivals import Arrival, Gone, Ignored, Probe, Scanned
from uploads.errors import NotThere, Unavailable, UploadLinkError
from uploads.inbox import HIDDEN_SECONDS

if TYPE_CHECKING:
    from handlers.doors import Sockets
    from handlers.health import Metrics
    from handlers.homes import Homes
    from handlers.telling import Teller
    from uploads.inbox import Inbox, Message
    from uploads.intake import Intake
    from uploads.links import Link

log = logging.getLogger(__name__)

#: Messages held at a time. Each may be waiting for its channel's next second, and
#: those of other channels must not wait behind them.
AT_ONCE = 1000

#: The longest pause between two tries, in seconds, when AWS or Slack is down.
LONGEST_PAUSE = 60.0

#: How long a stop waits for what is in hand, in seconds. Slack's answers take
#: up to ten; platforms kill after about thirty.
FINISH_SECONDS = 15.0


class Announcer:
    """Reads the queue until told to stop, then finishes what it holds.

    While Slack cannot be reached it reads nothing more: another bot may be able
    to. It knows by its `sockets`, where Slack comes that way, and by what it tried.
    """

    def __init__(
        self,
        inbox: "Inbox",
        intake: "Intake",
        teller: "Teller",
        homes: "Homes",
        sockets: "Sockets | None",
        metrics: "Metrics",
    ) -> None:
        self._inbox = inbox
        self._intake = intake
        self._teller = teller
        self._homes = homes
        self._sockets = sockets
        self._metrics = metrics
        self._away = False
        self._held: dict[asyncio.Task[None], Message] = {}
        #: Events of one link are recorded one after the other: together they would only
        #: get in each other's way. A lock lives as long as somebody waits for it.
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._stopping = asyncio.Event()
        #: When the queue last answered, or was let wait since there is enough to do and it is
        #: being done; on the event loop's clock.
        self.last_read = asyncio.get_running_loop().time()

    def in_hand(self) -> int:
        """How many messages it holds."""
        return len(self._held)

    def oldest(self) -> float:
        """How long ago the oldest of them came into the queue, in seconds; 0 without any."""
        now = time.time()
        return max((now - message.sent_at for message in self._held.values()), default=0.0)

    def stop(self) -> None:
        """Take nothing more from the queue."""
        self._stopping.set()

    async def run(self) -> None:
        """Announce until `stop`; return when nothing is held any more."""
        keeping = asyncio.create_task(self._keep_what_is_held())
        try:
            await self._read_until_stopped()
            if self._held:
                _, late = await asyncio.wait(self._held, timeout=FINISH_SECONDS)
                for task in late:
                    task.cancel()
                if late:
                    await asyncio.wait(late)
        finally:
            keeping.cancel()

    async def _read_until_stopped(self) -> None:
        pauses = _pauses()
        while not self._stopping.is_set():
            if self._away or not await self._connected():
                await self._pause(1)
                continue
            try:
                messages = await to_thread(self._inbox.receive)
            except Unavailable as error:
                log.warning("cannot read the queue: %s", error)
                await self._pause(next(pauses))
                continue
            pauses = _pauses()
            self.last_read = asyncio.get_running_loop().time()
            for message in messages:
                task = asyncio.create_task(self._handle(message))
                self._held[task] = message
                task.add_done_callback(self._let_go)
            while len(self._held) >= AT_ONCE and not self._stopping.is_set():
                done, _ = await asyncio.wait(
                    self._held, return_when=asyncio.FIRST_COMPLETED, timeout=1
                )
                if done:
                    self.last_read = asyncio.get_running_loop().time()

    async def _connected(self) -> bool:
        return self._sockets is None or await self._sockets.alive() > 0

    def _let_go(self, task: asyncio.Task[None]) -> None:
        message = self._held.pop(task)
        # Without anything in hand, only the next message can tell whether Slack is back.
        self._away = self._away and bool(self._held)
        error = None if task.cancelled() else task.exception()
        if isinstance(error, UploadLinkError):
            log.error("queue message %s is left for another try: %s", message.id, error)
        elif error:
            log.error("queue message %s is left for another try", message.id, exc_info=error)

    async def _keep_what_is_held(self) -> None:
        while True:
            await asyncio.sleep(HIDDEN_SECONDS / 3)
            try:
                await to_thread(self._inbox.keep, list(self._held.values()))
            except (UploadLinkError, ClientError) as error:
                log.warning("cannot keep the queue messages in hand: %s", error)

    async def _handle(self, message: "Message") -> None:
        about.request.set(message.id)
        for event in self._intake.read(message.body):
            if isinstance(event, Ignored):
                log.info("ignored an event: %s", event.reason)
            elif isinstance(event, Probe):
                await to_thread(self._intake.answer, event)
            else:
                await self._take(event)
        await to_thread(self._inbox.done, message)
        self._metrics.announcing.observe(time.time() - message.sent_at)

    async def _take(self, event: Arrival | Gone | Scanned) -> None:
        """Try until it is recorded and Slack tells of it, by us or by another bot."""
        about.link.set(event.what.link)
        turn = self._turns.setdefault(event.what.link, asyncio.Lock())
        taken: tuple[Link, int] | None = None
        for pause in _pauses():
            try:
                if taken is None:
                    async with turn:
                        taken = await to_thread(self._intake.take, event)
                if isinstance(event, Gone):
                    return
                link, sitting = taken
                told = await self._teller.tell_arrivals(link, sitting)
                self._away = False
                self._homes.changed(link.requester)
                if told:
                    return
                log.info("%s is claimed, and told of soon", event.what)
            except NotThere as gone:
                log.info("ignored %s: %s", event.what, gone)
                return
            except (Unavailable, Busy, Unsure) as error:
                log.warning("%s is not told of yet: %s", event.what, error)
                self._away = self._away or isinstance(error, Away)
                if isinstance(error, Busy):
                    pause = max(pause, error.retry_after)
            await self._pause(pause)
            if self._stopping.is_set():
                raise Unavailable("stopping")

    async def _pause(self, seconds: float) -> None:
        """Wait, but no longer than until `stop`."""
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return


def _pauses() -> Iterator[float]:
    """1, 2, 4 … seconds, and `LONGEST_PAUSE` for ever after."""
    pause = 1.0
    while True:
        yield pause
        pause = min(pause * 2, LONGEST_PAUSE)
