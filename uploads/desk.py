"""The desk: what the doors of the bot can ask for. Plain synchronous Python; calls may block."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from uploads.arrivals import Arrival, Ignored, read
from uploads.bucket import Bucket
from uploads.errors import NotThere, UploadLinkError
from uploads.links import TITLE_LIMIT, File, FileId, Link, Place, new_id
from uploads.records import Claim, OpenLink, Records
from uploads.signing import Signer, address, true_end
from uploads.untrusted import plain

#: The shortest life that is worth handing out. Credentials that end sooner are
#: about to be replaced: a link made a little later will live longer.
SHORTEST_LIFE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Offer:
    """A link that is signed but not yet anybody's: it counts once it is `open`ed."""

    link: Link
    address: str


class Desk:
    """Every use of the product. `now` is the clock, in UTC."""

    def __init__(
        self,
        *,
        signer: Signer,
        bucket: Bucket,
        records: Records,
        page_url: str,
        lifetime: timedelta,
        now: Callable[[], datetime],
    ) -> None:
        self._signer = signer
        self._bucket = bucket
        self._records = records
        self._page_url = page_url
        self._lifetime = lifetime
        self._now = now

    def prepare(self, *, title: str, requester: str, requester_name: str) -> Offer:
        """Sign a link for one file. Nothing is kept yet.

        `title` says what is asked for and may be empty; over `TITLE_LIMIT`
        characters raises `UploadLinkError`.
        """
        wanted = plain(title, len(title) + 1)
        if len(wanted) > TITLE_LIMIT:
            raise UploadLinkError(
                f"That is {len(wanted)} characters; say what you need in {TITLE_LIMIT} or fewer."
            )
        now = self._now().replace(microsecond=0)
        end = true_end(now, self._lifetime, self._signer.credentials_end(now))
        if end - now < SHORTEST_LIFE:
            raise UploadLinkError(
                "The bot's AWS credentials are about to be renewed. Try again in a minute."
            )
        link = Link(new_id(), wanted, requester, plain(requester_name, 80), now, end)
        return Offer(link, address(self._page_url, link, self._signer.put(link, now)))

    def open(self, link: Link, place: Place) -> None:
        """Keep a prepared link, with where its news goes. From now on arrivals are announced."""
        self._records.keep(OpenLink(link, place))

    def read(self, body: str) -> list[Arrival | Ignored]:
        """What a queue message says. Raises `Unreadable`."""
        return read(body, self._bucket.name)

    def look_up(self, arrival: Arrival) -> tuple[OpenLink, File]:
        """The link of an arrival and the file as S3 has it. Raises `NotThere` if either is gone."""
        opened = self._records.find(arrival.file.link)
        if opened.link.key(arrival.file.slot) != arrival.key:
            raise NotThere("There is no link with this key.")
        return opened, self._bucket.describe(arrival)

    def claim(self, file: File, token: str) -> Claim:
        """Ask to be the one who announces `file`. See `Records.claim`."""
        return self._records.claim(file, token, self._now())

    def release(self, file: File, token: str) -> None:
        """Give the claim back: nothing was said. See `Records.release`."""
        self._records.release(file.id, token)

    def announced(self, file: File, message: str) -> None:
        """Record the message that announced `file`: it will not be announced again."""
        self._records.announced(file.id, message)

    def download(self, file_id: FileId) -> tuple[File, str]:
        """A file and a signed GET for it, good for five minutes.

        Raises `NotThere` or `Withheld` if it is not there to be fetched.
        """
        opened = self._records.find(file_id.link)
        key = opened.link.key(file_id.slot)
        file = self._bucket.describe(Arrival(file_id, key))
        return file, self._signer.download(key, file.name or "file")
