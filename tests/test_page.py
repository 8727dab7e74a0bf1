"""The upload page, published on the local AWS, in a real browser: how a file gets through."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect
from uploader import ARRIVED, FILE, Ask, choose, drop, large, outcome, person

MEGABYTE = 1024 * 1024


def by_click(page: Page, path: Path) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_text("Choose a file").click()
    chooser.value.set_files(path)


def by_keyboard(page: Page, path: Path) -> None:
    page.keyboard.press("Tab")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(path)


def by_drop(page: Page, path: Path) -> None:
    drop(page, str(path))


def by_paste(page: Page, path: Path) -> None:
    page.evaluate(
        """([name, text]) => {
            const clipboardData = new DataTransfer();
            clipboardData.items.add(new File([text], name, { type: "text/plain" }));
            dispatchEvent(new ClipboardEvent("paste", { clipboardData }));
        }""",
        [path.name, path.read_text()],
    )


@pytest.mark.parametrize("give", [by_click, by_keyboard, by_drop, by_paste])
def test_takes_a_file_by(
    give: Callable[[Page, Path], None], asked: Ask, page: Page, tmp_path: Path
) -> None:
    """A file may be clicked, typed, dropped or pasted in; it starts at once and arrives whole."""
    path = tmp_path / "notes.txt"
    path.write_text("some notes")
    page.goto(asked.address)
    give(page, path)
    assert outcome(page) == ARRIVED["en-GB"]
    assert asked.arrived() == {"body": b"some notes", "type": "text/plain", "name": "notes.txt"}


def test_says_who_asks_for_what_until_when(asked: Ask, page: Page) -> None:
    """The page says what the link knows, and needs one request for it."""
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(asked.address)
    expect(page.get_by_role("heading", level=1)).to_have_text("Ann asks for: Q3 report from Acme")
    expect(page.locator("#until")).to_have_text(re.compile(r"^Open until \w+, .* \(your time\)$"))
    expect(page).to_have_title("Ann asks for: Q3 report from Acme")
    assert requests == [asked.bare]


def test_a_bare_link_works(asked: Ask, page: Page) -> None:
    """The link of the original recipe, which carries nothing but the URL, is as good."""
    page.goto(asked.bare)
    expect(page.get_by_role("heading", level=1)).to_have_text("Send a file")
    choose(page)
    assert outcome(page) == ARRIVED["en-GB"]


def test_japanese(asked: Ask, browser: Browser) -> None:
    """A Japanese reader gets Japanese, and a Japanese file name arrives unharmed."""
    name = "第3四半期報告書（最終版） 'ｶﾅ' %😀.xlsx"
    with person(browser, "ja") as page:
        page.goto(asked.address)
        expect(page.locator("html")).to_have_attribute("lang", "ja")
        expect(page.locator("h1")).to_have_text("Annさんからの依頼：Q3 report from Acme")
        choose(page, FILE | {"name": name})
        assert outcome(page) == ARRIVED["ja"]
        expect(page.locator("#receipt")).to_contain_text(name)
    arrived = asked.arrived()
    assert arrived is not None
    assert arrived["name"] == name


@pytest.mark.parametrize(
    ("file", "kept"),
    [
        ({"name": "a.png", "mimeType": "image/png", "buffer": b"x"}, "image/png"),
        ({"name": "a.unknown", "mimeType": "", "buffer": b"x"}, "application/octet-stream"),
        ({"name": "empty.txt", "mimeType": "text/plain", "buffer": b""}, "text/plain"),
    ],
    ids=["typed", "untyped", "empty"],
)
def test_sends_the_type(file: dict[str, Any], kept: str, asked: Ask, page: Page) -> None:
    """Content-Type is the file's own, or plain bytes; an empty file is a file."""
    page.goto(asked.address)
    choose(page, file)
    assert outcome(page) == ARRIVED["en-GB"]
    assert asked.arrived() == {"body": file["buffer"], "type": kept, "name": file["name"]}


def test_success_survives_a_reload(asked: Ask, page: Page) -> None:
    """What was delivered is still shown later, and no signature is left in the browser."""
    page.goto(asked.address)
    choose(page)
    outcome(page)
    page.reload()
    assert outcome(page) == ARRIVED["en-GB"]
    for text in ("report.pdf", "8 bytes", "Q3 report from Acme", "Ann"):
        expect(page.locator("#receipt")).to_contain_text(text)
    assert "Signature" not in page.evaluate("JSON.stringify(localStorage)")


def test_shows_progress_and_guards_the_tab(asked: Ask, page: Page, tmp_path: Path) -> None:
    """Percent, amount, speed and time left are shown; leaving asks first; milestones are told."""
    asked.aws.faults.slow(rate=8 * MEGABYTE, method="PUT", path=asked.fault_path)
    page.goto(asked.address)
    page.evaluate(
        """() => {
            window.news = [];
            new MutationObserver(() => news.push(document.querySelector("#news").textContent))
                .observe(document.querySelector("#news"), { childList: true });
        }"""
    )
    with page.expect_file_chooser() as chooser:
        page.get_by_text("Choose a file").click()
    chooser.value.set_files(large(tmp_path, 24 * MEGABYTE))
    expect(page).to_have_title(re.compile(r"^\d+% – Q3 report from Acme$"))
    left = r"^[\d.]+\sMB of 24\sMB · [\d.]+\sMB/s · \d+\sseconds? left$"
    expect(page.locator("#pace")).to_have_text(re.compile(left))
    assert 0 < page.locator("#bar").evaluate("bar => bar.value") < 1

    asked_to_stay: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked_to_stay.append(dialog.type)
        dialog.dismiss()

    page.once("dialog", stay)
    page.close(run_before_unload=True)
    assert outcome(page) == ARRIVED["en-GB"]
    assert asked_to_stay == ["beforeunload"]
    assert page.evaluate("document.activeElement.id") == "outcome"
    told = page.evaluate("news")
    assert told[0] == "Sending large.bin"
    # Not every percent, and the end only once: it is read out as it gets the focus.
    assert set(told[1:]) <= {"25% sent", "50% sent", "75% sent", ""} | {
        f"{percent}% sent" for percent in range(25, 100)
    }
    assert len(told) <= 5


