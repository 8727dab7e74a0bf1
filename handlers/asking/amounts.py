"""Numbers and sizes as people write them, and what can be wrong with a value."""

import re
import unicodedata
from dataclasses import dataclass, field
from decimal import Decimal

#: The hyphen and all that looks like it: phones, word processors and Japanese
#: keyboards put one where the other was meant.
HYPHENS = "-‐‑−－﹣"
LONG_DASHES = "‒–—―⸺﹘"

#: The most files a line can speak of: a slot has at most four digits in its S3
#: key (`uploads.links`). What is allowed is for the admin's settings to say.
MOST_FILES = 9999
#: The largest size a line can speak of, in bytes: 1024 TB, far above any object
#: in S3. What is allowed is for the admin's settings to say.
MOST_BYTES = 1024**5

_AS_HYPHEN = str.maketrans(dict.fromkeys(HYPHENS + LONG_DASHES, "-"))
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4, "キロ": 1, "メガ": 2, "ギガ": 3, "テラ": 4}
_SIZE = re.compile(
    r"(?P<count>\d+(?:[.,]\d+)?)\s*"
    r"(?P<unit>(?P<power>[kmgt])(?:i?b)?|(?P<kana>キロ|メガ|ギガ|テラ)(?:バイト)?|b|bytes?|バイト)?"
)
_UNITS = ("B", "kB", "MB", "GB", "TB")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, as the name of a sentence and the words that go into it.

    Some of them are as somebody typed them: whoever shows them escapes them.
    """

    key: str
    values: dict[str, str] = field(default_factory=dict)


class Wrong(Exception):
    """A value that is understood and cannot be meant. Its reader knows what was typed.

    `guess` is a value that can be, to be typed in its place; None where there is none.
    """

    def __init__(self, key: str, guess: str | None = None, **values: str) -> None:
        super().__init__(key)
        self.problem = Problem(key, values)
        self.guess = guess


def fold(text: str) -> str:
    """A word or value by its meaning: one width, one case, one hyphen, nothing invisible.

    >>> fold("２０２６−１２−０１\\u00a0Friday\\u200b")
    '2026-12-01 friday'
    """
    even = unicodedata.normalize("NFKC", text.translate(_AS_HYPHEN)).casefold()
    seen = "".join(c for c in even if unicodedata.category(c) != "Cf")
    return " ".join(seen.translate(_AS_HYPHEN).split())


def read_files(text: str) -> int | None:
    """How many files; None for what is no number. Raises `Wrong`.

    >>> read_files("３"), read_files("three")
    (3, None)
    """
    match = re.fullmatch(r"(-?)(\d+)(.*)", fold(text))
    if not match:
        return None
    digits = match[2].lstrip("0") or "0"
    count = int(digits) if len(digits) <= len(str(MOST_FILES)) else MOST_FILES + 1
    if count > MOST_FILES:
        raise Wrong("too_many_files", str(MOST_FILES), most=str(MOST_FILES))
    if match[1] or count < 1:
        raise Wrong("too_few_files", str(max(count, 1)))
    if match[3]:
        raise Wrong("no_number", str(count))
    return count


def read_size(text: str) -> int | None:
    """A size in bytes, by 1024 as the product counts; None for what is no size. Raises `Wrong`.

    >>> read_size("1.5 GB") == 3 * 1024**3 // 2, read_size("big")
    (True, None)
    """
    match = _SIZE.fullmatch(fold(text))
    if not match:
        return None
    count = match["count"].replace(",", ".")
    if not match["unit"]:
        guess = f"{match['count']}MB"
        raise Wrong("size_without_unit", guess, nearest=guess)
    power = _POWERS[match["power"] or match["kana"] or ""]
    # Twenty digits are above the bound in any unit, and dear to multiply.
    size = Decimal(count) * 1024**power if len(count.partition(".")[0]) < 20 else MOST_BYTES + 1
    if size > MOST_BYTES:
        most = say_size(MOST_BYTES)
        raise Wrong("size_too_large", most, most=most)
    if size < 1:
        raise Wrong("size_too_small", None)
    return int(size)


def say_size(count: int) -> str:
    """A size as `read_size` reads it, to the byte.

    >>> say_size(3 * 1024**3 // 2), say_size(1025)
    ('1536MB', '1025B')
    """
    power = 0
    while power < len(_UNITS) - 1 and count and count % 1024 == 0:
        count, power = count // 1024, power + 1
    return f"{count}{_UNITS[power]}"
