"""The value of an option, found among the words that follow it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from handlers.asking.amounts import Problem, Wrong, read_files, read_size
from handlers.asking.moments import nearest_moment, read_moment
from handlers.asking.words import Word

#: The field of a wish that an option with a value fills.
FIELD_OF = {"files": "files", "max": "max_size", "expires": "ends_at", "until": "ends_at"}
#: How many words a value may have: "2 GB", "the 1st of December 2026 at 9 am".
_MOST_WORDS = {"files": 1, "max_size": 2, "ends_at": 8}
_NO_VALUE = {"files": "no_number", "max_size": "no_size", "ends_at": "no_moment"}

Value = int | datetime
Reader = Callable[[str], Value | None]


@dataclass(frozen=True, slots=True)
class Found:
    """What was found: how many words it took, and the value that they mean.

    With a `problem`, the value is what was probably meant, or None. `said` are
    the words for it. `stray` says that what it took is no value at all.
    """

    used: int
    value: Value | None = None
    said: str = ""
    problem: Problem | None = None
    stray: bool = False


def find(name: str, run: list[Word], *, now: datetime, zone: ZoneInfo) -> Found:
    """The value of the option `name` at the beginning of a run of words, as long as can be."""
    field = FIELD_OF[name]
    read = _reader(field, now, zone)
    candidates = _candidates(run, _MOST_WORDS[field])
    guessed = None
    for used, text in candidates:
        try:
            value = read(text)
        except Wrong as wrong:
            if wrong.problem.key == "life_without_unit":
                guessed = _misspelt(candidates, read, now, zone)  # "3 dys"
            return guessed or _probably(used, wrong.problem, wrong.guess, read)
        if value is not None:
            return Found(used, value, " ".join(word.raw for word in run[:used]))
    if field == "ends_at":
        guessed = _misspelt(candidates, read, now, zone)
    # A moment that we do not know has words that we do not know: "end of the month".
    used = len(candidates) if field == "ends_at" else 1
    return guessed or Found(used, problem=Problem(_NO_VALUE[field]), stray=True)


def find_end(words: list[Word], *, now: datetime, zone: ZoneInfo) -> Found | None:
    """The end of the link that words of a title say, all of them together; None for no end.

    A day that may be one of two is an end with a problem. All else that is
    wrong makes it a title.
    """
    if any(word.quoted for word in words):
        return None
    read = partial(read_moment, now=now, zone=zone)
    text = " ".join(word.text for word in words)
    try:
        value = read(text)
    except Wrong as wrong:
        if wrong.problem.key != "ambiguous_date":
            return None
        return _probably(len(words), wrong.problem, wrong.guess, read)
    return Found(len(words), value, text) if value else None


def _reader(field: str, now: datetime, zone: ZoneInfo) -> Reader:
    if field == "ends_at":
        return partial(read_moment, now=now, zone=zone)
    return read_files if field == "files" else read_size


def _candidates(run: list[Word], most: int) -> list[tuple[int, str]]:
    """What the value may be, longest first. Quotes say where it ends: quoted, it stands alone."""
    texts = [run[0].text]
    for word in run[1:most]:
        if word.quoted or run[0].quoted:
            break
        texts.append(word.text)
    return [(n, " ".join(texts[:n])) for n in range(len(texts), 0, -1)]


def _misspelt(
    candidates: list[tuple[int, str]], read: Reader, now: datetime, zone: ZoneInfo
) -> Found | None:
    for used, text in candidates:
        guess = nearest_moment(text, now=now, zone=zone)
        if guess:
            return _probably(used, Problem("misspelt_moment", {"nearest": guess}), guess, read)
    return None


def _probably(used: int, problem: Problem, guess: str | None, read: Reader) -> Found:
    """A guess counts if it can be read itself."""
    try:
        value = read(guess) if guess else None
    except Wrong:
        value = None
    return Found(used, value, guess if guess and value is not None else "", problem)
