"""What time does to links: signatures are renewed, requesters reminded, links end."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from uploads.agenda import LEASE, Agenda, Due
from uploads.desk import Desk
from uploads.errors import NotThere
from uploads.in_parts import InParts
from uploads.intake import Intake
from uploads.links import Link, State
from uploads.moments import only_looked_at, remind_at
from uploads.records import Records

#: Links that are taken up in one go.
AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Clock:
    """Finds the links whose moment has come. `now` is the clock, in UTC. All calls block."""

    desk: Desk
    intake: Intake
    in_parts: InParts
    records: Records
    agenda: Agenda
    now: Callable[[], datetime]

    def due(self) -> list[Due]:
        """Links whose moment has come."""
        return self.agenda.due(self.now(), AT_ONCE)

    def take(self, due: Due) -> Link | None:
        """Take up a link that is due, for `LEASE`; None if another bot has been faster.

        Whoever does not finish in time, or dies, leaves it to the next.
        """
        if not self.agenda.move(due, self.now() + LEASE):
            return None
        try:
            return self.records.find(due.link)
        except NotThere:
            return None

    def only_looks(self, link: Link) -> bool:
        """Whether nothing is due but a look at what is under way."""
        return only_looked_at(link, self.now())

    def look(self, link: Link) -> bool:
        """See how far what is under way is, if it is time. Whether there is anything new to tell."""
        due = link.look_at is not None and link.look_at <= self.now()
        return due and self.in_parts.look(link)

    def wants_reminder(self, link: Link) -> bool:
        """Whether its requester must hear now that nothing has come."""
        at = remind_at(link)
        return link.state(self.now()) is State.OPEN and at is not None and at <= self.now()

    def over(self, link: Link) -> bool:
        """Whether it takes no more files, for whatever reason."""
        return link.state(self.now()) is not State.OPEN

    def ended_unused(self, link: Link) -> bool:
        """Whether its time is over, and nothing has come."""
        return link.state(self.now()) is State.EXPIRED and not link.received

    def overlooked(self, link: Link) -> Link:
        """See `Intake.overlooked`. Of a link that is over, or where a large file is unheard of.

        Before, its events may still come.
        """
        late = self.over(link) or (link.look_at is not None and self.in_parts.unheard(link))
        return self.intake.overlooked(link) if late else link

    def reminded(self, link: Link) -> None:
        """Record that its requester was reminded."""
        self.agenda.reminded(link)

    def secure(self, link: Link) -> Link:
        """See `Desk.secure`. Before anybody is told: it must not wait for Slack."""
        return self.desk.secure(link)

    def settle(self, link: Link) -> None:
        """See `Desk.settle`. After everybody was told, for a link that was secured."""
        known = self.records.find(link.reference)
        if known.rev != link.rev and self.over(known):
            return  # ended since by somebody else, who secures it; or the lease brings it back
        self.desk.settle(replace(known, signed_until=link.signed_until))
