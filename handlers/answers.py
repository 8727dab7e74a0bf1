"""Bolt's `ack` and `respond`, as they must be for us."""

import secrets
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.webhook.async_client import AsyncWebhookClient

from handlers import about

if TYPE_CHECKING:
    from slack_bolt.context.async_context import AsyncBoltContext
    from slack_bolt.response import BoltResponse


class LastingAck(AsyncAck):
    """What was acknowledged once stays so.

    Bolt looks for an acknowledgement every 10 ms, and takes it back when the
    listener fails (`AsyncioListenerRunner.run`). One that failed sooner would
    have answered its user, and Slack would tell them that it timed out.
    """

    _given: "BoltResponse | None" = None

    @property
    def response(self) -> "BoltResponse | None":
        return self._given

    @response.setter
    def response(self, response: "BoltResponse | None") -> None:
        self._given = self._given or response


async def mend_answers(
    context: "AsyncBoltContext", next_: Callable[[], Awaitable["BoltResponse"]]
) -> None:
    """Middleware: gives every listener an acknowledgement that lasts, and a `respond` of our own.

    Bolt's makes a connection of its own for each answer, waits 30 s for Slack, and
    then answers once more; ours has the session of the client, and its patience.
    """
    about.request.set(secrets.token_hex(4))
    context["ack"] = LastingAck()  # type: ignore[no-untyped-call]
    if context.response_url:
        session = context.client.session
        hook = AsyncWebhookClient(context.response_url, session=session, retry_handlers=[])
        context["respond"] = hook.send
    await next_()
