"""The page: what a person sees and types."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from slack_app import Listening, button, section
from slack_sdk import WebClient

from local.slack import seed
from local.slack.driver import Slack

AXE = Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"


def axe(page: Page) -> list[str]:
    """What axe finds wrong."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    return [fault["id"] for fault in page.evaluate("axe.run()")["violations"]]


def test_typing_a_command(page: Page, app: Listening) -> None:
    """A command typed into the page reaches the app; its answer is marked as private."""
    app.body = {"text": "Here is *your* link: ```https://example.com/?a=1&amp;b=2```"}
    page.keyboard.type("/up")
    page.keyboard.press("Tab")
    page.keyboard.type("Q3 report")
    page.keyboard.press("Enter")
    answer = page.get_by_role("article").filter(has_text="Only visible to you")
    expect(answer.locator("strong", has_text="your")).to_be_visible()
    expect(answer.locator("pre")).to_have_text("https://example.com/?a=1&b=2")
    assert app.next()["text"] == "Q3 report"
    assert axe(page) == []


def test_a_click_that_nobody_answers(slack: Slack, web: WebClient, page: Page) -> None:
    """A button whose app is silent gets a warning beside it."""
    blocks = [section("news"), {"type": "actions", "elements": [button()]}]
    web.chat_postMessage(channel=slack.channel_id("general"), text="news", blocks=blocks)
    page.get_by_role("button", name="Go").click()
    expect(page.get_by_label("The app did not respond (dispatch_failed)")).to_be_visible()


def test_a_thread_on_the_page(slack: Slack, web: WebClient, page: Page) -> None:
    """Replies stand beside the channel; a broadcast one in both; commands only in the channel."""
    general = slack.channel_id("general")
    root = web.chat_postMessage(channel=general, text="root")["ts"]
    web.chat_postMessage(channel=general, text="quiet", thread_ts=root)
    web.chat_postMessage(channel=general, text="loud", thread_ts=root, reply_broadcast=True)
    expect(page.get_by_label("Messages").get_by_role("article")).to_have_count(2)
    page.get_by_role("button", name="2 replies").click()
    expect(page.get_by_label("Replies").get_by_role("article")).to_have_count(3)
    page.keyboard.type("/upload-link")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Slash commands cannot be used in threads.")).to_be_visible()


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        (
            "*bold* _it_ ~no~ `x*y*`",
            "<strong>bold</strong> <em>it</em> <s>no</s> <code>x*y*</code>",
        ),
        ("snake_case_name 2*3*4", "snake_case_name 2*3*4"),
        ("&lt;b&gt; &amp;amp; <script>", "&lt;b&gt; &amp;amp; "),
        (f"<@{seed.KENJI.id}>", '<span class="mention">@Kenji</span>'),
        ("<javascript:alert(1)|go>", "<span>go</span>"),
        ("&gt; said\n&gt; twice\nend", "<blockquote>said<br>twice</blockquote>end"),
        (":tada: :unknown:", "🎉 :unknown:"),
    ],
)
def test_markup(slack: Slack, web: WebClient, page: Page, text: str, drawn: str) -> None:
    """Slack's markup is drawn as Slack draws it, and nothing in a message becomes HTML."""
    web.chat_postMessage(channel=slack.channel_id("general"), text=text)
    block = page.get_by_role("article").locator(".block")
    block.wait_for()
    assert block.inner_html().startswith(drawn)


def test_dates_are_the_viewers(slack: Slack, web: WebClient, page: Page) -> None:
    """A date is shown in the zone and language of whoever looks."""
    noon = "<!date^1795521600^{date} at {time}|x>"  # 2026-11-24 12:00 UTC
    web.chat_postMessage(channel=slack.channel_id("general"), text=noon)
    expect(page.get_by_text("24 November 2026 at 13:00")).to_be_visible()
    page.get_by_text("Kenji", exact=True).click()
    expect(page.get_by_text("2026年11月24日 at 21:00")).to_be_visible()
