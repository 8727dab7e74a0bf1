"""Posting to Slack so that it is known what became of it, and looking for what was posted."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from handlers.calls import Busy, Refused, Unsure, slack_errors
from handlers.pace import Pace
from handlers.views.blocks import QUIET, Message
from uploads.links import reference

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncRespond
    from slack_sdk.web.async_client import AsyncWebClient

log = logging.getLogger(__name__)

#: Seconds before a moment in which what was posted after it may stand, by another clock than ours.
CLOCKS_DIFFER = 60.0

#: Seconds between two updates of one message. Slack allows some fifty a minute in all.
UPDATE_INTERVAL = 3.0

#: Refusals that say that a message, or the channel it was in, is not there any more.
_GONE = frozenset({"channel_not_found", "is_archived", "is_inactive", "message_not_found"})


class Poster:
    """Speaks to Slack for the bot.

    `client` posts, so it must not retry by itself: the SDK's default repeats a
    post whose answer was lost, and the channel reads it twice. `patient` makes
    the calls that may be repeated.
    """

    def __init__(self, client: "AsyncWebClient", patient: "AsyncWebClient") -> None:
        self._client = client
        self._patient = patient
        self._pace = Pace()
        self._direct: dict[str, str] = {}

    @asynccontextmanager
    async def turn(self, lane: str, patience: float | None = None) -> AsyncIterator[None]:
        """Have a channel, or whatever the lane names, to oneself. See `Pace.turn`."""
        async with self._pace.turn(lane, patience):
            yield

    def hold(self, lane: str, seconds: float = UPDATE_INTERVAL) -> None:
        """Give out no turn for so long."""
        self._pace.hold(lane, seconds)

    async def answer(self, respond: "AsyncRespond", user: str, message: Message) -> None:
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
        await self.write(user, message)

    async def write(self, user: str, message: Message) -> None:
        """Write to somebody alone, what need not be found again. Raises as `answer`."""
        said = {name: value for name, value in message.items() if name in {"text", "blocks"}}
        with slack_errors():
            await self._client.chat_postMessage(channel=user, **{**QUIET, **said})

    async def direct(self, user: str) -> str:
        """The bot's own conversation with somebody. Raises `Refused`, `Busy` or `Unsure`."""
        if user not in self._direct:
            with slack_errors():
                answer = await self._patient.conversations_open(users=user)
            self._direct[user] = answer["channel"]["id"]
        return self._direct[user]

    async def post(
        self, channel: str, message: Message, mark: str, thread: str | None = None
    ) -> tuple[str, str]:
        """Post, and return channel and `ts`. `mark` names the message so that `find` finds it.

        In a `thread`, the channel hears of it too. Raises `Refused`, `Busy` if
        nothing was said, `Unsure` if nobody knows.
        """
        where: dict[str, Any] = {"channel": channel}
        if thread is not None:
            where |= {"thread_ts": thread}
        try:
            with slack_errors():
                answer = await self._client.chat_postMessage(
                    metadata=_metadata(mark), **{**QUIET, **message, **where}
                )
        except Busy as busy:
            self._pace.hold(channel, busy.retry_after)
            raise
        except Unsure:
            self._pace.hold(channel)
            raise
        self._pace.hold(channel)
        return answer["channel"], answer["ts"]

    async def update(self, channel: str, ts: str, message: Message) -> bool:
        """Let a message say something else; may be repeated at will. False if it is gone.

        One that Slack lets nobody edit stays as it is. Raises `Busy` or `Unsure`,
        after which it should be repeated.
        """
        said = {name: value for name, value in message.items() if name in {"text", "blocks"}}
        try:
            with slack_errors():
                await self._patient.chat_update(channel=channel, ts=ts, **said)
        except Refused as refusal:
            log.info("a message in %s stays as it is: %s", channel, refusal)
            return refusal.values["code"] not in _GONE
        return True

    async def withdraw(self, channel: str, ts: str) -> None:
        """Take a message back, if it can be."""
        try:
            with slack_errors():
                await self._patient.chat_delete(channel=channel, ts=ts)
        except (Refused, Busy, Unsure) as error:
            log.warning("a message stays in %s that should not: %s", channel, error)

    async def find(self, channel: str, thread: str | None, since: float, mark: str) -> str | None:
        """Look among the messages since then for one with our mark; returns its `ts`.

        Where the bot may not look (it posts to public channels without being
        in them), the answer is None: twice told is better than never.
        """
        where: dict[str, Any] = {"channel": channel, "limit": 200, "include_all_metadata": True}
        where["oldest"] = f"{since - CLOCKS_DIFFER:.6f}"
        wanted = _metadata(mark)["event_payload"]
        try:
            with slack_errors():
                if thread is None:
                    pages = await self._patient.conversations_history(**where)
                else:
                    pages = await self._patient.conversations_replies(ts=thread, **where)
                async for page in pages:
                    for message in page["messages"]:
                        if message.get("metadata", {}).get("event_payload") == wanted:
                            return str(message["ts"])
        except Refused as refusal:
            log.warning("cannot look whether something was said in %s: %s", channel, refusal)
        return None


def _metadata(mark: str) -> dict[str, Any]:
    # Any app in the workspace may read metadata: a name that opens nothing.
    return {"event_type": "upload_link", "event_payload": {"reference": reference(mark)}}
