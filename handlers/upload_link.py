"""`/upload-link`: from a line typed in Slack to a link in the requester's hands."""

from asyncio import to_thread
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from handlers import form, listing
from handlers.asking.line import Misread, read_line
from handlers.making import check_wish, make_link
from handlers.views import asked
from uploads.links import Place

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncRespond
    from slack_sdk.web.async_client import AsyncWebClient

    from handlers.access import Person
    from handlers.office import Office


async def request_link(
    ack: "AsyncAck",
    command: dict[str, Any],
    respond: "AsyncRespond",
    client: "AsyncWebClient",
    *,
    office: "Office",
) -> None:
    """Answer `/upload-link` with what it is for, or with `new`, `list` or `help`."""
    await ack()
    text, user = command.get("text", "").strip(), command["user_id"]
    person = await office.directory.person(user, command.get("user_name", ""))
    t = office.directory.texts_of(person)
    match text.lower():
        case "new":
            await form.new(command, client, t, office=office)
        case "list":
            await listing.answer(user, respond, office=office)
        case "help" | "-h" | "--help" | "?":
            longest = await to_thread(office.desk.longest_life)
            said = asked.help_text(t, command["command"], office.desk.policy, longest)
            await office.poster.answer(respond, user, said)
        case _:
            await _make(text, person, command, respond, office)


async def _make(
    text: str,
    person: "Person",
    command: dict[str, Any],
    respond: "AsyncRespond",
    office: "Office",
) -> None:
    t, channel = office.directory.texts_of(person), command["channel_id"]
    try:
        wish = read_line(text, now=datetime.now(UTC), zone=_zone(person))
    except Misread as misread:
        said = asked.misread(t, misread, command["command"])
        await office.poster.answer(respond, person.id, said)
        return
    offer = await check_wish(wish, person, channel, office=office)
    offer = await make_link(offer, Place(channel, direct=wish.private), office=office)
    said = asked.answer(t, offer, private=wish.private)
    await office.poster.answer(respond, person.id, said)


def _zone(person: "Person") -> ZoneInfo:
    try:
        return ZoneInfo(person.zone)
    except (ZoneInfoNotFoundError, ValueError):  # newer than what this machine knows
        return ZoneInfo("UTC")
