"""The state of the workspace, and who may say what where. Knows no HTTP."""

import secrets
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from local.slack import seed
from local.slack.errors import SlackError
from local.slack.shapes import Channel, Json, Message, User

#: Slack cuts what is longer (chat.postMessage, "Truncating content").
LONGEST_TEXT = 40_000


class Workspace:
    """People, channels and messages. `changed` hears the id of each channel that changes."""

    def __init__(self, changed: Callable[[str], None], general: str = seed.GENERAL) -> None:
        self.users = {user.id: replace(user) for user in seed.USERS}
        self.channels = {channel.id: channel for channel in seed.channels(general)}
        self.usergroups = {group.id: group for group in seed.usergroups()}
        self._changed = changed
        self._last_ts = 0

    def new_ts(self) -> str:
        """A timestamp that no other message has: seconds and microseconds, ever increasing."""
        self._last_ts = max(time.time_ns() // 1000, self._last_ts + 1)
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def user(self, ref: str) -> User:
        """By id or by name. Raises `user_not_found`."""
        for user in self.users.values():
            if ref in {user.id, user.name}:
                return user
        raise SlackError("user_not_found")

    def channel_of(self, user: User, ref: str) -> Channel:
        """A channel as a person names it: an id, `general`, or `@kenji` for a DM with him."""
        if ref.startswith("@"):
            return self.open_dm(user.id, self.user(ref[1:]).id)
        for channel in self.channels.values():
            public = channel.kind == "public" and not user.is_restricted
            if ref in {channel.id, channel.name} and (public or user.id in channel.members):
                return channel
        raise SlackError("channel_not_found")

    def open_dm(self, *people: str) -> Channel:
        """The direct conversation of two people, opened where there is none."""
        for channel in self.channels.values():
            if channel.kind == "im" and channel.members == set(people):
                return channel
        return self.add_channel(Channel(f"D{secrets.token_hex(5).upper()}", "", "im", set(people)))

    def add_channel(self, channel: Channel) -> Channel:
        """Take in a channel."""
        self.channels[channel.id] = channel
        self._changed(channel.id)
        return channel

    def channel_for_app(self, ref: str) -> Channel:
        """A conversation that the app knows of.

        Raises `channel_not_found` for private ones that it is not in: Slack
        hides that they exist (conversations.info, "Errors").
        """
        channel = self.channels.get(ref)
        bot = seed.BOT_USER.id
        if channel is None or (channel.kind != "public" and bot not in channel.members):
            raise SlackError("channel_not_found")
        return channel

    def may_app_post(self, ref: str, *, anywhere: bool, messages_tab: bool) -> Channel:
        """Where chat.postMessage to `ref` lands. Raises what Slack answers if it may not.

        `anywhere`: the app has chat:write.public. A person's id means their
        direct messages with the app (chat.postMessage, "Post to a DM").
        """
        if ref in self.users:
            if self.users[ref].is_bot:
                raise SlackError("cannot_dm_bot")
            channel = self.open_dm(ref, seed.BOT_USER.id)
        else:
            channel = self.channel_for_app(ref)
        if channel.kind == "im" and not messages_tab:
            raise SlackError("messages_tab_disabled")
        if channel.archived:
            raise SlackError("is_archived")
        if seed.BOT_USER.id not in channel.members and not anywhere:
            raise SlackError("not_in_channel")
        if channel.read_only:
            raise SlackError("restricted_action_read_only_channel")
        return channel

    def write(self, channel: Channel, author: User, text: str, **more: Any) -> Message:
        """Put a message down, without asking whether its author may.

        `more` are further fields of `Message`. Raises `thread_not_found`.
        """
        thread = more.pop("thread_ts", None)
        if thread is not None and not more.get("ephemeral_to"):
            root = channel.messages.get(thread)
            if root is None:
                raise SlackError("thread_not_found")
            thread = root.thread_ts or root.ts
        message = Message(
            self.new_ts(),
            channel.id,
            author.id,
            text[:LONGEST_TEXT],
            thread_ts=thread,
            by_app=author.in_app,
            **more,
        )
        shelf = channel.ephemerals if message.ephemeral_to else channel.messages
        shelf[message.ts] = message
        if thread and not message.ephemeral_to:
            channel.threads.setdefault(thread, {})[message.ts] = message
        self._changed(channel.id)
        return message

    def may_type(self, user: User, channel: Channel) -> None:
        """Raises where Slack shows a person no box to type in."""
        if user.id not in channel.members:
            raise SlackError("not_in_channel")
        if channel.archived:
            raise SlackError("is_archived")
        if channel.read_only and not user.is_admin:
            raise SlackError("restricted_action_read_only_channel")

    def say(self, user: User, channel: Channel, text: str, thread_ts: str | None = None) -> Message:
        """A person writes a message."""
        self.may_type(user, channel)
        return self.write(channel, user, text, thread_ts=thread_ts)

    def own(self, channel: Channel, ts: str, otherwise: str) -> Message:
        """The app's own message. Raises `message_not_found`, or `otherwise` for another's."""
        message = channel.messages.get(ts)
        if message is None:
            raise SlackError("message_not_found")
        if not message.by_app:
            raise SlackError(otherwise)
        return message

    def edited(self, message: Message) -> None:
        """Note that a message was changed."""
        message.edited_ts = self.new_ts()
        self._changed(message.channel)

    def remove(self, message: Message) -> None:
        """Take a message away."""
        channel = self.channels[message.channel]
        channel.messages.pop(message.ts, None)
        channel.ephemerals.pop(message.ts, None)
        channel.threads.get(message.thread_ts or "", {}).pop(message.ts, None)
        self._changed(channel.id)

    def sees(self, user: User, channel: Channel) -> list[Message]:
        """All that a person sees in a channel, threads included, oldest first.

        An ephemeral in a thread shows only where the thread is already active
        (chat.postEphemeral, "Ephemeral messages in threads").
        """
        seen = list(channel.messages.values())
        seen += [
            message
            for message in channel.ephemerals.values()
            if message.ephemeral_to == user.id
            and (message.thread_ts is None or channel.replies(message.thread_ts))
        ]
        return sorted(seen, key=lambda message: message.ts)

    def to_json(self, message: Message, *, metadata: bool = False) -> Json:
        """A message as the Web API and payloads show it."""
        author = self.users[message.user]
        shown: Json = {
            "type": "message",
            "user": message.user,
            "ts": message.ts,
            "team": seed.TEAM,
            "text": message.text,
        }
        if message.by_app:
            shown |= {"bot_id": seed.BOT, "app_id": seed.APP, "bot_profile": _bot_profile(author)}
        if message.blocks:
            shown["blocks"] = message.blocks
        if message.edited_ts:
            shown["edited"] = {"user": message.user, "ts": message.edited_ts}
        if metadata and message.metadata:
            shown["metadata"] = message.metadata
        channel = self.channels[message.channel]
        root = channel.messages.get(message.thread_ts) if message.thread_ts else None
        if message.thread_ts and message.thread_ts != message.ts:
            shown["thread_ts"] = message.thread_ts
            if root:
                shown["parent_user_id"] = root.user
            if message.reply_broadcast:
                shown |= {"subtype": "thread_broadcast"}
        elif replies := channel.replies(message.ts):
            shown |= {
                "thread_ts": message.ts,
                "reply_count": len(replies),
                "reply_users": sorted({reply.user for reply in replies}),
                "reply_users_count": len({reply.user for reply in replies}),
                "latest_reply": replies[-1].ts,
            }
        return shown


def _bot_profile(user: User) -> Json:
    return {
        "id": seed.BOT,
        "app_id": seed.APP,
        "name": user.name,
        "team_id": seed.TEAM,
        "deleted": False,
    }
