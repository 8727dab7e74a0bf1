"""Acknowledgements that last."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from slack_bolt.context.ack.async_ack import AsyncAck

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


async def let_acks_last(
    context: "AsyncBoltContext", next_: Callable[[], Awaitable["BoltResponse"]]
) -> None:
    """Middleware: gives every listener an acknowledgement that lasts."""
    context["ack"] = LastingAck()  # type: ignore[no-untyped-call]
    await next_()
