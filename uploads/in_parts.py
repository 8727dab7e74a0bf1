"""Files that go in parts: begun once they were announced, signed, looked at, and ended."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from uploads.agenda import Agenda
from uploads.audit import Audit
from uploads.bucket import Bucket
from uploads.errors import NotThere, Withheld
from uploads.links import FileId, IntentId, Link, State
from uploads.multipart import INTENT_LIMIT, Fate, Intent, Multipart, part_size, read_intent
from uploads.multiparts import Multiparts
from uploads.plan import closing_parts, parts_plan
from uploads.plans import Plans
from uploads.records import Records
from uploads.signing import Signer


@dataclass(frozen=True, slots=True)
class InParts:
    """What is on its way in parts. `now` is the clock, in UTC. All calls block."""

    bucket: Bucket
    records: Records
    multiparts: Multiparts
    plans: Plans
    signer: Signer
    agenda: Agenda
    audit: Audit
    now: Callable[[], datetime]

    # From an announcement to a multipart upload.

    def announce(self, link: Link, id: IntentId, key: str) -> None:
        """Begin what a page has announced, and let it know how to go on; may be repeated.

        Nothing is begun that goes further than the link allows. Raises `NotThere` for what
        is no announcement, or one of a file that nobody waits for.
        """
        known = self.multiparts.find(id) or self._begin(link, id, key)
        # The link may have ended meanwhile. Whoever ended it either saw this one, or is seen here.
        link = self.records.find(link.reference)
        if known not in self.sweep(link):
            return
        self.agenda.hasten(link, known.look_at())
        self._sign(link, [known])

    def _begin(self, link: Link, id: IntentId, key: str) -> Multipart:
        intent = read_intent(id, self.bucket.read(key, INTENT_LIMIT))
        if link.state(self.now()) is not State.OPEN or intent.slot > link.files:
            raise NotThere("no_intent")
        if intent.size > link.max_size:
            return self._keep(link, intent, "", Fate.REFUSED)
        upload_id = self.bucket.begin(
            link.key(intent.slot), intent.content_type, intent.disposition
        )
        return self._keep(link, intent, upload_id, Fate.OPEN)

    def _keep(self, link: Link, intent: Intent, upload_id: str, fate: Fate) -> Multipart:
        now = self.now().replace(microsecond=0)
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
            if not upload_id:
                self._publish(link, multipart, closing_parts(fate))
            return multipart
        # S3 may tell of it twice, and another bot was faster.
        if upload_id:
            self.bucket.abort(link.key(intent.slot), upload_id)
        faster = self.multiparts.find(intent.id)
        if faster is None:
            raise NotThere("no_intent")
        return faster

    # While they are on their way.

    def numbers(self, link: Link) -> set[int]:
        """The numbers under which something was announced."""
        return {one.intent.id.number for one in self.multiparts.of(link.reference)}

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
            key = link.key(multipart.intent.slot)
            try:
                loaded = self.bucket.loaded(key, multipart.upload_id)
            except NotThere:
                if not self._complete(multipart, key):
                    self._end(link, multipart, Fate.CANCELLED)
                    news = True
                continue
            seen = multipart.seen(loaded, self.now().replace(microsecond=0))
            self.multiparts.looked(seen)
            news |= seen.loaded != multipart.loaded or seen.stalled() != multipart.stalled()
        return news

    def _complete(self, multipart: Multipart, key: str) -> bool:
        # If it is, S3's event is on its way.
        try:
            self.bucket.describe(FileId(multipart.intent.id.link, multipart.intent.slot), key)
        except (NotThere, Withheld):
            return False
        return True

    def next_look(self, link: Link) -> datetime | None:
        """When to look again; None if there is nothing to look at."""
        return min((one.look_at() for one in self.open(link)), default=None)

    # How they end.

    def sweep(self, link: Link) -> list[Multipart]:
        """End those that can become no file any more; returns the rest. May be repeated."""
        found, rest = self.open(link), []
        over = link.state(self.now()) is not State.OPEN
        files = {file.id.slot: file for file in self.records.files(link.reference)} if found else {}
        for multipart in found:
            file = files.get(multipart.intent.slot)
            if file is not None:
                ours = multipart.intent.describes(file)
                self._end(link, multipart, Fate.ARRIVED if ours else Fate.TAKEN)
            elif over:
                self._end(link, multipart, Fate.CLOSED)
            else:
                rest.append(multipart)
        return rest

    def _end(self, link: Link, multipart: Multipart, fate: Fate) -> None:
        # In this order: what is recorded as ended is looked at by nobody any more.
        self.bucket.abort(link.key(multipart.intent.slot), multipart.upload_id)
        self._publish(link, multipart, closing_parts(fate))
        self.multiparts.end(multipart, fate)

    def _sign(self, link: Link, multiparts: list[Multipart]) -> None:
        if multiparts:
            batches = self.signer.batches(self.now(), link.ends_at)
            for multipart in multiparts:
                self._publish(link, multipart, parts_plan(link, multipart, batches))

    def _publish(self, link: Link, multipart: Multipart, plan: dict[str, object]) -> None:
        self.plans.publish(f"{link.id}/{multipart.intent.id.number}", plan)
