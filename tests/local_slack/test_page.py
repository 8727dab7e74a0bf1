"""The page: what a person sees and types."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from slack_app import Listening, button, modal, section
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


def test_a_press_that_asks_first(slack: Slack, web: WebClient, page: Page, app: Listening) -> None:
    """A confirm dialog comes before the click, from a button and from a menu; no means no."""
    words = {"title": "Close it?", "text": "For good.", "confirm": "Close it", "deny": "Keep it"}
    ask = {name: {"type": "plain_text", "text": text} for name, text in words.items()}
    options = [
        {"text": {"type": "plain_text", "text": name}, "value": name} for name in ("Extend", "End")
    ]
    menu = {"type": "overflow", "action_id": "more", "options": options, "confirm": ask}
    blocks = [
        {**section("a link"), "accessory": menu},
        {"type": "actions", "elements": [button(confirm=ask)]},
    ]
    web.chat_postMessage(channel=slack.channel_id("general"), text="a link", blocks=blocks)
    dialog = page.get_by_role("dialog", name="Close it?")
    page.get_by_role("button", name="Go").click()
    expect(dialog).to_contain_text("For good.")
    assert axe(page) == []
    dialog.get_by_role("button", name="Keep it").click()
    page.get_by_role("button", name="More actions", exact=True).click()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    dialog.get_by_role("button", name="Close it").click()
    action = app.next()["actions"][0]
    assert (action["action_id"], action["selected_option"]["value"]) == ("more", "End")
    assert app.got.empty()


def test_shortcuts_on_the_page(slack: Slack, page: Page, app: Listening) -> None:
    """Global shortcuts are at the box, message shortcuts at each message, in threads too."""
    page.get_by_role("button", name="Shortcuts").click()
    assert axe(page) == []
    page.get_by_role("menuitem", name="Ask for a file").click()
    assert app.next()["type"] == "shortcut"
    root = slack.say("Please send it")["ts"]
    reply = slack.say("Which?", user="kenji", thread_ts=root)["ts"]
    page.get_by_role("button", name="1 reply").click()
    last = page.get_by_label("Replies").get_by_role("article").last
    last.hover()
    last.get_by_role("button", name="More actions for this message").click()
    page.get_by_role("menuitem", name="Ask for a file here").click()
    assert app.next()["message_ts"] == reply


def test_a_modal_on_the_page(slack: Slack, web: WebClient, page: Page, app: Listening) -> None:
    """What is missing is said at the field; moments are in the person's own zone; Enter sends."""
    noon = 1795521600  # 2026-11-24 12:00 UTC
    label = {"type": "plain_text", "text": "x"}
    fields = {
        "What for": {"type": "plain_text_input"},
        "Open until": {"type": "datetimepicker", "initial_date_time": noon},
        "Where": {"type": "conversations_select", "default_to_current_conversation": True},
    }
    blocks = [
        {
            "type": "input",
            "block_id": name,
            "label": {**label, "text": name},
            "element": {**element, "action_id": "it"},
        }
        for name, element in fields.items()
    ]
    view = modal(blocks=blocks, submit={**label, "text": "Make link"})
    slack.shortcut("ask_for_file")
    opened = web.views_open(trigger_id=app.next()["trigger_id"], view=view)["view"]
    until = page.get_by_label("Open until")
    expect(until).to_have_value("2026-11-24T13:00")  # the browser is in another zone than Ann
    send = page.get_by_role("button", name="Make link")
    send.click()
    expect(page.get_by_role("alert").first).to_have_text("Please complete this required field.")
    assert axe(page) == []
    page.get_by_label("What for").fill("Q3 report")
    until.fill("2026-11-25T09:30")
    more = modal(blocks=[*blocks, section("One more thing")], submit=view["submit"])
    web.views_update(view_id=opened["id"], view=more)
    page.get_by_text("One more thing").wait_for()
    expect(page.get_by_label("What for")).to_have_value("Q3 report")
    app.wait = 0.3
    page.get_by_label("What for").press("Enter")
    expect(send).to_be_disabled()
    expect(page.get_by_role("dialog")).to_have_count(0)
    values = app.next()["view"]["state"]["values"]
    assert values["What for"]["it"]["value"] == "Q3 report"
    assert values["Open until"]["it"]["selected_date_time"] == 1795595400
    assert values["Where"]["it"]["selected_conversation"] == slack.channel_id("general")


def test_home_on_the_page(web: WebClient, page: Page, app: Listening) -> None:
    """Opening Home tells the app; each person sees their own, in their own zone."""
    noon = section("<!date^1795521600^until {date} at {time}|x>")
    row = {"type": "actions", "elements": [button(value="7")]}
    page.get_by_role("button", name="upload-link", exact=True).click()
    assert app.next()["event"]["tab"] == "messages"
    page.get_by_role("button", name="Home", exact=True).click()
    assert app.next()["event"]["tab"] == "home"
    expect(page.get_by_text("The app has put nothing here for you yet.")).to_be_visible()
    for user in (seed.ANN, seed.KENJI):
        web.views_publish(user_id=user.id, view={"type": "home", "blocks": [noon, row]})
    expect(page.get_by_text("until 24 November 2026 at 13:00")).to_be_visible()
    assert axe(page) == []
    page.get_by_role("button", name="Go").click()
    assert app.next()["container"]["type"] == "view"
    page.get_by_text("Kenji", exact=True).click()
    expect(page.get_by_text("until 2026年11月24日 at 21:00")).to_be_visible()
    event = app.next()["event"]
    assert (event["user"], event["tab"]) == (seed.KENJI.id, "home")


def test_a_thread_on_the_page(slack: Slack, web: WebClient, page: Page) -> None:
    """Replies stand beside the channel; a broadcast one in both; commands only in the channel."""
    general = slack.channel_id("general")
    root = web.chat_postMessage(channel=general, text="root")["ts"]
    web.chat_postMessage(channel=general, text="quiet", thread_ts=root)
    reply = {"channel": general, "thread_ts": root}
    loud = web.chat_postMessage(**reply, text="loud", reply_broadcast=True)["ts"]
    expect(page.get_by_label("Messages").get_by_role("article")).to_have_count(2)
    page.get_by_role("button", name="2 replies").click()
    expect(page.get_by_label("Replies").get_by_role("article")).to_have_count(3)
    web.chat_update(channel=general, ts=loud, text="louder")
    for place in ("Messages", "Replies"):
        expect(page.get_by_label(place, exact=True).get_by_text("louder")).to_be_visible()
    page.get_by_label("Reply …").focus()
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
