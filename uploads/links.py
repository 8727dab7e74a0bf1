"""What a link is: who asked, where to answer, how long it lives, where its files land."""

import hashlib
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, StrEnum, auto

#: The longest title we keep, in characters: Slack's limit for a header block,
#: so that it fits everywhere a title may be shown.
TITLE_LIMIT = 150

#: The longest note to the uploader, in characters.
NOTE_LIMIT = 500

#: The largest file, in bytes (S3 User Guide, "Amazon S3 multipart upload limits"); and the
#: largest that one PUT may carry, and one copy ("Uploading objects", "Copying objects").
LARGEST = 50 * 1000**4
LARGEST_PUT = 5 * 1024**3

#: How many uploaders of one link may say who they are.
COVERS = 20

#: How many files may be announced on one link, before their first byte.
INTENTS = 1000

_DAY = r"uploads/\d{4}/\d\d/\d\d"
_KEY = re.compile(
    _DAY + r"/(?P<link>[0-9a-f]{32})/(?:(?P<kind>cover|intent)/)?(?P<number>[1-9]\d{0,3})"
)


class Sender(StrEnum):
    """Whether the page asks uploaders who they are."""

    ASK = "ask"
    REQUIRE = "require"
    HIDE = "hide"


class Verdict(StrEnum):
    """What a scan for malware made of a file."""

    NONE = ""  #: nobody scans
    PENDING = "pending"
    CLEAN = "clean"
    INFECTED = "infected"
    UNKNOWN = "unknown"  #: it cannot be scanned: encrypted, say, or too large
    FAILED = "failed"  #: the scan itself went wrong, or may not read the bucket


class State(Enum):
    """What a link is good for right now."""

    OPEN = auto()
    FULL = auto()  #: every slot has its file
    CLOSED = auto()  #: somebody closed it
    EXPIRED = auto()


@dataclass(frozen=True, slots=True)
class Place:
    """Where the news of a link goes.

    `channel` is the conversation that is told; `card` the message there that
    waits for the files (None where none could be posted in time); `thread` the
    message under which it was asked for, if any; `direct` says that it is the
    requester's own conversation with the bot, because the bot may not post
    where the link was asked for, or because it was asked for in private.
    """

    channel: str
    card: str | None = None
    thread: str | None = None
    direct: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One upload link. Names and ids of people and places are Slack's, but opaque here.

    `id` is the secret that makes it a link: it stands in the address and in the
    plan's, and nowhere else. Everything else knows the link by its `reference`.
    """

    id: str
    title: str
    requester: str
    requester_name: str
    made_at: datetime
    ends_at: datetime
    note: str = ""
    files: int = 1
    max_size: int = LARGEST_PUT
    sender: Sender = Sender.HIDE
    embedded: bool = False  #: the address carries the signature itself; there is no plan
    place: Place = field(default_factory=lambda: Place(""))

    signed_until: datetime | None = None  #: when the signatures in its plan end
    look_at: datetime | None = None  #: when to look how far its multipart uploads are
    reminded: bool = False

    # What became of it so far.
    rev: int = 0  #: grows with every change
    received: int = 0  #: files
    received_bytes: int = 0
    held: int = 0  #: of the files received, those that were kept back
    announced: int = 0  #: files that uploaders said they would send
    senders: tuple[str, ...] = ()  #: what uploaders called themselves
    sitting: int = 0  #: the number of the latest
    last_at: datetime | None = None  #: when the latest file came
    closed_at: datetime | None = None
    closed_by: str = ""

    @property
    def reference(self) -> str:
        """See `reference`."""
        return reference(self.id)

    def state(self, now: datetime) -> State:
        """What it is good for at this moment."""
        if self.closed_at is not None:
            return State.CLOSED
        if self.received >= self.files:
            return State.FULL
        return State.OPEN if now < self.ends_at else State.EXPIRED

    @property
    def folder(self) -> str:
        """What the S3 keys of all its files begin with. No text that a person typed is in it."""
        return f"uploads/{self.made_at:%Y/%m/%d}/{self.reference}/"

    def key(self, slot: int = 1) -> str:
        """The S3 key of the `slot`-th file."""
        return f"{self.folder}{slot}"


@dataclass(frozen=True, slots=True)
class FileId:
    """Which file of which link; `link` is the link's reference."""

    link: str
    slot: int

    def __str__(self) -> str:
        return f"{self.link}/{self.slot}"

    @classmethod
    def from_text(cls, text: str) -> "FileId":
        """The inverse of `str`. Raises ValueError."""
        link, _, slot = text.partition("/")
        return cls(link, int(slot))


@dataclass(frozen=True, slots=True)
class CoverId:
    """Which cover note of which link."""

    link: str
    number: int

    def __str__(self) -> str:
        return f"{self.link}/cover/{self.number}"


@dataclass(frozen=True, slots=True)
class IntentId:
    """Which announcement of a file, of which link. Its number is no slot's."""

    link: str
    number: int

    def __str__(self) -> str:
        return f"{self.link}/intent/{self.number}"


def from_key(key: str) -> FileId | CoverId | IntentId | None:
    """What lies under an S3 key; None for a key that no link of ours has."""
    found = _KEY.fullmatch(key)
    if found is None:
        return None
    link, number = found["link"], int(found["number"])
    match found["kind"]:
        case "cover":
            return CoverId(link, number)
        case "intent":
            return IntentId(link, number)
    return FileId(link, number)


@dataclass(frozen=True, slots=True)
class File:
    """A file that has landed, as S3 and the uploader describe it. `size` is in bytes.

    `mark` names the sitting by the page's word, `checksum` is S3's own
    (CRC64NVME, base64). `held` says that it is larger than its link allows: it
    is kept, and not handed out. `gone` says that it was deleted since. `kept_at`
    is when somebody last let its retention begin anew, `expires_at` when that ends
    (see `uploads.files`).
    """

    id: FileId
    name: str
    size: int
    content_type: str
    arrived_at: datetime
    mark: str = ""
    checksum: str = ""
    held: bool = False
    sitting: int = 0
    gone: bool = False
    verdict: Verdict = Verdict.NONE
    kept_at: datetime | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Cover:
    """What an uploader says of themselves and of what they send. All of it is their word."""

    id: CoverId
    mark: str
    name: str
    note: str
    files: int
    size: int


def reference(link_id: str) -> str:
    """A name for a link that does not open it: 128 bits of a hash, in hexadecimal."""
    return hashlib.sha256(link_id.encode()).hexdigest()[:32]


def new_id() -> str:
    """128 random bits, URL-safe: 22 characters. Knowing one link helps to find no other."""
    return secrets.token_urlsafe(16)
