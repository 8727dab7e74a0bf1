"""When a link ends, as people write it: lives ("3d", 「2週間」) and moments ("Friday 17:00", 「12月1日」).

English and Japanese, in any case and width. No clock of its own.

- A life counts from now, in hours of sixty minutes: a day has 24 of them, a
  month 30 days, whatever the clocks do.
- A date without a time means the end of that day, 23:59, where the requester
  lives. A weekday, a time or a date without a year means the next one: on a
  Friday, "Friday" is today, as long as that is still ahead.
- 12/1 is the first of December to some and the twelfth of January to others,
  and so is "next Friday" one of two. They are asked back, unless both come to
  the same. 1.12.2026 and 2026/12/01 are read one way everywhere.
- A time that the clocks skip is counted from before the jump (RFC 5545, 3.3.5);
  one that comes twice is the later: a link never ends before the moment meant.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from difflib import get_close_matches
from zoneinfo import ZoneInfo

from handlers.amounts import Wrong, fold

#: The longest life that a line can speak of. What is allowed is for the admin's
#: settings to say.
MOST_LIFE = timedelta(days=3660)
#: The end of a day, where no time is given.
DAY_END = time(23, 59)

#: No moment is longer, in characters: "by Wednesday the 23rd of September 2026 at 11:59 p.m.".
_LONGEST = 60
_DAY = timedelta(days=1)

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
_WEEKDAY_OF = {n[:i]: k for k, n in enumerate(_WEEKDAYS) for i in (3, 4, 5, len(n))}
_MONTH_OF = {n[:i]: k for k, n in enumerate(_MONTHS, 1) for i in (3, 4, len(n))}
_DAYS_OF = {
    **{"today": 0, "tonight": 0, "tomorrow": 1, "tmrw": 1},
    **{"day after tomorrow": 2, "next week": 7},
    **{
        "今日": 0,
        "本日": 0,
        "今夜": 0,
        "明日": 1,
        "あした": 1,
        "明後日": 2,
        "あさって": 2,
        "来週": 7,
    },
}
_SECONDS_OF = {
    60: ("m", "min", "mins", "minute", "minutes", "分", "分間"),
    3600: ("h", "hr", "hrs", "hour", "hours", "時間"),
    86_400: ("d", "day", "days", "日", "日間"),
    604_800: ("w", "wk", "wks", "week", "weeks", "週", "週間"),
    2_592_000: ("mo", "month", "months", "か月", "か月間", "カ月", "ヶ月", "ヵ月", "ケ月"),
}
_SECONDS = {name: seconds for seconds, names in _SECONDS_OF.items() for name in names}
_VOCABULARY = [
    *(w for w in (*_WEEKDAYS, *_MONTHS) if len(w) > 3),
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
_MONTH = rf"(?P<month>{'|'.join(sorted(_MONTH_OF, reverse=True))})\.?"
_DAY_NUMBER = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_DATES = tuple(
    re.compile(shape)
    for shape in (
        r"(?P<year>\d{4})([-/.])(?P<month>\d{1,2})\2(?P<day>\d{1,2})",
        r"(?:(?P<year>\d{4})年)?(?P<month>\d{1,2})月(?P<day>\d{1,2})日",
        r"(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.\s?(?P<year>\d{4})?",
        rf"{_DAY_NUMBER}\.?\s*(?:of )?{_MONTH}(?:\s+(?P<year>\d{{4}}))?",
        rf"{_MONTH}\s*{_DAY_NUMBER}(?:\s+(?P<year>\d{{4}}))?",
    )
)
_KANJI = "月火水木金土日"
_WEEKDAY = re.compile(
    rf"(?P<next>next )?(?P<name>{'|'.join(sorted(_WEEKDAY_OF, reverse=True))})\.?"
    rf"|(?P<week>来週の?)?(?:今週の?|次の)?(?P<kanji>[{_KANJI}])曜日?"
)
_SLASHED = re.compile(r"(\d{1,2})[/-](\d{1,2})(?:[/-](\d{4}))?")


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
    return _Reading(text, now, zone).read(plain)


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
    if word in _WEEKDAY_OF or word in _MONTH_OF or word in _SECONDS:
        return word
    near = get_close_matches(word, _VOCABULARY, n=1, cutoff=0.75)
    return near[0] if near else word


class _Reading:
    """One attempt at a folded text. `said` is the text as typed, for what is wrong with it."""

    def __init__(self, said: str, now: datetime, zone: ZoneInfo) -> None:
        self._said = said
        self._now = now.astimezone(UTC).replace(microsecond=0)
        self._zone = zone
        self._today = now.astimezone(zone).date()

    def read(self, plain: str) -> datetime | None:
        if re.fullmatch(r"[1-9]\d{0,2}", plain):
            raise self._wrong("life_without_unit", f"{plain}d", nearest=f"{plain}d")
        return self._life(plain) or self._stamp(plain) or self._day_and_time(plain)

    def _wrong(self, key: str, guess: str | None = None, **values: str) -> Wrong:
        return Wrong(key, guess, value=self._said, **values)

    def _ahead(self, moment: datetime) -> datetime:
        if moment <= self._now:
            raise self._wrong("past")
        if moment > self._now + MOST_LIFE:
            raise self._wrong("too_far")
        return moment

    def _life(self, plain: str) -> datetime | None:
        if not _LIFE.fullmatch(plain):
            return None
        seconds = sum(
            Decimal(part["count"] if part["count"][0].isdecimal() else 1) * _SECONDS[part["unit"]]
            for part in _PART.finditer(plain)
        )
        if plain.startswith("-"):
            raise self._wrong("past", plain.removeprefix("-"))
        if seconds > MOST_LIFE.total_seconds():
            raise self._wrong("too_far")
        return self._ahead(self._now + timedelta(seconds=int(seconds)))

    def _stamp(self, plain: str) -> datetime | None:
        match = _STAMP.fullmatch(plain)
        if not match:
            return None
        try:
            moment = datetime.fromisoformat(f"{match[1]}T{match[2]}+00:00")
        except ValueError:
            raise self._wrong("no_such_date") from None
        return self._ahead(moment)

    def _day_and_time(self, plain: str) -> datetime | None:
        for shape in _SHAPES:
            match = shape.fullmatch(plain)
            if not match:
                continue
            said = {"date": "", "time": "", **match.groupdict(default="")}
            try:
                days = self._days(said["date"])
            except Wrong as wrong:
                wrong.guess = wrong.guess and f"{wrong.guess} {said['time']}".strip()
                raise
            if days:
                return self._soonest(days, self._time(said))
        return None

    def _soonest(self, days: list[date], at: time) -> datetime:
        """The first of the moments that is ahead."""
        for day in days:
            # Whole days first: the ends of the calendar have no UTC.
            if day > self._today + MOST_LIFE:
                raise self._wrong("too_far")
            if day >= self._today and self._utc(day, at) > self._now:
                return self._utc(day, at)
        raise self._wrong("past", self._after(days[-1], at))

    def _after(self, day: date, at: time) -> str | None:
        """What was meant by a day that is over: tomorrow for today, else the year that comes."""
        if day == self._today:
            later = [day + _DAY]
        else:
            later = [d for d in self._every_year(day.month, day.day) if d > self._today]
        clock = "" if at == DAY_END else f" {at:%H:%M}"
        return f"{later[0]}{clock}" if later else None

    def _utc(self, day: date, at: time) -> datetime:
        """The later of what the clocks make of it: see above for skipped and doubled times."""
        local = datetime.combine(day, at, self._zone)
        return max(local.replace(fold=fold).astimezone(UTC) for fold in (0, 1))

    def _days(self, said: str) -> list[date] | None:
        """The days that a text may mean, soonest first; None for what is no day."""
        if not said:
            return [self._today, self._today + _DAY]
        if said in _DAYS_OF:
            return [self._today + _DAYS_OF[said] * _DAY]
        return self._weekday(said) or self._slashed(said) or self._date(said)

    def _weekday(self, said: str) -> list[date] | None:
        match = _WEEKDAY.fullmatch(said)
        if not match:
            return None
        number = _WEEKDAY_OF.get(match["name"] or "", _KANJI.find(match["kanji"] or "月"))
        coming = self._today + (number - self._today.weekday()) % 7 * _DAY
        if match["week"]:  # 来週 is the week that begins on the Monday to come
            return [self._today + (7 - self._today.weekday() + number) * _DAY]
        if match["next"]:
            first = coming if coming > self._today else coming + 7 * _DAY
            raise self._either(first, first + 7 * _DAY)
        return [coming, coming + 7 * _DAY]

    def _slashed(self, said: str) -> list[date] | None:
        match = _SLASHED.fullmatch(said)
        if not match:
            return None
        one, two = int(match[1]), int(match[2])
        year = int(match[3]) if match[3] else None
        readings = [self._dates(year, *pair) for pair in ((one, two), (two, one))]
        months_first, days_first = ([d for d in r if d >= self._today] or r for r in readings)
        if months_first and days_first and one != two:
            raise self._either(months_first[0], days_first[0])
        if not months_first and not days_first:
            raise self._wrong("no_such_date")
        return months_first or days_first

    def _either(self, *days: date) -> Wrong:
        first, second = sorted(days)
        guess = str(first if first >= self._today else second)
        return self._wrong("ambiguous_date", guess, first=str(first), second=str(second))

    def _date(self, said: str) -> list[date] | None:
        match = next(filter(None, (shape.fullmatch(said) for shape in _DATES)), None)
        if not match:
            return None
        month = _MONTH_OF.get(match["month"]) or int(match["month"])
        year, day = int(match["year"]) if match["year"] else None, int(match["day"])
        days = self._dates(year, month, day)
        if not days:  # the 31st of a month that has 30
            last = [d for n in range(31, 27, -1) if n < day for d in self._dates(year, month, n)]
            raise self._wrong("no_such_date", str(last[0]) if last else None)
        return days

    def _dates(self, year: int | None, month: int, day: int) -> list[date]:
        return (
            list(_existing((year,), month, day))
            if year is not None
            else self._every_year(month, day)
        )

    def _every_year(self, month: int, day: int) -> list[date]:
        return list(_existing((self._today.year, self._today.year + 1), month, day))

    def _time(self, said: dict[str, str]) -> time:
        """The time of a match of `_TIME`; the end of the day where there is none."""
        if not said["time"]:
            return DAY_END
        if said["noon"]:
            return time(12)
        half = said["half"] or said["half12"] or {"午前": "a", "午後": "p"}.get(said["kanji"], "")
        hour = int(said["hour"] or said["hour12"] or said["ji"])
        minute = 30 if said["han"] else int(said["minute"] or said["fun"] or 0)
        if half and hour <= 12:
            hour = hour % 12 + (12 if half == "p" else 0)
            half = ""
        if not half and hour < 24 and minute < 60:
            return time(hour, minute)
        sensible = f"{hour:02}:{min(minute, 59):02}" if hour < 24 else "23:59"
        raise self._wrong("no_such_time", f"{said['date']} {sensible}".strip())


def _existing(years: Iterable[int], month: int, day: int) -> Iterator[date]:
    for year in years:
        with suppress(ValueError):
            yield date(year, month, day)
