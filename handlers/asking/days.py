"""Which day a text names: "Friday", "1 Dec", 「12月1日」. Pure; today is handed in.

A weekday or a date without a year means the next one, today included. 12/1 is
the first of December to some and the twelfth of January to others, and "next
Friday" is one of two: they are asked back, unless both readings are the same.
1.12.2026 and 2026/12/01 are read one way everywhere.
"""

import re
from contextlib import suppress
from datetime import date, timedelta

from handlers.asking.amounts import Wrong

DAY = timedelta(days=1)

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
WEEKDAY_OF = {n[:i]: k for k, n in enumerate(WEEKDAYS) for i in (3, 4, 5, len(n))}
MONTH_OF = {n[:i]: k for k, n in enumerate(MONTHS, 1) for i in (3, 4, len(n))}
#: The days that words name, counted from today.
_DAYS_OF = {
    **dict.fromkeys(("today", "tonight", "今日", "本日", "今夜"), 0),
    **dict.fromkeys(("tomorrow", "tmrw", "明日", "あした"), 1),
    **dict.fromkeys(("day after tomorrow", "明後日", "あさって"), 2),
    **dict.fromkeys(("next week", "来週"), 7),
}

_MONTH = rf"(?P<month>{'|'.join(sorted(MONTH_OF, reverse=True))})\.?"
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
    rf"(?P<next>next )?(?P<name>{'|'.join(sorted(WEEKDAY_OF, reverse=True))})\.?"
    rf"|(?P<week>来週の?)?(?:今週の?|次の)?(?P<kanji>[{_KANJI}])曜日?"
)
_SLASHED = re.compile(r"(\d{1,2})[/-](\d{1,2})(?:[/-](\d{4}))?")
#: A date as a calendar shows it: "Fri, 27 Nov", 「11月27日(金)」.
_ON_WEEKDAY = re.compile(
    rf"(?P<name>{'|'.join(sorted(WEEKDAY_OF, reverse=True))})\.?\s+(?P<date>.*\d.*)"
    rf"|(?P<same>.*\d.*?)\s*\((?P<kanji>[{_KANJI}])(?:曜日?)?\)"
)


def read_days(said: str, today: date) -> list[date] | None:
    """The days that a folded text may mean, soonest first; None for what is no day.

    Raises `Wrong`. The days may be over, and there is one at least.

    >>> [str(day) for day in read_days("fri", date(2026, 11, 24))]
    ['2026-11-27', '2026-12-04']
    """
    if said in _DAYS_OF:
        return [today + _DAYS_OF[said] * DAY]
    match = _ON_WEEKDAY.fullmatch(said)
    if match:
        days = _slashed(match["date"] or match["same"], today)
        days = days or _date(match["date"] or match["same"], today)
        return days and _only(days, _number(match))
    return _weekday(said, today) or _slashed(said, today) or _date(said, today)


def every_year(month: int, day: int, today: date) -> list[date]:
    """A date of this year and of the next, as far as they have it."""
    return _existing((today.year, today.year + 1), month, day)


def _number(match: re.Match[str]) -> int:
    return WEEKDAY_OF[match["name"]] if match["name"] else _KANJI.index(match["kanji"])


def _only(days: list[date], weekday: int) -> list[date]:
    fitting = [day for day in days if day.weekday() == weekday]
    if not fitting:
        raise Wrong("no_such_date", str(days[0]))
    return fitting


def _weekday(said: str, today: date) -> list[date] | None:
    match = _WEEKDAY.fullmatch(said)
    if not match:
        return None
    number = _number(match)
    coming = today + (number - today.weekday()) % 7 * DAY
    if match["week"]:  # 来週 is the week that begins on the Monday to come
        return [today + (7 - today.weekday() + number) * DAY]
    if match["next"]:
        first = coming if coming > today else coming + 7 * DAY
        raise _either(first, first + 7 * DAY, today)
    return [coming, coming + 7 * DAY]


def _slashed(said: str, today: date) -> list[date] | None:
    match = _SLASHED.fullmatch(said)
    if not match:
        return None
    one, two = int(match[1]), int(match[2])
    year = int(match[3]) if match[3] else None
    month_first, day_first = (_dates(year, *pair, today) for pair in ((one, two), (two, one)))
    if month_first and day_first and one != two:
        one_day, other_day = (
            next((d for d in r if d >= today), r[0]) for r in (month_first, day_first)
        )
        raise _either(one_day, other_day, today)
    if not month_first and not day_first:
        raise Wrong("no_such_date")
    return month_first or day_first


def _either(one: date, other: date, today: date) -> Wrong:
    first, second = sorted((one, other))
    guess = str(first if first >= today else second)
    return Wrong("ambiguous_date", guess, first=str(first), second=str(second))


def _date(said: str, today: date) -> list[date] | None:
    match = next(filter(None, (shape.fullmatch(said) for shape in _DATES)), None)
    if not match:
        return None
    month = MONTH_OF.get(match["month"]) or int(match["month"])
    year, day = int(match["year"]) if match["year"] else None, int(match["day"])
    days = _dates(year, month, day, today)
    if not days:  # the 31st of a month that has 30
        last = [d for n in range(31, 27, -1) if n < day for d in _dates(year, month, n, today)]
        raise Wrong("no_such_date", str(last[0]) if last else None)
    return days


def _dates(year: int | None, month: int, day: int, today: date) -> list[date]:
    return every_year(month, day, today) if year is None else _existing((year,), month, day)


def _existing(years: tuple[int, ...], month: int, day: int) -> list[date]:
    found = []
    for year in years:
        with suppress(ValueError):
            found.append(date(year, month, day))
    return found
