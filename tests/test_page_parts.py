"""Large files through a real browser: in parts where the line is slow, and on from where they were."""

import json
import random
import re
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from conftest import StartBot
from people import Asked, People, until
from playwright.sync_api import Browser, Page, Request, Response, expect
from sender import Sender
from uploader import (
    ARRIVED,
    SLOW,
    Line,
    ask_many,
    choose,
    is_part,
    large,
    outcome,
    person,
    sending,
)

from local.aws import Aws
from local.bot import PATIENCE
from local.slack.driver import Slack
from uploads.links import State
from uploads.multipart import SMALLEST_PART

MIB = 1024**2
SIZE = 4 * SMALLEST_PART + MIB  # five parts


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A large file in which each part differs from the others."""
    path = tmp_path_factory.mktemp("film") / "決算 film.mp4"
    path.write_bytes(random.Random(5).randbytes(SIZE))
    return path


def is_stored(answer: Response) -> bool:
    """Whether it is S3's word that it has a part."""
    return is_part(answer.request) and answer.status == 200


def stored(people: People, asked: Asked, slot: int | str = 1) -> bytes:
    where = {"Bucket": people.aws.outputs["UploadBucket"], "Key": asked.key(slot)}
    body: bytes = people.aws.client("s3").get_object(**where)["Body"].read()
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
        page.on("request", lambda request: parts.append(is_part(request)))
        page.goto(asked.address)
        choose(page, film)
        assert outcome(page) == ARRIVED["en-GB"]
    assert not any(parts)
    people.news("fast", "決算 film.mp4")
    people.settled()
    assert Sender(people, asked).unfinished() == 0


def test_several_share_the_line(
    browser: Browser, people: People, film: Path, tmp_path: Path
) -> None:
    """Two of one tab arrive, unmixed; the first, given to another tab too, is known and arrives once."""
    asked = people.ask("side by side")
    other = tmp_path / "other.mp4"
    other.write_bytes(film.read_bytes()[::-1])
    with sending(browser, asked, film) as (page, line):
        again = page.context.new_page()
        again.goto(asked.address)
        choose(page, other)
        choose(again, film)
        line.be()
        for tab in (page, again):
            tab.set_default_timeout(60_000)
            outcome(tab)
    people.news("side by side", "2 files", seconds=30)
    people.settled()
    bodies = [stored(people, asked, key) for key in people.keys(asked) if key.isdigit()]
    assert sorted(bodies) == sorted([film.read_bytes(), other.read_bytes()])


def watch(page: Page, known: set[str], again: list[str]) -> None:
    """Notes which parts a page sends that S3 had before."""

    def note(request: Request) -> None:
        found = re.search(r"partNumber=(\d+)", request.url)
        if is_part(request) and found and found[1] in known:
            again.append(found[1])

    page.on("request", note)


def sender_of(people: People, asked: Asked) -> Sender:
    """The page of the one file that was announced on a link, by the secret that only S3 knows."""
    [key] = [key for key in people.keys(asked) if key.startswith("intent/")]
    bucket = people.aws.outputs["UploadBucket"]
    got = people.aws.client("s3").get_object(Bucket=bucket, Key=asked.key(key))
    return Sender(people, asked, reply=json.loads(got["Body"].read())["reply"])


def parts_of(people: People, asked: Asked) -> set[str]:
    """The numbers of the parts that S3 has."""
    url = sender_of(people, asked).answer().list()
    return set(re.findall(r"<PartNumber>(\d+)<", people.aws.request("GET", url).body.decode()))


