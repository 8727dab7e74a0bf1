"""What a link is: who asked, where to answer, how long it lives, where its file lands."""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime

#: The longest title we keep, in characters: Slack's limit for a header block,
#: so that it fits everywhere a title may be shown.
TITLE_LIMIT = 150

_KEY = re.compile(r"uploads/\d{4}/\d\d/\d\d/(?P<link>[A-Za-z0-9_-]{22})/(?P<slot>[1-9]\d{0,3})")


@dataclass(frozen=True, slots=True)
class Place:
    """Where the news of a link goes.

    `channel` is the conversation that is told; `card` the message there that
    waits for the file (None where none could be posted in time); `direct` says
    that it is the requester's own conversation with the bot, because the bot
    may not post where the link was asked for.
    """

    channel: str
    card: str | None = None
    direct: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """One upload link. Names and ids of people and places are Slack's, but opaque here."""

    id: str
    title: str
    requester: str
    requester_name: str
    made_at: datetime
    ends_at: datetime

    @property
    def reference(self) -> str:
        """See `reference`."""
        return reference(self.id)

    def key(self, slot: int = 1) -> str:
        """The S3 key of the `slot`-th file. No text that a person typed goes into it."""
        return f"uploads/{self.made_at:%Y/%m/%d}/{self.id}/{slot}"


@dataclass(frozen=True, slots=True)
class FileId:
    """Which file of which link."""

    link: str
    slot: int

    @property
    def reference(self) -> str:
        """See `reference`."""
        return reference(str(self))

    def __str__(self) -> str:
        return f"{self.link}/{self.slot}"

    @classmethod
    def from_key(cls, key: str) -> "FileId | None":
        """The file whose S3 key this is; None for a key that no link of ours has."""
        match = _KEY.fullmatch(key)
        return cls(match["link"], int(match["slot"])) if match else None

    @classmethod
    def from_text(cls, text: str) -> "FileId":
        """The inverse of `str`. Raises ValueError."""
        link, _, slot = text.partition("/")
        return cls(link, int(slot))


@dataclass(frozen=True, slots=True)
class File:
    """A file that has landed, as S3 and the uploader describe it. `size` is in bytes."""

    id: FileId
    name: str
    size: int
    content_type: str
    arrived_at: datetime


def reference(name: str) -> str:
    """A name that gives nothing away, for places that any app in Slack may read."""
    return hashlib.sha256(name.encode()).hexdigest()[:24]


def new_id() -> str:
    """128 random bits, URL-safe: 22 characters. Knowing one link helps to find no other."""
    return secrets.token_urlsafe(16)
