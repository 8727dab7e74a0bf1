"""Modals: opened while Slack still lets us, changed afterwards."""

import asyncio
import logging
from collections.abc import Awaitable, Coroutine
from typing import TYPE_CHECKING, Any

from handlers.calls import Refused, slack_errors
from handlers.errors import sentence
from handlers.views import form as views

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck
    from slack_sdk.web.async_client import AsyncWebClient

    from handlers.office import Office
    from handlers.texts import Texts
    from handlers.views.blocks import Message

log = logging.getLogger(__name__)

#: Seconds that a modal may take to be put together before one is opened that
#: says to wait. A trigger is good for three, and our directory may have had one.
PATIENCE = 0.8

#: Seconds within which an acknowledgement has reached Slack, by a road of its own.
SETTLES = 0.8


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
    built = await _or_trouble(building, body, t, office)
    await update_modal(client, opened["view"]["id"], built)


async def show_outcome(
    ack: "AsyncAck",
    client: "AsyncWebClient",
    body: dict[str, Any],
    outcome: Coroutine[Any, Any, "Message"],
    t: "Texts",
    *,
    office: "Office",
) -> None:
    """Let a modal that was sent show what comes of it, however long that takes.

    What is quick is shown by the acknowledgement itself.
    """
    working = asyncio.create_task(_or_trouble(outcome, body, t, office))
    await asyncio.wait([working], timeout=PATIENCE)
    if working.done():
        await ack(response_action="update", view=working.result())
        return
    settled = await acknowledge(ack, views.waiting(t))
    shown = await working
    await settled
    try:
        await update_modal(client, body["view"]["id"], shown)
    except Refused as closed:
        log.info("a modal was closed before it could say what came of it: %s", closed)


async def acknowledge(ack: "AsyncAck", view: "Message") -> "asyncio.Task[None]":
    """Let a modal that was sent show this for now.

    What is returned ends when it may be changed: a change that is made right after an
    acknowledgement can reach Slack first, and would be overwritten by it.
    """
    await ack(response_action="update", view=view)
    return asyncio.create_task(asyncio.sleep(SETTLES))


async def _or_trouble(
    view: Awaitable["Message"], body: dict[str, Any], t: "Texts", office: "Office"
) -> "Message":
    try:
        return await view
    except Exception as error:  # noqa: BLE001 -- whatever it is, the modal must not hang
        who = body.get("user_id") or body["user"]["id"]
        return views.trouble(t, await sentence(error, who, office=office))


async def update_modal(client: "AsyncWebClient", view_id: str, view: "Message") -> None:
    """Let a modal show something else. Raises `Refused` if it was closed."""
    with slack_errors():
        await client.views_update(view_id=view_id, view=view)
