"""The clock: signatures renewed, requesters reminded, ends told; whichever bot gets there first."""

import asyncio
import logging
import secrets
from asyncio import to_thread
from typing import TYPE_CHECKING

from handlers import about
from handlers.calls import Refused
from handlers.views import news
from uploads.errors import Conflict, UploadLinkError

if TYPE_CHECKING:
    from handlers.directory import Directory
    from handlers.homes import Homes
    from handlers.telling import Teller
    from handlers.views.blocks import Message
    from uploads.agenda import Due
    from uploads.clock import Clock
    from uploads.desk import Desk
    from uploads.links import Link

log = logging.getLogger(__name__)

#: Seconds between two looks at what is due.
TICK = 5.0

#: Links that one bot looks after at the same time.
AT_ONCE = 8


class Ticker:
    """Looks after links whose moment has come, until told to stop."""

    def __init__(
        self,
        clock: "Clock",
        desk: "Desk",
        teller: "Teller",
        directory: "Directory",
        homes: "Homes",
    ) -> None:
        self._clock = clock
        self._desk = desk
        self._teller = teller
        self._directory = directory
        self._homes = homes
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Take up nothing more."""
        self._stopping.set()

    async def run(self) -> None:
        """Tick until `stop`."""
        while not self._stopping.is_set():
            try:
                due = await to_thread(self._clock.due)
            except UploadLinkError as error:
                log.warning("cannot see what is due: %s", error)
                due = []
            some = asyncio.Semaphore(AT_ONCE)
            looking = [asyncio.create_task(self._look_after(one, some)) for one in due]
            ends = await asyncio.gather(*looking, return_exceptions=True)
            for one, bug in zip(due, ends, strict=True):
                if bug is not None:
                    # A link that nobody can look after must not stop those behind it.
                    log.error("link %s is left for another try", one.link, exc_info=bug)
            if not due:
                await self._pause()

    async def _look_after(self, due: "Due", some: asyncio.Semaphore) -> None:
        async with some:
            if self._stopping.is_set():
                return
            about.request.set(secrets.token_hex(4))
            about.link.set(due.link)
            try:
                link = await to_thread(self._clock.take, due)
                if link is None:
                    return
                only_looks = self._clock.only_looks(link)
                if not only_looks:
                    link = await to_thread(self._clock.secure, link)
                link = await self._catch_up(link)
                if not only_looks:
                    await self._tell(link)
                    log.info("looked after link %s", link.reference)
                news = await to_thread(self._clock.look, link)
                await to_thread(self._clock.settle, link)
                if news:
                    await self._teller.update_card(link, afresh=True)
                if self._clock.over(link):
                    self._homes.changed(link.requester)
            except UploadLinkError as error:
                # When the lease has ended somebody tries again.
                log.warning("link %s is left for another try: %s", due.link, error)

    async def _catch_up(self, link: "Link") -> "Link":
        """Tell of files that should have been told of long ago."""
        link = await to_thread(self._clock.overlooked, link)
        told = True
        if self._clock.over(link):
            told = await self._teller.tell_untold(link)
        elif (
            link.look_at and link.sitting
        ):  # the latest may have been found so, now or at the last try
            told = await self._teller.tell_arrivals(link, link.sitting)
        if not told:
            raise Conflict("changed_meanwhile")
        return link

    async def _tell(self, link: "Link") -> None:
        """Tell people what the moment means for them."""
        t = await self._directory.texts(link.requester)
        if self._clock.wants_reminder(link):
            address = await to_thread(self._desk.address, link)
            await self._tell_requester(link, "reminder", news.reminder(t, link, address))
            await to_thread(self._clock.reminded, link)
        if self._clock.ended_unused(link):
            await self._tell_requester(link, "ended", news.ended(t, link))
        await self._teller.update_card(link, afresh=self._clock.over(link))

    async def _tell_requester(self, link: "Link", what: str, message: "Message") -> None:
        """Write to them once for each end that the link was given."""
        try:
            piece = f"{what}#{int(link.ends_at.timestamp())}"
            if not await self._teller.tell_requester(link, piece, message):
                raise Conflict("changed_meanwhile")
        except Refused as refusal:  # they have left, or want no messages
            log.warning("%s cannot be told of link %s: %s", link.requester, link.reference, refusal)

    async def _pause(self) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), TICK)
        except TimeoutError:
            return
