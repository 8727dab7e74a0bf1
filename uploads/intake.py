"""What S3's events make of a link: files that landed, notes of uploaders, keys that came free."""

import json
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import compress
from typing import NoReturn

from uploads.arrivals import Arrival, Event, Gone, Probe, Scanned, read
from uploads.audit import JUDGED, Audit
from uploads.bucket import Bucket
from uploads.errors import Buried, Conflict, NotThere, Unavailable, Withheld
from uploads.in_parts import InParts
from uploads.links import Cover, CoverId, File, FileId, IntentId, Link, Verdict
from uploads.probes import Probes
from uploads.records import Records
from uploads.untrusted import plain, plain_lines

log = logging.getLogger(__name__)

#: How long after its latest file a link's sitting is over: the next file then
#: begins a new one, and that a new message.
QUIET = timedelta(minutes=5)

#: The largest cover note that is read, in bytes.
COVER_LIMIT = 4096

#: Objects that are looked for at the same time.
_LOOKS_AT_ONCE = 8

#: How often a record that others change at the same time is tried.
_TRIES = 30

#: What is to be recorded of an event, on its link as it is now; returns what `Intake.take` does.
_Record = Callable[[Link], tuple[Link, int]]


@dataclass(frozen=True, slots=True)
class Intake:
    """Takes in what arrives. `now` is the clock, in UTC. All calls block."""

    bucket: Bucket
    records: Records
    audit: Audit
    probes: Probes
    in_parts: InParts
    scanned: bool  #: whether a scan of each file is awaited
    now: Callable[[], datetime]

    def read(self, body: str) -> list[Event]:
        """What a queue message says. Raises `Unreadable`."""
        return read(body, self.bucket.name)

    def answer(self, probe: Probe) -> None:
        """Tell whoever asks that events get here."""
        self.probes.answer(probe.nonce, self.now())

    def take(self, event: Arrival | Gone | Scanned) -> tuple[Link, int]:
        """Record what an event tells, once, however often it is told.

        Returns the link, and the number of the sitting that is to be told of
        (0 if none is).

        Raises `NotThere` where there is nothing to record: no such link, an
        object that is gone again, a note that is none.

        S3 is looked at before the records: most of what it tells when a link is closed is of
        tombstones, and those are nothing to record.
        """
        if isinstance(event, Gone):
            return self._guard(self._link(event), event), 0
        for _ in range(_TRIES):
            record = self._look(event)
            try:
                return record(self._link(event))
            except Conflict:
                continue
        raise Unavailable("changed_meanwhile")

    def _look(self, event: Arrival | Scanned) -> _Record:
        id, key = event.what, event.key
        if isinstance(event, Scanned):
            return partial(self._judge, event, self._described(event.what, key))
        if isinstance(id, FileId):
            return partial(self._file, id, key, self._described(id, key))
        if isinstance(id, CoverId):
            return partial(self._cover, id, key, self._note(id, key))
        return partial(self._announce, id, key)

    def overlooked(self, link: Link) -> Link:
        """Record what landed on a link although no event told of it; returns it as it then is.

        S3 promises that every event comes; a queue that was purged, or a
        notification that was changed by hand, does not.
        """
        taken = {file.id.slot for file in self.records.files(link.reference)}
        free = set(range(1, link.files + 1)) - taken

        def landed(slot: int) -> bool:
            try:
                self.bucket.describe(FileId(link.reference, slot), link.key(slot))
            except (NotThere, Withheld):
                return False
            return True

        with ThreadPoolExecutor(_LOOKS_AT_ONCE) as pool:
            found = list(compress(free, pool.map(landed, free)))
        for slot in found:
            file = FileId(link.reference, slot)
            log.warning("no event has told of %s", file)
            link, _ = self.take(Arrival(file, link.key(slot)))
        return link

    def _link(self, event: Arrival | Gone | Scanned) -> Link:
        link = self.records.find(event.what.link)
        if not event.key.startswith(link.folder):
            raise NotThere("no_such_link")
        return link

    def _described(self, id: FileId, key: str) -> File | NotThere | Withheld:
        """The file that landed, or why it cannot be seen, which the records may know better.

        Raises `Buried` for a tombstone where no file was known to be.
        """
        try:
            return self.bucket.describe(id, key)
        except Buried as buried:
            if buried.by is None:
                raise
            return buried
        except (NotThere, Withheld) as gone:
            return gone

    def _file(
        self, id: FileId, key: str, found: File | NotThere | Withheld, link: Link
    ) -> tuple[Link, int]:
        if isinstance(found, File):
            try:
                link, sitting = self._receive(link, found)
            except Conflict:
                # It is recorded already, or the link has changed.
                known = self.records.file(id)
                if known is None:
                    raise
                link, sitting = self._as_known(known)
        else:
            known = self.records.file(id)
            if known is None:
                self._give_up(key, found)
            link, sitting = self._as_known(known)
            if isinstance(found, Buried) and not known.gone:
                link = self._lose(link, known, key)
        self._end_others(link)
        return link, sitting

    def _receive(self, link: Link, file: File) -> tuple[Link, int]:
        held = file.size > link.max_size
        act = self.audit.act("held" if held else "received", "", str(file.id.slot))
        verdict = Verdict.PENDING if self.scanned else Verdict.NONE
        file = replace(file, held=held, sitting=sitting(link, act.at), verdict=verdict)
        link = self.records.note_file(link, file, act)
        self.audit.log(link.reference, act)
        return link, file.sitting

    def _as_known(self, file: File) -> tuple[Link, int]:
        """What is to be told of a file that was recorded before: its link as it is now."""
        return self.records.find(file.id.link), file.sitting

    def _lose(self, link: Link, file: File, key: str) -> Link:
        # Somebody copied a tombstone over it, who may not have lived to record it. We look once
        # more, now that the link is read: whoever lays the file back after that changes the link.
        found = self._described(file.id, key)
        if isinstance(found, File):
            return link
        if not isinstance(found, Buried):
            raise Conflict("changed_meanwhile")
        # Whoever records it first says who that was.
        act = self.audit.act("deleted", found.by or "", str(file.id.slot))
        link = self.records.lose_file(link, file.id, act)
        self.audit.log(link.reference, act)
        return link

    def _end_others(self, link: Link) -> None:
        # Whatever else was on its way to the same slot, and this one, if it came in parts. No
        # file waits for it to be told of: whoever looks next tries again.
        if link.look_at is not None:
            try:
                self.in_parts.sweep(link)
            except Unavailable as error:
                log.warning("what was under way to %s is not ended yet: %s", link.reference, error)

    def _judge(
        self, event: Scanned, found: File | NotThere | Withheld, link: Link
    ) -> tuple[Link, int]:
        id, verdict = event.what, event.verdict
        if isinstance(found, NotThere):
            return self._file(id, event.key, found, link)
        known = self.records.file(id)
        if known is None:  # it may be quicker than the event of the arrival itself
            link, _ = self._file(id, event.key, found, link)
            return self._judge(event, found, link)  # or another bot was, and has judged it
        if known.gone or known.verdict in {verdict, Verdict.INFECTED}:
            return self._as_known(known)
        act = self.audit.act(JUDGED[verdict], "", str(id.slot))
        link = self.records.judge_file(link, id, verdict, act)
        self.audit.log(link.reference, act)
        return link, known.sitting

    def _note(self, id: CoverId, key: str) -> Cover | NotThere | Withheld:
        try:
            body = self.bucket.read(key, COVER_LIMIT)
        except (NotThere, Withheld) as gone:
            return gone
        return read_cover(id, body)

    def _cover(
        self, id: CoverId, key: str, found: Cover | NotThere | Withheld, link: Link
    ) -> tuple[Link, int]:
        # It may come after its files: then their follow-up has a name to add.
        files, covers = self.records.files_and_covers(link.reference)
        if not any(cover.id == id for cover in covers):
            if not isinstance(found, Cover):
                self._give_up(key, found)
            link = self.records.note_cover(link, found)
        return link, max((file.sitting for file in files), default=0)

    def _announce(self, id: IntentId, key: str, link: Link) -> tuple[Link, int]:
        try:
            self.in_parts.announce(link, id, key)
        except Withheld as withheld:
            self._give_up(key, withheld)
        return link, 0

    def _give_up(self, key: str, why: NotThere | Withheld) -> NoReturn:
        """Raise `NotThere` for what is gone, and `Unavailable` for what is not ours to read."""
        # S3 answers 403 for both. A key that takes a tombstone was free.
        if isinstance(why, Withheld):
            if not self.bucket.bury(key):
                raise Unavailable("aws_denies", code="AccessDenied") from why
            raise NotThere("file_deleted") from None
        raise why

    def _guard(self, link: Link, event: Gone) -> Link:
        # Under a key that is free again, every copy of its signed URL works again.
        if link.ends_at > self.now() and self.bucket.bury(event.key):
            self.audit.note(link.reference, "deleted", "", str(event.what))
        if isinstance(event.what, FileId):
            try:
                self.bucket.describe(event.what, event.key)
            except (NotThere, Withheld):  # and it was no older version that went
                self.records.mark_gone(event.what)
        return link


def sitting(link: Link, now: datetime) -> int:
    """The number of the sitting that a file belongs to which comes now."""
    if link.last_at is not None and now - link.last_at <= QUIET:
        return link.sitting
    return link.sitting + 1


def read_cover(cover: CoverId, body: bytes) -> Cover:
    """A cover note as an uploader's browser wrote it. Raises `NotThere` for anything else.

    Anyone who has the link can write one, so each value is checked, cut and cleaned.
    """
    try:
        said = json.loads(body)
        mark, files, size = str(said["mark"]), int(said["files"]), int(said["bytes"])
        name, note = str(said.get("name", "")), str(said.get("note", ""))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        raise NotThere("no_cover_note") from None
    if not (mark.isascii() and mark.isalnum() and 8 <= len(mark) <= 16):
        raise NotThere("no_cover_note")
    if not (0 <= files <= 10_000 and 0 <= size < 2**53):
        raise NotThere("no_cover_note")
    return Cover(cover, mark, plain(name, 80), plain_lines(note, 500), files, size)
