"""The upload page with a short link, in a real browser: many files, and the life of the link."""

import hashlib
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from uploader import Many, ask_many, choose, drop, large, nobody_knows, outcome, person

from local.aws import Aws
from uploads.links import State

MEGABYTE = 1024 * 1024
ARRIVED = "Your file has arrived"
ALL_ARRIVED = "Your files have arrived"


def files(*names: str) -> list[dict[str, object]]:
    return [{"name": name, "mimeType": "text/plain", "buffer": name.encode()} for name in names]


def visit(page: Page, many: Many) -> None:
    """Open a link, until files may be given."""
    page.goto(many.address)
    page.locator("#hint").wait_for()


@pytest.fixture
def many(aws: Aws) -> Iterator[Many]:
    """A short link for twenty files, on an AWS where nothing goes wrong afterwards."""
    yield ask_many(aws, note="Please sign page 3\nand send it back")
    aws.faults.clear()


def test_a_short_link_is_one_request_and_a_plan(many: Many, page: Page) -> None:
    """The page says what the plan says; the link is short, and stands in no request's Referer."""
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    assert len(many.address.removeprefix(many.aws.page_url)) <= 24
    page.goto(many.address)
    expect(page.locator("h1")).to_have_text("Ann asks for: Q3 report from Acme")
    expect(page.locator("#note")).to_have_text("Please sign page 3\nand send it back")
    expect(page.locator("#until")).to_contain_text("Open until")
    expect(page.locator("#hint")).to_contain_text("Up to 20 files, each up to 5 GB. Folders, too.")
    assert requests == [f"{many.aws.page_url}/", f"{many.aws.page_url}/p/{many.link.id}.json"]


def test_many_files_and_their_receipt(many: Many, page: Page, tmp_path: Path) -> None:
    """Files and folders arrive side by side; the receipt names each, also when opened again."""
    inner = tmp_path / "folder" / "inner"
    inner.mkdir(parents=True)
    for path in (tmp_path / "a.txt", inner.parent / "b.txt", inner / "c.txt"):
        path.write_text(path.name)
    (inner / ".DS_Store").write_text("left behind")
    visit(page, many)
    drop(page, str(tmp_path / "a.txt"), str(tmp_path / "folder"))
    assert outcome(page) == ALL_ARRIVED
    assert many.arrived() == {name: name.encode() for name in ("a.txt", "b.txt", "c.txt")}

    # More may follow below the receipt, now or when the link is opened again.
    choose(page, files("d.txt"))
    receipt = page.locator("#receipt")
    expect(receipt.locator("li")).to_have_count(4)
    page.reload()
    assert outcome(page) == ALL_ARRIVED
    for name in ("a.txt", "b.txt", "c.txt", "d.txt"):
        row = receipt.locator("li", has_text=name)
        expect(row).to_contain_text("5 bytes")
        expect(row).to_contain_text(f"SHA-256 {hashlib.sha256(name.encode()).hexdigest()}")
    for text in ("Q3 report from Acme", "Ann", many.link.reference[:8].upper()):
        expect(receipt).to_contain_text(text)
    expect(page.locator("#hint")).to_contain_text("Up to 20 files")
    kept = page.evaluate("JSON.stringify(localStorage)")
    assert "Signature" not in kept
    assert many.link.id not in kept
    page.emulate_media(media="print")
    expect(receipt).to_be_visible()
    expect(page.locator("#pick")).to_be_hidden()


def test_what_s3_says_of_the_content(many: Many, page: Page) -> None:
    """The checksum in S3's answer stands on the receipt, so that both sides can compare."""
    # The emulator gives none; S3 gives one for each object (S3 User Guide, "Checking integrity").
    many.aws.faults.add(
        method="PUT",
        path=rf"{many.prefix}\d+$",
        status=200,
        headers={"x-amz-checksum-crc64nvme": "fX3wAmqVhS8="},
    )
    visit(page, many)
    choose(page)
    assert outcome(page) == ARRIVED
    expect(page.locator("#receipt li")).to_contain_text("CRC64NVME fX3wAmqVhS8=")


