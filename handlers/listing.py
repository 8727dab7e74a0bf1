"""The answer to `/upload-link list`, and the same again when something in it has changed."""

from asyncio import to_thread
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from handlers.views import mine as views

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncRespond

    from handlers.office import Office


async def answer(user: str, respond: "AsyncRespond", *, office: "Office") -> None:
    """Answer with the first page of somebody's links."""
    await _answer(user, "", respond, office)


async def turn(user: str, page: str, respond: "AsyncRespond", *, office: "Office") -> None:
    """Let an answer show another page."""
    await _answer(user, page, respond, office, replace_original=True)


async def redraw(
    action: dict[str, Any], body: dict[str, Any], respond: "AsyncRespond", *, office: "Office"
) -> None:
    """Let the answer say what is true now, after an act in it; after one elsewhere, do nothing."""
    page = views.shown_in_list(action.get("block_id", ""))
    if page is not None:
        await turn(body["user"]["id"], page, respond, office=office)


async def _answer(
    user: str, page: str, respond: "AsyncRespond", office: "Office", **more: bool
) -> None:
    found = await to_thread(office.desk.mine, user, page, views.LIST_PAGE)
    t = await office.directory.texts(user)
    said = {**views.listed(t, found, datetime.now(UTC)), **more}
    await office.poster.answer(respond, user, said)
