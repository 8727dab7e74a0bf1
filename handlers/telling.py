"""Telling Slack: where the bot may speak, what became of what it said, and names of people."""

import logging
import time
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any

from handlers import views
from handlers.calls import Busy, Refused, Unsure, slack_errors
from handlers.pace import Pace
from uploads.errors import UploadLinkError
from uploads.links import File, Link, Place

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

log = logging.getLogger(__name__)

#: Seconds that a requester waits for the card, at most, where a channel is busy.
PATIENCE = 2.0

#: Seconds that a person's name is believed without asking Slack again.
NAME_LIFE = 3600.0


class Teller:
    """Speaks to Slack for the bot.

    `client` posts, so it must not retry by itself: the SDK's default repeats a
    post whose answer was lost, and the channel reads it twice. `patient` makes
    the calls that may be repeated.
    """

    def __init__(self, client: "AsyncWebClient", patient: "AsyncWebClient") -> None:
        self._client = client
        self._patient = patient
        self._pace = Pace()
        self._names: dict[str, tuple[str, float]] = {}

    async def name_of(self, user: str, otherwise: str) -> str:
        """The name a person goes by; `otherwise` where Slack does not tell."""
        name, until = self._names.get(user, ("", 0.0))
        if until < time.monotonic():
            try:
                with slack_errors():
                    answer = await self._patient.users_info(user=user)
                profile = answer["user"]["profile"]
                name = profile.get("display_name") or profile.get("real_name") or otherwise
            except (Refused, Busy, Unsure) as error:
                log.warning("no name for %s: %s", user, error)
                return otherwise
            self._names[user] = (name, time.monotonic() + NAME_LIFE)
        return name

    async def place_card(self, link: Link, channel: str) -> Place:
        """Post the card that waits for the file, in the channel or else to the requester.

        Raises `UploadLinkError` where the news could go nowhere. A channel that
        is too busy for a card right now gets none; its news will wait its turn.
        """
        if self._pace.wait(channel) > PATIENCE:
            return Place(channel)
        try:
            async with self._pace.turn(channel):
                return await self._post_card(link, channel)
        except Refused as refusal:
            log.info("no card in %s (%s): telling %s directly", channel, refusal, link.requester)
        except Busy:
            return Place(channel)
        except Unsure:
            return Place(channel, await self._find_card(link, channel))
        try:
            place = await self._post_card(link, link.requester)
        except (Refused, Busy, Unsure) as error:
            raise UploadLinkError(
                "I may not post in this channel, and cannot send you a direct message either"
                f" ({error}), so nobody would hear of the file."
                " `/invite` me to this channel and try again."
            ) from error
        return Place(place.channel, place.card, direct=True)

    async def _post_card(self, link: Link, channel: str) -> Place:
        posted, ts = await self._post(channel, views.card(link), _card_mark(link))
        return Place(posted, ts)

    async def _find_card(self, link: Link, channel: str) -> str | None:
        since = link.made_at.timestamp() - 60
        return await self._find(channel, None, since, _card_mark(link))

    async def withdraw(self, place: Place) -> None:
        """Take back the card of a link that could not be kept."""
        if place.card is None:
            return
        try:
            with slack_errors():
                await self._patient.chat_delete(channel=place.channel, ts=place.card)
        except (Refused, Busy, Unsure) as error:
            log.warning("a card stays in %s that waits for nothing: %s", place.channel, error)

    async def update_card(self, link: Link, place: Place, file: File) -> None:
        """Let the card say that the file came. May be repeated at will."""
        if place.card is None:
            return
        try:
            with slack_errors():
                await self._patient.chat_update(
                    channel=place.channel, ts=place.card, **views.card(link, file)
                )
        except Refused as refusal:  # somebody deleted the card, or archived the channel
            log.info("the card in %s stays as it is: %s", place.channel, refusal)

    def turn(self, place: Place) -> AbstractAsyncContextManager[None]:
        """Have the place to oneself for a follow-up (Slack: one message a second)."""
        return self._pace.turn(place.channel)

    async def post_follow_up(self, link: Link, place: Place, file: File) -> str:
        """Tell of a file, under the card and in the channel. Returns `channel/ts`.

        Where the bot may no longer post, the requester is told directly. Raises
        `Refused` where not even that is allowed, `Busy` where nothing was said
        yet, `Unsure` where nobody knows.
        """
        said, mark = views.follow_up(link, file), _file_mark(file)
        try:
            if place.card is None or place.direct:
                channel, ts = await self._post(place.channel, said, mark)
            else:
                thread = {"thread_ts": place.card, "reply_broadcast": True}
                channel, ts = await self._post(place.channel, {**said, **thread}, mark)
        except Refused as refusal:
            log.warning("%s: telling %s directly", refusal, link.requester)
            channel, ts = await self._post(link.requester, said, mark)
        return f"{channel}/{ts}"

    async def find_follow_up(self, place: Place, file: File) -> str | None:
        """The message that told of a file, if there is one: `channel/ts`."""
        thread = None if place.direct else place.card
        since = file.arrived_at.timestamp() - 60
        ts = await self._find(place.channel, thread, since, _file_mark(file))
        return f"{place.channel}/{ts}" if ts else None

    async def _post(
        self, channel: str, message: views.Message, mark: dict[str, Any]
    ) -> tuple[str, str]:
        try:
            with slack_errors():
                answer = await self._client.chat_postMessage(
                    channel=channel, metadata=mark, **{**views.QUIET, **message}
                )
        except Busy as busy:
            self._pace.hold(channel, busy.retry_after)
            raise
        return answer["channel"], answer["ts"]

    async def _find(
        self, channel: str, thread: str | None, since: float, mark: dict[str, Any]
    ) -> str | None:
        """Look among the newest messages for one with our mark.

        Where the bot may not look (it posts to public channels without being
        in them), the answer is None: twice told is better than never.
        """
        try:
            with slack_errors():
                if thread is None:
                    answer = await self._patient.conversations_history(
                        channel=channel, oldest=str(since), include_all_metadata=True, limit=200
                    )
                else:
                    answer = await self._patient.conversations_replies(
                        channel=channel, ts=thread, include_all_metadata=True, limit=200
                    )
        except Refused as refusal:
            log.warning("cannot look whether something was said in %s: %s", channel, refusal)
            return None
        for message in answer["messages"]:
            if message.get("metadata", {}).get("event_payload") == mark["event_payload"]:
                return str(message["ts"])
        return None


def _card_mark(link: Link) -> dict[str, Any]:
    return {
        "event_type": "upload_link_card",
        "event_payload": {"reference": link.reference},
    }


def _file_mark(file: File) -> dict[str, Any]:
    # Any app in the workspace may read metadata: no id that opens anything.
    return {
        "event_type": "upload_link_file",
        "event_payload": {"reference": file.id.reference},
    }
