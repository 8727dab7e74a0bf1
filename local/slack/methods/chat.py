"""chat.*: what the app writes."""

from local.slack import seed
from local.slack.args import Args
from local.slack.errors import RateLimited, SlackError
from local.slack.hub import Hub
from local.slack.limits import LONGEST_UPDATE, check_blocks, check_message, check_metadata
from local.slack.shapes import Json


def post_message(hub: Hub, args: Args) -> Json:
    """chat.postMessage"""
    channel = hub.workspace.may_app_post(
        args.need("channel"),
        anywhere="chat:write.public" in hub.manifest.scopes,
        messages_tab=hub.rules.messages_tab,
    )
    if wait := hub.posts.wait(channel.id):
        raise RateLimited(wait)
    text = args.text("text")
    blocks = check_message(text, args.structure("blocks", "invalid_blocks_format"))
    thread_ts = args.text("thread_ts")
    message = hub.workspace.write(
        channel,
        seed.BOT_USER,
        text or "",
        blocks=blocks,
        thread_ts=thread_ts,
        reply_broadcast=bool(thread_ts) and args.flag("reply_broadcast"),
        metadata=check_metadata(args.structure("metadata", "invalid_metadata_format")),
        unfurl_links=args.flag("unfurl_links"),
        unfurl_media=args.flag("unfurl_media", default=True),
    )
    shown = hub.workspace.to_json(message, metadata=True)
    return {"channel": channel.id, "ts": message.ts, "message": shown}


def update(hub: Hub, args: Args) -> Json:
    """chat.update: what is not sent stays as it is, blocks and metadata too."""
    if wait := hub.updates.wait("chat.update"):
        raise RateLimited(wait)
    channel = hub.workspace.channel_for_app(args.need("channel"))
    message = hub.workspace.own(channel, args.need("ts"), "cant_update_message")
    if channel.archived:
        raise SlackError("is_archived")
    text = args.text("text")
    blocks = args.structure("blocks", "invalid_blocks_format")
    if text is None and blocks is None:
        raise SlackError("no_text")
    if text and len(text) > LONGEST_UPDATE:
        raise SlackError("msg_too_long")
    checked = check_blocks(blocks)
    metadata = check_metadata(args.structure("metadata", "invalid_metadata_format"))
    message.text = message.text if text is None else text
    message.blocks = message.blocks if blocks is None else checked
    message.metadata = metadata or message.metadata
    # A reply can be shown to the channel later, but not be taken back from it.
    in_thread = message.thread_ts is not None
    message.reply_broadcast |= in_thread and args.flag("reply_broadcast")
    hub.workspace.edited(message)
    shown = hub.workspace.to_json(message, metadata=True)
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": shown}


def post_ephemeral(hub: Hub, args: Args) -> Json:
    """chat.postEphemeral: to a member of a channel that the app is a member of."""
    channel = hub.workspace.channel_for_app(args.need("channel"))
    if channel.archived:
        raise SlackError("is_archived")
    if seed.BOT_USER.id not in channel.members:
        raise SlackError("not_in_channel")
    if args.need("user") not in channel.members:
        raise SlackError("user_not_in_channel")
    user = hub.workspace.user(args.need("user"))
    text = args.text("text")
    blocks = check_message(text, args.structure("blocks", "invalid_blocks_format"))
    message = hub.workspace.write(
        channel,
        seed.BOT_USER,
        text or "",
        blocks=blocks,
        thread_ts=args.text("thread_ts"),
        ephemeral_to=user.id,
    )
    waiting = [i for i in hub.interactions.values() if i.user is user and i.channel is channel]
    if waiting:
        waiting[-1].saw_something()
    return {"message_ts": message.ts}


def delete(hub: Hub, args: Args) -> Json:
    """chat.delete: only the app's own."""
    channel = hub.workspace.channel_for_app(args.need("channel"))
    message = hub.workspace.own(channel, args.need("ts"), "cant_delete_message")
    hub.workspace.remove(message)
    return {"channel": channel.id, "ts": message.ts}


def get_permalink(hub: Hub, args: Args) -> Json:
    """chat.getPermalink"""
    channel = hub.workspace.channel_for_app(args.need("channel"))
    ts = args.need("message_ts")
    if ts not in channel.messages:
        raise SlackError("message_not_found")
    link = f"{hub.url}/archives/{channel.id}/p{ts.replace('.', '')}"
    return {"channel": channel.id, "permalink": link}
