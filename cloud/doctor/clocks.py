"""Our clock beside those of S3 and Slack, by the Date of an answer."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial

from cloud.doctor.finding import Check, Finding, Findings
from cloud.doctor.installation import Installation, now
from cloud.doctor.looking import look

#: From here on somebody should know.
_WARNING = timedelta(seconds=60)

#: Slack takes a request that is older for a replay, and so does the bot ("Verifying
#: requests from Slack"). S3 refuses at 15 minutes (RequestTimeTooSkewed).
_LIMIT = timedelta(minutes=5)

_CURE = "Set this machine's clock, and let NTP keep it."


def examine(it: Installation) -> Findings:
    for who, url in (("S3", it.ours.s3.meta.endpoint_url), ("Slack", it.settings.slack_api_url)):
        check = Check(f"clock.{who.lower()}", f"the Date of an answer of {who}'s")
        yield look(check, partial(_compare, it, check, url))


def _compare(it: Installation, check: Check, url: str) -> Finding:
    before = now()
    date = it.ask("HEAD", url).headers.get("date")
    between = before + (now() - before) / 2
    if date is None:
        return check.unseen("it does not say", "See what answers there in its stead.")
    # The header has whole seconds, cut off.
    theirs = parsedate_to_datetime(date).astimezone(UTC) + timedelta(seconds=0.5)
    return judge(check, between, theirs)


def judge(check: Check, ours: datetime, theirs: datetime) -> Finding:
    """What two clocks that differ so mean."""
    off = abs(ours - theirs)
    way = "ahead of" if ours > theirs else "behind"
    result = f"ours is {off.total_seconds():.0f} s {way} it"
    if off >= _LIMIT:
        return check.bad(f"{result}: signatures made by it are refused", _CURE)
    if off >= _WARNING:
        return check.warning(result, _CURE)
    return check.ok(f"within {max(1, round(off.total_seconds()))} s of ours")
