"""My links: the Home tab, and what one does with a link there or in the answer to `list`."""

from asyncio import to_thread
from typing import TYPE_CHECKING, Any

from handlers import form, keeping, listing
from handlers.errors import sentence
from handlers.managing import theirs
from handlers.modals import open_modal
from handlers.views import asked
from handlers.views import mine as views
from uploads.desk import Offer
from uploads.errors import UploadLinkError

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncRespond
    from slack_sdk.web.async_client import AsyncWebClient

    from handlers.office import Office
    from handlers.views.blocks import Message


async def open_home(event: dict[str, Any], *, office: "Office") -> None:
    """Show the Home tab to whoever opens it, from its first page."""
    if event.get("tab") != "home":
        return
    user = event["user"]
    try:
        await office.homes.show(user, page="")
    except UploadLinkError as error:
        await office.homes.show_trouble(user, await sentence(error, user, office=office))


async def turn_page(
    ack: "AsyncAck",
    action: dict[str, Any],
    body: dict[str, Any],
    respond: "AsyncRespond",
    *,
    office: "Office",
) -> None:
    """Show another page, in the Home tab or in the answer; without a value, the first again."""
    await ack()
    user, page = body["user"]["id"], action.get("value", "")
    if views.shown_in_list(action["block_id"]) is None:
        await office.homes.show(user, page)
    else:
        await listing.turn(user, page, respond, office=office)


async def show_link(
    ack: "AsyncAck",
    action: dict[str, Any],
    body: dict[str, Any],
    client: "AsyncWebClient",
    *,
    office: "Office",
) -> None:
    """Show the address of a link once more, to its requester and to admins."""
    await ack()
    t = await office.directory.texts(body["user"]["id"])

    async def build() -> "Message":
        link = await theirs(action["value"], body, office)
        return asked.address_view(t, Offer(link, await to_thread(office.desk.address, link)))

    await open_modal(client, body, build(), t, office=office)


async def show_history(
    ack: "AsyncAck",
    action: dict[str, Any],
    body: dict[str, Any],
    client: "AsyncWebClient",
    *,
    office: "Office",
) -> None:
    """Show who did what with a link."""
    await ack()
    await _history(action["value"], body, client, office)


async def more(
    ack: "AsyncAck",
    action: dict[str, Any],
    body: dict[str, Any],
    client: "AsyncWebClient",
    *,
    office: "Office",
) -> None:
    """The menu beside an open link."""
    await ack()
    what, _, reference = action["selected_option"]["value"].partition("/")
    if what == "again":
        await form.again(reference, body, client, office=office)
    elif what == "manage":
        await keeping.manage(f"{reference}/0", body, client, office=office)
    else:
        await _history(reference, body, client, office)


async def _history(
    reference: str, body: dict[str, Any], client: "AsyncWebClient", office: "Office"
) -> None:
    t = await office.directory.texts(body["user"]["id"])

    async def build() -> "Message":
        link = await theirs(reference, body, office)
        return views.history(t, link, await to_thread(office.desk.history, link))

    await open_modal(client, body, build(), t, office=office)
