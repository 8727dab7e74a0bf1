"""A file that goes in parts: announced by its page, sent as S3's multipart upload. Pure."""

import json
import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from uploads.disposition import original_name, sitting_mark
from uploads.errors import NotThere
from uploads.links import LARGEST, File, IntentId

#: S3's limits for one multipart upload (S3 User Guide, "Amazon S3 multipart upload limits").
MOST_PARTS = 10_000
SMALLEST_PART = 5 * 1024**2
LARGEST_PART = 5 * 1024**3

#: The largest announcement that is read, in bytes.
INTENT_LIMIT = 4096

#: How long lies between two looks at an upload that moves, and at one that does not, at most.
LOOK_EVERY = timedelta(seconds=10)
LOOK_AT_LEAST_EVERY = timedelta(minutes=5)

#: An upload of which nothing has come at all is given up after so long.
EMPTY_FOR = timedelta(hours=1)

#: How many files may be under way to one slot at the same time, of which one can arrive.
PER_SLOT = 3

#: An upload of which nothing has come for so long is called stalled.
STALLED_AFTER = timedelta(minutes=1)

_MIB = 1024**2


@dataclass(frozen=True, slots=True)
class Intent:
    """What a page says of a file before it sends any of it. All of it is their word.

    `size` is in bytes. `content_type` and `disposition` are the headers that a PUT of the
    file would carry. `reply` is a secret, under which that page alone is answered: nobody
    else can read an announcement, and so nobody else touches its parts.
    """

    id: IntentId
    slot: int
    size: int
    content_type: str
    disposition: str
    reply: str

    def describes(self, file: File) -> bool:
        """Whether it is this file that has arrived, and not another one in its slot."""
        name, mark = original_name(self.disposition), sitting_mark(self.disposition)
        return (file.name, file.mark, file.size) == (name, mark, self.size)


class Fate(StrEnum):
    """What has become of an announced file, in the word that its page reads."""

    OPEN = "open"
    REFUSED = "refused"  #: it is larger than its link allows, or was no announcement
    ARRIVED = "arrived"
    TAKEN = "taken"  #: another file has come into its slot
    CLOSED = "closed"  #: the link is over
    CANCELLED = "cancelled"  #: by whoever sent it


@dataclass(frozen=True, slots=True, kw_only=True)
class Multipart:
    """A file on its way in parts, and how far it was when somebody looked.

    Each part has `part` bytes, the last one what is left. `loaded` counts the bytes of the
    parts that were there `looked_at`; `moved_at` is the look before which the latest came;
    `speed`, in bytes a second, is that between the last two looks.
    """

    intent: Intent
    upload_id: str
    part: int
    begun_at: datetime
    looked_at: datetime
    moved_at: datetime
    loaded: int = 0
    speed: int = 0
    fate: Fate = Fate.OPEN

    def seen(self, loaded: int, now: datetime) -> "Multipart":
        """It, after another look."""
        seconds = max(1.0, (now - self.looked_at).total_seconds())
        more = loaded - self.loaded
        return replace(
            self,
            loaded=loaded,
            speed=max(0, int(more / seconds)),
            looked_at=now,
            moved_at=now if more > 0 else self.moved_at,
        )

    def stalled(self) -> bool:
        """Whether nothing had come for a while when somebody looked."""
        return self.looked_at - self.moved_at >= STALLED_AFTER

    @property
    def percent(self) -> int:
        """How much of it was there."""
        return self.loaded * 100 // self.intent.size

    def look_at(self) -> datetime:
        """When to look again: the longer nothing comes, the later."""
        quiet = (self.looked_at - self.moved_at) / 4
        return self.looked_at + min(max(LOOK_EVERY, quiet), LOOK_AT_LEAST_EVERY)


def part_size(size: int) -> int:
    """How long the parts of a file of `size` bytes are, in bytes.

    Small parts end together and are soon sent again; where lines are fast, larger ones
    cost fewer round trips. Growing, so that S3's ten thousand are enough.

    >>> [part_size(size * _MIB) // _MIB for size in (17, 240, 241, 2048, 2049, 200_000, 47_000_000)]
    [5, 5, 8, 8, 16, 32, 5120]
    """
    if size <= 240 * _MIB:
        return SMALLEST_PART
    part = 8 * _MIB if size <= 2048 * _MIB else 16 * _MIB
    while size > part * MOST_PARTS:
        part = min(2 * part, LARGEST_PART)
    return part


def read_intent(id: IntentId, body: bytes) -> Intent:
    """An announcement as a page wrote it. Raises `NotThere` for anything else.

    Anyone who has the link can write one: what becomes a header of S3's is let through only
    in the form that our page gives it.
    """
    try:
        said = json.loads(body)
        slot, size = int(said["slot"]), int(said["size"])
        content_type, disposition = str(said["type"]), str(said["disposition"])
        reply = str(said["reply"])
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        raise NotThere("no_intent") from None
    if not (1 <= slot <= 9999 and 1 <= size <= LARGEST):
        raise NotThere("no_intent")
    if not (_DISPOSITION.fullmatch(disposition) and _REPLY.fullmatch(reply)):
        raise NotThere("no_intent")
    if not _TYPE.fullmatch(content_type):
        content_type = "application/octet-stream"
    return Intent(id, slot, size, content_type, disposition, reply)


def no_intent(id: IntentId) -> Intent:
    """What stands for an announcement that is none, so that its number is not offered again."""
    return Intent(id, 0, 1, "", "", "")


#: RFC 8187's `ext-value`, and our mark. S3 keeps 2 KB of headers.
_DISPOSITION = re.compile(
    r"attachment; filename\*=UTF-8''[A-Za-z0-9%!#$&+.^_`|~-]{0,1800}; mark=[a-z0-9]{8,16}\.\d{1,4}",
    re.ASCII,
)
_REPLY = re.compile(r"[A-Za-z0-9_-]{22}")
_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,60}/[a-z0-9!#$&^_.+-]{1,60}", re.IGNORECASE | re.ASCII)
