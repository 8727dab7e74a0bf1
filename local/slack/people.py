"""What people do in conversations, and the payloads it makes for the app."""

from local.slack import inputs, payloads, seed
from local.slack.errors import SlackError
from local.slack.hub import Hub
from local.slack.interactions import Interaction
from local.slack.sending import send
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
    await send(hub, interaction, payload, channel)
    return interaction


async def shortcut(hub: Hub, user: User, callback_id: str, at: Channel) -> Interaction:
    """Use a global shortcut while looking `at` a conversation, which the app is not told."""
    _known(hub, callback_id, "global")
    interaction = Interaction("shortcut", user, None, name=callback_id, at=at)
    interaction.trigger_id = hub.triggers.issue(interaction)
    await send(hub, interaction, payloads.shortcut("shortcut", user, interaction), None)
    return interaction


async def message_shortcut(
    hub: Hub, user: User, callback_id: str, channel: Channel, ts: str
) -> Interaction:
    """Use a shortcut on a message. Raises `message_not_found` for an ephemeral: it has no menu."""
    _known(hub, callback_id, "message")
    message = channel.messages.get(ts)
    if message is None:
        raise SlackError("message_not_found")
    interaction = Interaction("message_action", user, channel, name=callback_id, message=message)
    interaction.trigger_id = hub.triggers.issue(interaction)
    payload = {
        **payloads.shortcut("message_action", user, interaction),
        "channel": {"id": channel.id, "name": channel.name_in_payloads},
        "response_url": hub.url + "/hooks" + hub.answers.issue(interaction, channel),
        "message_ts": message.ts,
        "message": hub.workspace.to_json(message),
    }
    await send(hub, interaction, payload, channel)
    return interaction


async def click(
    hub: Hub, user: User, message: Message, action: Json, state: Json | None = None
) -> Interaction:
    """Use an element of a message. `action` is the element with its `block_id`."""
    channel = hub.workspace.channels[message.channel]
    chooser = inputs.Chooser(hub.workspace, user, channel)
    held = inputs.state(message.blocks, chooser, inputs.use(action, state or {}))
    used = {**action, **held.get(action["block_id"], {}).get(action["action_id"], {})}
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
        **payloads.used(user, interaction, used),
        "container": container,
        "channel": {"id": channel.id, "name": channel.name_in_payloads},
        "response_url": hub.url + "/hooks" + hub.answers.issue(interaction, channel),
        "state": {"values": held},
    }
    # The payload of a click on an ephemeral has no `message`: Slack did not keep it.
    if message.ephemeral_to is None:
        payload["message"] = hub.workspace.to_json(message)
    await send(hub, interaction, payload, channel)
    return interaction


def _known(hub: Hub, callback_id: str, kind: str) -> None:
    for known in hub.manifest.shortcuts:
        if (known["callback_id"], known["type"]) == (callback_id, kind):
            return
    raise SlackError(f"the manifest has no {kind} shortcut {callback_id}")
