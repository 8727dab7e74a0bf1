"""From a wish to a link with a card in Slack, whichever door the wish came through."""

import asyncio
from asyncio import to_thread
from typing import TYPE_CHECKING

from handlers import about

if TYPE_CHECKING:
    from handlers.access import Person
    from handlers.office import Office
    from uploads.desk import Offer
    from uploads.links import Place
    from uploads.policy import Wish


async def check_wish(
    wish: "Wish", person: "Person", channel: str, *, office: "Office", id: str | None = None
) -> "Offer":
    """A link that this person may make here; nothing is kept yet. Raises `UploadLinkError`."""
    await office.directory.admit(person, channel)
    offer = await to_thread(
        office.desk.prepare, wish, requester=person.id, requester_name=person.name, id=id
    )
    about.link.set(offer.link.reference)
    return offer


async def make_link(offer: "Offer", place: "Place", *, office: "Office") -> "Offer":
    """Place the card of a link and keep it. Raises `UploadLinkError` if either cannot be.

    The card proves where we may speak, so that the answer is true. A link counts
    once it is kept, and is shown only after that.
    """
    placing = asyncio.create_task(office.teller.place_card(offer.link, place))
    try:
        signed_until = await to_thread(office.desk.publish_new, offer.link)
        place = await placing
        offer = await to_thread(office.desk.open, offer, place, signed_until)
    except BaseException:
        await asyncio.wait([placing])
        if not placing.cancelled() and not placing.exception():
            await office.teller.withdraw_card(placing.result())
        await to_thread(office.desk.withdraw, offer.link)
        raise
    office.homes.changed(offer.link.requester)
    return offer
