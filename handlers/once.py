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

        `lane` is whose turn is waited for. Raises `Refused` where no spot takes
        it, `Busy` where Slack is, `Unsure` where it may have been posted.
        """
        # A turn may be long in coming, and a claim grows stale: so turn first.
        async with self._poster.turn(lane):
            found = None
            claim = await self._claim(piece)
            if claim is Claim.UNSURE:
                found = await self._find(piece, spots(), since)
                # Looking takes its time too: claim again before posting.
                claim = await self._claim(piece)
            if claim is Claim.TAKEN:
                return Told.SOON
            if claim is Claim.SAID:
                return Told.BEFORE
            message = found or await self._post(piece, spots())
            if message is None:
                return Told.SOON
            await to_thread(self._news.record, piece, message)
            log.info("told %s of link %s in %s", piece.what, piece.link, message)
            return Told.BEFORE if found else Told.NOW

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

    async def _post(self, piece: Piece, spots: AsyncIterator[Spot]) -> str | None:
        """The message, as `channel/ts`. None if the claim grew stale from one spot to the next."""
        refused: Refused | None = None
        try:
            async for spot in spots:
                if refused and await self._claim(piece) in (Claim.TAKEN, Claim.SAID):
                    return None
                try:
                    channel, ts = await self._poster.post(
                        spot.channel, spot.message, mark(piece), spot.thread
                    )
                except Refused as refusal:
                    log.info("%s: not in %s", refusal, spot.channel)
                    refused = refusal
                else:
                    return f"{channel}/{ts}"
            if refused:
                raise refused
        except (Busy, Refused):
            await to_thread(self._news.release, piece, self._token)
            raise
        return None


def mark(piece: Piece) -> str:
    """What a message is found again by."""
    return f"{piece.link}/{piece.what}"
