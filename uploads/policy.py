"""What links may be, by the admin's word. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from uploads.errors import Forbidden
from uploads.links import NOTE_LIMIT, TITLE_LIMIT, Sender
from uploads.untrusted import plain, plain_lines

#: The shortest life that is worth handing out.
SHORTEST_LIFE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a requester asks for; None is whatever is usual."""

    title: str = ""
    note: str = ""
    files: int | None = None
    max_size: int | None = None  #: bytes
    ends_at: datetime | None = None  #: aware
    private: bool = False
    sender: Sender | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """A wish that was granted."""

    title: str
    note: str
    files: int
    max_size: int
    ends_at: datetime
    sender: Sender


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The admin's settings; each field is the setting of the same name in capitals."""

    link_lifetime: timedelta = timedelta(days=7)
    max_link_lifetime: timedelta = timedelta(days=90)
    link_files: int = 20
    max_link_files: int = 100
    max_file_size: int = 100 * 1024**3  #: bytes
    ask_sender: Sender = Sender.ASK
    max_open_links: int = 0  #: for one person; 0 is any number
    max_links_per_day: int = 0  #: by one person; 0 is any number
    retention_days: int = 0  #: of received files, which the bucket sees to; 0 keeps them for ever

    def grant(self, wish: Wish, now: datetime) -> Terms:
        """The terms that a wish comes to. Raises `Forbidden` where it goes too far."""
        title = plain(wish.title, len(wish.title) + 1)
        if len(title) > TITLE_LIMIT:
            raise Forbidden("title_too_long", length=len(title), limit=TITLE_LIMIT)
        note = plain_lines(wish.note, len(wish.note) + 1)
        if len(note) > NOTE_LIMIT:
            raise Forbidden("note_too_long", length=len(note), limit=NOTE_LIMIT)
        files = self.link_files if wish.files is None else wish.files
        if not 1 <= files <= self.max_link_files:
            raise Forbidden("too_many_files", count=self.max_link_files)
        size = self.max_file_size if wish.max_size is None else wish.max_size
        if not 1 <= size <= self.max_file_size:
            raise Forbidden("size_too_large", limit=self.max_file_size)
        ends_at = now + self.link_lifetime if wish.ends_at is None else wish.ends_at
        self.check_end(ends_at, now, now)
        return Terms(
            title=title,
            note=note,
            files=files,
            max_size=size,
            ends_at=ends_at.replace(microsecond=0),
            sender=wish.sender or self.ask_sender,
        )

    def check_end(self, ends_at: datetime, made_at: datetime, now: datetime) -> None:
        """Raise `Forbidden` where a link that was made then may not live until then."""
        if ends_at - now < SHORTEST_LIFE:
            raise Forbidden("ends_too_soon")
        if ends_at - made_at > self.max_link_lifetime:
            raise Forbidden("ends_too_late", life=self.max_link_lifetime)
