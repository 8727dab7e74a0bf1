"""Files that go in parts: begun once they were announced, signed, looked at, and ended."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from uploads.agenda import Agenda
from uploads.audit import Audit
from uploads.bucket import Bucket
from uploads.errors import NotThere, Unavailable, Withheld
from uploads.links import FileId, IntentId, Link, State
from uploads.multipart import (
    EMPTY_FOR,
    INTENT_LIMIT,
    PER_SLOT,
    Fate,
    Intent,
    Multipart,
    no_intent,
    part_size,
    read_intent,
)
from uploads.multiparts import Multiparts
from uploads.plan import closing_parts, parts_plan
from uploads.plans import Plans
from uploads.publishing import Publisher
from uploads.records import Records
from uploads.signing import Signer

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class InParts:
    """What is on its way in parts. `now` is the clock, in UTC. All calls block."""

    bucket: Bucket
    records: Records
    multiparts: Multiparts
    plans: Plans
    publisher: Publisher
    signer: Signer
    agenda: Agenda
    audit: Audit
    now: Callable[[], datetime]

    # From an announcement to a multipart upload.

    def announce(self, link: Link, id: IntentId, key: str) -> None:
        """Begin what a page has announced, and let it know how to go on; may be repeated.

        Nothing is begun that goes further than the link allows. Raises `NotThere` for what
        is no announcement, and for a link that takes no files; `Conflict` where the link is
        being changed.
        """
        known = self.multiparts.find(id) or self._begin(link, id, key)
        # The link may have ended meanwhile. Whoever ended it either saw this one, or is seen here.
        link = self.records.find(link.reference)
        if id in {one.intent.id for one in self.sweep(link)}:
            self.agenda.hasten(link, known.look_at())
            self._sign(link, [known])
        elif known.fate is not Fate.OPEN:
            self._publish(link, known, closing_parts(known.fate))
        # There is one number less to announce anything under.
        self.publisher.publish(link)

    def _begin(self, link: Link, id: IntentId, key: str) -> Multipart:
        body = self.bucket.read(key, INTENT_LIMIT)
        if link.state(self.now()) is not State.OPEN:
            raise NotThere("no_intent")
        try:
            intent = read_intent(id, body)
        except NotThere:
            return self._keep(link, no_intent(id), Fate.REFUSED)
        if intent.slot > link.files:
            return self._keep(link, no_intent(id), Fate.REFUSED)
        if intent.size > link.max_size:
            return self._keep(link, intent, Fate.REFUSED)
        if sum(one.intent.slot == intent.slot for one in self.open(link)) >= PER_SLOT:
            return self._keep(link, intent, Fate.TAKEN)
        return self._keep(link, intent, Fate.OPEN)

    def _keep(self, link: Link, intent: Intent, fate: Fate) -> Multipart:
        now, upload_id = self.now().replace(microsecond=0), ""
        if fate is Fate.OPEN:
            upload_id = self.bucket.begin(
                link.key(intent.slot), intent.content_type, intent.disposition
            )
        multipart = Multipart(
            intent=intent,
            upload_id=upload_id,
            part=part_size(intent.size),
            begun_at=now,
            looked_at=now,
            moved_at=now,
            fate=fate,
        )
        if self.multiparts.keep(multipart):
            act = "announced" if upload_id else "refused"
            said = self.audit.act(act, "", f"{intent.slot}: {intent.size} bytes")
            self.audit.log(link.reference, said)
            return multipart
        # S3 may tell of it twice, and another bot was faster.
        if upload_id:
            self.bucket.abort(link.key(intent.slot), upload_id)
        return self.multiparts.find(intent.id) or multipart

    # While they are on their way.

    def open(self, link: Link) -> list[Multipart]:
        """Those of a link that may still become files."""
        return [one for one in self.multiparts.of(link.reference) if one.fate is Fate.OPEN]

    def sign(self, link: Link) -> None:
        """Publish how each goes on, signed anew; of a link that is over, throw all away."""
        self._sign(link, self.sweep(link))

    def look(self, link: Link) -> bool:
        """See how far each is. Whether there is anything new to tell."""
        news = False
        for multipart in self.sweep(link):
            now = self.now().replace(microsecond=0)
            key = link.key(multipart.intent.slot)
            try:
                loaded = self.bucket.loaded(key, multipart.upload_id)
            except NotThere:
                loaded = multipart.loaded
                if self._complete(multipart, key):
                    loaded = multipart.intent.size  # and S3's event is on its way
                elif multipart.moved_at != multipart.looked_at:
                    self._end(link, multipart, Fate.CANCELLED)
                    news = True
                    continue
                # It moved at the last look: S3 may just be putting it together. Once more.
            if not loaded and now - multipart.begun_at > EMPTY_FOR:
                self._end(link, multipart, Fate.CANCELLED)
                continue
            seen = multipart.seen(loaded, now)
            self.multiparts.looked(seen)
            news |= seen.percent != multipart.percent or seen.stalled() != multipart.stalled()
        return news

    def _complete(self, multipart: Multipart, key: str) -> bool:
        try:
            self.bucket.describe(FileId(multipart.intent.id.link, multipart.intent.slot), key)
        except (NotThere, Withheld):
            return False
        return True

    def unheard(self, link: Link) -> bool:
        """Whether one has been a file for a minute, and no event has told of it."""
        return any(
            one.loaded == one.intent.size
            and one.stalled()
            and self._complete(one, link.key(one.intent.slot))
            for one in self.open(link)
        )

    def next_look(self, link: Link) -> datetime | None:
        """When to look again; None if there is nothing to look at."""
        return min((one.look_at() for one in self.open(link)), default=None)

    # How they end.

    def sweep(self, link: Link) -> list[Multipart]:
        """End those that can become no file any more; returns the rest. May be repeated.

        What cannot be ended now is left for the next look; where there will be none, because
        the link is over, this raises `Unavailable`, when all else is done.
        """
        found = self.open(link)
        if not found:
            return []
        over = link.state(self.now()) is not State.OPEN
        if over:  # unless somebody has extended it since it was read
            link = self.records.find(link.reference)
            over = link.state(self.now()) is not State.OPEN
        files = {file.id.slot: file for file in self.records.files(link.reference)}
        rest: list[Multipart] = []
        failures: list[Unavailable] = []
        for multipart in found:
            file = files.get(multipart.intent.slot)
            if file is None and not over:
                rest.append(multipart)
                continue
            fate = Fate.CLOSED
            if file is not None:
                fate = Fate.ARRIVED if multipart.intent.describes(file) else Fate.TAKEN
            try:
                self._end(link, multipart, fate)
            except Unavailable as error:
                log.warning("%s is not ended yet: %s", multipart.intent.id, error)
                failures.append(error)
        if over and failures:
            raise failures[0]
        return rest

    def _end(self, link: Link, multipart: Multipart, fate: Fate) -> None:
        # In this order: what is recorded as ended is looked at by nobody any more.
        self.bucket.abort(link.key(multipart.intent.slot), multipart.upload_id)
        self._publish(link, multipart, closing_parts(fate))
        self.multiparts.end(multipart.intent.id, fate)

    def _sign(self, link: Link, multiparts: list[Multipart]) -> None:
        if not multiparts:
            return
        batches = self.signer.batches(self.now(), link.ends_at)
        for multipart in multiparts:
            self._publish(link, multipart, parts_plan(link, multipart, batches))
            # Another bot may have ended it meanwhile, and said so.
            after = self.multiparts.find(multipart.intent.id)
            if after is not None and after.fate is not Fate.OPEN:
                self._publish(link, after, closing_parts(after.fate))

    def _publish(self, link: Link, multipart: Multipart, plan: dict[str, object]) -> None:
        if reply := multipart.intent.reply:
            self.plans.publish(f"{link.id}/{reply}", plan)