@pytest.mark.long(30)
@pytest.mark.timeout(300)
def test_a_tab_that_dies_twenty_times(browser: Browser, people: People, tmp_path: Path) -> None:
    """Each time it goes on from what S3 has, and the file that arrives is the file."""
    asked, at = people.ask("mortal --files 1"), random.Random(20)
    long_film = tmp_path / "long.mp4"
    long_film.write_bytes(at.randbytes(60 * MIB))  # 12 parts
    context = browser.new_context(locale="en-GB")
    context.new_page()  # one that stays: a browser's process for each life takes longer than that
    there: set[str] = set()
    again: list[str] = []

    def reopened() -> Page:
        page = context.new_page()
        there.update(parts_of(people, asked))
        watch(page, set(there), again)
        page.goto(asked.address)
        expect(page.locator("#under")).to_contain_text("long.mp4 was under way")
        return page

    def s3_takes(count: int) -> None:
        # What comes after them is begun and never there, whatever a dying tab still sends.
        people.aws.faults.clear()
        people.aws.faults.slow(rate=20_000, method="PUT", path=asked.key(), times=999, skip=count)

    s3_takes(0)
    page = context.new_page()
    page.goto(asked.address)
    Line(page).be(SLOW)
    with page.expect_request(is_part):
        choose(page, long_film)
    page.close()
    for life in range(1, 20):
        page = reopened()
        if life % 7 == 1:
            s3_takes(3)
            choose(page, long_film)
            until(lambda: len(parts_of(people, asked)) == len(there) + 3)
        else:
            Line(page).be(SLOW)
            choose(page, long_film)
            time.sleep(at.uniform(0.05, 1.2))
        page.close()
    people.aws.faults.clear()
    page = reopened()
    assert len(there) == 9
    choose(page, long_film)
    assert outcome(page) == ARRIVED["en-GB"]
    assert again == []
    assert stored(people, asked) == long_film.read_bytes()
    people.news("mortal", "long.mp4")
    context.close()


