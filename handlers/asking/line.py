"""What somebody asks for: from a line typed after `/upload-link` to a wish, and back.

Words that are no options are the title, in the order in which they stand. The
options, anywhere in the line:

    --files 3              how many files
    --max 2GB              the largest size of one, by 1024
    --expires 3d           when the link ends: a life or a moment; --until is the same
    --note "two words"     a line for the uploader
    --private              the news goes to the requester alone

- `--files=3` and `--files:3` are `--files 3`. Of an option given twice the last counts.
- A note without quotes goes on to the next option or to the end of the line.
- Quotes around the whole title are taken off. Inside a title they stay, and
  what they hold is never an option.
- The last words of a title are the end of the link where they say one as a
  whole and it is ahead: "report until Friday", 「資料 金曜まで」. "Records until
  2019" is a title, as is "photos for 2 weeks", and all of it is where an option
  says the end.

Only sense is checked here; what is allowed is policy.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from handlers.asking.amounts import HYPHENS, LONG_DASHES, Problem, fold, say_size
from handlers.asking.moments import say_moment
from handlers.asking.option_values import FIELD_OF, find, find_end
from handlers.asking.words import Option, Word, is_plain, quote, split
from uploads.policy import Wish
from uploads.untrusted import plain

__all__ = ["Misread", "Problem", "Wish", "line", "read_line"]

#: What each name of an option means. Only the first six are taught; the others
#: are what people try, and are answered with the line corrected.
_NAMES = {
    **{name: name for name in ("files", "max", "expires", "until", "note", "private")},
    **{"count": "files", "size": "max", "limit": "max", "comment": "note", "message": "note"},
    **{"expiry": "expires", "lifetime": "expires", "deadline": "until", "secret": "private"},
}
_NO = frozenset({"no", "off", "false", "0"})
#: How much of what was typed a problem repeats, in characters.
_SHOWN = 60


class Misread(Exception):
    """A line with something wrong in it.

    `corrected` is the whole line as it was probably meant, without the command:
    it reads without a problem.
    """

    def __init__(self, problems: list[Problem], corrected: str) -> None:
        super().__init__(", ".join(problem.key for problem in problems))
        self.problems = problems
        self.corrected = corrected


def read_line(text: str, *, now: datetime, zone: ZoneInfo) -> Wish:
    """The wish that a typed line means. Raises `Misread`, once, for all that is wrong.

    `now` is aware; `zone` is where the requester lives, and decides what Friday is.

    >>> now, zone = datetime(2026, 11, 24, 12, tzinfo=ZoneInfo("UTC")), ZoneInfo("UTC")
    >>> read_line("Q3 report —files 3", now=now, zone=zone) == Wish("Q3 report", files=3)
    True
    """
    reading = _Reading(now, zone)
    wish = reading.read(text)
    if not reading.problems:
        return wish
    again = _Reading(now, zone)
    corrected = reading.corrected()
    # Words that trade places may take on another meaning. Then we say it our own way.
    if again.read(corrected) != wish or again.problems:
        corrected = line(wish)
    raise Misread(reading.problems, corrected)


def line(wish: Wish) -> str:
    """The line that says the same wish, so that `read_line` gives it back while its end is ahead.

    >>> line(Wish("Q3 report", files=3, max_size=2 * 1024**3, note="Signed, please"))
    'Q3 report --files 3 --max 2GB --note "Signed, please"'
    """
    said = [_say_title(wish.title)]
    if wish.files is not None:
        said.append(f"--files {wish.files}")
    if wish.max_size is not None:
        said.append(f"--max {say_size(wish.max_size)}")
    if wish.ends_at is not None:
        said.append(f"--until {say_moment(wish.ends_at)}")
    if wish.private:
        said.append("--private")
    if wish.note:
        said.append(f"--note {quote(wish.note)}")
    return " ".join(filter(None, said))


def _say_title(title: str) -> str:
    words = title.split()
    ends = any(fold(word) == "until" or fold(word).endswith(("まで", "までに")) for word in words)
    return title if is_plain(title) and not ends else quote(title)


class _Reading:
    """One pass over a line that collects what is wrong with it, and how it should read.

    `_said` is the corrected line, piece by piece; `_title` the pieces of it that are the title.
    """

    def __init__(self, now: datetime, zone: ZoneInfo) -> None:
        self._now = now
        self._zone = zone
        self._wish = Wish()
        self._said: list[str] = []
        self._title: list[tuple[int, Word]] = []
        self._end_is_said = False
        self.problems: list[Problem] = []

    def corrected(self) -> str:
        return " ".join(filter(None, self._said))

    def read(self, text: str) -> Wish:
        words = list(split(text, _NAMES))
        while words:
            first = words.pop(0)
            if isinstance(first, Word):
                self._add_to_title(first)
            else:
                end = next((i for i, w in enumerate(words) if isinstance(w, Option)), len(words))
                run = [word for word in words[:end] if isinstance(word, Word)]
                del words[: self._option(first, run)]
        if not self._end_is_said:
            self._end_in_title()
        return replace(self._wish, title=self._whole_title())

    def _problem(self, problem: Problem | str, **values: str) -> None:
        if isinstance(problem, str):
            problem = Problem(problem)
        shown = {name: plain(value, _SHOWN) for name, value in (values | problem.values).items()}
        if Problem(problem.key, shown) not in self.problems:
            self.problems.append(Problem(problem.key, shown))

    def _set(self, **fields: Any) -> None:
        self._wish = replace(self._wish, **fields)

    def _option(self, option: Option, run: list[Word]) -> int:
        """Read one option, and its value from the words up to the next. How many were used."""
        if option.meant is None:
            self._problem("unknown_option", option=option.raw)
            bare = option.raw.lstrip(HYPHENS + LONG_DASHES)
            self._add_to_title(Word(bare, bare))
            return 0
        name = option.meant
        if not option.exact:
            self._problem("misspelt_option", option=option.raw, nearest=f"--{name}")
        if name == "private":
            return self._private(run)
        if not run:
            self._problem("no_value", option=f"--{name}")
            return 0
        if name == "note":
            return self._note(run)
        return self._value(name, run)

    def _private(self, run: list[Word]) -> int:
        glued = bool(run) and run[0].glued
        if glued:
            self._problem("unwanted_value", option="--private", value=run[0].text)
        wanted = not (glued and fold(run[0].text) in _NO)
        self._set(private=wanted)
        self._said.append("--private" if wanted else "")
        return int(glued)

    def _note(self, run: list[Word]) -> int:
        used = 1 if run[0].quoted else len(run)
        note = run[0].text if run[0].quoted else " ".join(word.raw for word in run)
        self._set(note=note)
        self._said.append(f"--note {quote(note)}")
        return used

    def _value(self, name: str, run: list[Word]) -> int:
        found = find(name, run, now=self._now, zone=self._zone)
        said = " ".join(word.text for word in run[: found.used])
        if found.problem:
            self._problem(found.problem, option=f"--{name}", value=said)
        if found.value is not None:
            self._set(**{FIELD_OF[name]: found.value})
            self._end_is_said |= FIELD_OF[name] == "ends_at"
            self._said.append(f"--{name} {found.said}")
        elif found.stray and not self._title and not run[0].glued:
            return 0  # no title stands before it: the words are the title's, the value forgotten
        return found.used

    def _add_to_title(self, word: Word) -> None:
        self._title.append((len(self._said), word))
        self._said.append(word.raw)

    def _whole_title(self) -> str:
        words = [word for _, word in self._title]
        title = words[0].text if len(words) == 1 else " ".join(word.raw for word in words)
        return " ".join(title.split())

    def _end_in_title(self) -> None:
        """Take the last words of the title for the end of the link, where they say one."""
        words = [word for _, word in self._title]
        for start in _endings(words):
            found = find_end(words[start:], now=self._now, zone=self._zone)
            if found is None:
                continue
            if found.problem:
                said = " ".join(word.text for word in words[start:])
                self._problem(found.problem, option="--until", value=said)
                for place, _ in self._title[start:]:
                    self._said[place] = ""
                self._said.append(f"--until {found.said}" if found.value else "")
            self._set(ends_at=found.value)
            del self._title[start:]
            return


def _endings(words: list[Word]) -> Iterator[int]:
    """Where, in a title, the words may begin that say the end of the link."""
    folded = ["" if word.quoted else fold(word.text) for word in words]
    if "until" in folded[:-1]:
        yield len(folded) - 1 - folded[::-1].index("until")
    if folded and folded[-1].endswith(("まで", "までに")):
        yield from range(max(0, len(folded) - 3), len(folded))
