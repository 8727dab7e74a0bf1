"""What people do in modals and in the Home tab: use elements, send, close."""

import asyncio
from dataclasses import replace

from local.slack import inputs, payloads
from local.slack.errors import SlackError
from local.slack.hub import Hub
from local.slack.inputs import Chooser
from local.slack.interactions import Interaction
from local.slack.sending import send
from local.slack.shapes import Json, User


async def click(hub: Hub, user: User, view: Json, action: Json, state: Json) -> Interaction:
    """Use an element of a modal or of the Home tab; `action` is as found by `inputs.find`.

    `state` is what the view's other elements hold, where that has changed.
    """
    if action.get("dispatch_action") is False:
        raise SlackError(f"{action['action_id']} tells the app nothing before the modal is sent")
    at = hub.workspace.channels.get(hub.views.looking.get(user.id, ""))
    held = hub.views.fill(view, Chooser(hub.workspace, user, at), inputs.use(action, state))
    interaction = Interaction("block_actions", user, None, name=action["action_id"], at=at)
    interaction.trigger_id = hub.triggers.issue(interaction)
    used = {**action, **held.get(action["block_id"], {}).get(action["action_id"], {})}
    payload = {
        **payloads.used(user, interaction, used),
        "container": {"type": "view", "view_id": view["id"]},
        "view": {**view, "state": {"values": held}},
    }
    await send(hub, interaction, payload, None)
    return interaction


async def submit(hub: Hub, user: User, state: Json, times: int = 1) -> tuple[Interaction, Json]:
    """Send the modal on top; returns the errors to show beside its inputs, by block_id.

    Several `times` is at once, as when a client sends again what was taken already.
    Raises `SlackError` for what Slack's own client would not send.
    """
    view = hub.views.top(user)
    if view is None or not view["submit"]:
        raise SlackError("there is no modal to send")
    if view["id"] in hub.views.sending:
        raise SlackError("the modal is being sent already")
    at = hub.workspace.channels.get(hub.views.looking.get(user.id, ""))
    held = hub.views.fill(view, Chooser(hub.workspace, user, at), state)
    inputs.need(view["blocks"], held)
    interaction = Interaction("view_submission", user, None, name=view["callback_id"], at=at)
    interaction.trigger_id = hub.triggers.issue(interaction)
    payload = {
        **payloads.who("view_submission", user),
        "trigger_id": interaction.trigger_id,
        "view": {**view, "state": {"values": held}},
        "response_urls": _response_urls(hub, interaction, view, held),
    }
    hub.views.sending.add(view["id"])
    try:
        copies = [replace(interaction, id=f"{interaction.id}-{n}") for n in range(1, times)]
        body, *_ = await asyncio.gather(
            *(send(hub, one, payload, None) for one in (interaction, *copies))
        )
    finally:
        hub.views.sending.discard(view["id"])
    if interaction.error:
        return interaction, {}
    try:
        return interaction, _follow(hub, interaction, view, body)
    except SlackError as error:
        # Slack's client says "We had some trouble connecting", whatever was wrong.
        interaction.error = error.error
        return interaction, {}


def _follow(hub: Hub, interaction: Interaction, view: Json, body: Json) -> Json:
    """Do as the acknowledgement says ("Modals", "response_action"); returns errors to show."""
    user = interaction.user
    match body.get("response_action"):
        case "errors":
            asked = {b["block_id"] for b in view["blocks"] if b["type"] == "input"}
            errors: Json = body.get("errors") or {}
            if not errors or not asked.issuperset(errors):
                raise SlackError("errors_of_no_input")
            return errors
        case "update":
            hub.views.update(body.get("view"), ref=view["id"], external=False, hash_=None)
        case "push":
            hub.views.push(interaction, body.get("view"))
        case "clear":
            hub.views.close(user, all_of_them=True)
        case None:
            hub.views.close(user)
        case _:
            raise SlackError("unknown_response_action")
    return {}


async def close(hub: Hub, user: User) -> None:
    """Close the modal on top; the app hears of it if it asked to."""
    view = hub.views.top(user)
    if view is None:
        return
    hub.views.close(user, all_of_them=bool(view["clear_on_close"]))
    if view["notify_on_close"]:
        interaction = Interaction("view_closed", user, None, name=view["callback_id"])
        cleared = {"view": view, "is_cleared": view["clear_on_close"]}
        await send(hub, interaction, {**payloads.who("view_closed", user), **cleared}, None)


def _response_urls(hub: Hub, interaction: Interaction, view: Json, state: Json) -> list[Json]:
    """One for each input that asked for it by `response_url_enabled`."""
    urls = []
    for block in view["blocks"]:
        element = block.get("element", {})
        if not element.get("response_url_enabled"):
            continue
        value = state[block["block_id"]][element["action_id"]]
        chosen = value.get("selected_conversation") or value.get("selected_channel")
        if channel := hub.workspace.channels.get(chosen or ""):
            urls.append(
                {
                    "block_id": block["block_id"],
                    "action_id": element["action_id"],
                    "channel_id": channel.id,
                    "response_url": hub.url + "/hooks" + hub.answers.issue(interaction, channel),
                }
            )
    return urls
