"""All that the bot says, one catalog a language, and how a sentence is taken from it.

A sentence is named by its key, `section.name`. `{slots}` in it are filled by
the caller. A sentence that depends on a number is a table of plural forms, and
the value of its slot `count` picks the form (Unicode CLDR, "Plural Rules": English has `one`
and `other`, Japanese only `other`). Dates are Slack's own markup, which shows
each reader their own zone; how they are put is in the catalog too.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "ja")

Element = dict[str, Any]

_SLOT = re.compile(r"\{(\w+)\}")
_UNITS = ("bytes", "kB", "MB", "GB", "TB")


class Texts:
    """The sentences of one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._catalog = _flat(
            tomllib.loads((Path(__file__).parent / f"{language}.toml").read_text("utf-8"))
        )

    def __call__(self, key: str, **values: str | int) -> str:
        """A sentence with its slots filled. Values go in as they are: escape what is markup."""
        said = self._catalog[key]
        if isinstance(said, Mapping):
            said = said["one" if values["count"] == 1 and "one" in said else "other"]
        return _SLOT.sub(lambda slot: str(values[slot[1]]), said)

    def rich(self, key: str, **parts: str | int | Element) -> list[Element]:
        """A sentence as elements of rich text, in which every character means just itself.

        A part that is a string becomes bold: it is what somebody has typed.
        """
        count = parts.get("count", 0)
        said = self._catalog[key]
        if isinstance(said, Mapping):
            said = said["one" if count == 1 and "one" in said else "other"]
        elements: list[Element] = []
        for number, piece in enumerate(_SLOT.split(said)):
            part = parts[piece] if number % 2 else piece
            if isinstance(part, dict):
                elements.append(part)
            elif str(part):
                bold = {"style": {"bold": True}} if number % 2 and isinstance(part, str) else {}
                elements.append({"type": "text", "text": str(part), **bold})
        return elements

    def date(self, moment: datetime) -> str:
        """A moment as Slack's markup shows it: in the zone and language of whoever reads it."""
        put = self._catalog["fact.date"]  # its slots are Slack's own, for Slack to fill
        return f"<!date^{int(moment.timestamp())}^{put}|{moment:%Y-%m-%d %H:%M} UTC>"

    def several(self, names: Iterable[str]) -> str:
        """Names as one reads them out, each once.

        >>> [Texts("en").several(names) for names in ("", "A", "AB", "ABA", "ABC")]
        ['', 'A', 'A and B', 'A and B', 'A, B and C']
        """
        *others, last = dict.fromkeys(names) or ("",)
        if not others:
            return last
        return self("fact.and", others=self("fact.comma").join(others), last=last)

    def size(self, count: int) -> str:
        """A number of bytes for people, by 1024: as S3 counts its 5 GB, and as the page says it.

        >>> [Texts("en").size(n) for n in (0, 1, 999, 1024, 1024**2 - 1, 12_345_678, 5 * 1024**3)]
        ['empty', '1 byte', '999 bytes', '1 kB', '1 MB', '11.8 MB', '5 GB']
        """
        if count == 0:
            return self("fact.empty")
        if count < 1024:
            return self("fact.bytes", count=count)
        amount, unit = count / 1024, 1
        while amount >= 1023.5 and unit < len(_UNITS) - 1:  # would be rounded to 1024
            amount, unit = amount / 1024, unit + 1
        rounded = f"{amount:.0f}" if unit == 1 else f"{amount:.1f}".removesuffix(".0")
        return f"{rounded} {_UNITS[unit]}"

    def life(self, life: timedelta) -> str:
        """How long something may be open, in the largest unit that it is whole in.

        >>> [Texts("en").life(timedelta(minutes=n)) for n in (45, 120, 36 * 60, 90 * 1440)]
        ['45 minutes', '2 hours', '36 hours', '90 days']
        """
        minutes = life // timedelta(minutes=1)
        if minutes % 60:
            return self("fact.minutes", count=minutes)
        if minutes % (60 * 24):
            return self("fact.hours", count=minutes // 60)
        return self("fact.days", count=life.days)

    def keys(self) -> Mapping[str, Any]:
        """The whole catalog, for the tests that compare them."""
        return self._catalog


@cache
def texts(locale: str) -> Texts:
    """The catalog for a locale such as Slack's `ja-JP`; English where we do not speak it."""
    language = locale.partition("-")[0].lower()
    return Texts(language if language in LANGUAGES else LANGUAGES[0])


def _flat(catalog: dict[str, Any]) -> dict[str, Any]:
    """`{section: {name: sentence}}` as `{"section.name": sentence}`."""
    return {
        f"{section}.{name}": sentence
        for section, sentences in catalog.items()
        for name, sentence in sentences.items()
    }
