"""views.*: modals and the Home tab."""

from local.slack.args import Args
from local.slack.errors import SlackError
from local.slack.hub import Hub
from local.slack.interactions import Interaction
from local.slack.shapes import Json


def open_(hub: Hub, args: Args) -> Json:
    """views.open"""
    interaction = _spent(hub, args)
    return {"view": hub.views.open(interaction, _view(args))}


def push(hub: Hub, args: Args) -> Json:
    """views.push"""
    interaction = _spent(hub, args)
    return {"view": hub.views.push(interaction, _view(args))}


def update(hub: Hub, args: Args) -> Json:
    """views.update"""
    external = args.text("external_id")
    return {
        "view": hub.views.update(
            _view(args),
            ref=external or args.need("view_id"),
            external=bool(external),
            hash_=args.text("hash"),
        )
    }


def publish(hub: Hub, args: Args) -> Json:
    """views.publish"""
    if not hub.manifest.home_tab:
        raise SlackError("not_enabled")
    user = hub.workspace.user(args.need("user_id"))
    return {"view": hub.views.publish(user, _view(args), args.text("hash"))}


def _spent(hub: Hub, args: Args) -> Interaction:
    interaction = hub.triggers.spend(args.need("trigger_id"), hub.rules.trigger_seconds)
    interaction.saw_something()
    return interaction


def _view(args: Args) -> object:
    if not args.has("view"):
        raise SlackError("invalid_arguments", "[ERROR] missing required field: view")
    return args.structure("view", "invalid_arguments")
