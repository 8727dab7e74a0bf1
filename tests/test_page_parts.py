"""Large files through a real browser: in parts where the line is slow, and on from where they were."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from people import Asked, People
from playwright.sync_api import Browser, Page, expect
from sender import Sender
from uploader import ARRIVED, choose, outcome, person

from uploads.multipart import SMALLEST_PART

MIB = 1024**2
SIZE = 4 * SMALLEST_PART + MIB  # five parts
SLOW = MIB  # bytes a second


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A large file in which each part differs from the others."""
    path = tmp_path_factory.mktemp("film") / "決算 film.mp4"
    path.write_bytes(random.Random(5).randbytes(SIZE))
    return path


class Line:
    """What lies between a page and the world."""

    def __init__(self, page: Page) -> None:
        self._devtools = page.context.new_cdp_session(page)
        self._devtools.send("Network.enable")

    def be(self, rate: int = -1, *, offline: bool = False) -> None:
        """Let out so many bytes a second (-1: as many as there are)."""
        line = {"offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": rate}
        self._devtools.send("Network.emulateNetworkConditions", line)


@contextmanager
def sending(browser: Browser, asked: Asked, film: Path, **how: Any) -> Iterator[tuple[Page, Line]]:
    """Somebody who has chosen the film, on a slow line, and sends parts of it by now."""
    with person(browser, **how) as page:
        page.goto(asked.address)
        line = Line(page)
        line.be(SLOW)
        with page.expect_request(lambda request: "partNumber" in request.url):
            choose(page, film)
        yield page, line


def stored(people: People, asked: Asked) -> bytes:
    bucket = people.aws.outputs["UploadBucket"]
    body: bytes = people.aws.client("s3").get_object(Bucket=bucket, Key=asked.key())["Body"].read()
    return body


def test_a_slow_line_gets_parts(browser: Browser, people: People, film: Path) -> None:
    """The file begins at once, goes on in parts, arrives whole under its own name, and is told of."""
    asked = people.ask("slow --files 1")
    with sending(browser, asked, film) as (page, line):
        line.be()
        assert outcome(page) == ARRIVED["en-GB"]
        expect(page.locator("#receipt")).to_contain_text("決算 film.mp4")
    assert stored(people, asked) == film.read_bytes()
    people.news("slow", "決算 film.mp4", "21 MB")
    assert Sender(people, asked).unfinished() == 0


def test_a_fast_line_gets_one_put(browser: Browser, people: People, film: Path) -> None:
    """What is through in a few seconds is left alone; nothing of the other way stays."""
    asked = people.ask("fast --files 1")
    parts = []
    with person(browser) as page:
        page.on("request", lambda request: parts.append("partNumber" in request.url))
        page.goto(asked.address)
        choose(page, film)
        assert outcome(page) == ARRIVED["en-GB"]
    assert not any(parts)
    people.news("fast", "決算 film.mp4")
    people.settled()
    assert Sender(people, asked).unfinished() == 0
