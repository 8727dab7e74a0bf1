"""When a link ends, as people write it: lives ("3d", 「2週間」) and moments ("Friday 17:00", 「12月1日」).

English and Japanese, in any case and width. No clock of its own.

- A life counts from now, in hours of sixty minutes: a day has 24 of them, a
  month 30 days, whatever the clocks do.
- A date without a time means the end of that day, 23:59, where the requester
  lives. What comes again means the next one: on a Friday, "Friday" is today, as
  long as that is still ahead. `days` says which day a text names.
- A time that the clocks skip is counted from before the jump (RFC 5545, 3.3.5);
  one that comes twice is the later: a link never ends before the moment meant.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from difflib import get_close_matches
from zoneinfo import ZoneInfo

from handlers.asking.amounts import Wrong, fold
from handlers.asking.days import DAY, MONTH_OF, MONTHS, WEEKDAY_OF, WEEKDAYS, every_year, read_days

#: The longest life that a line can speak of. What is allowed is for the admin's
#: settings to say.
MOST_LIFE = timedelta(days=3660)
#: The end of a day, where no time is given.
DAY_END = time(23, 59)

#: No moment is longer, in characters: "by Wednesday the 23rd of September 2026 at 11:59 p.m.".
_LONGEST = 60

_SECONDS_OF = {
    60: ("m", "min", "mins", "minute", "minutes", "分", "分間"),
    3600: ("h", "hr", "hrs", "hour", "hours", "時間"),
    86_400: ("d", "day", "days", "日", "日間"),
    604_800: ("w", "wk", "wks", "week", "weeks", "週", "週間"),
    2_592_000: ("mo", "month", "months", "か月", "か月間", "カ月", "ヶ月", "ヵ月", "ケ月"),
}
_SECONDS = {name: seconds for seconds, names in _SECONDS_OF.items() for name in names}
_VOCABULARY = [
    *(w for w in (*WEEKDAYS, *MONTHS) if len(w) > 3),
    *("today", "tomorrow", "week", "weeks", "days"),
    *("hours", "minutes", "month", "months"),
]

_LEAD = re.compile(r"(?:(?:until|till|by|on|in|within|this|the)\s+)+")
_TAIL = re.compile(r"\s*(?:までに?|後|以内)")
_PART = re.compile(
    rf"(?P<count>\d+(?:\.\d+)?|an?(?=\s))\s*(?P<unit>{'|'.join(sorted(_SECONDS, reverse=True))})"
    r"(?![a-z])\s*(?:and\s+)?"
)
_LIFE = re.compile(rf"-?(?:{re.sub(r'[?]P<[a-z]+>', '?:', _PART.pattern)})+")
_TIME = (
    r"(?P<noon>noon|正午)"
    r"|(?P<kanji>午前|午後)?(?P<ji>\d{1,2})時(?:(?P<fun>\d{1,2})分|(?P<han>半))?"
    r"|(?P<hour>\d{1,2}):(?P<minute>\d{2})(?:\s*(?P<half>[ap])\.?m\.?)?"
    r"|(?P<hour12>\d{1,2})\s*(?P<half12>[ap])\.?m\.?"
)
_SHAPES = tuple(
    re.compile(shape)
    for shape in (
        rf"(?P<time>{_TIME})",
        rf"(?P<date>.+?)(?:\s+at|の|(?<=\d)t(?=\d))?\s*(?P<time>{_TIME})",
        rf"(?P<time>{_TIME})\s+(?:on\s+)?(?P<date>.+)",
        r"(?P<date>.+)",
    )
)
_STAMP = re.compile(r"(\d{4}-\d\d-\d\d)[t ](\d\d:\d\d(?::\d\d)?)\s?(?:z|utc)")


def read_moment(text: str, *, now: datetime, zone: ZoneInfo) -> datetime | None:
    """The moment a text means, in UTC, after `now`; None for what is no moment. Raises `Wrong`.

    `now` is aware; `zone` is where the requester lives.

    >>> now, zone = datetime(2026, 11, 24, 12, tzinfo=UTC), ZoneInfo("Europe/Berlin")
    >>> str(read_moment("Friday 5pm", now=now, zone=zone))
    '2026-11-27 16:00:00+00:00'
    """
    plain = fold(text)
    if not plain or len(plain) > _LONGEST:
        return None
    plain = " ".join(plain.replace(",", " ").replace("、", " ").split())
    lead = _LEAD.match(plain)
    plain = plain[lead.end() if lead else 0 :]
    tail = next((m for m in _TAIL.finditer(plain) if m.end() == len(plain)), None)
    plain = plain[: tail.start() if tail else None]
    if re.fullmatch(r"[1-9]\d{0,2}", plain):
        raise Wrong("life_without_unit", f"{plain}d", nearest=f"{plain}d")
    now = now.astimezone(UTC).replace(microsecond=0)
    return _life(plain, now) or _stamp(plain, now) or _day_and_time(plain, now, zone)


def nearest_moment(text: str, *, now: datetime, zone: ZoneInfo) -> str | None:
    """The text with its words corrected to words that make it a moment; None if none are near.

    >>> nearest_moment("Fridy 17:00", now=datetime(2026, 11, 24, tzinfo=UTC), zone=ZoneInfo("UTC"))
    'friday 17:00'
    """
    plain = fold(text)
    if len(plain) > _LONGEST:
        return None
    guess = re.sub(r"[a-z]{3,}", _nearest_word, plain)
    try:
        known = read_moment(guess, now=now, zone=zone)
    except Wrong:
        return None
    return guess if known else None


def say_moment(moment: datetime) -> str:
    """A moment as `read_moment` reads it in every zone, to the second.

    >>> say_moment(datetime(2026, 12, 1, 22, 59, tzinfo=UTC))
    '2026-12-01T22:59Z'
    """
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}".removesuffix(":00") + "Z"


def _nearest_word(match: re.Match[str]) -> str:
    word = match[0]
    if word in WEEKDAY_OF or word in MONTH_OF or word in _SECONDS:
        return word
    near = get_close_matches(word, _VOCABULARY, n=1, cutoff=0.75)
    return near[0] if near else word


def _ahead(moment: datetime, now: datetime) -> datetime:
    if moment <= now:
        raise Wrong("past")
    if moment > now + MOST_LIFE:
        raise Wrong("too_far")
    return moment


def _life(plain: str, now: datetime) -> datetime | None:
    if not _LIFE.fullmatch(plain):
        return None
    if plain.startswith("-"):
        raise Wrong("past", plain.removeprefix("-"))
    seconds = sum(
        Decimal(part["count"] if part["count"][0].isdecimal() else 1) * _SECONDS[part["unit"]]
        for part in _PART.finditer(plain)
    )
    if seconds > MOST_LIFE.total_seconds():
        raise Wrong("too_far")
    return _ahead(now + timedelta(seconds=int(seconds)), now)


def _stamp(plain: str, now: datetime) -> datetime | None:
    match = _STAMP.fullmatch(plain)
    if not match:
        return None
    try:
        moment = datetime.fromisoformat(f"{match[1]}T{match[2]}+00:00")
    except ValueError:
        raise Wrong("no_such_date") from None
    return _ahead(moment, now)


def _day_and_time(plain: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    today = now.astimezone(zone).date()
    for match in filter(None, (shape.fullmatch(plain) for shape in _SHAPES)):
        said = {"date": "", "time": "", **match.groupdict(default="")}
        try:
            days = read_days(said["date"], today) if said["date"] else [today, today + DAY]
        except Wrong as wrong:
            wrong.guess = wrong.guess and f"{wrong.guess} {said['time']}".strip()
            raise
        if days:
            return _soonest(days, _time(said), now, zone)
    return None


def _soonest(days: list[date], at: time, now: datetime, zone: ZoneInfo) -> datetime:
    """The first of the moments that is ahead."""
    today = now.astimezone(zone).date()
    for day in days:
        # Whole days first: the ends of the calendar have no UTC.
        if day > today + MOST_LIFE:
            raise Wrong("too_far")
        if day >= today and _utc(day, at, zone) > now:
            return _utc(day, at, zone)
    raise Wrong("past", _later(days[-1], at, today))


def _later(day: date, at: time, today: date) -> str | None:
    """What was meant by a day that is over: tomorrow for today, else the date that comes."""
    later = [d for d in every_year(day.month, day.day, today) if d > today]
    if day == today:
        later = [today + DAY]
    clock = "" if at == DAY_END else f" {at:%H:%M}"
    return f"{later[0]}{clock}" if later else None


def _utc(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The later of what the clocks make of it: see above for skipped and doubled times."""
    local = datetime.combine(day, at, zone)
    return max(local.replace(fold=fold).astimezone(UTC) for fold in (0, 1))


def _time(said: dict[str, str]) -> time:
    """The time of a match of `_TIME`; the end of the day where there is none."""
    if not said["time"]:
        return DAY_END
    if said["noon"]:
        return time(12)
    half = said["half"] or said["half12"] or {"午前": "a", "午後": "p"}.get(said["kanji"], "")
    hour = int(said["hour"] or said["hour12"] or said["ji"])
    minute = 30 if said["han"] else int(said["minute"] or said["fun"] or 0)
    if half and hour <= 12:
        hour, half = hour % 12 + (12 if half == "p" else 0), ""
    if not half and hour < 24 and minute < 60:
        return time(hour, minute)
    sensible = f"{hour:02}:{min(minute, 59):02}" if hour < 24 else "23:59"
    raise Wrong("no_such_time", f"{said['date']} {sensible}".strip())
