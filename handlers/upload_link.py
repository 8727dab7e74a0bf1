"""`/upload-link`: from a line typed in Slack to a link in the requester's hands."""

import asyncio
from asyncio import to_thread
from typing import TYPE_CHECKING, Any

from handlers.views import asked
from uploads.links import Place
from uploads.policy import Wish

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncRespond

    from handlers.access import Person
    from handlers.office import Office
    from uploads.desk import Offer


async def request_link(
    ack: "AsyncAck",
    command: dict[str, Any],
    respond: "AsyncRespond",
    *,
    office: "Office",
) -> None:
    """Answer `/upload-link [what it is for]` and `/upload-link help`."""
    await ack()
    text, user = command.get("text", "").strip(), command["user_id"]
    person = await office.directory.person(user, command.get("user_name", ""))
    t = office.directory.texts_of(person)
    if text.lower() in {"help", "-h", "--help", "?"}:
        await office.poster.answer(respond, user, asked.help_text(t, command["command"]))
        return
    wish = Wish(title=text)
    await office.directory.admit(person, command["channel_id"])
    place = Place(command["channel_id"])
    offer = await make_link(wish, person, place, office=office)
    await office.poster.answer(respond, user, asked.answer(t, offer))


async def make_link(wish: Wish, person: "Person", place: Place, *, office: "Office") -> "Offer":
    """Make a link and place its card. Raises `UploadLinkError` if either cannot be.

    The card proves where we may speak, so that the answer is true. A link counts
    once it is kept, and is shown only after that.
    """
    offer = await to_thread(
        office.desk.prepare, wish, requester=person.id, requester_name=person.name
    )
    placing = asyncio.create_task(office.teller.place_card(offer.link, place))
    try:
        signed_until = await to_thread(office.desk.publish_new, offer.link)
        place = await placing
        return await to_thread(office.desk.open, offer, place, signed_until)
    except BaseException:
        await asyncio.wait([placing])
        if not placing.cancelled() and not placing.exception():
            await office.teller.withdraw_card(placing.result())
        await to_thread(office.desk.withdraw, offer.link)
        raise