def test_one_sitting_has_one_cover(aws: Aws, page: Page) -> None:
    """Who sends what travels once, under the mark that each of the files carries."""
    many = ask_many(aws, sender="ask")
    visit(page, many)
    page.get_by_label("Your name and company (optional)").fill("Mei, Acme")
    page.get_by_label("Your note").fill("Page 3 is a draft")
    choose(page, files("a.txt", "b.txt"))
    assert outcome(page) == ALL_ARRIVED
    choose(page, files("c.txt"))
    expect(page.locator("#receipt li")).to_have_count(3)
    cover = many.cover()
    mark = cover.pop("mark")
    assert re.fullmatch("[a-z0-9]{8,16}", mark)
    assert cover == {
        "v": 1,
        "name": "Mei, Acme",
        "note": "Page 3 is a draft",
        "files": 2,
        "bytes": 10,
    }
    keys = many.keys()
    carried = {many.stored(n)["ContentDisposition"] for n in keys if n.isdigit()}
    assert {value.partition("mark=")[2] for value in carried} == {f"{mark}.{n}" for n in (1, 2, 3)}
    page.reload()
    expect(page.locator("#who")).to_have_value("Mei, Acme")
    expect(page.locator("#line")).to_have_value("")


def test_a_name_may_be_required(aws: Aws, page: Page) -> None:
    """Nothing is sent before there is a name; what was chosen waits, and goes on Enter."""
    many = ask_many(aws, sender="require")
    visit(page, many)
    choose(page, files("a.txt"))
    expect(page.get_by_role("alert")).to_have_text(
        "Please say who you are, then your files are sent."
    )
    expect(page.get_by_label("Your name and company")).to_be_focused()
    choose(page, files("b.txt"))
    assert many.keys() == []
    page.keyboard.type("Mei")
    page.keyboard.press("Enter")
    assert outcome(page) == ALL_ARRIVED
    assert many.cover()["name"] == "Mei"


def test_covers_of_others_and_their_loss(many: Many, page: Page) -> None:
    """A cover that another has used is passed over, and no cover at all stops no file."""
    many.aws.faults.add(
        method="PUT", path=f"{many.prefix}cover/1$", status=412, code="PreconditionFailed"
    )
    visit(page, many)
    choose(page)
    assert outcome(page) == ARRIVED
    assert many.cover()["files"] == 1
    assert len(many.arrived()) == 1


def test_more_than_fits(aws: Aws, page: Page, tmp_path: Path) -> None:
    """Too many or too large is said before a byte is sent, and nothing is half sent."""
    many = ask_many(aws, slots=2, limit=10)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    visit(page, many)
    choose(page, files("a", "b", "c"))
    assert outcome(page) == "These are too many files"
    expect(page.locator("#why")).to_have_text("You gave 3, and there is room for 2. None was sent.")
    choose(page, files("a", "much too large.txt"))
    expect(page.locator("#outcome")).to_have_text("This is too large")
    expect(page.locator("#why")).to_contain_text("up to 10 bytes")
    expect(page.locator("#answer")).to_have_text("much too large.txt")
    (tmp_path / "empty").mkdir()
    drop(page, str(tmp_path / "empty"))
    expect(page.locator("#outcome")).to_have_text("Nothing to send")
    assert set(sent) == {"GET"}
    choose(page, files("a", "b"))
    expect(page.locator("#outcome")).to_have_text(ALL_ARRIVED)
    # And now it is full: nothing more may be given.
    expect(page.locator("#pick")).to_be_hidden()


def test_each_file_is_cancelled_and_retried_by_itself(
    many: Many, page: Page, tmp_path: Path
) -> None:
    """Three go at a time, more may join, one may stop and go again, and the total tells of all."""
    many.aws.faults.slow(rate=2 * MEGABYTE, method="PUT", path=rf"{many.prefix}\d+$", times=4)
    paths = [tmp_path / f"{n}.bin" for n in range(4)]
    for path in paths:
        large(tmp_path, 20 * MEGABYTE).rename(path)
    visit(page, many)
    choose(page, [str(path) for path in paths])
    expect(page.locator("#name")).to_have_text("0 of 4 files")
    row = page.locator("#rows li")
    expect(row.nth(3)).to_contain_text("Waiting")
    expect(row.nth(0).get_by_role("progressbar")).to_have_accessible_name("0.bin")
    expect(row.nth(0)).to_contain_text("MB/s")
    expect(page.locator("#pace")).to_contain_text("of 80 MB ·")
    row.nth(0).get_by_role("button", name="Cancel").click()
    expect(row.nth(0)).to_contain_text("Cancelled")
    expect(page.locator("#name")).to_have_text("0 of 3 files")
    choose(page, files("late.txt"))
    expect(row).to_have_count(5)
    row.nth(0).get_by_role("button", name="Try again").click()
    expect(page.locator("#name")).to_have_text(re.compile("of 5 files"))
    assert outcome(page) == ALL_ARRIVED
    assert sorted(many.arrived()) == ["0.bin", "1.bin", "2.bin", "3.bin", "late.txt"]


