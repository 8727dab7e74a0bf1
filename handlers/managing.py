"""Extending and closing a link, from wherever it is shown."""

from asyncio import to_thread
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from handlers import about, listing
from handlers.views import news
from handlers.views.blocks import EXTEND_DAYS
from uploads.policy import SHORTEST_LIFE

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncRespond

    from handlers.office import Office
    from uploads.links import Link


async def extend(
    ack: "AsyncAck",
    action: dict[str, Any],
    body: dict[str, Any],
    respond: "AsyncRespond",
    *,
    office: "Office",
) -> None:
    """Let a link live some days longer than it would; its requester and admins may."""
    await ack()
    link = await theirs(action["value"], body, office)
    # Of one that has just ended, longer than now; towards the longest life, as far as that is.
    since = max(link.ends_at, datetime.now(UTC))
    latest = link.made_at + office.desk.policy.max_link_lifetime
    who, until = body["user"]["id"], since + timedelta(days=EXTEND_DAYS)
    if since + SHORTEST_LIFE < latest:
        until = min(until, latest)
    link = await to_thread(office.desk.extend, link.reference, until, who)
    await _show(link, action, body, respond, office)
    await to_thread(office.desk.settle, link)
    if body.get("message", {}).get("ts", link.place.card) != link.place.card:
        # In a reminder. The card, the list and the Home tab say it themselves.
        t = await office.directory.texts(who)
        await office.poster.answer(respond, who, news.extended(t, link))


async def close(
    ack: "AsyncAck",
    action: dict[str, Any],
    body: dict[str, Any],
    respond: "AsyncRespond",
    *,
    office: "Office",
) -> None:
    """Close a link for good; its requester and admins may."""
    await ack()
    link = await theirs(action["value"], body, office)
    link = await to_thread(office.desk.close, link.reference, body["user"]["id"])
    await _show(link, action, body, respond, office)
    # The clock comes back to it, when the last events have had time to come, and settles it.


async def theirs(reference: str, body: dict[str, Any], office: "Office") -> "Link":
    """A link, for somebody who may manage it. Raises `UploadLinkError` for anybody else."""
    about.link.set(reference)
    link = await to_thread(office.desk.find, reference)
    await office.directory.check_manager(body["user"]["id"], link)
    return link


async def _show(
    link: "Link",
    action: dict[str, Any],
    body: dict[str, Any],
    respond: "AsyncRespond",
    office: "Office",
) -> None:
    """Let everything that shows the link say what is true now."""
    office.homes.changed(link.requester)
    await office.teller.update_card(link)
    await listing.redraw(action, body, respond, office=office)
