"""Said once, whichever bot says it, also where an answer was lost and a bot was killed."""

import logging
import secrets
from asyncio import to_thread
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, auto
from typing import TYPE_CHECKING

from handlers.calls import Busy, Refused
from uploads.news import Claim, News, Piece

if TYPE_CHECKING:
    from handlers.posting import Poster
    from handlers.views.blocks import Message

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a piece of news may stand, and what it says there."""

    channel: str
    thread: str | None
    message: "Message"


#: The spots for a piece of news, best first, each looked up when it is come to.
Spots = Callable[[], AsyncIterator[Spot]]


class Told(Enum):
    """Whether a piece of news stands in Slack now."""

    NOW = auto()  #: we have just said it, as it was handed in
    BEFORE = auto()  #: it was said some time before, and may say less
    SOON = auto()  #: another bot is about to say it


class Once:
    """Posts what has not been posted yet: claimed first, looked for in doubt, then recorded."""

    def __init__(self, news: News, poster: "Poster") -> None:
        self._news = news
        self._poster = poster
        #: In whose name we claim what we say. Within one bot turns keep order.
        self._token = secrets.token_hex(8)

    async def say(self, piece: Piece, lane: str, spots: Spots, since: float) -> Told:
        """Post at the first spot that takes it, unless it was posted `since` (by `time.time`).

        `lane` is whose turn is waited for; there must be one spot at least. Raises
        `Refused` where no spot takes it, `Busy` where Slack is, `Unsure` where it
        may have been posted.
        """
        # A turn may be long in coming, and so may a spot: a claim is made after both,
        # anew for each spot, and outlasts the one post that follows it.
        async with self._poster.turn(lane):
            refusals: list[Refused] = []
            async for spot in spots():
                try:
                    return await self._say_at(spot, piece, spots, since)
                except Refused as refusal:
                    log.info("%s: not in %s", refusal, spot.channel)
                    refusals.append(refusal)
            raise refusals[-1]

    async def _say_at(self, spot: Spot, piece: Piece, spots: Spots, since: float) -> Told:
        claim = await self._claim(piece)
        if claim is Claim.UNSURE:
            found = await self._find(piece, spots(), since)
            if found is not None:
                return await self._stands(piece, found, Told.BEFORE)
            claim = await self._claim(piece)  # looking takes its time, too
        if claim is Claim.TAKEN:
            return Told.SOON
        if claim is Claim.SAID:
            return Told.BEFORE
        try:
            channel, ts = await self._poster.post(
                spot.channel, spot.message, mark(piece), spot.thread
            )
        except (Busy, Refused):
            await to_thread(self._news.release, piece, self._token)
            raise
        return await self._stands(piece, f"{channel}/{ts}", Told.NOW)

    async def _stands(self, piece: Piece, message: str, told: Told) -> Told:
        await to_thread(self._news.record, piece, message)
        log.info("told %s of link %s in %s", piece.what, piece.link, message)
        return told

    async def _claim(self, piece: Piece) -> Claim:
        return await to_thread(self._news.claim, piece, self._token, datetime.now(UTC))

    async def _find(self, piece: Piece, spots: AsyncIterator[Spot], since: float) -> str | None:
        try:
            async for spot in spots:
                ts = await self._poster.find(spot.channel, spot.thread, since, mark(piece))
                if ts is not None:
                    return f"{spot.channel}/{ts}"
        except Refused as refusal:  # so says the look-up of a spot
            log.info("%s: nothing of ours can stand there", refusal)
        return None


def mark(piece: Piece) -> str:
    """What a message is found again by."""
    return f"{piece.link}/{piece.what}"
