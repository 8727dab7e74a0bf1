"""The parts that payloads of interactions have in common ("Interaction payloads")."""

from local.slack import seed
from local.slack.interactions import Interaction
from local.slack.shapes import Json, User

#: What an element keeps in the payload of its use, beside what was chosen.
_SENT_BY_ELEMENTS = {"type", "action_id", "block_id", "text", "value", "style"}


def who(kind: str, user: User) -> Json:
    """Who did it, where; in every payload but a command's."""
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


def used(user: User, interaction: Interaction, action: Json) -> Json:
    """A `block_actions` payload, without the place. `action` has its `block_id`."""
    kept = {
        name: value
        for name, value in action.items()
        if name in _SENT_BY_ELEMENTS or name.startswith("selected_")
    }
    return {
        **who("block_actions", user),
        "trigger_id": interaction.trigger_id,
        "actions": [{**kept, "action_ts": f"{interaction.sent_at:.6f}"}],
    }


def shortcut(kind: str, user: User, interaction: Interaction) -> Json:
    """A `shortcut` payload, which is all of it, or the beginning of a `message_action`."""
    payload = {
        **who(kind, user),
        "action_ts": f"{interaction.sent_at:.6f}",
        "callback_id": interaction.name,
        "trigger_id": interaction.trigger_id,
    }
    del payload["api_app_id"]  # shortcuts bear none ("Shortcuts payloads")
    return payload
