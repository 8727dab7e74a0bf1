"""Opening the app's Home or Messages tab, and the event that tells the app of it."""

import asyncio
import secrets
import time

from local.slack import seed
from local.slack.errors import SlackError
from local.slack.hub import Hub
from local.slack.interactions import Interaction
from local.slack.shapes import Json, User


def open_tab(hub: Hub, user: User, tab: str) -> Interaction:
    """Open a tab ("home" or "messages") of the app; the event is under way when this returns.

    Raises `SlackError` where the app has no Home tab.
    """
    if tab == "home" and not hub.manifest.home_tab:
        raise SlackError("the app has no Home tab")
    opened = Interaction("event", user, None, name="app_home_opened")
    if "app_home_opened" not in hub.manifest.events:
        return opened
    hub.interactions[opened.id] = opened
    event: Json = {
        "type": "app_home_opened",
        "user": user.id,
        "channel": hub.workspace.open_dm(user.id, seed.BOT_USER.id).id,
        "tab": tab,
        "event_ts": f"{opened.sent_at:.6f}",
    }
    view = hub.views.homes.get(user.id)
    if tab == "home" and view:
        event["view"] = view
    task = asyncio.create_task(_tell(hub, opened, event))
    hub.events_under_way.add(task)
    task.add_done_callback(hub.events_under_way.discard)
    return opened


async def _tell(hub: Hub, opened: Interaction, event: Json) -> None:
    """Deliver an event, again where that fails, until it is taken or given up."""
    bot = {"team_id": seed.TEAM, "user_id": seed.BOT_USER.id, "is_bot": True}
    payload = {
        "token": seed.VERIFICATION_TOKEN,
        "team_id": seed.TEAM,
        "api_app_id": seed.APP,
        "event": event,
        "type": "event_callback",
        "event_id": f"Ev{secrets.token_hex(5).upper()}",
        "event_time": int(time.time()),
        "authorizations": [{"enterprise_id": None, **bot, "is_enterprise_install": False}],
        "is_ext_shared_channel": False,
    }
    for attempt, wait in enumerate((0.0, *hub.rules.event_retry_seconds)):
        await asyncio.sleep(wait)
        again = (attempt, opened.retry_reason)
        opened.error, opened.retry_reason = None, ""
        await hub.delivery.deliver(opened, payload, hub.rules.ack_seconds, again)
        if not opened.retry_reason:
            break
    opened.settled.set()