def test_a_bot_that_is_away_in_the_middle(
    browser: Browser, slack: Slack, aws: Aws, start_bot: StartBot, film: Path
) -> None:
    """Once it has answered, nothing waits for it: the file arrives, and is told of when it is back."""
    bot = start_bot()
    people = People(slack, aws, bot)
    asked = people.ask("left alone --files 1")
    # So slow that no single PUT is half through, and stays, before a bot that has just begun answers.
    with sending(browser, asked, film, rate=SLOW // 4) as (page, line):
        bot.stop(PATIENCE)
        line.be()
        assert outcome(page) == ARRIVED["en-GB"]
    assert stored(people, asked) == film.read_bytes()
    start_bot()
    people.news("left alone", "決算 film.mp4", seconds=30)
    assert len(people.all_news("left alone")) == 1


def test_what_is_under_way_is_shown_and_found_again(
    browser: Browser, people: People, film: Path, tmp_path: Path
) -> None:
    """How much is there, exactly; and another file of the same name is another file."""
    asked = people.ask("again")
    with person(browser) as page:
        page.goto(asked.address)
        line = Line(page)
        line.be(SLOW)
        # The file itself, four of its parts that take a minute, and one that does not.
        path = rf"/{asked.folder}\d+$"
        people.aws.faults.slow(rate=80_000, method="PUT", path=path, skip=1, times=4)
        with page.expect_response(is_stored):
            with page.expect_request(is_part):
                choose(page, film)
            line.be()
        assert people.aws.faults.left() == []  # so that what is not there yet takes a minute
        page.reload()
        under = page.locator("#under")
        expect(under).to_contain_text(
            re.compile(r"決算 film.mp4 was under way: [1-9]\d*% of 21\sMB"), timeout=15_000
        )
        other = tmp_path / film.name
        other.write_bytes(film.read_bytes()[::-1])
        choose(page, other)
        expect(under).to_contain_text("This is not the 決算 film.mp4 that was under way")
        assert outcome(page) == ARRIVED["en-GB"]
        page.reload()
        expect(under).to_contain_text("決算 film.mp4 was under way")
        choose(page, film)
        page.locator("#receipt li").nth(1).wait_for()
        page.reload()
        expect(page.locator("#receipt li")).to_have_count(2)
        expect(under).to_be_hidden()
    people.news("again", "2 files")


def test_what_arrived_unseen_is_on_the_receipt(
    browser: Browser, people: People, film: Path
) -> None:
    """The tab dies after the last byte: who opens the link again sees that it was enough."""
    asked = people.ask("unseen --files 1")
    with sending(browser, asked, film) as (page, line):
        people.aws.faults.lose_answer(method="POST", path=asked.key(), times=9)
        line.be()
        people.news("unseen")
        page.goto("about:blank")
        people.aws.faults.clear()
        sender_of(people, asked).answer("arrived")
        page.goto(asked.address)
        assert outcome(page) == ARRIVED["en-GB"]
        expect(page.locator("#receipt")).to_contain_text("決算 film.mp4")


@pytest.mark.parametrize(
    "fault",
    [
        # The first PUT is the whole file's.
        {"method": "PUT", "skip": 1, "status": 503, "times": 3},
        {"method": "PUT", "skip": 1, "status": 500, "code": "InternalError", "times": 3},
        {"method": "PUT", "skip": 1, "status": 403, "message": "Request has expired"},
        {"method": "POST", "status": 200, "code": "InternalError"},
        {"method": "POST", "status": 503},
    ],
    ids=["slow-down", "500", "expired", "200-with-error", "busy-at-the-end"],
)
def test_a_bad_moment_of_s3s(
    browser: Browser, people: People, film: Path, fault: dict[str, Any]
) -> None:
    """A part is sent again alone, an end is asked for again, and the file is the file."""
    asked = people.ask("bad moment --files 1")
    people.aws.faults.add(path=f"^/{asked.key()}$", **fault)
    with sending(browser, asked, film) as (page, line):
        line.be()
        assert outcome(page) == ARRIVED["en-GB"]
    assert people.aws.faults.left() == []
    assert stored(people, asked) == film.read_bytes()


def test_an_announcement_that_fails_is_made_again(
    browser: Browser, people: People, film: Path
) -> None:
    """What S3 has no time for at the very beginning does not make a large file go whole."""
    asked = people.ask("busy at first --files 1")
    people.aws.faults.add(method="PUT", path=f"^/{asked.key('intent/')}", status=503, times=2)
    with sending(browser, asked, film, rate=SLOW // 4) as (page, line):
        line.be()
        assert outcome(page) == ARRIVED["en-GB"]
    assert people.aws.faults.left() == []
    assert stored(people, asked) == film.read_bytes()
    people.news("busy at first")
    people.settled()
    assert Sender(people, asked).unfinished() == 0


def test_a_storage_with_many_bad_moments(browser: Browser, people: People, tmp_path: Path) -> None:
    """About each fourth request for a part fails, one way or the other: the file is the file."""
    asked = people.ask("bad day --files 1")
    path = tmp_path / "bad day.mp4"
    path.write_bytes(random.Random(4).randbytes(12 * SMALLEST_PART))
    for skip, error in ((3, {"code": "InternalError", "status": 500}), (7, {"status": 503})):
        people.aws.faults.add(
            method="PUT", path=f"^/{asked.key()}$", times=99, every=7, skip=skip, **error
        )
    answers: list[int] = []
    with sending(browser, asked, path) as (page, line):
        page.on("response", lambda answer: answers.append(answer.status))
        line.be()
        assert outcome(page) == ARRIVED["en-GB"]
    assert answers.count(500) >= 1
    assert answers.count(503) >= 1
    assert stored(people, asked) == path.read_bytes()
    people.news("bad day")


def test_a_connection_that_breaks_in_mid_part(browser: Browser, people: People, film: Path) -> None:
    """Only that part is sent again."""
    asked = people.ask("reset --files 1")
    with sending(browser, asked, film) as (page, line):
        people.aws.faults.hang_up(method="PUT", path=asked.key(), times=2, after=MIB)
        line.be()
        assert outcome(page) == ARRIVED["en-GB"]
    assert stored(people, asked) == film.read_bytes()


def test_a_connection_that_hangs(browser: Browser, people: People, film: Path) -> None:
    """What it carries goes by another one, long before it would be given up."""
    asked = people.ask("hangs --files 1")
    # The single PUT comes first, then the parts.
    people.aws.faults.slow(rate=20_000, method="PUT", path=f"^/{asked.key()}$", skip=3)
    with sending(browser, asked, film) as (page, line):
        begun = time.monotonic()
        line.be()
        assert outcome(page) == ARRIVED["en-GB"]
        assert time.monotonic() - begun < 20
    assert people.aws.faults.left() == []
    assert stored(people, asked) == film.read_bytes()
    people.news("hangs", "決算 film.mp4")


def test_the_last_answer_is_lost(browser: Browser, people: People, film: Path) -> None:
    """The page asks whether it is there, and it is."""
    asked = people.ask("lost --files 1")
    with sending(browser, asked, film) as (page, line):
        people.aws.faults.lose_answer(method="POST", path=asked.key(), times=2)
        line.be()
        assert outcome(page) == ARRIVED["en-GB"]
    people.news("lost")
    assert len(people.all_news("lost")) == 1


def test_a_tunnel(browser: Browser, people: People, film: Path) -> None:
    """Without a network it waits, and goes on from the parts that are there."""
    asked = people.ask("tunnel --files 1")
    with sending(browser, asked, film) as (page, line):
        with page.expect_response(is_stored):
            line.be(2 * MIB)  # the last part, of one MiB, is through seconds before the others
        line.be(offline=True)
        expect(page.locator("#pace")).to_contain_text("You are offline", timeout=20_000)
        assert page.locator("#bar").get_attribute("value") != "0"
        again: list[str] = []
        watch(page, parts_of(people, asked), again)
        line.be()
        assert outcome(page) == ARRIVED["en-GB"]
        assert again == []
    assert stored(people, asked) == film.read_bytes()


def test_a_link_that_is_closed_under_way(browser: Browser, people: People, film: Path) -> None:
    """Its uploader is told within seconds, and nothing lands."""
    asked = people.ask("shut in mid-way --files 1")
    with sending(browser, asked, film) as (page, _):
        closed = time.monotonic()
        people.slack.click("close_link", user="ann", channel="general")
        page.locator("body.failed").wait_for(timeout=20_000)
        assert page.locator("#outcome").inner_text() == "This link was closed"
        expect(page.locator("#until")).to_be_hidden()
        assert time.monotonic() - closed < 15
    people.settled()
    assert people.all_news("shut in mid-way") == []
    assert Sender(people, asked).unfinished() == 0


def test_a_link_that_is_given_more_time_under_way(
    browser: Browser, people: People, film: Path
) -> None:
    """What is under way gets signatures for all of it, and arrives."""
    asked = people.ask("more time --files 1 --expires 2h")

    def life() -> int:
        query = dict(parse_qsl(sender_of(people, asked).answer().said["query"]))
        return int(query["X-Amz-Expires"])

    with sending(browser, asked, film) as (page, line):
        assert life() <= 2 * 60 * 60
        people.slack.click("extend_link", user="ann", channel="general")
        until(lambda: life() > 24 * 60 * 60)
        line.be()
        assert outcome(page) == ARRIVED["en-GB"]
    assert stored(people, asked) == film.read_bytes()
    people.news("more time")


def test_cancelling_leaves_nothing(browser: Browser, people: People, film: Path) -> None:
    """No parts at S3, and nothing that is under way when the link is opened again."""
    asked = people.ask("changed my mind --files 1")
    with sending(browser, asked, film) as (page, line):
        page.locator("#cancel").click()
        expect(page.locator("#news")).to_contain_text("Cancelled")
        until(lambda: Sender(people, asked).unfinished() == 0)
        page.reload()
        expect(page.locator("#choose")).to_be_visible()
        expect(page.locator("#under")).to_be_hidden()
        line.be()
        choose(page, film)
        assert outcome(page) == ARRIVED["en-GB"]
    people.news("changed my mind")


def test_two_uploaders_and_one_slot(
    browser: Browser, people: People, film: Path, tmp_path: Path
) -> None:
    """Exactly one wins, the other is told, and what arrived is one of the two."""
    asked = people.ask("raced --files 1")
    other = tmp_path / "other.mp4"
    other.write_bytes(film.read_bytes()[::-1])
    with (
        sending(browser, asked, film) as (one, slow),
        sending(browser, asked, other) as (two, fast),
    ):
        fast.be()
        assert outcome(two) == ARRIVED["en-GB"]
        slow.be()
        assert outcome(one) == "This link is full"
        expect(one.locator("#until")).to_be_hidden()
    assert stored(people, asked) == other.read_bytes()
    people.news("raced", "other.mp4")
    assert Sender(people, asked).unfinished() == 0


@pytest.mark.parametrize(
    ("size", "announced"), [(16 * MIB, False), (16 * MIB + 1, True), (4 * SMALLEST_PART, True)]
)
def test_sizes_at_the_edges(
    browser: Browser, people: People, tmp_path: Path, size: int, announced: bool
) -> None:
    """Up to 16 MiB nothing is announced; a last part may be a whole one."""
    asked = people.ask("edge --files 1")
    file = tmp_path / "edge.bin"
    file.write_bytes(random.Random(size).randbytes(size))
    with person(browser) as page:
        page.goto(asked.address)
        if announced:
            line = Line(page)
            line.be(SLOW)
            with page.expect_request(is_part):
                choose(page, file)
            line.be()
        else:
            choose(page, file)
        assert outcome(page) == ARRIVED["en-GB"]
    assert stored(people, asked) == file.read_bytes()
    assert any(key.startswith("intent/") for key in people.keys(asked)) is announced


def test_a_very_large_file_waits_for_the_other_side(
    browser: Browser, aws: Aws, tmp_path: Path
) -> None:
    """Nobody answers: not a byte is sent, the page says so, and goes on asking."""
    asked = ask_many(aws, 3, limit=10 * 1024**3)
    with person(browser) as page:
        page.goto(asked.address)
        choose(page, large(tmp_path, 6 * 1024**3))
        expect(page.locator("#pace")).to_contain_text("The other side has not answered yet")
        assert any(key.startswith("intent/") for key in asked.keys())  # noqa: SIM118 -- no dict
        asked.end(State.CLOSED)
        page.locator("#cancel").click()
        expect(page.locator("#news")).to_contain_text("Cancelled")


def test_a_very_large_file_begins_when_the_bot_has_answered(
    browser: Browser, people: People, tmp_path: Path
) -> None:
    """Larger than any single PUT: its parts go out as soon as they are signed, and none before."""
    asked = people.ask("giant --files 1 --max 10GB")
    sent: list[str] = []
    with person(browser) as page:
        page.goto(asked.address)
        Line(page).be(SLOW)
        page.on("request", lambda request: sent.append(f"{request.method} {request.url}"))
        with page.expect_request(lambda request: "partNumber=1&" in request.url):
            choose(page, large(tmp_path, 6 * 1024**3))
        expect(page.locator("#pace")).to_contain_text(re.compile(r"of 6\sGB"))
        parts = sender_of(people, asked).answer()
        assert sum(parts.lengths) == 6 * 1024**3
        page.locator("#cancel").click()
        expect(page.locator("#news")).to_contain_text("Cancelled")
        until(lambda: Sender(people, asked).unfinished() == 0)
    puts = [one for one in sent if one.startswith("PUT") and f"{asked.key()}?" in one]
    assert puts
    assert all("partNumber" in one for one in puts)
