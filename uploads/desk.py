"""The desk: what people can ask for. Plain synchronous Python; calls may block."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from time import sleep

from uploads.agenda import Agenda
from uploads.audit import Audit
from uploads.bucket import Bucket
from uploads.errors import Conflict, Forbidden, NotThere, Unavailable, UploadLinkError
from uploads.in_parts import InParts
from uploads.links import COVERS, Link, Place, State, new_id
from uploads.moments import next_moment
from uploads.multipart import Multipart
from uploads.plan import closing_plan
from uploads.plans import Plans
from uploads.policy import SHORTEST_LIFE, Policy, Wish
from uploads.publishing import Publisher
from uploads.records import Act, Records
from uploads.shelves import Mark, Page, turn
from uploads.signing import Signer, embedded_address, short_address, true_end

#: Keys that are buried at a time when a link is closed.
_BURY_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Offer:
    """A link that is prepared but not yet anybody's: it counts once it is `open`ed."""

    link: Link
    address: str


class Desk:
    """What requesters and their colleagues do with links. `now` is the clock, in UTC."""

    def __init__(
        self,
        *,
        signer: Signer,
        bucket: Bucket,
        plans: Plans,
        publisher: Publisher,
        records: Records,
        agenda: Agenda,
        in_parts: InParts,
        audit: Audit,
        policy: Policy,
        page_url: str,
        embedded: bool,
        now: Callable[[], datetime],
    ) -> None:
        self._signer = signer
        self._bucket = bucket
        self._plans = plans
        self._publisher = publisher
        self._records = records
        self._agenda = agenda
        self._in_parts = in_parts
        self._audit = audit
        self._page_url = page_url
        #: Whether links carry their own signature: for one file, and until a fixed end.
        self.embedded = embedded
        self._now = now
        self.policy = policy

    # From a wish to a link.

    def prepare(
        self, wish: Wish, *, requester: str, requester_name: str, id: str | None = None
    ) -> Offer:
        """Make a link of a wish. Nothing is kept yet. `id` is the link's, where it has one already.

        Raises `UploadLinkError` for a wish that goes further than the policy.
        """
        now = self._now().replace(microsecond=0)
        terms = self.policy.grant(wish, now)
        longest = self.longest_life()
        if longest < SHORTEST_LIFE:
            raise Unavailable("credentials_ending")
        self._check_count(requester, now)
        link = Link(
            id=id or new_id(),
            title=terms.title,
            note=terms.note,
            requester=requester,
            requester_name=requester_name,
            made_at=now,
            ends_at=min(terms.ends_at, now + longest),
            files=terms.files,
            max_size=terms.max_size,
            sender=terms.sender,
            embedded=self.embedded,
        )
        return Offer(link, self.address(link))

    def longest_life(self) -> timedelta:
        """How long a link made now can be open, in whole seconds.

        An embedded one ends with the credentials that sign it, which may be in no time.
        """
        now, longest = self._now().replace(microsecond=0), self.policy.max_link_lifetime
        if self.embedded:
            longest = true_end(now, longest, self._signer.credentials_end(now)) - now
        return longest

    def _check_count(self, requester: str, now: datetime) -> None:
        policy = self.policy
        if policy.max_open_links:
            count = self._records.count(requester, over=False)
            if count >= policy.max_open_links:
                raise Forbidden("too_many_open", count=policy.max_open_links)
        if policy.max_links_per_day:
            since = now - timedelta(days=1)
            count = sum(
                self._records.count(requester, over=over, since=since) for over in (False, True)
            )
            if count >= policy.max_links_per_day:
                raise Forbidden("too_many_today", count=policy.max_links_per_day)

    def address(self, link: Link) -> str:
        """The address to hand out. An embedded one is signed anew, until the same end."""
        if not link.embedded:
            return short_address(self._page_url, link)
        return embedded_address(self._page_url, link, self._signer.embedded(link, self._now()))

    def open(self, offer: Offer, place: Place, signed_until: datetime) -> Offer:
        """Keep a prepared link whose plan is published, with where its news goes.

        From now on arrivals are announced.
        """
        link = replace(offer.link, place=place, signed_until=signed_until)
        self._records.keep(link, next_moment(link, self._now()) or link.ends_at)
        self._audit.log(link.reference, _made(link))
        return Offer(link, offer.address)

    def withdraw(self, link: Link) -> None:
        """Take back a link that came to nothing: its plan, and its record if it has one after all."""
        if not link.embedded:
            self._plans.publish(link.id, closing_plan(link, State.CLOSED))
        with suppress(NotThere):
            self.close(link.reference, link.requester)

    def publish_new(self, link: Link) -> datetime:
        """See `Publisher`."""
        return self._publisher.publish_new(link)

    def publish(self, link: Link) -> datetime:
        """See `Publisher`."""
        return self._publisher.publish(link)

    # What becomes of it.

    def find(self, reference: str) -> Link:
        """A link by its reference. Raises `NotThere`."""
        return self._records.find(reference)

    def under_way(self, link: Link) -> list[Multipart]:
        """The files of which parts were there when somebody looked, as far as they were then."""
        if link.look_at is None:
            return []
        return [one for one in self._in_parts.open(link) if one.loaded]

    def history(self, link: Link) -> list[Act]:
        """What was done with a link, oldest first."""
        return [_made(link), *self._records.history(link.reference)]

    def mine(self, user: str, where: str, size: int) -> Page:
        """A page of somebody's links. See `shelves`."""

        def read(over: bool, limit: int, beside: Mark | None, newer: bool) -> list[Link]:
            return self._records.shelf(user, over=over, limit=limit, beside=beside, newer=newer)

        return turn(read, where, size)

    def extend(self, reference: str, ends_at: datetime, who: str) -> Link:
        """Let a link live until another moment, also one that has just expired.

        Raises `UploadLinkError` for a moment that the policy does not allow, and
        for a link that was closed, is full, or carries its own signature.
        """

        extended = self._audit.act("extended", who, ends_at.isoformat())

        def change(link: Link) -> Link:
            if link.embedded:
                raise UploadLinkError("embedded_fixed")
            if link.state(extended.at) in {State.CLOSED, State.FULL}:
                raise UploadLinkError("not_open_any_more")
            self.policy.check_end(ends_at, link.made_at, extended.at)
            return self._records.extend(link, ends_at, extended)

        link = self._changed(reference, change)
        self._audit.log(reference, extended)
        # On the clock soon: if we do not live to publish and to tell, it will.
        return self.secure(link)

    def close(self, reference: str, who: str) -> Link:
        """Close a link for good. What was received stays; whatever is on its way is refused.

        A link that is closed already is returned as it is. It stays on the clock
        until it is `settle`d, which is for whoever has told the people.
        """

        closed = self._audit.act("closed", who)

        def change(link: Link) -> Link:
            if link.closed_at is not None:
                return link
            # On the clock until it is settled: `secure` may have to be repeated.
            link = self._records.close(link, closed)
            self._audit.log(reference, closed)
            return link

        # Also where somebody has closed it before: they may not have come this far.
        return self.secure(self._changed(reference, change))

    def refresh(self, link: Link) -> None:
        """Publish the plan again after a file. A full link leaves the clock."""
        if link.state(self._now()) in {State.OPEN, State.FULL}:
            self.settle(self.secure(link))

    def secure(self, link: Link) -> Link:
        """Let what is published be true of the link, signed anew if it is open; may be repeated.

        Of one that is over whatever was under way is thrown away. Of a closed one every copied
        signature is made useless: what was received stays, and a tombstone lies under each key
        that is free.
        """
        link = replace(link, signed_until=self.publish(link))
        if link.state(self._now()) is State.CLOSED:
            taken = {file.id.slot for file in self._records.files(link.reference)}
            keys = [link.key(slot) for slot in range(1, link.files + 1) if slot not in taken]
            if not link.embedded:
                keys += [f"{link.folder}cover/{number}" for number in range(1, COVERS + 1)]
            with ThreadPoolExecutor(_BURY_AT_ONCE) as pool:
                list(pool.map(partial(self._bucket.bury, unused=True), keys))
        # After the keys are shut: what is under way could complete until then.
        if link.look_at is not None or link.state(self._now()) is not State.OPEN:
            self._in_parts.sign(link)
        return link

    def settle(self, link: Link) -> None:
        """Set the clock to the next moment of a link that was secured; one that is over leaves it."""
        if link.state(self._now()) is State.OPEN:
            look_at = self._in_parts.next_look(link) if link.look_at is not None else None
            self._agenda.schedule(link, next_moment(link, self._now()), look_at)
        else:
            self._agenda.retire(link)

    def refused(self, refusal: Forbidden, who: str) -> None:
        """Account for what somebody was not allowed to do."""
        if refusal.link:
            self._audit.note(refusal.link, "refused", who, refusal.key)
        else:
            self._audit.log("", self._audit.act("refused", who, refusal.key))

    def _changed(self, reference: str, change: Callable[[Link], Link]) -> Link:
        for _ in range(20):
            try:
                return change(self._records.find(reference))
            except Conflict:
                sleep(0.02)  # a file that lands holds the record for some milliseconds
        raise NotThere("changed_meanwhile")


def _made(link: Link) -> Act:
    return Act("made", link.requester, link.made_at)
