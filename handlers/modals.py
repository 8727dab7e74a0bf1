"""Modals: opened while Slack still lets us, changed afterwards."""

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from handlers.calls import slack_errors
from handlers.errors import sentence
from handlers.views import form as views

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

    from handlers.office import Office
    from handlers.texts import Texts
    from handlers.views.blocks import Message

#: Seconds that a modal may take to be put together before one is opened that
#: says to wait. A trigger is good for three, and our directory may have had one.
PATIENCE = 0.8


async def open_modal(
    client: "AsyncWebClient",
    body: dict[str, Any],
    view: Coroutine[Any, Any, "Message"],
    t: "Texts",
    *,
    office: "Office",
) -> None:
    """Open a modal for what somebody did, in good time whatever it takes to put it together.

    Raises what putting it together raises, if it fails before it is opened;
    afterwards the modal says so.
    """
    building = asyncio.create_task(view)
    await asyncio.wait([building], timeout=PATIENCE)
    if building.done():
        built = building.result()
        with slack_errors():
            await client.views_open(trigger_id=body["trigger_id"], view=built)
        return
    with slack_errors():
        opened = await client.views_open(trigger_id=body["trigger_id"], view=views.waiting(t))
    try:
        built = await building
    except Exception as error:  # noqa: BLE001 -- whatever it is, the modal must not hang
        who = body.get("user_id") or body["user"]["id"]
        built = views.trouble(t, await sentence(error, who, office=office))
    await update_modal(client, opened["view"]["id"], built)


async def update_modal(client: "AsyncWebClient", view_id: str, view: "Message") -> None:
    """Let a modal show something else. Raises `Refused` if it was closed."""
    with slack_errors():
        await client.views_update(view_id=view_id, view=view)
