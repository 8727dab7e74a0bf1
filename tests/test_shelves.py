"""Pages of somebody's links: every link once, forth and back, whatever the numbers."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from uploads.links import Link, new_id
from uploads.shelves import Mark, Page, turn

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


class Shelves:
    """Two shelves, newest first, read as the table is: after a mark, one way or the other."""

    def __init__(self, open_: int, over: int) -> None:
        self.shelf = {False: self._links(open_), True: self._links(over)}

    def _links(self, count: int) -> list[Link]:
        return [
            Link(
                id=new_id(),
                title=str(number),
                requester="U1",
                requester_name="Ann",
                made_at=NOW - timedelta(minutes=number),
                ends_at=NOW,
            )
            for number in range(count)
        ]

    def read(self, over: bool, limit: int, beside: Mark | None, newer: bool) -> list[Link]:
        links = self.shelf[over][::-1] if newer else self.shelf[over]
        if beside is not None:
            assert beside.over is over
            place = [link.reference for link in links].index(beside.link)
            links = links[place + 1 :]
        return links[:limit]


def on(page: Page) -> list[Link]:
    return [*page.open, *page.over]


@pytest.mark.parametrize("open_", [0, 1, 4, 5, 6, 10])
@pytest.mark.parametrize("over", [0, 1, 5, 6, 11])
def test_every_link_once(open_: int, over: int) -> None:
    """Forth, all of them in order; back, the same pages; and each page again by its name."""
    shelves = Shelves(open_, over)
    pages = [turn(shelves.read, "", 5)]
    while pages[-1].later is not None:
        pages.append(turn(shelves.read, pages[-1].later, 5))
    assert [link for page in pages for link in on(page)] == [
        *shelves.shelf[False],
        *shelves.shelf[True],
    ]
    assert pages[0].earlier is None
    for before, after in pairwise(pages):
        assert after.earlier is not None
        assert on(turn(shelves.read, after.earlier, 5)) == on(before)
    for page in pages:
        assert turn(shelves.read, page.here, 5) == page


@pytest.mark.parametrize("where", ["", "x", "after.open.x.y", "after", "before.over.1", "....."])
def test_nonsense_asks_for_the_first(where: str) -> None:
    """What comes back in a button may be older than the bot that reads it."""
    assert turn(Shelves(7, 0).read, where, 5).here == ""


def test_a_page_costs_the_same_however_many_there_are() -> None:
    """At most two reads, and one link more than is shown: of the first page and of the fiftieth."""
    shelves = Shelves(500, 500)
    read: list[int] = []

    def counted(over: bool, limit: int, beside: Mark | None, newer: bool) -> list[Link]:
        links = shelves.read(over, limit, beside, newer)
        read.append(len(links))
        return links

    where: str | None = ""
    while where is not None:
        read.clear()
        where = turn(counted, where, 20).later
        assert len(read) <= 2
        assert sum(read) <= 21
