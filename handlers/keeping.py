"""Received files kept for longer, or deleted, by whoever may manage their link."""

from asyncio import to_thread
from typing import TYPE_CHECKING, Any

from handlers.managing import theirs
from handlers.modals import open_modal, show_outcome
from handlers.views import keeping as views

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck
    from slack_sdk.web.async_client import AsyncWebClient

    from handlers.office import Office
    from handlers.views.blocks import Message
    from uploads.links import Link


async def open_form(
    ack: "AsyncAck",
    action: dict[str, Any],
    body: dict[str, Any],
    client: "AsyncWebClient",
    *,
    office: "Office",
) -> None:
    """Ask which files of a sitting, or of a link, are meant, and what is to be done with them."""
    await ack()
    await manage(action["value"], body, client, office=office)


async def manage(
    files: str, body: dict[str, Any], client: "AsyncWebClient", *, office: "Office"
) -> None:
    """The same; `files` is the link's reference and the number of the sitting (0: all)."""
    t = await office.directory.texts(body["user"]["id"])
    reference, _, sitting = files.partition("/")

    async def build() -> "Message":
        link = await theirs(reference, body, office)
        there = await to_thread(office.files.of, link, int(sitting))
        return views.draw(t, link, there, office.desk.policy.retention_days)

    await open_modal(client, body, build(), t, office=office)


async def carry_out(
    ack: "AsyncAck",
    body: dict[str, Any],
    view: dict[str, Any],
    client: "AsyncWebClient",
    *,
    office: "Office",
) -> None:
    """Do what a form says, and let the news say what is true afterwards."""
    user, choice = body["user"]["id"], views.read(view)
    t = await office.directory.texts(user)
    done: list[tuple[Link, set[int]]] = []

    async def outcome() -> "Message":
        link = await theirs(choice.reference, body, office)
        do = office.files.delete if choice.delete else office.files.keep
        link, slots = await to_thread(do, choice.reference, choice.slots, user)
        files = await to_thread(office.files.of, link)
        done.append((link, {file.sitting for file in files if file.id.slot in choice.slots}))
        return views.done(t, choice, len(slots))

    await show_outcome(ack, client, body, outcome(), t, office=office)
    for link, sittings in done:
        office.homes.changed(link.requester)
        # Where that fails: S3 tells of every copy, and with its event the news is brought up.
        await office.teller.bring_up(link, *sittings)
