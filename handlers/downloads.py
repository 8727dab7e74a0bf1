"""The Download buttons: signatures made at the click, for the one who clicked."""

from asyncio import to_thread
from typing import TYPE_CHECKING, Any

from handlers import about
from handlers.calls import slack_errors
from handlers.views import news
from uploads.links import FileId, Verdict

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncRespond
    from slack_sdk.web.async_client import AsyncWebClient

    from handlers.office import Office
    from handlers.views.blocks import Message


async def offer_download(
    ack: "AsyncAck",
    action: dict[str, Any],
    body: dict[str, Any],
    respond: "AsyncRespond",
    *,
    office: "Office",
) -> None:
    """Answer a click with a link that is good for five minutes.

    A button cannot lead to an address that is made when it is pressed, so the
    answer carries a second one that does.
    """
    await ack()
    who = body["user"]["id"]
    wanted = FileId.from_text(action["value"])
    about.link.set(wanted.link)
    file, url = await to_thread(office.files.download, wanted, who)
    t = await office.directory.texts(who)
    await office.poster.answer(respond, who, news.download(t, file, url))
    if file.verdict is not Verdict.NONE:  # which may have become known only now
        link = await to_thread(office.desk.find, wanted.link)
        await office.teller.bring_up(link, file.sitting)


async def offer_all(
    ack: "AsyncAck",
    action: dict[str, Any],
    body: dict[str, Any],
    client: "AsyncWebClient",
    *,
    office: "Office",
) -> None:
    """Open the list of all files of a sitting, each with a link of its own."""
    await ack()
    view = await _files(f"{action['value']}/0", body, office)
    with slack_errors():
        await client.views_open(trigger_id=body["trigger_id"], view=view)


async def turn_page(
    ack: "AsyncAck",
    action: dict[str, Any],
    body: dict[str, Any],
    client: "AsyncWebClient",
    *,
    office: "Office",
) -> None:
    """Show another page of that list."""
    await ack()
    view = await _files(action["value"], body, office)
    with slack_errors():
        await client.views_update(view_id=body["view"]["id"], view=view)


async def _files(value: str, body: dict[str, Any], office: "Office") -> "Message":
    reference, sitting, page = value.split("/")
    who = body["user"]["id"]
    about.link.set(reference)
    link, files = await to_thread(office.files.downloads, reference, int(sitting), who)
    return news.all_files(await office.directory.texts(who), link, files, int(page), int(sitting))


async def nothing_to_do(ack: "AsyncAck") -> None:
    """Buttons that only open an address report the click too, and show a warning unanswered."""
    await ack()