def test_cancel(asked: Ask, page: Page, tmp_path: Path) -> None:
    """Cancel stops it cleanly, nothing is delivered, and a file can be sent again."""
    asked.aws.faults.slow(rate=MEGABYTE, method="PUT", path=asked.fault_path)
    page.goto(asked.address)
    choose(page, large(tmp_path, 32 * MEGABYTE))
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Drop your file here")).to_be_visible()
    expect(page.locator("#news")).to_have_text("Cancelled. You can choose a file again.")
    assert page.evaluate("document.activeElement.id") == "file"
    assert asked.arrived() is None
    choose(page)
    assert outcome(page) == ARRIVED["en-GB"]


@pytest.mark.parametrize(
    ("status", "code"),
    [(503, "SlowDown"), (500, "InternalError"), (409, "ConditionalRequestConflict")],
)
def test_tries_again_when_the_storage_is_busy(
    status: int, code: str, asked: Ask, page: Page
) -> None:
    """What S3 asks to be sent again is sent again; the page says so and offers not to wait."""
    asked.aws.faults.add(method="PUT", path=asked.fault_path, times=2, status=status, code=code)
    page.goto(asked.address)
    choose(page)
    expect(page.locator("#pace")).to_have_text(
        re.compile(r"^The storage is busy. Trying again in \d+\sseconds?.$")
    )
    page.get_by_role("button", name="Try now").click()
    assert outcome(page) == ARRIVED["en-GB"]
    assert asked.versions() == 1


@pytest.mark.parametrize(
    ("bare", "times"), [(False, 1), (False, 2), (True, 2)], ids=["by Chromium", "checked", "bare"]
)
def test_a_lost_answer_is_no_lost_file(
    bare: bool, times: int, asked: Ask, page: Page, tmp_path: Path
) -> None:
    """If only the answer was lost the page finds out, by HEAD or by the 412, and says success.

    Chromium itself repeats a request whose connection was used before (here by
    the preflight), so the page sees the first loss as a 412, and only the second.
    """
    asked.aws.faults.lose_answer(method="PUT", path=asked.fault_path, times=times)
    page.goto(asked.bare if bare else asked.address)
    choose(page, large(tmp_path, 3 * MEGABYTE))
    assert outcome(page) == ARRIVED["en-GB"]
    assert asked.versions() == 1


def test_a_broken_connection_is_tried_again(asked: Ask, page: Page, tmp_path: Path) -> None:
    """A connection that breaks amid the file costs nothing but time."""
    asked.aws.faults.hang_up(method="PUT", path=asked.fault_path, after=MEGABYTE, times=3)
    page.goto(asked.address)
    choose(page, large(tmp_path, 3 * MEGABYTE))
    expect(page.locator("#pace")).to_contain_text("The connection was lost.")
    assert outcome(page) == ARRIVED["en-GB"]
    assert len(asked.arrived()["body"]) == 3 * MEGABYTE  # type: ignore[index]


def test_a_connection_that_only_seems_alive(asked: Ask, browser: Browser, tmp_path: Path) -> None:
    """An upload that has not moved for a minute is given up and sent again."""
    asked.aws.faults.slow(rate=1, method="PUT", path=asked.fault_path)
    with person(browser, kept=False) as page:
        page.clock.install()
        page.goto(asked.address)
        # Small enough to leave the browser at once, so that it is known when nothing moves any more.
        choose(page, large(tmp_path, 64 * 1024))
        expect(page.locator("#pace")).to_contain_text("All sent.")
        asked.aws.faults.wait_until_begun()
        page.clock.fast_forward(61_000)
        expect(page.locator("#pace")).to_contain_text("The connection was lost.")
        assert outcome(page) == ARRIVED["en-GB"]
    assert asked.versions() == 1


def test_waits_while_offline(asked: Ask, page: Page) -> None:
    """Offline the page waits as long as it takes, and goes on by itself."""
    page.goto(asked.address)
    page.context.set_offline(True)
    choose(page)
    expect(page.locator("#pace")).to_contain_text("You are offline.")
    page.context.set_offline(False)
    assert outcome(page) == ARRIVED["en-GB"]


def test_two_uploaders_of_one_link(asked: Ask, browser: Browser, tmp_path: Path) -> None:
    """Files of one size, at the same time: one arrives, and the other's owner is told the truth."""
    path = str(large(tmp_path, 8 * MEGABYTE))
    asked.aws.faults.slow(method="PUT", path=asked.fault_path, rate=8 * MEGABYTE, times=2)
    with person(browser) as first, person(browser) as second:
        for page in (first, second):
            page.goto(asked.address)
        for page in (first, second):
            choose(page, path)
        outcomes = sorted(outcome(page) for page in (first, second))
    assert outcomes == sorted([ARRIVED["en-GB"], "This link has already been used"])
    assert asked.versions() == 1
