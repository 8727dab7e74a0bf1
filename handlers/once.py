"""Said once, whichever bot says it, also where an answer was lost and a bot was killed."""

import logging
import secrets
from asyncio import to_thread
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from handlers.calls import Busy, Refused, Silent, Unsure
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
    SOON = auto()  #: somebody has claimed it: another bot, or we, before Slack fell silent


class Once:
    """Posts what has not been posted yet: claimed first, looked for in doubt, then recorded."""

    def __init__(self, news: News, poster: "Poster") -> None:
        self._news = news
        self._poster = poster
        #: What stands in Slack and could not be recorded yet.
        self._unrecorded: dict[Piece, str] = {}

    async def say(self, piece: Piece, lane: str, spots: Spots, since: float) -> Told:
        """Post at the first spot that takes it, unless it was posted `since` (by `time.time`).

        `lane` is whose turn is waited for; there must be one spot at least. Raises
        `Refused` where no spot takes it, `Busy` where Slack is, `Unsure` where it
        may have been posted. Whoever tries again after `Silent` is told `SOON` until
        Slack can no longer be at it, and then looks first.
        """
        # A turn may be long in coming, and so may a spot: a claim is made after both,
        # anew for each spot, and outlasts the one post that follows it.
        async with self._poster.turn(lane):
            if stands := self._unrecorded.get(piece):
                return await self._stands(piece, stands, Told.BEFORE)
            refusals: list[Refused] = []
            async for spot in spots():
                try:
                    return await self._say_at(spot, piece, spots, since)
                except Refused as refusal:
                    log.info("%s: not in %s", refusal, spot.channel)
                    refusals.append(refusal)
            raise refusals[-1]

    async def _say_at(self, spot: Spot, piece: Piece, spots: Spots, since: float) -> Told:
        token = secrets.token_hex(8)
        claim = await to_thread(self._news.claim, piece, token)
        if claim is Claim.UNSURE:
            try:
                found = await self._find(piece, spots(), since)
            except (Busy, Unsure):
                await to_thread(self._news.release, piece, token)  # the doubt of others stays
                raise
            if found is not None:
                return await self._stands(piece, found, Told.BEFORE)
            claim = await to_thread(self._news.claim, piece, token, looked=True)
        if claim is Claim.TAKEN:
            return Told.SOON
        if claim is Claim.SAID:
            return Told.BEFORE
        return await self._post(spot, piece, token, since)

    async def _post(self, spot: Spot, piece: Piece, token: str, since: float) -> Told:
        """Post what is ours to say. The claim ends with Slack's answer, whatever it is."""
        try:
            channel, ts = await self._poster.post(
                spot.channel, spot.message, mark(piece), spot.thread
            )
        except (Busy, Refused):
            await to_thread(self._news.release, piece, token)
            raise
        except Silent:
            found = await self._find_at(spot, piece, since)
            if found is None:
                raise  # with the claim kept: Slack may be at it still
            return await self._stands(piece, found, Told.NOW)
        except Unsure:
            await to_thread(self._news.release, piece, token, unheard=True)
            raise
        return await self._stands(piece, f"{channel}/{ts}", Told.NOW)

    async def _stands(self, piece: Piece, message: str, told: Told) -> Told:
        self._unrecorded[piece] = message
        await to_thread(self._news.record, piece, message)
        self._unrecorded.pop(piece, None)
        log.info("told %s of link %s in %s", piece.what, piece.link, message)
        return told

    async def _find(self, piece: Piece, spots: AsyncIterator[Spot], since: float) -> str | None:
        try:
            async for spot in spots:
                if found := await self._find_at(spot, piece, since):
                    return found
        except Refused as refusal:  # so says the look-up of a spot
            log.info("%s: nothing of ours can stand there", refusal)
        return None

    async def _find_at(self, spot: Spot, piece: Piece, since: float) -> str | None:
        ts = await self._poster.find(spot.channel, spot.thread, since, mark(piece))
        return f"{spot.channel}/{ts}" if ts is not None else None


def mark(piece: Piece) -> str:
    """What a message is found again by."""
    return f"{piece.link}/{piece.what}"