def test_one_file_of_several_fails(many: Many, page: Page) -> None:
    """What arrived is safe and on the receipt; what did not says why, and is tried again alone."""
    many.aws.faults.add(
        method="PUT", path=rf"{many.prefix}\d+$", status=501, code="NotImplemented", message="No"
    )
    visit(page, many)
    choose(page, files("a.txt", "b.txt", "c.txt"))
    assert outcome(page) == "Some files have not arrived"
    failed = page.locator("#rows .failed")
    expect(failed).to_have_count(1)
    expect(failed).to_contain_text("The storage gave an unknown answer")
    expect(page.locator("#receipt li")).to_have_count(2)
    failed.get_by_role("button", name="Try again").click()
    expect(page.locator("#outcome")).to_have_text(ALL_ARRIVED)
    assert len(many.arrived()) == 3


def test_two_people_share_a_link(aws: Aws, browser: Browser) -> None:
    """Each finds a free place, whoever was there before; when there is none, the link is full."""
    many = ask_many(aws, slots=3)
    with person(browser) as first, person(browser) as second:
        for page in (first, second):
            visit(page, many)
        choose(first, files("a.txt", "b.txt"))
        assert outcome(first) == ALL_ARRIVED
        # It still holds the plan of before, in which all places are free.
        choose(second, files("c.txt", "d.txt"))
        assert outcome(second) == "Some files have not arrived"
        expect(second.locator("#rows .failed")).to_contain_text("This link is full")
    assert {"a.txt", "b.txt"} < set(many.arrived())
    assert len(many.arrived()) == 3


ENDS = {
    "missing": ("There is no such link", "ask whoever sent you the link"),
    "closed": ("This link was closed", "Ask Ann why, or for a new link."),
    "full": ("This link is full", "Ask Ann for a new link if you have more."),
    "expired": ("This link has expired", "Ask Ann for a new link."),
    "newer": ("This page is out of date", "ask Ann"),
    "odd": ("This link is damaged", "ask Ann for a new link"),
    "foreign": ("This link does not lead to us", "Do not use it."),
}


def test_a_link_that_takes_nothing(aws: Aws, page: Page) -> None:
    """Each end of a link has its own words, and names whom to ask; no file can be given."""
    for state, (heading, next_step) in ENDS.items():
        many = nobody_knows(aws)
        if state == "newer":
            many.say({"v": 2, "for": "Q3 report", "from": "Ann"})
        elif state == "odd":
            many.publish(query="X-Amz-Date=now")
        elif state == "foreign":
            many.publish(base="https://evil.example/uploads/")
        elif state != "missing":
            many.end(State[state.upper()])
        page.goto("about:blank")
        page.goto(many.address)
        assert outcome(page) == heading
        expect(page.locator("#next")).to_contain_text(next_step)
        expect(page.locator("#file")).to_be_hidden()


def test_the_plan_cannot_be_fetched(many: Many, page: Page) -> None:
    """A plan that does not come is waited for, and the page says so; then all is as usual."""
    page.route("**/p/*.json", lambda route: route.fulfill(status=503))
    page.goto(many.address)
    expect(page.locator("#pace")).to_have_text(
        re.compile(r"The link cannot be opened. Trying again in \d+\sseconds?.")
    )
    page.unroute_all()
    page.get_by_role("button", name="Try now").click()
    expect(page.get_by_text("Choose files")).to_be_visible()
    choose(page)
    assert outcome(page) == ARRIVED


