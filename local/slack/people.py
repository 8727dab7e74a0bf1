"""What people do in the workspace, and the payloads it makes for the app."""

from typing import Any

from local.slack import seed
from local.slack.errors import SlackError
from local.slack.hub import Hub
from local.slack.interactions import Interaction
from local.slack.shapes import Channel, Json, Message, User


async def command(hub: Hub, user: User, channel: Channel, name: str, text: str) -> Interaction:
    """Type a slash command. Raises `SlackError` where the composer would not let one."""
    hub.workspace.may_type(user, channel)
    interaction = Interaction("command", user, channel, name=name)
    interaction.trigger_id = hub.triggers.issue(interaction)
    payload = {
        "token": seed.VERIFICATION_TOKEN,
        "team_id": seed.TEAM,
        "team_domain": seed.TEAM_DOMAIN,
        "channel_id": channel.id,
        "channel_name": channel.name_in_payloads,
        "user_id": user.id,
        "user_name": user.name,
        "command": name,
        "text": text,
        "api_app_id": seed.APP,
        "is_enterprise_install": "false",
        "response_url": hub.url + "/hooks" + hub.answers.issue(interaction, channel),
        "trigger_id": interaction.trigger_id,
    }
    await _deliver(hub, interaction, payload, channel)
    return interaction


async def click(
    hub: Hub, user: User, message: Message, action: Json, state: Json | None = None
) -> Interaction:
    """Use an element of a message. `action` is the element with its `block_id`."""
    channel = hub.workspace.channels[message.channel]
    interaction = Interaction(
        "block_actions", user, channel, name=action["action_id"], message=message
    )
    interaction.trigger_id = hub.triggers.issue(interaction)
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": message.ephemeral_to is not None,
    }
    if message.thread_ts and message.thread_ts != message.ts:
        container["thread_ts"] = message.thread_ts
    payload = {
        **_block_actions(user, interaction, action),
        "container": container,
        "channel": {"id": channel.id, "name": channel.name_in_payloads},
        "response_url": hub.url + "/hooks" + hub.answers.issue(interaction, channel),
        "state": {"values": state or {}},
    }
    # The payload of a click on an ephemeral has no `message`: Slack did not keep it.
    if message.ephemeral_to is None:
        payload["message"] = hub.workspace.to_json(message)
    await _deliver(hub, interaction, payload, channel)
    return interaction


async def click_in_view(hub: Hub, user: User, view: Json, action: Json, state: Json) -> Interaction:
    """Use an element of a modal or of the Home tab."""
    interaction = Interaction("block_actions", user, None, name=action["action_id"])
    interaction.trigger_id = hub.triggers.issue(interaction)
    payload = {
        **_block_actions(user, interaction, action),
        "container": {"type": "view", "view_id": view["id"]},
        "view": {**view, "state": {"values": state}},
    }
    await _deliver(hub, interaction, payload, None)
    return interaction


async def submit(hub: Hub, user: User, state: Json) -> tuple[Interaction, Json]:
    """Send the modal on top; returns the errors to show beside its inputs, by block_id."""
    view = hub.views.top(user)
    if view is None:
        raise SlackError("not_found")
    interaction = Interaction("view_submission", user, None, name=view["callback_id"])
    interaction.trigger_id = hub.triggers.issue(interaction)
    payload = {
        **_who("view_submission", user),
        "trigger_id": interaction.trigger_id,
        "view": {**view, "state": {"values": state}},
        "response_urls": _response_urls(hub, interaction, view, state),
    }
    body = await _deliver(hub, interaction, payload, None)
    if interaction.error:
        return interaction, {}
    match body.get("response_action"):
        case "errors":
            return interaction, body.get("errors", {})
        case "update":
            hub.views.update(body["view"], ref=view["id"], external=False, hash_=None)
        case "push":
            hub.views.push(interaction, body["view"])
        case "clear":
            hub.views.close(user, all_of_them=True)
        case _:
            hub.views.close(user)
    return interaction, {}


async def close_view(hub: Hub, user: User) -> None:
    """Close the modal on top; the app hears of it if it asked to."""
    view = hub.views.top(user)
    if view is None:
        return
    hub.views.close(user, all_of_them=bool(view["clear_on_close"]))
    if view["notify_on_close"]:
        interaction = Interaction("view_closed", user, None, name=view["callback_id"])
        payload = {**_who("view_closed", user), "view": view, "is_cleared": view["clear_on_close"]}
        await _deliver(hub, interaction, payload, None)


async def _deliver(
    hub: Hub, interaction: Interaction, payload: Json, channel: Channel | None
) -> Json:
    answers = hub.answers  # a reset meanwhile must not show this in the new workspace
    hub.interactions[interaction.id] = interaction
    body = await hub.delivery.deliver(interaction, payload, hub.rules.ack_seconds)
    # Only the acknowledgement of a command may carry a message.
    if body and interaction.kind == "command" and channel:
        try:
            answers.show(interaction, channel, body)
        except SlackError as error:
            interaction.error = error.error
    if interaction.error:
        answers.show_failure(interaction)
    interaction.settled.set()
    hub.news.tell("interaction", interaction=interaction.to_json())
    return body


def _who(kind: str, user: User) -> Json:
    return {
        "type": kind,
        "team": {"id": seed.TEAM, "domain": seed.TEAM_DOMAIN},
        "user": {
            "id": user.id,
            "username": user.name,
            "name": user.name,
            "team_id": seed.TEAM,
        },
        "api_app_id": seed.APP,
        "token": seed.VERIFICATION_TOKEN,
        "enterprise": None,
        "is_enterprise_install": False,
    }


def _block_actions(user: User, interaction: Interaction, action: Json) -> Json:
    kept = {
        name: value
        for name, value in action.items()
        if name in _SENT_BY_ELEMENTS or name.startswith("selected_")
    }
    return {
        **_who("block_actions", user),
        "trigger_id": interaction.trigger_id,
        "actions": [{**kept, "action_ts": f"{interaction.sent_at:.6f}"}],
    }


_SENT_BY_ELEMENTS = {"type", "action_id", "block_id", "text", "value", "style"}


def _response_urls(
    hub: Hub, interaction: Interaction, view: Json, state: Json
) -> list[dict[str, Any]]:
    """One for each input that asked for it by `response_url_enabled`."""
    urls = []
    for block in view["blocks"]:
        element = block.get("element", {})
        if not element.get("response_url_enabled"):
            continue
        value = state.get(block["block_id"], {}).get(element["action_id"], {})
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
