"""The upload page, in a real browser: each failure has its own words and its own next step."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from uploader import (
    ARRIVED,
    FILE,
    Ask,
    choose,
    drop,
    large,
    outcome,
    person,
    query_of,
    said,
    signed_url,
)

from local.aws import Aws

NO_LINK = "There is no upload link here"
DAMAGED = "This link is damaged"
FOREIGN = "This link does not lead to us"
EXPIRED = "This link has expired"
TAKEN = "This link has already been used"


@pytest.mark.parametrize(
    ("query", "heading"),
    [
        ("/", NO_LINK),
        ("/?s3_url=", DAMAGED),
        ("/?s3_url=%25%25", DAMAGED),
        (query_of("hello"), DAMAGED),
        (query_of("https://evil.example/uploads/1"), FOREIGN),
        (query_of("http://evil.localhost/uploads/1"), FOREIGN),
    ],
)
def test_refuses_an_address(query: str, heading: str, aws: Aws, page: Page) -> None:
    """An address that is no link of ours takes no file, and not one request leaves for it."""
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(aws.page_url + query)
    assert outcome(page) == heading
    expect(page.locator("#file")).to_be_hidden()
    assert {url for url in requests if not url.startswith(aws.page_url)} == set()


@pytest.mark.parametrize("place", ["page bucket", "other prefix", "other port"])
def test_refuses_our_own_neighbours(place: str, asked: Ask, page: Page) -> None:
    """Of our own hosts, too, only the one place for uploads is allowed."""
    url, bucket = signed_url(asked), asked.aws.outputs["UploadBucket"]
    foreign = {
        "page bucket": url.replace(bucket, asked.aws.outputs["PageBucket"]),
        "other prefix": url.replace("/uploads/", "/uploads/../page/"),
        "other port": url.replace(asked.aws.endpoint.rpartition(":")[2], "9"),
    }[place]
    page.goto(asked.aws.page_url + query_of(foreign))
    assert outcome(page) == FOREIGN


def test_refuses_a_link_that_lost_its_end(asked: Ask, page: Page) -> None:
    """A link that was cut on the way is called damaged."""
    page.goto(asked.bare[:-30])
    assert outcome(page) == DAMAGED


def test_a_changed_signature_is_a_damaged_link(asked: Ask, page: Page) -> None:
    """What only S3 can see, S3's own words tell: a signature that does not match."""
    url = signed_url(asked)
    head, equals, signature = url.rpartition("X-Amz-Signature=")
    page.goto(asked.aws.page_url + query_of(head + equals + signature[::-1]))
    choose(page)
    assert outcome(page) == DAMAGED


def test_an_expired_link_takes_no_file(asked: Ask, page: Page) -> None:
    """A link that is over says since when, and whom to ask."""
    page.goto(said(asked.address, until=1_700_000_000))
    assert outcome(page) == EXPIRED
    expect(page.locator("#until")).to_have_text(
        "It was open until Tue, 14 Nov 2023, 23:13 (your time)"
    )
    expect(page.locator("#next")).to_have_text("Ask Ann for a new link.")
    expect(page.locator("#file")).to_be_hidden()


def test_a_wrong_clock_closes_no_link(asked: Ask, browser: Browser) -> None:
    """A computer that believes in another year can still send: the server's clock decides."""
    with person(browser, kept=False) as page:
        page.clock.set_system_time("2031-01-01T00:00:00Z")
        page.goto(asked.address)
        choose(page)
        assert outcome(page) == ARRIVED["en-GB"]


@pytest.mark.parametrize(
    ("status", "code", "message", "heading"),
    [
        (403, "AccessDenied", "Request has expired", EXPIRED),
        (400, "ExpiredToken", "The provided token has expired.", EXPIRED),
        (403, "AccessDenied", "Access Denied", "The storage refused the file"),
        (307, "TemporaryRedirect", "Soon", "The storage cannot be reached here yet"),
        (501, "NotImplemented", "No", "The storage gave an unknown answer"),
    ],
)
def test_each_answer_of_s3_has_its_words(
    status: int, code: str, message: str, heading: str, asked: Ask, page: Page
) -> None:
    """Whatever S3 refuses, the person learns what it means; details only where they help."""
    asked.aws.faults.add(
        method="PUT", path=asked.fault_path, status=status, code=code, message=message
    )
    page.goto(asked.address)
    choose(page)
    assert outcome(page) == heading
    details = page.locator("#answer")
    if heading == EXPIRED:
        expect(details).to_be_hidden()
    else:
        expect(details).to_have_text(f"The storage said: {status} {code} {message}")


