"""`/upload-link`: from a line typed in Slack to a link in the requester's hands."""

from asyncio import to_thread
from typing import TYPE_CHECKING, Any

from handlers import views

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncRespond

    from handlers.telling import Teller
    from uploads.desk import Desk


async def request_link(
    ack: "AsyncAck",
    command: dict[str, Any],
    respond: "AsyncRespond",
    *,
    desk: "Desk",
    teller: "Teller",
) -> None:
    """Answer `/upload-link [what it is for]` and `/upload-link help`."""
    await ack()
    wanted = command.get("text", "").strip()
    if wanted.lower() in {"help", "-h", "--help", "?"}:
        await teller.answer(respond, command["user_id"], views.help_text(command["command"]))
        return
    requester = command["user_id"]
    offer = await to_thread(
        desk.prepare,
        title=wanted,
        requester=requester,
        requester_name=await teller.name_of(requester, command.get("user_name", "")),
    )
    # The card goes first: it proves where we may speak, so that the answer is
    # true. A link counts once it is kept, and is shown only after that.
    place = await teller.place_card(offer.link, command["channel_id"])
    try:
        await to_thread(desk.open, offer.link, place)
    except BaseException:
        await teller.withdraw(place)
        raise
    await teller.answer(respond, requester, views.answer(offer, place))
