"""Asking in a line: what people type, on whatever keyboard, means what they expect."""

import string
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.asking.amounts import MOST_BYTES, MOST_FILES
from handlers.asking.line import Misread, Wish, line, read_line

NOW = datetime(2026, 11, 24, 12, 30, 15, tzinfo=UTC)  # a Tuesday
BERLIN, TOKYO, NEW_YORK, APIA = map(
    ZoneInfo, ("Europe/Berlin", "Asia/Tokyo", "America/New_York", "Pacific/Apia")
)
MB = 1024**2
GB = 1024**3


def read(text: str, *, now: datetime = NOW, zone: ZoneInfo = BERLIN) -> Wish:
    return read_line(text, now=now, zone=zone)


def misread(text: str, *, now: datetime = NOW, zone: ZoneInfo = BERLIN) -> Misread:
    with pytest.raises(Misread) as caught:
        read(text, now=now, zone=zone)
    return caught.value


def local(wish: Wish, zone: ZoneInfo = BERLIN) -> str:
    assert wish.ends_at is not None
    assert wish.ends_at.tzinfo is UTC
    return f"{wish.ends_at.astimezone(zone):%Y-%m-%d %H:%M:%S}".removesuffix(":00")


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("", Wish()),
        ("Q3 report from Acme", Wish("Q3 report from Acme")),
        ("  Q3 \n report  ", Wish("Q3 report")),
        ("Q3 --files 3 report", Wish("Q3 report", files=3)),
        ("--files=3 Q3", Wish("Q3", files=3)),
        ("--files:3 Q3", Wish("Q3", files=3)),
        ("--files= 3 Q3", Wish("Q3", files=3)),
        ("--files3", Wish(files=3)),
        ("--Files 3 --PRIVATE", Wish(files=3, private=True)),
        ("Q3 --files 3 --files 4", Wish("Q3", files=4)),
        ("Q3 --max 2GB", Wish("Q3", max_size=2 * GB)),
        ("--max 2 GB Q3", Wish("Q3", max_size=2 * GB)),
        ("--max 1.5gb Q3", Wish("Q3", max_size=3 * GB // 2)),
        ("--max 1,5GB Q3", Wish("Q3", max_size=3 * GB // 2)),
        ("--max=500 MB", Wish(max_size=500 * MB)),
        ("--max 500k --max 100MiB", Wish(max_size=100 * MB)),
        ("--max 1TB", Wish(max_size=1024 * GB)),
        ("--max 1025B", Wish(max_size=1025)),
        ("--max 2ギガ", Wish(max_size=2 * GB)),
        ('Q3 --note "two words" --private', Wish("Q3", note="two words", private=True)),
        ('Q3 --note="two words" now', Wish("Q3 now", note="two words")),
        ('--note "first\nsecond"', Wish(note="first\nsecond")),
        ("Q3 --note please sign page 3 --files 2", Wish("Q3", files=2, note="please sign page 3")),
        ("Q3 --note please sign until Friday", Wish("Q3", note="please sign until Friday")),
        ('Q3 --note ""', Wish("Q3")),
        # As phones and Japanese keyboards type it.
        ("Q3 —files 3 –private", Wish("Q3", files=3, private=True)),
        ("Q3 —note “two words”", Wish("Q3", note="two words")),
        ("Q3 —note ”two words”", Wish("Q3", note="two words")),
        ("Q3 —note „two words“", Wish("Q3", note="two words")),
        ("Q3 —note ‘Ann’s words’", Wish("Q3", note="Ann’s words")),
        ("Q3 —note 'Ann's words'", Wish("Q3", note="Ann's words")),
        ("Q3 --note «\u00a0deux mots\u00a0»", Wish("Q3", note="deux mots")),
        ("資料　－－ｆｉｌｅｓ　３　--max ２ＧＢ", Wish("資料", files=3, max_size=2 * GB)),
        ("資料 --note 「二つ の 語」", Wish("資料", note="二つ の 語")),
        ("Q3\u00a0--files\u00a03", Wish("Q3", files=3)),
        ("Q3 --files \u200b3", Wish("Q3", files=3)),
        # The title is left as it was typed.
        ("Ann's report", Wish("Ann's report")),
        ("Ann’s ﬁle № ３", Wish("Ann’s ﬁle № ３")),
        ('"Q3 report" --files 3', Wish("Q3 report", files=3)),
        ("“Q3 --files 3 report”", Wish("Q3 --files 3 report")),
        ('The "final" report', Wish('The "final" report')),
        ('What "--files 3" means', Wish('What "--files 3" means')),
        ("「議事録」と「資料」", Wish("「議事録」と「資料」")),
        ('The 5" disk', Wish('The 5" disk')),
        ('"Q3 report', Wish('"Q3 report')),
        ("Q3 — final – really - yes -- sure", Wish("Q3 — final – really - yes -- sure")),
        ("Report —draft -5 degrees", Wish("Report —draft -5 degrees")),
        ("A-B --files 2", Wish("A-B", files=2)),
    ],
)
def test_a_line_is_read_as_it_was_meant(text: str, wish: Wish) -> None:
    """Options stand anywhere and look like what keyboards make of them; the rest is the title."""
    assert read(text) == wish


@pytest.mark.parametrize(
    ("said", "end"),
    [
        ("45m", "2026-11-24 14:15:15"),
        ("12h", "2026-11-25 01:30:15"),
        ("3d", "2026-11-27 13:30:15"),
        ("2w", "2026-12-08 13:30:15"),
        ("2 weeks", "2026-12-08 13:30:15"),
        ("1 day", "2026-11-25 13:30:15"),
        ("in 3 Days", "2026-11-27 13:30:15"),
        ("a week", "2026-12-01 13:30:15"),
        ("1.5h", "2026-11-24 15:00:15"),
        ("1d 12h", "2026-11-26 01:30:15"),
        ("1 month", "2026-12-24 13:30:15"),
        ("today", "2026-11-24 23:59"),
        ("Tomorrow", "2026-11-25 23:59"),
        ("tomorrow 9am", "2026-11-25 09:00"),
        ("the day after tomorrow", "2026-11-26 23:59"),
        ("next week", "2026-12-01 23:59"),
        ("Friday", "2026-11-27 23:59"),
        ("FRI", "2026-11-27 23:59"),
        ("thurs.", "2026-11-26 23:59"),
        ("Tuesday", "2026-11-24 23:59"),
        ("Monday", "2026-11-30 23:59"),
        ("Friday 17:00", "2026-11-27 17:00"),
        ("Friday, at 5 p.m.", "2026-11-27 17:00"),
        ("17:00 on Friday", "2026-11-27 17:00"),
        ("Friday noon", "2026-11-27 12:00"),
        ("Tuesday 13:00", "2026-12-01 13:00"),
        ("17:00", "2026-11-24 17:00"),
        ("9:00", "2026-11-25 09:00"),
        ("12am", "2026-11-25 00:00"),
        ("12:30 pm", "2026-11-25 12:30"),
        ("2026-12-01", "2026-12-01 23:59"),
        ("2026‑12‑01 17:00", "2026-12-01 17:00"),
        ("2026-12-01T17:00", "2026-12-01 17:00"),
        ("2026-12-01T17:00Z", "2026-12-01 18:00"),
        ("2026/12/1", "2026-12-01 23:59"),
        ("1 Dec", "2026-12-01 23:59"),
        ("Dec 1", "2026-12-01 23:59"),
        ("1st of December, 2027", "2027-12-01 23:59"),
        ("Sept. 3rd 9 am", "2027-09-03 09:00"),
        ("24 Nov", "2026-11-24 23:59"),
        ("23 Nov", "2027-11-23 23:59"),
        ("1.12.", "2026-12-01 23:59"),
        ("1.12.2026 17:00", "2026-12-01 17:00"),
        ("25/12", "2026-12-25 23:59"),
        ("12/25", "2026-12-25 23:59"),
        ("12/12", "2026-12-12 23:59"),
        ("Fri, 27 Nov", "2026-11-27 23:59"),
        ("Friday 2026-11-27 17:00", "2026-11-27 17:00"),
        ("11月27日（金）17時", "2026-11-27 17:00"),
        ("3日", "2026-11-27 13:30:15"),
        ("３日間", "2026-11-27 13:30:15"),
        ("2週間", "2026-12-08 13:30:15"),
        ("12時間", "2026-11-25 01:30:15"),
        ("30分", "2026-11-24 14:00:15"),
        ("今日", "2026-11-24 23:59"),
        ("明日", "2026-11-25 23:59"),
        ("明日の午後5時", "2026-11-25 17:00"),
        ("金曜", "2026-11-27 23:59"),
        ("金曜日まで", "2026-11-27 23:59"),
        ("金曜17時半", "2026-11-27 17:30"),
        ("来週", "2026-12-01 23:59"),
        ("来週の金曜日", "2026-12-04 23:59"),
        ("12月1日", "2026-12-01 23:59"),
        ("2027年1月5日", "2027-01-05 23:59"),
        ("12月1日17:00", "2026-12-01 17:00"),
    ],
)
def test_a_moment_is_what_people_expect(said: str, end: str) -> None:
    """In words, figures or Japanese, alone or with words of the title after it."""
    assert local(read(f"--expires {said}")) == end
    wish = read(f"Q3 —until {said} report")
    assert (wish.title, local(wish)) == ("Q3 report", end)
    assert local(read(f'--until="{said}"')) == end


@pytest.mark.parametrize(
    ("text", "title", "end"),
    [
        ("report until Friday", "report", "2026-11-27 23:59"),
        ("report Until Friday 17:00 --files 3", "report", "2026-11-27 17:00"),
        ("until tomorrow", "", "2026-11-25 23:59"),
        ("資料 金曜まで", "資料", "2026-11-27 23:59"),
        ("資料 12月1日 17時までに", "資料", "2026-12-01 17:00"),
        ("wait until until Friday", "wait until", "2026-11-27 23:59"),
        ("report until further notice", "report until further notice", None),
        ("report until Friday at the latest", "report until Friday at the latest", None),
        ("records until 2019-12-31", "records until 2019-12-31", None),
        ("photos for 2 weeks", "photos for 2 weeks", None),
        ("timesheet by Friday", "timesheet by Friday", None),
        ("until", "until", None),
        ('"report until Friday"', "report until Friday", None),
        ("ここまで", "ここまで", None),
    ],
)
def test_an_end_at_the_end_of_the_title(text: str, title: str, end: str | None) -> None:
    """It counts if all of it is a moment that is ahead; everything else is a title."""
    wish = read(text)
    assert wish.title == title
    assert (local(wish) if wish.ends_at else None) == end


def test_an_option_for_the_end_leaves_the_title_alone() -> None:
    """Somebody who says the end twice means one of the two as a title."""
    wish = read("open until Friday --expires 2d")
    assert wish.title == "open until Friday"
    assert wish.ends_at == NOW + timedelta(days=2)


@pytest.mark.parametrize(
    ("text", "problems", "corrected"),
    [
        ("Q3 --expire 3d", ["misspelt_option"], "Q3 --expires 3d"),
        ("Q3 --file 3", ["misspelt_option"], "Q3 --files 3"),
        ("Q3 --privat", ["misspelt_option"], "Q3 --private"),
        ("Q3 -files 3", ["misspelt_option"], "Q3 --files 3"),
        ("Q3 —privat", ["misspelt_option"], "Q3 --private"),
        ("Q3 --size 2GB", ["misspelt_option"], "Q3 --max 2GB"),
        ("Q3 --colour red", ["unknown_option"], "Q3 colour red"),
        ("Q3 --colour=red --files 3", ["unknown_option"], "Q3 colour=red --files 3"),
        ("Q3 --files", ["no_value"], "Q3"),
        ("Q3 --note --files 3", ["no_value"], "Q3 --files 3"),
        ("Q3 --private=yes", ["unwanted_value"], "Q3 --private"),
        ("Q3 --private=no", ["unwanted_value"], "Q3"),
        ("Q3 --files three", ["no_number"], "Q3"),
        ("--files Q3 report", ["no_number"], "Q3 report"),
        ("Q3 --files 3x", ["no_number"], "Q3 --files 3"),
        ("Q3 --files 0", ["too_few_files"], "Q3 --files 1"),
        ("Q3 --files -3", ["too_few_files"], "Q3 --files 3"),
        ("Q3 --files 10000", ["too_many_files"], "Q3 --files 9999"),
        ("Q3 --files " + "9" * 5000, ["too_many_files"], "Q3 --files 9999"),
        ("Q3 --max big", ["no_size"], "Q3"),
        ("Q3 --max 500", ["size_without_unit"], "Q3 --max 500MB"),
        ("Q3 --max 0GB", ["size_too_small"], "Q3"),
        ("Q3 --max 2000TB", ["size_too_large"], "Q3 --max 1024TB"),
        ("Q3 --max " + "9" * 5000 + "GB", ["size_too_large"], "Q3 --max 1024TB"),
        ("Q3 --expires soon", ["no_moment"], "Q3"),
        ("Q3 --until end of month --files 2", ["no_moment"], "Q3 --files 2"),
        ("--x 1 --x 2 Q3", ["unknown_option"], "x 1 x 2 Q3"),
        ("--expires Q3 report", ["no_moment"], "Q3 report"),
        ("Q3 --expires 3", ["life_without_unit"], "Q3 --expires 3d"),
        ("Q3 --until Fridy 17:00", ["misspelt_moment"], "Q3 --until friday 17:00"),
        ("Q3 --until tomorow report", ["misspelt_moment"], "Q3 --until tomorrow report"),
        ("Q3 --expires 3 dys", ["misspelt_moment"], "Q3 --expires 3 days"),
        ("Q3 --expires -3d", ["past"], "Q3 --expires 3d"),
        ("Q3 --expires 0d", ["past"], "Q3"),
        ("Q3 --until 2025-12-01", ["past"], "Q3 --until 2026-12-01"),
        ("Q3 --until 1 Dec 2020 9am", ["past"], "Q3 --until 2026-12-01 09:00"),
        ("Q3 --until today 9am", ["past"], "Q3 --until 2026-11-25 09:00"),
        ("Q3 --until 0001-01-01", ["past"], "Q3 --until 2027-01-01"),
        ("Q3 --until 2026-02-30", ["no_such_date"], "Q3"),
        ("Q3 --until 2027-02-30 17:00", ["no_such_date"], "Q3 --until 2027-02-28 17:00"),
        ("Q3 --until Mon 27 Nov", ["no_such_date"], "Q3 --until 2026-11-27"),
        ("Q3 --until 31 Nov", ["no_such_date"], "Q3 --until 2026-11-30"),
        ("Q3 --until 0000-01-01", ["no_such_date"], "Q3"),
        ("Q3 --until 2026-13-01", ["no_such_date"], "Q3"),
        ("Q3 --until 13月1日", ["no_such_date"], "Q3"),
        ("Q3 --until 13/13", ["no_such_date"], "Q3"),
        ("Q3 --until 2026-13-01T10:00Z", ["no_such_date"], "Q3"),
        ("Q3 --until Friday 25:00", ["no_such_time"], "Q3 --until friday 23:59"),
        ("Q3 --until 9:75", ["no_such_time"], "Q3 --until 09:59"),
        ("Q3 --until Friday 13pm", ["no_such_time"], "Q3 --until friday 13:00"),
        ("Q3 --until 12/1", ["ambiguous_date"], "Q3 --until 2026-12-01"),
        ("Q3 --until 1/12/2026 9am", ["ambiguous_date"], "Q3 --until 2026-12-01 9am"),
        ("Q3 --until next Friday", ["ambiguous_date"], "Q3 --until 2026-11-27"),
        ("Q3 until 12/1", ["ambiguous_date"], "Q3 --until 2026-12-01"),
        ("Q3 --until 9999-12-31", ["too_far"], "Q3"),
        ("Q3 --expires 999999999999w", ["too_far"], "Q3"),
        (
            "Q3 --file 0 —until Fridy --privat",
            ["misspelt_option", "too_few_files", "misspelt_moment", "misspelt_option"],
            "Q3 --files 1 --until friday --private",
        ),
    ],
)
def test_a_wrong_word_is_answered_with_the_line_corrected(
    text: str, problems: list[str], corrected: str
) -> None:
    """All that is wrong is named at once, and the corrected line can be pasted as it is."""
    found = misread(text)
    assert [problem.key for problem in found.problems] == problems
    assert found.corrected == corrected
    read(found.corrected)


def test_a_problem_says_what_it_is_about() -> None:
    """Its values are what was typed, cut to a length that can be shown, and what would do."""
    (misspelt,) = misread("Q3 --expire 3d").problems
    assert misspelt.values == {"option": "--expire", "nearest": "--expires"}
    (ambiguous,) = misread("Q3 --until 12/1").problems
    assert ambiguous.values == {
        **{"option": "--until", "value": "12/1"},
        **{"first": "2026-12-01", "second": "2027-01-12"},
    }
    (long,) = misread("Q3 --files " + "x" * 500).problems
    assert len(long.values["value"]) == 60


@pytest.mark.parametrize(
    ("zone", "now", "said", "end"),
    [
        # The same moment is Friday for some and Saturday for others.
        (NEW_YORK, "2026-11-28T03:00Z", "today", "2026-11-27 23:59 -0500"),
        (BERLIN, "2026-11-28T03:00Z", "today", "2026-11-28 23:59 +0100"),
        (NEW_YORK, "2026-11-28T03:00Z", "Friday", "2026-11-27 23:59 -0500"),
        (TOKYO, "2026-11-28T03:00Z", "Friday", "2026-12-04 23:59 +0900"),
        (APIA, "2026-11-28T11:30Z", "tomorrow", "2026-11-30 23:59 +1300"),
        # The last minute of a day is over: its name means the next.
        (BERLIN, "2026-11-27T22:59:30Z", "Friday", "2026-12-04 23:59 +0100"),
        # The clocks change before it: the hour on the wall counts.
        (BERLIN, "2027-03-26T12:00Z", "Sunday 17:00", "2027-03-28 17:00 +0200"),
        (NEW_YORK, "2026-10-30T12:00Z", "Sunday 17:00", "2026-11-01 17:00 -0500"),
        # A life counts in hours, whatever the clocks do.
        (BERLIN, "2027-03-27T12:00Z", "1d", "2027-03-28 14:00 +0200"),
        # A time that is skipped is counted from before the jump.
        (BERLIN, "2027-03-27T12:00Z", "2027-03-28 2:30", "2027-03-28 03:30 +0200"),
        (NEW_YORK, "2027-03-13T12:00Z", "tomorrow 2:30", "2027-03-14 03:30 -0400"),
        # A time that comes twice is the later.
        (BERLIN, "2026-10-24T12:00Z", "tomorrow 2:30", "2026-10-25 02:30 +0100"),
        (BERLIN, "2026-10-25T00:45Z", "2:30", "2026-10-25 02:30 +0100"),
        (NEW_YORK, "2026-10-31T12:00Z", "tomorrow 1:30", "2026-11-01 01:30 -0500"),
        # Samoa had no 30 December 2011, a Friday.
        (APIA, "2011-12-29T20:00Z", "tomorrow", "2011-12-31 23:59 +1400"),
        (APIA, "2011-12-29T20:00Z", "Friday", "2011-12-31 23:59 +1400"),
        (APIA, "2011-12-29T20:00Z", "1d", "2011-12-31 10:00 +1400"),
    ],
)
def test_the_requesters_zone_decides(zone: ZoneInfo, now: str, said: str, end: str) -> None:
    """Days are days on the requester's wall, also when the clocks change or a day is missing."""
    wish = read(f"Q3 --until {said}", now=datetime.fromisoformat(now), zone=zone)
    assert wish.ends_at is not None
    assert f"{wish.ends_at.astimezone(zone):%Y-%m-%d %H:%M %z}" == end


# What a line is made of, and what could be taken for it.
PIECES = st.sampled_from(
    [
        *("--files", "--max", "--expires", "--until", "--note", "--private", "until", "まで"),
        *("-files", "—files", "--file", "--expire=", "--note=", "--privat", "--private=no", "--x"),
        *("3", "-3", "0", "3d", "0d", "2 weeks", "2GB", "2", "GB", "Friday", "Fridy", "17:00"),
        *("25:00", "12/1", "31 Feb", "2020-01-01", "9999-12-31", "12月1日", "金曜まで", "3日"),
        *("next Friday", "1 Dec", "2027", "today", "0001-01-01", "2026-12-01T10:00Z"),
        *("Q3", "report", "Ann's", '"', "“", "”", "'", "’", "«", "»", "「", "」", '"""', "\n"),
        *('"two words"', "“two words”", "-", "—", "--", "=", ":", "", "\u3000", "\u200b", "%"),
    ]
)
LINES = st.one_of(
    st.text(),
    st.lists(PIECES, max_size=9).map(" ".join),
    st.lists(st.one_of(PIECES, st.text(max_size=3)), max_size=9).map("".join),
)
ZONES = st.sampled_from([BERLIN, TOKYO, NEW_YORK, APIA])
#: A machine that is busy is not wrong: no example has a time limit.
patient = settings(deadline=None)

NOWS = st.datetimes(
    datetime(2000, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


@patient
@given(LINES, NOWS, ZONES)
def test_any_line_is_read_or_corrected(text: str, now: datetime, zone: ZoneInfo) -> None:
    """Nothing but `Misread` comes out of a line, and the corrected line can always be read."""
    try:
        wish = read(text, now=now, zone=zone)
    except Misread as found:
        wish = read(found.corrected, now=now, zone=zone)
    assert wish.files is None or 1 <= wish.files <= MOST_FILES
    assert wish.max_size is None or 1 <= wish.max_size <= MOST_BYTES
    assert wish.ends_at is None or now.replace(microsecond=0) < wish.ends_at
    assert read(line(wish), now=now, zone=zone) == wish


def one_line(text: str) -> str:
    return " ".join(text.split())


WISHES = st.builds(
    Wish,
    title=LINES.map(one_line),
    files=st.none() | st.integers(1, MOST_FILES),
    max_size=st.none() | st.integers(1, MOST_BYTES),
    ends_at=st.none() | st.integers(1, 10**8).map(lambda n: NOW + timedelta(seconds=n)),
    private=st.booleans(),
    note=LINES.map(str.strip),
)


@patient
@given(WISHES, ZONES)
def test_a_wish_can_be_said_in_a_line(wish: Wish, zone: ZoneInfo) -> None:
    """Asking again with the line of a wish is asking for the same, whatever its title and note."""
    assert read(line(wish), zone=zone) == wish


@patient
@given(st.text(string.ascii_letters + string.digits + " '’.,()&/+äöü資料"))
def test_a_title_is_not_touched(title: str) -> None:
    """Words with nothing of an option in them come back as they were typed."""
    assert read(f"x {title} x").title == one_line(f"x {title} x")
