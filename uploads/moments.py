"""The moments in a link's life at which something must be done. Pure."""

from datetime import UTC, datetime, time, timedelta

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


def only_looked_at(link: Link, now: datetime) -> bool:
    """Whether its multipart uploads are all that anything must be done about now."""
    if link.look_at is None or link.look_at > now or link.state(now) is not State.OPEN:
        return False
    at = remind_at(link)
    signed = link.signed_until is not None and (
        link.signed_until >= link.ends_at or link.signed_until - now > RESIGN_BEFORE
    )
    return signed and (at is None or at > now)


def remind_at(link: Link) -> datetime | None:
    """When its requester is reminded that nothing has come; None if never (any more)."""
    life = link.ends_at - link.made_at
    if link.reminded or link.received or life < REMINDED_LIFE:
        return None
    return link.ends_at - min(REMIND_BEFORE, life / 4)


def expires_at(since: datetime, days: int) -> datetime | None:
    """When the bucket deletes what came then; None for `days` 0, which is never.

    S3 adds the days and goes on to the next midnight, UTC (S3 User Guide,
    "Lifecycle configuration elements").

    >>> expires_at(datetime(2014, 1, 15, 10, 30, tzinfo=UTC), 3).isoformat()
    '2014-01-19T00:00:00+00:00'
    """
    if not days:
        return None
    last = (since + timedelta(days=days)).astimezone(UTC).date()
    return datetime.combine(last + timedelta(days=1), time(), UTC)


def next_moment(link: Link, now: datetime) -> datetime | None:
    """The next moment at which time changes something about a link; None when none will."""
    if link.state(now) in {State.CLOSED, State.FULL}:
        return None
    moments = [link.ends_at, resign_at(link, now), remind_at(link)]
    return min(moment for moment in moments if moment is not None)
