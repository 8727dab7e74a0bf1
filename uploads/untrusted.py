"""Text that a stranger typed, made fit to be shown.

File names come from people outside; titles from anyone in Slack. Whatever
shows them also escapes them for its own medium: this is only about characters
that no medium should be given.
"""

import re
import unicodedata

#: Explicit direction controls: they can make `cod.exe` read `exe.doc`
#: (Unicode UAX #9, section 2; CVE-2021-42574).
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def plain(text: str, limit: int) -> str:
    """One line without control or direction characters, at most `limit` characters long.

    What was cut is marked by a final `…`; the result may be empty.

    >>> plain("report\\u202excod.exe\\n", 40)
    'reportxcod.exe'
    """
    kept = "".join(
        " " if unicodedata.category(c) in {"Cc", "Zl", "Zp", "Zs"} else c
        for c in text
        if c not in _BIDI and unicodedata.category(c) != "Cs"
    )
    line = " ".join(kept.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def plain_lines(text: str, limit: int) -> str:
    """As `plain`, but lines stay lines; at most one empty one between two.

    >>> plain_lines("a\\r\\n\\n\\n\\nb ", 10)
    'a\\n\\nb'
    """
    lines = [plain(line, len(line) + 1) for line in text.splitlines()]
    kept = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    return kept if len(kept) <= limit else kept[: limit - 1].rstrip() + "…"


def file_name(text: str) -> str:
    """The last part of a path a browser or a person gave, at most 200 characters.

    >>> file_name("C:\\\\tmp\\\\Q3.pdf")
    'Q3.pdf'
    """
    return shortened(plain(text.replace("\\", "/").rsplit("/", 1)[-1], 10_000), 200)


def shortened(name: str, limit: int) -> str:
    """A file name of at most `limit` characters; its ending stays, since it says what the file is.

    >>> shortened("a long story.pdf", 10)
    'a lon….pdf'
    """
    if len(name) <= limit:
        return name
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > 20 or len(ending) + 2 > limit:
        return plain(name, limit)
    return f"{plain(stem, limit - 1 - len(ending))}.{ending}"
