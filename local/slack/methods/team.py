"""Who is who: auth.test, bots.info, users.info, usergroups.*, team.info; and apps.*."""

from local.slack import seed
from local.slack.args import Args
from local.slack.errors import SlackError
from local.slack.hub import Hub
from local.slack.shapes import Json


def auth_test(hub: Hub, _args: Args) -> Json:
    """auth.test"""
    return {
        "url": hub.url + "/",
        "team": seed.TEAM_NAME,
        "team_id": seed.TEAM,
        "user": seed.BOT_USER.name,
        "user_id": seed.BOT_USER.id,
        "bot_id": seed.BOT,
        "is_enterprise_install": False,
    }


def bots_info(_hub: Hub, args: Args) -> Json:
    """bots.info. Raises `bot_not_found`."""
    if args.need("bot") != seed.BOT:
        raise SlackError("bot_not_found")
    return {
        "bot": {
            "id": seed.BOT,
            "deleted": False,
            "name": seed.BOT_USER.name,
            "updated": 1446598059,
            "app_id": seed.APP,
            "user_id": seed.BOT_USER.id,
            "icons": {},
        }
    }


def users_info(hub: Hub, args: Args) -> Json:
    """users.info"""
    user = hub.workspace.user(args.need("user"))
    return {"user": user.to_json(seed.TEAM, locale=args.flag("include_locale"))}


def usergroups_list(hub: Hub, args: Args) -> Json:
    """usergroups.list: disabled ones, users and their number only where asked for."""
    shown = []
    for group in hub.workspace.usergroups.values():
        if group.disabled and not args.flag("include_disabled"):
            continue
        more: Json = {}
        if args.flag("include_users"):
            more["users"] = group.users
        if args.flag("include_count"):
            more["user_count"] = len(group.users)
        shown.append({**group.to_json(seed.TEAM), **more})
    return {"usergroups": shown}


def usergroup_users(hub: Hub, args: Args) -> Json:
    """usergroups.users.list. Raises `no_such_subteam`, also for a disabled one not asked for."""
    group = hub.workspace.usergroups.get(args.need("usergroup"))
    if group is None or (group.disabled and not args.flag("include_disabled")):
        raise SlackError("no_such_subteam")
    return {"users": group.users}


def team_info(_hub: Hub, _args: Args) -> Json:
    """team.info"""
    return {"team": {"id": seed.TEAM, "name": seed.TEAM_NAME, "domain": seed.TEAM_DOMAIN}}


def connections_open(hub: Hub, _args: Args) -> Json:
    """apps.connections.open"""
    address = hub.url.replace("http://", "ws://", 1)
    return {"url": f"{address}/link?ticket={hub.sockets.ticket()}&app_id={seed.APP}"}


def manifest_export(hub: Hub, args: Args) -> Json:
    """apps.manifest.export: the app as it is registered now. Raises `invalid_app_id`."""
    if args.need("app_id") != seed.APP:
        raise SlackError("invalid_app_id")
    return {"manifest": hub.manifest.document}
