"""What a workspace is made of, and how Slack writes each part as JSON."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

Json = dict[str, Any]
Kind = Literal["public", "private", "im"]

#: Slack writes a zone's name out; the zone database has but letters.
_LABELS = {
    "CET": "Central European Time",
    "CEST": "Central European Summer Time",
    "JST": "Japan Standard Time",
    "UTC": "Coordinated Universal Time",
    "EST": "Eastern Standard Time",
    "EDT": "Eastern Daylight Time",
    "PST": "Pacific Standard Time",
    "PDT": "Pacific Daylight Time",
    "+08": "Singapore Standard Time",
}


@dataclass(slots=True)
class User:
    """A member: a person, the app's bot, or Slackbot."""

    id: str
    name: str
    real_name: str
    tz: str = "Etc/UTC"
    locale: str = "en-US"
    is_bot: bool = False
    is_admin: bool = False
    is_owner: bool = False
    is_restricted: bool = False
    #: A guest of one channel only; such a one is `is_restricted` too.
    is_ultra_restricted: bool = False
    deleted: bool = False
    in_app: bool = False  # the bot user of the app under test

    def to_json(self, team: str, *, locale: bool = False) -> Json:
        """The `user` object of users.info; `locale` only where it was asked for."""
        here = datetime.now(ZoneInfo(self.tz))
        offset = here.utcoffset()
        user = {
            "id": self.id,
            "team_id": team,
            "name": self.name,
            "deleted": self.deleted,
            "real_name": self.real_name,
            "tz": self.tz,
            "tz_label": _LABELS.get(here.tzname() or "", here.tzname()),
            "tz_offset": int(offset.total_seconds()) if offset else 0,
            "profile": {
                "real_name": self.real_name,
                "real_name_normalized": self.real_name,
                "display_name": self.real_name.split()[0],
                "display_name_normalized": self.real_name.split()[0],
                "team": team,
            },
            "is_admin": self.is_admin,
            "is_owner": self.is_owner,
            "is_restricted": self.is_restricted,
            "is_ultra_restricted": self.is_ultra_restricted,
            "is_bot": self.is_bot,
            "is_app_user": False,
        }
        return {**user, "locale": self.locale} if locale else user


@dataclass(slots=True)
class Usergroup:
    """A user group: people who are mentioned, and here permitted, together."""

    id: str
    name: str
    handle: str
    users: list[str]
    disabled: bool = False

    def to_json(self, team: str) -> Json:
        """The `usergroup` object of usergroups.list, without its users."""
        return {
            "id": self.id,
            "team_id": team,
            "is_usergroup": True,
            "is_subteam": True,
            "name": self.name,
            "description": "",
            "handle": self.handle,
            "is_external": False,
            "date_create": 1446598059,
            "date_update": 1446598059,
            "date_delete": 1446670362 if self.disabled else 0,
            "auto_type": None,
            "created_by": "USLACKBOT",
            "updated_by": "USLACKBOT",
            "deleted_by": "USLACKBOT" if self.disabled else None,
            "prefs": {"channels": [], "groups": []},
        }


@dataclass(slots=True)
class Message:
    """A message, kept for all or shown to one (`ephemeral_to`)."""

    ts: str
    channel: str
    user: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    thread_ts: str | None = None
    reply_broadcast: bool = False
    metadata: Json | None = None
    unfurl_links: bool = True
    unfurl_media: bool = True
    by_app: bool = False
    ephemeral_to: str | None = None
    edited_ts: str | None = None

    @property
    def in_channel(self) -> bool:
        """Whether it stands in the channel itself, not only in a thread."""
        return self.thread_ts in {None, self.ts} or self.reply_broadcast


@dataclass(slots=True)
class Channel:
    """A conversation; `messages` and `ephemerals` are in the order they were written."""

    id: str
    name: str
    kind: Kind
    members: set[str]
    topic: str = ""
    archived: bool = False
    read_only: bool = False
    messages: dict[str, Message] = field(default_factory=dict)
    ephemerals: dict[str, Message] = field(default_factory=dict)
    #: The replies again, by the message they reply to.
    threads: dict[str, dict[str, Message]] = field(default_factory=dict)

    def replies(self, ts: str) -> list[Message]:
        """The replies to a message, oldest first."""
        return list(self.threads.get(ts, {}).values())

    @property
    def name_in_payloads(self) -> str:
        """What a slash command or click calls it: private names are not told to apps."""
        return {"public": self.name, "private": "privategroup", "im": "directmessage"}[self.kind]

    def to_json(self, viewer: str) -> Json:
        """The `channel` object of conversations.info, as `viewer` gets it.

        Direct messages have few fields, and no name ("conversations.info", "Response").
        """
        if self.kind == "im":
            others = sorted(self.members - {viewer})
            return {
                "id": self.id,
                "is_im": True,
                "is_org_shared": False,
                "user": others[0] if others else viewer,
                "is_open": True,
            }
        return {
            "id": self.id,
            "is_channel": self.kind == "public",
            "is_group": self.kind == "private",
            "is_im": False,
            "is_mpim": False,
            "is_private": self.kind == "private",
            "is_archived": self.archived,
            "is_member": viewer in self.members,
            "name": self.name,
            "name_normalized": self.name,
            "topic": {"value": self.topic, "creator": "", "last_set": 0},
            "num_members": len(self.members),
        }
