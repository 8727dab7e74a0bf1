"""Somebody's links, a page at a time: the open ones, newest first, then those that are over.

Pages are found by where they begin or end, never by counting: the hundredth
costs what the first does, however many links are over.
"""

from collections.abc import Callable
from dataclasses import dataclass

from uploads.links import Link

#: Reads one shelf: which (over or not), how many at most, from where, and
#: whether towards the newer ones. Nearest first.
Read = Callable[[bool, int, "Mark | None", bool], list[Link]]


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on the shelves: next to this link."""

    over: bool
    made_at: int  #: seconds since 1970
    link: str  #: its reference


@dataclass(frozen=True, slots=True)
class Page:
    """Some of somebody's links.

    `here` asks for this page again; `earlier` and `later` for the ones around
    it, or are None where there is none. "" asks for the first.
    """

    open: list[Link]
    over: list[Link]
    here: str = ""
    earlier: str | None = None
    later: str | None = None

    @property
    def empty(self) -> bool:
        """Whether there is nothing on it."""
        return not (self.open or self.over)


def turn(read: Read, where: str, size: int) -> Page:
    """The page that `where` asks for. One that nothing can be made of asks for the first."""
    back, mark = _parse(where)
    if back and mark is not None:
        found = _walk(read, mark, size + 1, newer=True)
        if len(found) > size:
            before, _ = found[size]
            return _page(found[:size][::-1], _token(before, back=False), more=True)
        return turn(read, "", size)  # what comes before it is the first page, or less
    found = _walk(read, mark, size + 1, newer=False)
    if mark is not None and not found:
        return turn(read, "", size)
    here = _token(mark, back=False) if mark else ""
    return _page(found[:size], here, more=len(found) > size)


Place = tuple[Mark, Link]


def _page(found: list[Place], here: str, *, more: bool) -> Page:
    return Page(
        open=[link for mark, link in found if not mark.over],
        over=[link for mark, link in found if mark.over],
        here=here,
        earlier=_token(found[0][0], back=True) if here and found else None,
        later=_token(found[-1][0], back=False) if more else None,
    )


def _walk(read: Read, mark: Mark | None, count: int, *, newer: bool) -> list[Place]:
    """Links beside a mark: on its shelf, and then on the other one."""
    over = mark.over if mark else False
    found = _places(read(over, count, mark, newer), over)
    if len(found) < count and over is newer:
        found += _places(read(not over, count - len(found), None, newer), not over)
    return found


def _places(links: list[Link], over: bool) -> list[Place]:
    return [(Mark(over, int(link.made_at.timestamp()), link.reference), link) for link in links]


def _token(mark: Mark, *, back: bool) -> str:
    shelf = "over" if mark.over else "open"
    return f"{'before' if back else 'after'}.{shelf}.{mark.made_at}.{mark.link}"


def _parse(where: str) -> tuple[bool, Mark | None]:
    match where.split("."):
        case ["before" | "after" as way, "open" | "over" as shelf, moment, link] if (
            moment.isdecimal()
        ):
            return way == "before", Mark(shelf == "over", int(moment), link)
    return False, None
