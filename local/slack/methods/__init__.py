"""The Web API's methods that the stand-in knows, and the scope that each needs."""

from collections.abc import Callable
from dataclasses import dataclass

from local.slack import seed
from local.slack.args import Args
from local.slack.hub import Hub
from local.slack.methods import chat, conversations, team, views
from local.slack.shapes import Json


@dataclass(frozen=True, slots=True)
class Method:
    """What a method does, and the scopes of which the app needs at least one."""

    run: Callable[[Hub, Args], Json]
    scopes: tuple[str, ...] = ()
    #: What is presented: the bot's, the app-level (xapp-) or an app configuration token.
    token: str = seed.BOT_TOKEN


METHODS: dict[str, Method] = {
    "apps.connections.open": Method(team.connections_open, token=seed.APP_TOKEN),
    "apps.manifest.export": Method(team.manifest_export, token=seed.CONFIG_TOKEN),
    "auth.test": Method(team.auth_test),
    "bots.info": Method(team.bots_info, ("users:read",)),
    "chat.delete": Method(chat.delete, ("chat:write",)),
    "chat.getPermalink": Method(chat.get_permalink),
    "chat.postEphemeral": Method(chat.post_ephemeral, ("chat:write",)),
    "chat.postMessage": Method(chat.post_message, ("chat:write",)),
    "chat.update": Method(chat.update, ("chat:write",)),
    "conversations.history": Method(conversations.history, conversations.HISTORY),
    "conversations.info": Method(conversations.info, conversations.READ),
    "conversations.open": Method(conversations.open_, ("im:write", "mpim:write")),
    "conversations.replies": Method(conversations.replies, conversations.HISTORY),
    "team.info": Method(team.team_info, ("team:read",)),
    "usergroups.list": Method(team.usergroups_list, ("usergroups:read",)),
    "usergroups.users.list": Method(team.usergroup_users, ("usergroups:read",)),
    "users.info": Method(team.users_info, ("users:read",)),
    "views.open": Method(views.open_),
    "views.publish": Method(views.publish),
    "views.push": Method(views.push),
    "views.update": Method(views.update),
}