def test_another_link_in_the_same_tab(many: Many, page: Page) -> None:
    """An address that differs only in its fragment is another link, and is opened."""
    other = ask_many(many.aws, slots=1, **{"for": "Another thing"})
    page.goto(many.address)
    expect(page.locator("h1")).to_contain_text("Q3 report")
    page.evaluate("id => { location.hash = id; }", other.link.id)
    expect(page.locator("h1")).to_contain_text("Another thing")


REQUEST_EXPIRED = {"status": 403, "code": "AccessDenied", "message": "Request has expired"}
TOKEN_EXPIRED = {
    "status": 400,
    "code": "ExpiredToken",
    "message": "The provided token has expired.",
}
TAKEN = {"status": 412, "code": "PreconditionFailed"}


def test_a_signature_dies_under_the_page(many: Many, page: Page) -> None:
    """With a fresh plan it goes on as if nothing had been."""
    visit(page, many)
    for life, answer in ((3000, REQUEST_EXPIRED), (2000, TOKEN_EXPIRED)):
        many.aws.faults.add(method="PUT", path=rf"{many.prefix}\d+$", **answer)
        many.publish(life=life)
        choose(page, files(f"{life}.txt"))
        expect(page.locator("#receipt")).to_contain_text(f"{life}.txt")
    assert sorted(many.arrived()) == ["2000.txt", "3000.txt"]


def test_an_old_plan_is_renewed_before_it_is_used(aws: Aws, page: Page) -> None:
    """A signature in its last minute is not tried: a long file would be sent in vain."""
    many = ask_many(aws, slots=2, life=45)
    visit(page, many)
    many.publish(life=3600)
    used: list[str] = []
    page.on("request", lambda request: used.append(f"{request.method} {request.url}"))
    choose(page)
    assert outcome(page) == ARRIVED
    put = [url for url in used if url.startswith("PUT")]
    assert put
    assert all(re.search(r"X-Amz-Expires=3[56]\d\d&", url) for url in put)


@pytest.mark.parametrize(("state", "answer"), [("closed", TAKEN), ("expired", REQUEST_EXPIRED)])
def test_a_link_ends_under_the_page(
    state: str, answer: dict[str, Any], many: Many, page: Page
) -> None:
    """What ends while the page is open is said in the words of that end."""
    visit(page, many)
    many.end(State[state.upper()])
    many.aws.faults.add(method="PUT", path=rf"{many.prefix}\d+$", times=2, **answer)
    choose(page, files("a.txt", "b.txt"))
    assert outcome(page) == ENDS[state][0]
    expect(page.locator("#next")).to_have_text(ENDS[state][1])
    expect(page.locator("#rows .failed")).to_have_count(2)
    expect(page.locator("#file")).to_be_hidden()


def test_what_was_delivered_outlives_the_link(aws: Aws, page: Page) -> None:
    """A receipt is still there when the link is closed, gone, or cannot be looked up."""
    many = ask_many(aws, slots=1)
    visit(page, many)
    choose(page)
    assert outcome(page) == ARRIVED
    many.end(State.CLOSED)

    def gone(route: Route) -> None:
        route.abort()

    for prepare in (lambda: None, lambda: page.route("**/p/*.json", gone)):
        prepare()
        page.reload()
        assert outcome(page) == ARRIVED
        expect(page.locator("#receipt")).to_contain_text("report.pdf")
        expect(page.locator("h1")).to_have_text("Ann asks for: Q3 report from Acme")
        expect(page.locator("#file")).to_be_hidden()


def test_no_browser(many: Many, browser: Browser, tmp_path: Path) -> None:
    """The line behind "No browser?" sends a file by curl, once; its copy is the same line."""
    with person(browser, permissions=["clipboard-read", "clipboard-write"]) as page:
        visit(page, many)
        page.get_by_text("No browser?").click()
        field = page.get_by_label("No browser? Send report.pdf from a terminal.")
        expect(field).to_have_value(re.compile("^f="))
        line = field.input_value()
        page.get_by_role("button", name="Copy").click()
        expect(page.locator("#copy")).to_have_text("✓ Copy")
        assert page.evaluate("navigator.clipboard.readText()") == line
    (tmp_path / "report.pdf").write_bytes(b"by curl")
    # Python's resolver may not know names under localhost, and curl's does.
    for code in (0, 22):
        done = subprocess.run(["sh", "-c", line], cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == code, done.stderr
    assert many.arrived() == {"report.pdf": b"by curl"}
