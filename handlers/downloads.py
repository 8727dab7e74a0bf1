"""The Download button: a signature made at the click, for the one who clicked."""

from asyncio import to_thread
from typing import TYPE_CHECKING, Any

from handlers import views
from uploads.links import FileId

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncRespond

    from handlers.telling import Teller
    from uploads.desk import Desk


async def offer_download(
    ack: "AsyncAck",
    action: dict[str, Any],
    body: dict[str, Any],
    respond: "AsyncRespond",
    *,
    desk: "Desk",
    teller: "Teller",
) -> None:
    """Answer a click with a link that is good for five minutes.

    A button cannot lead to an address that is made when it is pressed, so the
    answer carries a second one that does.
    """
    await ack()
    file, url = await to_thread(desk.download, FileId.from_text(action["value"]))
    await teller.answer(respond, body["user"]["id"], views.download(file, url))


async def nothing_to_do(ack: "AsyncAck") -> None:
    """Buttons that only open an address report the click too, and show a warning unanswered."""
    await ack()
