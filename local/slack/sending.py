"""An act goes to the app; what comes back is shown and written down."""

from local.slack.errors import SlackError
from local.slack.hub import Hub
from local.slack.interactions import Interaction
from local.slack.shapes import Channel, Json


async def send(hub: Hub, interaction: Interaction, payload: Json, channel: Channel | None) -> Json:
    """Deliver an interaction, and return the body of its acknowledgement."""
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
