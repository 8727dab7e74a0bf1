"""conversations.*: what the app may read."""

from decimal import Decimal, InvalidOperation

from local.slack import seed
from local.slack.args import Args
from local.slack.errors import SlackError
from local.slack.hub import Hub
from local.slack.shapes import Channel, Json, Message

_PREFIX = {"public": "channels", "private": "groups", "im": "im"}
HISTORY = ("channels:history", "groups:history", "im:history", "mpim:history")
READ = ("channels:read", "groups:read", "im:read", "mpim:read")

#: "conversations.history": the largest `limit`, and the one without any.
MOST_MESSAGES, USUAL_MESSAGES = 999, 100


def info(hub: Hub, args: Args) -> Json:
    """conversations.info"""
    channel = hub.workspace.channel_for_app(args.need("channel"))
    _scope(hub, channel, "read")
    return {"channel": channel.to_json(seed.BOT_USER.id)}


def open_(hub: Hub, args: Args) -> Json:
    """conversations.open: the app's direct messages with one person."""
    people = args.need("users").split(",")
    if len(people) > 1:
        raise SlackError("method_not_supported_for_channel_type")
    user = hub.workspace.user(people[0])
    if user.is_bot:
        raise SlackError("cannot_dm_bot")
    if user.deleted:
        raise SlackError("user_disabled")
    return {"channel": {"id": hub.workspace.open_dm(user.id, seed.BOT_USER.id).id}}


def history(hub: Hub, args: Args) -> Json:
    """conversations.history: newest first; of threads, only what is also in the channel."""
    channel = _readable(hub, args)
    found = [message for message in channel.messages.values() if message.in_channel]
    return _page(hub, args, list(reversed(_between(found, args))))


def replies(hub: Hub, args: Args) -> Json:
    """conversations.replies: the first message, then the replies, oldest first."""
    channel = _readable(hub, args)
    root = channel.messages.get(args.need("ts"))
    if root is None:
        raise SlackError("thread_not_found")
    return _page(hub, args, [root, *_between(channel.replies(root.ts), args)])


def _readable(hub: Hub, args: Args) -> Channel:
    channel = hub.workspace.channel_for_app(args.need("channel"))
    _scope(hub, channel, "history")
    if seed.BOT_USER.id not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def _scope(hub: Hub, channel: Channel, what: str) -> None:
    needed = f"{_PREFIX[channel.kind]}:{what}"
    if needed not in hub.manifest.scopes:
        raise SlackError("missing_scope", needed=needed, provided=hub.manifest.provided)


def _between(messages: list[Message], args: Args) -> list[Message]:
    try:
        oldest = Decimal(args.text("oldest") or 0)
        latest = Decimal(args.text("latest") or "Infinity")
    except InvalidOperation:
        raise SlackError("invalid_ts_oldest") from None
    inclusive = args.flag("inclusive")
    return [
        message
        for message in messages
        if oldest < Decimal(message.ts) < latest
        or (inclusive and Decimal(message.ts) in {oldest, latest})
    ]


def _page(hub: Hub, args: Args, messages: list[Message]) -> Json:
    limit = min(args.number("limit", USUAL_MESSAGES) or USUAL_MESSAGES, MOST_MESSAGES)
    start = int(cursor) if (cursor := args.text("cursor") or "").isdecimal() else 0
    end = start + limit
    more = end < len(messages)
    metadata = args.flag("include_all_metadata")
    shown = [hub.workspace.to_json(m, metadata=metadata) for m in messages[start:end]]
    page: Json = {"messages": shown, "has_more": more}
    if more:
        page["response_metadata"] = {"next_cursor": str(end)}
    return page
