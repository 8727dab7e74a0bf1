"""Telling Slack: where the bot may speak, what became of what it said, and names of people."""

import asyncio
import logging
import time
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any

from slack_sdk.errors import SlackApiError

from handlers import views
from handlers.calls import Busy, Refused, Unsure, slack_errors
from handlers.pace import Pace
from uploads.errors import UploadLinkError
from uploads.links import File, Link, Place

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncRespond
    from slack_sdk.web.async_client import AsyncWebClient

log = logging.getLogger(__name__)

#: Seconds that a requester waits for the card, at most, where a channel is busy.
PATIENCE = 2.0

#: Seconds that a requester waits for their own name, at most.
NAME_PATIENCE = 1.0

#: Seconds that a person's name is believed without asking Slack again.
NAME_LIFE = 3600.0

#: Seconds before an arrival in which its follow-up may stand, by another clock than ours.
CLOCKS_DIFFER = 60.0


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
        """The name a person goes by; `otherwise` where Slack does not tell, or not soon."""
        name, until = self._names.get(user, ("", 0.0))
        if until > time.monotonic():
            return name
        try:
            with slack_errors():
                async with asyncio.timeout(NAME_PATIENCE):
                    answer = await self._client.users_info(user=user)
        except (Refused, Busy, Unsure, SlackApiError) as error:
            log.warning("no name for %s: %s", user, error)
            return otherwise
        profile = answer["user"]["profile"]
        name = profile.get("display_name") or profile.get("real_name") or otherwise
        self._names[user] = (name, time.monotonic() + NAME_LIFE)
        return name

    async def answer(self, respond: "AsyncRespond", user: str, message: views.Message) -> None:
        """Answer a command or a click; where Slack does not take the answer, write directly.

        Raises `Refused`, `Busy` or `Unsure` if that fails too.
        """
        try:
            with slack_errors():
                taken = await respond(**message)
            if taken.status_code == 200:
                return
            log.warning("Slack did not take an answer: status %d", taken.status_code)
        except (Refused, Busy, Unsure) as error:
            log.warning("Slack did not take an answer: %s", error)
        with slack_errors():
            await self._client.chat_postMessage(
                channel=user,
                text=message["text"],
                blocks=message.get("blocks"),
                unfurl_links=False,
                unfurl_media=False,
            )

    async def place_card(self, link: Link, channel: str) -> Place:
        """Post the card that waits for the file, in the channel or else to the requester.

        Raises `UploadLinkError` where the news could go nowhere. A channel that
        is too busy for a card right now gets none; its news will wait its turn.
        """
        try:
            async with self._pace.turn(channel, PATIENCE):
                return await self._post_card(link, channel)
        except (TimeoutError, Busy):
            return Place(channel)
        except Unsure:
            return Place(channel, await self._find_card(link, channel))
        except Refused as refusal:
            log.info("no card in %s (%s): telling %s directly", channel, refusal, link.requester)
        try:
            place = await self._post_card(link, link.requester)
        except (Busy, Unsure):
            return Place(link.requester, direct=True)
        except Refused as error:
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
        since = link.made_at.timestamp() - CLOCKS_DIFFER
        try:
            return await self._find(channel, None, since, _card_mark(link))
        except (Busy, Unsure) as error:
            log.warning("cannot look for the card in %s: %s", channel, error)
            return None

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
        """Let the card say that the file came. May be repeated at will.

        Raises `Busy` or `Unsure`, after which it should be.
        """
        if place.card is None:
            return
        try:
            with slack_errors():
                await self._patient.chat_update(
                    channel=place.channel, ts=place.card, **views.card(link, file)
                )
        except (Refused, SlackApiError) as refusal:  # the card is gone, or the channel closed
            log.info("the card in %s stays as it is: %s", place.channel, refusal)

    def turn(self, place: Place) -> AbstractAsyncContextManager[None]:
        """Have the place to oneself for a follow-up (Slack: one message a second)."""
        return self._pace.turn(place.channel)

    async def post_follow_up(self, link: Link, place: Place, file: File) -> str:
        """Tell of a file, under the card and in the channel. Returns `channel/ts`.

        Where the card cannot be replied to, in the channel alone; where the bot
        may no longer post, to the requester. Raises `Refused` where not even
        that is allowed, `Busy` where nothing was said yet, `Unsure` where nobody
        knows.
        """
        said, mark = views.follow_up(link, file), _file_mark(file)
        if place.card is not None and not place.direct:
            thread = {"thread_ts": place.card, "reply_broadcast": True}
            try:
                return "/".join(await self._post(place.channel, {**said, **thread}, mark))
            except Refused as refusal:
                log.info("%s: not under the card in %s", refusal, place.channel)
        try:
            return "/".join(await self._post(place.channel, said, mark))
        except Refused as refusal:
            log.warning("%s: telling %s directly", refusal, link.requester)
        return "/".join(await self._post(link.requester, said, mark))

    async def find_follow_up(self, place: Place, file: File) -> str | None:
        """The message that told of a file, if there is one: `channel/ts`.

        A direct message that stood in for a closed channel is not found, as its
        conversation has no name until Slack has answered: it may come twice.
        """
        since = file.arrived_at.timestamp() - CLOCKS_DIFFER
        for thread in dict.fromkeys((place.card, None)):
            if ts := await self._find(place.channel, thread, since, _file_mark(file)):
                return f"{place.channel}/{ts}"
        return None

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
        except Unsure:
            self._pace.hold(channel)
            raise
        self._pace.hold(channel)
        return answer["channel"], answer["ts"]

    async def _find(
        self, channel: str, thread: str | None, since: float, mark: dict[str, Any]
    ) -> str | None:
        """Look among the messages since then for one with our mark.

        Where the bot may not look (it posts to public channels without being
        in them), the answer is None: twice told is better than never.
        """
        where: dict[str, Any] = {"channel": channel, "oldest": f"{since:.6f}", "limit": 200}
        where["include_all_metadata"] = True
        try:
            with slack_errors():
                if thread is None:
                    answer = await self._patient.conversations_history(**where)
                else:
                    answer = await self._patient.conversations_replies(ts=thread, **where)
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
