"""The moments in a link's life at which something must be done. Pure."""

from datetime import datetime, timedelta

from uploads.links import Link, State

#: How long before its signatures end a plan is signed anew. botocore has new
#: credentials fifteen minutes before the old ones end (RefreshableCredentials),
#: so by then they are there.
RESIGN_BEFORE = timedelta(minutes=10)

#: How long before a link ends unused its requester is reminded, at most.
REMIND_BEFORE = timedelta(days=1)

#: The shortest life of a link that is worth a reminder.
REMINDED_LIFE = timedelta(hours=1)


def resign_at(link: Link, now: datetime) -> datetime | None:
    """When its plan must be signed anew; None if the signatures last as long as the link."""
    if link.embedded or link.signed_until is None or link.signed_until >= link.ends_at:
        return None
    # Of a short life, half: signatures made with credentials of a minute end in a minute.
    return max(link.signed_until - RESIGN_BEFORE, now + (link.signed_until - now) / 2)


def remind_at(link: Link) -> datetime | None:
    """When its requester is reminded that nothing has come; None if never (any more)."""
    life = link.ends_at - link.made_at
    if link.reminded or link.received or life < REMINDED_LIFE:
        return None
    return link.ends_at - min(REMIND_BEFORE, life / 4)


def next_moment(link: Link, now: datetime) -> datetime | None:
    """The next moment at which time changes something about a link; None when none will."""
    if link.state(now) in {State.CLOSED, State.FULL}:
        return None
    moments = [link.ends_at, resign_at(link, now), remind_at(link)]
    return min(moment for moment in moments if moment is not None)
