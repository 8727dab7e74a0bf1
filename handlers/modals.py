"""Modals: opened while Slack still lets us, changed afterwards."""

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from handlers.calls import slack_errors
from handlers.views import form as views

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

    from handlers.texts import Texts
    from handlers.views.blocks import Message

#: Seconds that a modal may take to be put together before one is opened that
#: says to wait. A trigger is good for three.
PATIENCE = 0.8


async def open_modal(
    client: "AsyncWebClient",
    trigger_id: str,
    view: Coroutine[Any, Any, "Message"],
    t: "Texts",
    *,
    above: bool = False,
) -> None:
    """Open a modal, in good time whatever it takes to put it together; `above` the one that is open.

    Raises what putting it together raises, if it fails before it is opened.
    """
    open_ = client.views_push if above else client.views_open
    building = asyncio.create_task(view)
    await asyncio.wait([building], timeout=PATIENCE)
    if building.done():
        built = building.result()
        with slack_errors():
            await open_(trigger_id=trigger_id, view=built)
        return
    with slack_errors():
        opened = await open_(trigger_id=trigger_id, view=views.waiting(t))
    await update_modal(client, opened["view"]["id"], await building)


async def update_modal(client: "AsyncWebClient", view_id: str, view: "Message") -> None:
    """Let a modal show something else. Raises `Refused` if it was closed."""
    with slack_errors():
        await client.views_update(view_id=view_id, view=view)