@pytest.mark.parametrize("bare", [False, True], ids=["checked", "bare"])
def test_a_used_link(bare: bool, asked: Ask, browser: Browser) -> None:
    """A second person is told that the link is used, and cannot overwrite what is there."""
    for heading in (ARRIVED["en-GB"], TAKEN):
        with person(browser) as page:
            page.goto(asked.bare if bare else asked.address)
            choose(page)
            assert outcome(page) == heading
    assert asked.versions() == 1


def test_too_large(asked: Ask, page: Page, tmp_path: Path) -> None:
    """More than S3 takes in one PUT is refused before a byte is sent; another file may follow."""
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    page.goto(asked.address)
    choose(page, large(tmp_path, 5 * 1024**3 + 1))
    assert outcome(page) == "This is too large"
    expect(page.locator("#why")).to_have_text("A file may have up to 5 GB, and nothing was sent.")
    assert set(sent) == {"GET"}
    choose(page)
    expect(page.locator("#outcome")).to_have_text(ARRIVED["en-GB"])


def test_one_file_only(asked: Ask, page: Page, tmp_path: Path) -> None:
    """Several files, dropped or in a folder, get advice instead of a guess; a folder of one goes."""
    folder = tmp_path / "folder"
    folder.mkdir()
    for name in ("a.txt", "b.txt"):
        (folder / name).write_text(name)
    page.goto(asked.address)
    drop(page, str(folder / "a.txt"), str(folder / "b.txt"))
    assert outcome(page) == "These are too many files"
    drop(page, str(folder))
    expect(page.locator("#why")).to_have_text("You gave 2, and there is room for 1. None was sent.")
    (folder / "b.txt").unlink()
    drop(page, str(folder))
    expect(page.locator("#outcome")).to_have_text(ARRIVED["en-GB"])


def test_a_file_that_went_away(asked: Ask, page: Page, tmp_path: Path) -> None:
    """A file that was moved or deleted meanwhile is named as the reason, not the network."""
    path = tmp_path / "draft.txt"
    path.write_text("first")
    asked.aws.faults.add(method="PUT", path=asked.fault_path)
    page.goto(asked.address)
    choose(page, path)
    page.get_by_role("button", name="Try now").wait_for()
    path.unlink()
    assert outcome(page) == "The file cannot be read"


def test_blocked_on_the_way(asked: Ask, page: Page) -> None:
    """If the page is reachable and the storage is not, it says what stands between, and waits."""
    page.goto(asked.address)
    page.route("**/uploads/**", lambda route: route.abort("blockedbyclient"))
    choose(page)
    assert outcome(page) == "Something blocks the way to the storage"
    page.unroute_all()
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#outcome")).to_have_text(ARRIVED["en-GB"])


def test_what_a_link_says_is_only_text(asked: Ask, page: Page) -> None:
    """A forged link can neither run anything nor turn the text around it."""
    page.goto(said(asked.address, **{"for": "<img src=x onerror=alert(1)>\u202e\n", "from": "A"}))
    expect(page.locator("h1")).to_have_text("A asks for: <img src=x onerror=alert(1)>")
    assert page.locator("img").count() == 0
    choose(page, FILE | {"name": "a\u202efdp.exe"})
    assert outcome(page) == ARRIVED["en-GB"]
    expect(page.locator("#receipt")).to_contain_text("afdp.exe")


def test_the_page_can_reach_nothing_but_us(asked: Ask, browser: Browser) -> None:
    """Whatever ran in the page, the browser would let it talk to our two hosts only."""
    refused = """(url) => new Promise((tell) => {
        addEventListener("securitypolicyviolation", (event) => tell(event.effectiveDirective));
        fetch(url).then(() => tell("sent"), () => {});
    })"""
    other = asked.aws.endpoint.replace("localhost", "evil.localhost")
    page = browser.new_page()
    page.goto(asked.address)
    assert page.evaluate(refused, other) == "connect-src"
    page.context.close()
