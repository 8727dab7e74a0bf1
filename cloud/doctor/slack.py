"""Slack: both tokens, every scope, the app as it is registered, and whether the bot may post."""

from functools import partial
from typing import Any

from slack_sdk.errors import SlackApiError

from cloud.doctor.finding import Check, Finding, Findings, Verdict
from cloud.doctor.installation import Installation
from cloud.doctor.looking import is_outage, look, slack_code
from cloud.doctor.slack_app import MANIFEST, differences

BOT = Check("slack.bot-token", "auth.test")
SCOPES = Check("slack.scopes", "the bot token's scopes, beside manifest.json")
APP = Check("slack.app-token", "apps.connections.open")
SAME = Check("slack.same-app", "whether both tokens are of one app")
COMMAND = Check("slack.command", "apps.manifest.export, beside manifest.json")
POST = Check("slack.post", "chat.postMessage, and chat.delete")

_INSTALL = (
    "Copy SLACK_BOT_TOKEN from api.slack.com/apps → your app → OAuth & Permissions; if there is"
    " none, install the app."
)
_SOCKETS = (
    "Make SLACK_APP_TOKEN at api.slack.com/apps → your app → Basic Information → App-Level Tokens,"
    " with the scope connections:write."
)
_CONFIGURATION = (
    "Take a new SLACK_CONFIG_TOKEN from api.slack.com/apps → Your App Configuration Tokens, as"
    " somebody who may edit the app; it lives 12 hours."
)
_REINSTALL = (
    "Bring the app's manifest up to manifest.json (api.slack.com/apps → App Manifest), then install"
    " it again, which grants the scopes; the bot token may be another afterwards."
)
#: What helps where the bot may not post, by Slack's code.
_PLACES = {
    "channel_not_found": "Invite the bot: /invite @upload-link. Or it is no channel's id.",
    "not_in_channel": "Invite the bot: /invite @upload-link.",
    "is_archived": "Name a channel that is in use.",
    "missing_scope": "See slack.scopes.",
}
_MAY_POST = "Let the bot post there: the channel's settings → Posting permissions."


def examine(it: Installation) -> Findings:
    me: dict[str, Any] = {}
    bot = look(BOT, partial(_bot, it, me))
    yield bot
    app = look(APP, partial(_app, it))
    yield app
    if bot.verdict is not Verdict.OK:
        for check in (SCOPES, SAME, COMMAND, POST):
            yield check.skipped("see slack.bot-token")
        return
    granted = {scope.strip() for scope in me["scopes"].split(",")}
    yield scopes(granted)
    yield look(SAME, partial(_same, it, me, granted, app.verdict))
    yield look(COMMAND, partial(_command, it, me, granted))
    yield look(POST, partial(_post, it))


def _bot(it: Installation, me: dict[str, Any]) -> Finding:
    try:
        answer = it.slack.auth_test()
    except SlackApiError as error:
        if is_outage(error):
            raise
        return BOT.bad(f"Slack says {slack_code(error)}", _INSTALL)
    headers = {name.lower(): value for name, value in answer.headers.items()}
    me.update(bot=answer["bot_id"], scopes=headers.get("x-oauth-scopes", ""))
    return BOT.ok(f"it is {answer['user']} in {answer['team']}")


def scopes(granted: set[str]) -> Finding:
    """Each scope of the manifest that Slack has not granted."""
    wanted: list[str] = MANIFEST["oauth_config"]["scopes"]["bot"]
    missing = [scope for scope in wanted if scope not in granted]
    wrong = f"missing: {', '.join(missing)}" if missing else ""
    return SCOPES.judged(wrong, f"all {len(wanted)}", _REINSTALL)


def _app(it: Installation) -> Finding:
    if not it.settings.slack_app_token:
        return APP.skipped("none: HTTP. Slack alone knows whether SLACK_SIGNING_SECRET is right")
    try:
        it.slack.apps_connections_open(app_token=it.settings.slack_app_token)
    except SlackApiError as error:
        if is_outage(error):
            raise
        return APP.bad(f"Slack says {slack_code(error)}", _SOCKETS)
    return APP.ok("Socket Mode lets us in")


def _same(it: Installation, me: dict[str, Any], granted: set[str], app: Verdict) -> Finding:
    if "users:read" not in granted:
        return SAME.skipped("see slack.scopes")
    me["app"] = it.slack.bots_info(bot=me["bot"])["bot"]["app_id"]
    if app is not Verdict.OK:
        return SAME.skipped("there is no app token that works")
    return same_app(it.settings.slack_app_token or "", me["app"])


def same_app(app_token: str, app: str) -> Finding:
    """Whether an app-level token is of this app, which it names: xapp-1-A…-…"""
    wrong = (
        "" if app_token.split("-")[2:3] == [app] else "events of one app are answered as another"
    )
    return SAME.judged(wrong, f"both are of {app}", _SOCKETS)


def _command(it: Installation, me: dict[str, Any], granted: set[str]) -> Finding:
    if not it.wish.config_token:
        has = "granted" if "commands" in granted else "missing"
        return COMMAND.skipped(
            f"not seen: no bot may ask for it. The scope `commands` is {has}; with an app"
            " configuration token in SLACK_CONFIG_TOKEN all of it is compared"
        )
    if "app" not in me:
        return COMMAND.skipped("see slack.scopes")
    try:
        said = it.slack.apps_manifest_export(token=it.wish.config_token, app_id=me["app"])
    except SlackApiError as error:
        if is_outage(error):
            raise
        return COMMAND.unseen(f"Slack says {slack_code(error)}", _CONFIGURATION)
    wrong = differences(said["manifest"], socket_mode=bool(it.settings.slack_app_token))
    return COMMAND.judged("; ".join(wrong), "as manifest.json has it", _REINSTALL)


def _post(it: Installation) -> Finding:
    if not it.wish.channel:
        return POST.skipped("not asked: name a channel with --channel")
    text = "upload-link: looking whether I may post here. This goes away at once."
    try:
        said = it.slack.chat_postMessage(channel=it.wish.channel, text=text)
    except SlackApiError as error:
        if is_outage(error):
            raise
        code = slack_code(error)
        return POST.bad(f"the bot may not post there: {code}", _PLACES.get(code, _MAY_POST))
    try:
        it.slack.chat_delete(channel=said["channel"], ts=said["ts"])
    except SlackApiError as error:
        return POST.bad(f"it may, but the message stays: {slack_code(error)}", "Delete it.")
    return POST.ok("it may, and took it back")
