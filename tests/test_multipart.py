"""How a file goes in parts: their length, what a look says, and what an announcement may be."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from uploads.errors import NotThere
from uploads.links import LARGEST, IntentId
from uploads.multipart import (
    LARGEST_PART,
    MOST_PARTS,
    SMALLEST_PART,
    Intent,
    Multipart,
    part_size,
    read_intent,
)

MIB = 1024**2
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
ID = IntentId("0" * 32, 1)
SAID = "attachment; filename*=UTF-8''a; mark=k3m9x2p7.1"


def multipart(**known: Any) -> Multipart:
    moments: dict[str, Any] = dict.fromkeys(("begun_at", "looked_at", "moved_at"), NOW)
    intent = Intent(ID, 1, 10**9, "a/b", SAID, "r" * 22)
    return Multipart(intent=intent, upload_id="u", part=8 * MIB, **moments | known)


def later(seconds: int) -> datetime:
    return NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "size", [1, 16 * MIB + 1, 240 * MIB, 240 * MIB + 1, 5 * 1024**3, 10**12, LARGEST - 1, LARGEST]
)
def test_any_file_fits(size: int) -> None:
    """In as many parts as S3 takes, none shorter or longer than it takes."""
    part = part_size(size)
    assert SMALLEST_PART <= part <= LARGEST_PART
    assert -(-size // part) <= MOST_PARTS


def test_a_look_tells_how_fast_it_goes() -> None:
    """Between this look and the one before; and when the latest bytes came."""
    first = multipart().seen(5_000, later(10))
    assert (first.loaded, first.speed, first.moved_at) == (5_000, 500, later(10))
    second = first.seen(5_000, later(20))
    assert (second.speed, second.moved_at, second.looked_at) == (0, later(10), later(20))
    assert second.seen(1_000, later(30)).speed == 0  # thrown away, and begun anew


@pytest.mark.parametrize(
    ("quiet", "stalled", "again"),
    [(0, False, 10), (59, False, 14), (60, True, 15), (7200, True, 300)],
)
def test_the_longer_nothing_comes_the_seldomer_somebody_looks(
    quiet: int, stalled: bool, again: int
) -> None:
    """Ten seconds, and five minutes at most."""
    seen = multipart(looked_at=later(quiet))
    assert seen.stalled() is stalled
    assert seen.look_at() - seen.looked_at == pytest.approx(
        timedelta(seconds=again), abs=timedelta(seconds=1)
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"[" * 4096,
        b'{"slot": 1}',
        b'{"slot": 1e400, "size": 1, "type": "a/b", "disposition": "x"}',
        b"\xff",
    ],
)
def test_what_is_no_announcement_is_none(body: bytes) -> None:
    """Anyone who has the link can write anything."""
    with pytest.raises(NotThere):
        read_intent(ID, body)


def test_an_announcement_is_read() -> None:
    """As our page writes it."""
    said = {"v": 1, "slot": 3, "size": 7, "type": "video/mp4", "disposition": SAID}
    said["reply"] = "r" * 22
    assert read_intent(ID, json.dumps(said).encode()) == Intent(
        ID, 3, 7, "video/mp4", SAID, "r" * 22
    )
