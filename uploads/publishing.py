"""What the page of a link is told, made and published: again and again, until it is what is true."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from time import sleep

from uploads.links import Link, State
from uploads.multiparts import Multiparts
from uploads.plan import closing_plan, open_plan
from uploads.plans import Plans
from uploads.records import Records
from uploads.signing import Signer

#: Seconds between the rounds of one publication, doubled from the first to the longest.
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 1.6


@dataclass(frozen=True, slots=True)
class Publisher:
    """Publishes links. `now` is the clock, in UTC. All calls block."""

    signer: Signer
    plans: Plans
    records: Records
    multiparts: Multiparts
    now: Callable[[], datetime]

    def publish_new(self, link: Link) -> datetime:
        """Publish the first plan of a link, and say until when its signatures are good."""
        if link.embedded:
            return link.ends_at
        batch, end = self.signer.batch(self.now(), link.ends_at)
        self.plans.publish(link.id, open_plan(link, batch))
        return end

    def publish(self, link: Link) -> datetime:
        """Publish the plan that a link has now; returns until when its signatures are good.

        Another bot may do the same at the same time with what it has read a
        moment earlier. So read once more afterwards, and go on until what was
        published is what is true; ever more slowly where files come thick and
        fast, since each round reads all that there are.
        """
        pause = _FIRST_PAUSE
        while True:
            now = self.now()
            state, end = link.state(now), link.ends_at
            if link.embedded:
                return end
            if state is State.OPEN:
                announced, files = self.multiparts.with_files(link.reference)
                taken = {file.id.slot for file in files}
                batch, end = self.signer.batch(now, link.ends_at)
                self.plans.publish(link.id, open_plan(link, batch, taken, announced))
            else:
                self.plans.publish(link.id, closing_plan(link, state))
            if self.records.find(link.reference).rev == link.rev:
                return end
            sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
            link = self.records.find(link.reference)
