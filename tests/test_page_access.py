"""The upload page for everyone: by screen reader, keyboard and thumb, by day and by night."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from people import until
from playwright.sync_api import Browser, Page, expect
from uploader import FILE, Ask, ask, ask_many, choose, large, outcome, person, query_of

from local.aws import Aws

AXE = Path(__file__).parent.parent / "node_modules/axe-core/axe.min.js"


def paste(page: Page, size: int) -> None:
    """Give the page a file of `size` bytes."""
    page.evaluate(
        """size => {
            const clipboardData = new DataTransfer();
            clipboardData.items.add(new File([new Uint8Array(size)], "report.pdf"));
            dispatchEvent(new ClipboardEvent("paste", { clipboardData }));
        }""",
        size,
    )


def ready(page: Page, asked: Ask) -> None:
    page.goto(asked.address)


def held(page: Page, asked: Ask) -> None:
    page.goto(asked.address)
    devtools = page.context.new_cdp_session(page)
    data = {"items": [], "files": [__file__], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver"):
        devtools.send("Input.dispatchDragEvent", {"type": kind, "x": 5, "y": 5, "data": data})
    page.locator("body.over").wait_for()


def sending(page: Page, asked: Ask) -> None:
    asked.aws.faults.slow(rate=1_000_000, method="PUT", path=asked.fault_path)
    page.goto(asked.address)
    paste(page, 40_000_000)
    page.get_by_text("MB/s").wait_for()


def waiting(page: Page, asked: Ask) -> None:
    page.goto(asked.address)
    page.context.set_offline(True)
    choose(page)
    page.locator("#now").wait_for()


def done(page: Page, asked: Ask) -> None:
    page.goto(asked.address)
    choose(page)
    outcome(page)


def refused(page: Page, asked: Ask) -> None:
    page.goto(asked.aws.page_url + query_of("https://evil.example/uploads/1"))
    outcome(page)


def too_many(page: Page, asked: Ask) -> None:
    page.goto(asked.address)
    page.evaluate(
        """() => {
            const dataTransfer = new DataTransfer();
            for (const name of ["a", "b"]) dataTransfer.items.add(new File([name], name));
            dispatchEvent(new DragEvent("drop", { dataTransfer }));
        }"""
    )
    outcome(page)


def unknown(page: Page, asked: Ask) -> None:
    asked.aws.faults.add(
        method="PUT", path=asked.fault_path, status=501, code="NotImplemented", message="No. " * 40
    )
    page.goto(asked.address)
    choose(page, FILE | {"name": "a" * 200 + ".pdf"})
    outcome(page)


def asked_who(page: Page, asked: Ask) -> None:
    many = ask_many(asked.aws, sender="require", note="One line\n" + "a" * 200)
    page.goto(many.address)
    page.locator("summary").click()
    choose(page)
    page.get_by_role("alert").wait_for()


def sending_many(page: Page, asked: Ask) -> None:
    many = ask_many(asked.aws)
    page.goto(many.address)
    page.locator("#hint").wait_for()
    page.context.set_offline(True)
    choose(page, [FILE | {"name": f"{n}{'a' * 200}.pdf"} for n in range(4)])
    page.locator("#rows .waiting").nth(2).wait_for()


def failed_in_part(page: Page, asked: Ask) -> None:
    many = ask_many(asked.aws)
    path = rf"{many.prefix}\d+$"
    asked.aws.faults.add(method="PUT", path=path, status=501, code="NotImplemented", message="No")
    page.goto(many.address)
    page.locator("#hint").wait_for()
    choose(page, [FILE | {"name": f"{n}{'a' * 200}.pdf"} for n in range(2)])
    outcome(page)


def unanswered(page: Page, asked: Ask) -> None:
    """Larger than any single PUT: it waits for a bot that is not there."""
    many = ask_many(asked.aws, limit=10 * 1024**3)
    page.goto(many.address)
    page.locator("#hint").wait_for()
    with TemporaryDirectory() as folder:
        choose(page, large(Path(folder), 6 * 1024**3))
        pace = page.locator("#pace")
        expect(pace).to_contain_text(re.compile("has not answered|準備を待っています"))


def under_way(page: Page, asked: Ask) -> None:
    """Found again by whoever opens the link again."""
    many = ask_many(asked.aws)
    asked.aws.faults.slow(rate=1_000_000, method="PUT", path=rf"{many.prefix}\d+$", times=9)
    page.goto(many.address)
    page.locator("#hint").wait_for()
    paste(page, 20_000_000)
    until(lambda: page.evaluate("Object.keys(localStorage).some((key) => key.endsWith('+'))"))
    page.reload()
    page.locator("#under p").wait_for()


STATES = [
    *[ready, held, sending, waiting, done, refused, too_many, unknown],
    *[asked_who, sending_many, failed_in_part, unanswered, under_way],
]


@pytest.fixture
def asked(aws: Aws) -> Iterator[Ask]:
    yield ask(
        aws, title="A very long title that goes on " * 4, who="Somebody with a rather long name"
    )
    aws.faults.clear()


def broken_rules(page: Page, only: str | None = None) -> list[Any]:
    """The rules of axe that the page breaks as it is now, and where."""
    found = page.evaluate(
        "only => axe.run(only ? { runOnly: [only] } : {}).then(({ violations }) => violations)",
        only,
    )
    return [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found]


@pytest.mark.parametrize("locale", ["en-GB", "ja"])
@pytest.mark.parametrize("state", STATES)
def test_each_state_is_for_everyone(
    state: Callable[[Page, Ask], None], locale: str, asked: Ask, browser: Browser
) -> None:
    """No state, in no language and no theme, breaks a rule that axe knows.

    At 320 pixels nothing is cut off, and what can be tapped is at least 44 pixels high.
    """
    with person(browser, locale, reduced_motion="reduce", has_touch=True) as page:
        state(page, asked)
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        page.evaluate(AXE.read_text())
        assert broken_rules(page) == []
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        assert broken_rules(page, only="color-contrast") == []
        page.set_viewport_size({"width": 320, "height": 568})
        assert page.evaluate("document.documentElement.scrollWidth") == 320
        # Without a box it is not shown.
        too_small = """targets => targets.filter((target) => target.getClientRects().length)
            .filter((target) => {
                const { width, height } = target.getBoundingClientRect();
                return Math.min(width, height) < 44;
            })
            .map((target) => target.outerHTML)"""
        targets = page.locator("button, label, summary, textarea, #who")
        assert targets.evaluate_all(too_small) == []


@pytest.mark.parametrize("locale", ["en-GB", "en-US", "ja"])
def test_nothing_moves_when_the_end_is_said(locale: str, aws: Aws, browser: Browser) -> None:
    """It is said in the moment after the page is ready: what is there stays where it is."""
    asked = ask_many(aws, requester="Ann", title="Q3")
    with person(browser, locale) as page:
        page.add_init_script(
            """
            window.moved = 0;
            new PerformanceObserver((list) => {
                for (const entry of list.getEntries()) moved += entry.value;
            }).observe({ type: "layout-shift", buffered: true });
            """
        )
        for width in (320, 390, 412, 480, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            page.goto(f"{asked.aws.page_url}?{width}#{asked.link.id}")
            expect(page.locator("#until")).to_have_text(re.compile(r"\d:\d\d"))
            painted = "requestAnimationFrame(() => requestAnimationFrame(() => done(moved)))"
            assert page.evaluate(f"new Promise((done) => {painted})") == 0, width


def test_the_end_is_no_matter_once_all_has_arrived(asked: Ask, browser: Browser) -> None:
    """Nor when the receipt is opened again."""
    with person(browser) as page:
        page.goto(asked.address)
        choose(page)
        outcome(page)
        for _ in range(2):
            page.wait_for_timeout(100)  # what is said in a moment would have been
            assert page.locator("#until").is_hidden()
            page.reload()
            outcome(page)


def test_the_way_by_keyboard_is_visible(asked: Ask, browser: Browser) -> None:
    """The zone shows that it has the focus, and is named by its words and its limits."""
    with person(browser) as page:
        page.goto(asked.address)
        page.keyboard.press("Tab")
        file = page.locator("#file")
        expect(file).to_be_focused()
        expect(file).to_have_accessible_name("Drop your file here Choose a file")
        expect(file).to_have_accessible_description("You can also paste it. One file, up to 5 GB.")
        outline = page.locator("label").evaluate("zone => getComputedStyle(zone).outlineStyle")
        assert outline == "solid"


def test_a_reader_is_taken_to_what_is_new(asked: Ask, browser: Browser) -> None:
    """Nothing that had the focus vanishes without passing it on."""
    with person(browser) as page:
        sending(page, asked)
        assert page.evaluate("document.activeElement.id") == "going"
        expect(page.get_by_role("progressbar")).to_have_accessible_name("report.pdf")
        page.get_by_role("button", name="Cancel").click()
        assert page.evaluate("document.activeElement.id") == "file"
        choose(page)
        outcome(page)
        expect(page.get_by_role("heading", level=2)).to_be_focused()
