"""What Slack is told of a link, from the card that waits to the news that it ended."""

import logging
import secrets
from asyncio import to_thread
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from handlers.calls import Busy, Refused, Unsure
from handlers.once import Once, Spot, Told
from handlers.views import asked, news
from handlers.views.blocks import Message
from uploads.errors import UploadLinkError
from uploads.links import File, Link, Place
from uploads.news import Claim, News, Piece, Said

if TYPE_CHECKING:
    from handlers.directory import Directory
    from handlers.posting import Poster
    from uploads.desk import Desk
    from uploads.files import Files

log = logging.getLogger(__name__)

#: Seconds that a requester waits for the card, at most, where a channel is busy.
PATIENCE = 2.0

#: What a conversation is told, by its id: in the language that is read there.
ForChannel = Callable[[str], Message]


class Teller:
    """Keeps what Slack shows of links true, and says each thing once."""

    def __init__(
        self, desk: "Desk", files: "Files", news: News, poster: "Poster", directory: "Directory"
    ) -> None:
        self._desk = desk
        self._received = files
        self._news = news
        self._poster = poster
        self._directory = directory
        self._once = Once(news, poster)

    # The card.

    async def place_card(self, link: Link, place: Place) -> Place:
        """Post the card that waits for the files where the link was asked for, or to the requester.

        Raises `UploadLinkError` where the news could go nowhere. A channel that
        is too busy for a card right now gets none; its news will wait its turn.
        """
        if place.direct:
            return await self._place_directly(link)
        mark = f"{link.reference}/card"
        try:
            async with self._poster.turn(place.channel, PATIENCE):
                message = await self._card(link, place.channel)
                channel, ts = await self._poster.post(place.channel, message, mark, place.thread)
                return Place(channel, ts, place.thread)
        except (TimeoutError, Busy):
            return place
        except Unsure:
            return Place(place.channel, await self._find_card(link, place, mark), place.thread)
        except Refused as refusal:
            log.info("no card in %s (%s): telling %s", place.channel, refusal, link.requester)
        return await self._place_directly(link)

    async def _place_directly(self, link: Link) -> Place:
        try:
            channel = await self._poster.direct(link.requester)
            message = await self._card(link, channel)
            channel, ts = await self._poster.post(channel, message, f"{link.reference}/card")
        except (Busy, Unsure):
            return Place(link.requester, direct=True)
        except Refused as error:
            raise UploadLinkError("nowhere_to_tell", code=str(error.values["code"])) from error
        return Place(channel, ts, direct=True)

    async def _find_card(self, link: Link, place: Place, mark: str) -> str | None:
        try:
            since = link.made_at.timestamp()
            return await self._poster.find(place.channel, place.thread, since, mark)
        except (Busy, Unsure) as error:
            log.warning("cannot look for the card in %s: %s", place.channel, error)
            return None

    async def _card(self, link: Link, channel: str) -> Message:
        person = await self._directory.person(link.requester)
        t = self._directory.texts_at(channel, person)
        under_way = await to_thread(self._desk.under_way, link)
        now, days = datetime.now(UTC), self._desk.policy.retention_days
        return asked.card(t, link, now, days, under_way)

    async def first_to_make(self, link: Link) -> bool:
        """Whether nobody makes this link already: what is sent twice is made once."""
        piece = Piece(link.reference, "made")
        claim = await to_thread(self._news.claim, piece, secrets.token_hex(8))
        return claim is Claim.OURS

    async def withdraw_card(self, place: Place) -> None:
        """Take back the card of a link that could not be kept."""
        if place.card is not None:
            await self._poster.withdraw(place.channel, place.card)

    async def update_card(self, link: Link, *, afresh: bool = False) -> None:
        """Let the card say what is true of the link. Raises `Busy` or `Unsure`.

        Does nothing where it says so already; with `afresh` it does all the
        same, for what time alone has changed.
        """
        place, piece = link.place, Piece(link.reference, "card")
        if place.card is None:
            return
        message = f"{place.channel}/{place.card}"
        drew = partial(self._news.drew, piece, message)
        await self._redraw(link, piece, message, self._card, drew, afresh=afresh)

    # The news.

    async def tell_arrivals(self, link: Link, sitting: int) -> bool:
        """Bring the follow-up of a sitting (0: none), and the card, up to what is known of a link.

        Many may ask at once for one link: whoever has the turn tells for all.
        False where another bot is at it just now. Raises `Busy`, `Refused` or
        `Unsure` where Slack does not let us, or does not answer.
        """
        async with self._poster.turn(link.reference):
            if not sitting:
                await self.update_card(link)
                return True
            piece = Piece(link.reference, f"sitting#{sitting}")
            said = await to_thread(self._news.said, piece)
            if said is not None and said.shown >= link.rev:
                return True
            # What came while we waited for our turn is told too.
            link = await to_thread(self._desk.find, link.reference)
            return await self._bring_up(link, sitting, piece, said)

    async def bring_up(self, link: Link, *sittings: int) -> None:
        """As `tell_arrivals`, for what somebody has done, who need not hear that Slack is slow."""
        for sitting in sittings:
            try:
                await self.tell_arrivals(link, sitting)
            except (Busy, Refused, Unsure) as error:
                log.info("the news of link %s is behind: %s", link.reference, error)

    async def tell_untold(self, link: Link) -> bool:
        """Tell of every sitting of which nothing was ever said. As `tell_arrivals`."""
        files = await to_thread(self._received.of, link)
        for sitting in sorted({file.sitting for file in files}):
            piece = Piece(link.reference, f"sitting#{sitting}")
            untold = await to_thread(self._news.said, piece) is None
            if untold and not await self.tell_arrivals(link, sitting):
                return False
        return True

    async def _bring_up(self, link: Link, sitting: int, piece: Piece, said: Said | None) -> bool:
        if said is None:
            told = await self._post_sitting(link, sitting, piece)
            if told is Told.SOON:
                return False
            if told is Told.BEFORE:
                # By another bot, or one that was not heard: perhaps of fewer files.
                said = await to_thread(self._news.said, piece)
        if said is not None:

            async def draw(link: Link, channel: str) -> Message:
                message, _ = await self._follow_up(link, sitting)
                return message(channel)

            def drew(rev: int) -> bool:
                return self._news.drawn(piece) <= rev  # recorded below, last of all

            drawn = await self._redraw(link, piece, said.message, draw, drew)
            if drawn is None:
                # Somebody has deleted it. What came since must be told all the same.
                await to_thread(self._news.forget, piece, said.message)
                return False
            link = drawn
            self._poster.hold(link.reference)
        await self.update_card(link)
        await to_thread(self._desk.refresh, link)
        # Last of all: whoever finds this knows that all of the rest was done.
        await to_thread(self._news.shows, piece, link.rev)
        return True

    async def _redraw(
        self,
        link: Link,
        piece: Piece,
        message: str,
        draw: Callable[[Link, str], Awaitable[Message]],
        drew: Callable[[int], bool],
        *,
        afresh: bool = True,
    ) -> Link | None:
        """Let a message say what is recorded; returns the link as it was drawn.

        None where the message is not there any more. Without `afresh` nothing is
        drawn that it shows already.

        Another bot may draw the same message at the same time, and whose update
        comes last nobody knows. So each says beforehand what it `draws`, and
        afterwards what it `drew`: where a later state was announced meanwhile,
        nothing is recorded, and it draws that one, even if the other has drawn it
        already: its own, older drawing may have come last.
        """
        channel, _, ts = message.partition("/")
        while await to_thread(self._news.draws, piece, link.rev) or afresh:
            if not await self._poster.update(channel, ts, await draw(link, channel)):
                return None
            if await to_thread(drew, link.rev):
                break
            link, afresh = await to_thread(self._desk.find, link.reference), True
        return link

    async def _post_sitting(self, link: Link, sitting: int, piece: Piece) -> Told:
        message, files = await self._follow_up(link, sitting)
        # Whoever tried before had fewer files: what stands may be as old as the first.
        since = min(file.arrived_at for file in files).timestamp()

        def spots() -> AsyncIterator[Spot]:
            return self._spots(link, message)

        return await self._once.say(piece, link.place.channel, spots, since)

    async def _follow_up(self, link: Link, sitting: int) -> tuple[ForChannel, list[File]]:
        """What is said of a sitting, and of which files."""
        files, covers = await to_thread(self._received.sitting, link, sitting)
        person = await self._directory.person(link.requester)

        def in_words(channel: str) -> Message:
            return news.follow_up(self._directory.texts_at(channel, person), link, files, covers)

        return in_words, files

    async def _spots(self, link: Link, said: ForChannel) -> AsyncIterator[Spot]:
        """Under the card and in the channel; in the channel alone; or with the requester."""
        place = link.place
        if not place.direct:
            message = said(place.channel)
            if place.thread is not None:
                yield Spot(place.channel, place.thread, message)
            elif place.card is not None:
                yield Spot(place.channel, place.card, {**message, "reply_broadcast": True})
            yield Spot(place.channel, None, message)
        channel = await self._poster.direct(link.requester)
        yield Spot(channel, None, said(channel))

    async def tell_requester(self, link: Link, what: str, message: Message) -> bool:
        """Write to the requester alone, once. As `tell_arrivals`."""
        channel = await self._poster.direct(link.requester)
        piece = Piece(link.reference, what)

        async def spots() -> AsyncIterator[Spot]:
            yield Spot(channel, None, message)

        told = await self._once.say(piece, channel, spots, link.made_at.timestamp())
        return told is not Told.SOON
