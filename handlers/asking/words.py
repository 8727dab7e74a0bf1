"""A typed line as words and options: quotes and dashes as keyboards and phones make them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from handlers.asking.amounts import HYPHENS, LONG_DASHES, fold

#: What may stand around several words, by the languages our people write:
#: each opens at the start of a word, closes at the end of one, and does not
#: hold its like. An apostrophe between two letters closes nothing.
_GROUPS = (
    r'(?P<fence>"{3,})(?!")(?P<fenced>.*?)(?<!")(?P=fence)',
    r'"(?P<straight>[^"]*)"',
    r"“(?P<curly>[^“”]*)”",
    r'["＂“”„‟](?P<mixed>[^"＂“”„‟]*)["＂“”‟]',
    r"['＇‘’‚‛](?P<single>(?:[^'＇‘’‚‛]|(?<=\w)['＇’](?=\w))*)['＇‘’]",
    r"[«»](?P<angles>[^«»]*)[«»]",
    r"[‹›](?P<angle>[^‹›]*)[‹›]",
    r"「(?P<corners>[^「」]*)」",
    r"『(?P<white>[^『』]*)』",
)
_GROUP = re.compile(rf"(?:{'|'.join(_GROUPS)})(?!\S)", re.DOTALL)
_OPTION = re.compile(
    rf"(?P<dashes>[{re.escape(HYPHENS + LONG_DASHES)}]+)"
    r"(?P<name>[^\W\d_]\S*?)(?P<glue>[=:＝：]|(?=\d)|(?!\S))"
)
_OPENING = frozenset("\"＂“”„‟'＇‘’‚‛«»‹›「『")
_QUOTES = (('"', '"'), ("“", "”"), ("«", "»"), ("「", "」"))


@dataclass(frozen=True, slots=True)
class Word:
    """One word, or several in quotes. `raw` is as typed, `text` without the quotes.

    `glued` says that it followed the name of an option directly, as in `--files=3`.
    """

    raw: str
    text: str
    glued: bool = False

    @property
    def quoted(self) -> bool:
        """Whether quotes stood around it."""
        return self.raw != self.text


@dataclass(frozen=True, slots=True)
class Option:
    """The name of an option. `meant` is the nearest that there is; None where none is near."""

    raw: str
    meant: str | None
    exact: bool


def split(text: str, names: Mapping[str, str]) -> Iterator[Word | Option]:
    """The words and options of a line, in order. `names` says what each name of an option means.

    Two dashes make an option of whatever follows, and so does the one long dash
    that phones put in their place, if what follows is near the name of one:
    `Report —draft` is a title. One hyphen is never right, but `-files` is
    too near to be anything else. A quote that nothing closes is a letter.
    """
    at, glued = 0, False
    while True:
        if not glued:
            at += len(text[at:]) - len(text[at:].lstrip())
        if at >= len(text):
            return
        match = None if glued else _OPTION.match(text, at)
        option = match and _option(match, names)
        if match and option:
            if option.meant is None:  # all of it is of no use as it stands
                raw = _chunk(text, at)
                yield Option(raw, None, exact=False)
                at += len(raw)
                continue
            yield option
            at = match.end()
            glued = at < len(text) and not text[at].isspace()
            continue
        word = _word(text, at, glued=glued)
        yield word
        at, glued = at + len(word.raw), False


def quote(text: str) -> str:
    """The text in quotes, so that `split` finds it again as one word.

    >>> quote("two words"), quote('a 5" disk')
    ('"two words"', '“a 5" disk”')
    """
    for opening, closing in _QUOTES:
        if opening not in text and closing not in text:
            return f"{opening}{text}{closing}"
    longest = max(map(len, re.findall('"+', text)))
    fence = '"' * max(3, longest + 1)
    return f"{fence} {text} {fence}"


def is_plain(text: str) -> bool:
    """Whether `split` finds every word of the text as it stands, with no option or quote in it."""
    return not any(_OPTION.match(chunk) or chunk[0] in _OPENING for chunk in text.split())


def _option(match: re.Match[str], names: Mapping[str, str]) -> Option | None:
    dashes, name = match["dashes"], fold(match["name"][:40])
    double = len(dashes) > 1
    if name in names:
        exact = (double or dashes in LONG_DASHES) and names[name] == name
        return Option(match["dashes"] + match["name"], names[name], exact=exact)
    near = get_close_matches(name, names, n=1, cutoff=0.65 if double else 0.75)
    if not near and not double:
        return None
    meant = names[near[0]] if near else None
    return Option(match["dashes"] + match["name"], meant, exact=False)


def _word(text: str, at: int, *, glued: bool) -> Word:
    match = _GROUP.match(text, at)
    if not match:
        raw = _chunk(text, at)
        return Word(raw, raw, glued)
    inside = next(v for k, v in match.groupdict().items() if v is not None and k != "fence")
    return Word(match[0], inside.strip(), glued)


def _chunk(text: str, at: int) -> str:
    return text[at:].split(maxsplit=1)[0]
