"""What is too long, too many or malformed is refused, in Slack's words."""

from typing import Any

import pytest
from slack_app import Json, Listening, button, modal, refusal, section
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from local.slack.driver import Slack


def option(number: int) -> Json:
    return {"text": {"type": "plain_text", "text": str(number)}, "value": str(number)}


def acts(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def menu(count: int) -> Json:
    return acts({"type": "overflow", "options": [option(n) for n in range(count)]})


def select(count: int, **more: Any) -> Json:
    return acts({"type": "static_select", "options": [option(n) for n in range(count)], **more})


def confirm(**texts: str) -> Json:
    words = {"title": "Sure?", "text": "It cannot be undone.", "confirm": "Yes", "deny": "No"}
    return {name: {"type": "plain_text", "text": text} for name, text in (words | texts).items()}


@pytest.mark.parametrize(
    ("blocks", "complaint"),
    [
        ([section("x" * 3000)], None),
        ([section("x" * 3001)], "must be less than 3001 characters [json-pointer:/blocks/0/text/"),
        ([section("")], "must be more than 0 characters"),
        ([section("x")] * 50, None),
        ([section("x")] * 51, "no more than 50 items allowed [json-pointer:/blocks]"),
        ([{"type": "actions", "elements": [button(value="x" * 2000)]}], None),
        ([{"type": "actions", "elements": [button(value="x" * 2001)]}], "less than 2001"),
        ([{"type": "actions", "elements": [button(url="x" * 3001)]}], "less than 3001"),
        ([{"type": "actions", "elements": [button(), button()]}], "duplicate action_id: go"),
        ([{"type": "actions", "elements": []}], "no fewer than 1 items"),
        ([{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}], "must be one of: plain"),
        ([{"type": "context", "elements": [section("x")["text"]] * 11}], "no more than 10 items"),
        ([{"type": "section"}], "must provide one of: text, fields"),
        ([{**section("x"), "colour": "red"}], "invalid additional property: colour"),
        ([{**section("x"), "block_id": "a"}] * 2, "duplicate block_id: a"),
        ([{"type": "alert"}], "unsupported type: alert"),
        ([{"type": "sonnet"}], "unsupported type: sonnet"),
        ([menu(2)], None),
        ([menu(1)], "no fewer than 2 items"),
        ([menu(6)], "no more than 5 items"),
        ([select(100)], None),
        ([select(101)], "no more than 100 items"),
        ([select(2, initial_option=option(7))], "must be one of the provided options"),
        ([acts(button(style="green"))], "must be one of: primary, danger"),
        ([acts(button(confirm=confirm()))], None),
        ([acts(button(confirm=confirm(title="x" * 101)))], "less than 101 characters"),
        ([acts(button(confirm=confirm(confirm="x" * 31)))], "less than 31 characters"),
        ([acts(button(confirm=confirm(text="x" * 301)))], "less than 301 characters"),
    ],
)
def test_sizes_of_blocks(
    slack: Slack, web: WebClient, blocks: list[Json], complaint: str | None
) -> None:
    """Blocks that are too long, too many or malformed are refused with Slack's complaint."""
    post = {"channel": slack.channel_id("general"), "text": "x", "blocks": blocks}
    if complaint is None:
        assert web.chat_postMessage(**post)["ok"]
        return
    with pytest.raises(SlackApiError) as caught:
        web.chat_postMessage(**post)
    assert caught.value.response["error"] == "invalid_blocks"
    assert complaint in "\n".join(caught.value.response["response_metadata"]["messages"])


def test_sizes_of_text(slack: Slack, web: WebClient) -> None:
    """A post is cut at 40,000 characters, an update refused above 4,000, nothing is not a post."""
    general = slack.channel_id("general")
    posted = web.chat_postMessage(channel=general, text="x" * 40_001)
    assert len(posted["message"]["text"]) == 40_000
    long = refusal(web.chat_update, channel=general, ts=posted["ts"], text="x" * 4001)
    assert long == "msg_too_long"
    nothing = {"channel": general, "text": ""}
    assert refusal(web.api_call, api_method="chat.postMessage", json=nothing) == "no_text"
    not_json = refusal(web.chat_postMessage, channel=general, text="x", blocks="[{")
    assert not_json == "invalid_blocks_format"


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        ({}, "ok"),
        ({"title": {"type": "plain_text", "text": "x" * 25}}, "invalid_arguments"),
        ({"blocks": [section("x")] * 101}, "invalid_arguments"),
        ({"private_metadata": "x" * 3001}, "invalid_arguments"),
        ({"submit": {"type": "plain_text", "text": "x" * 25}}, "invalid_arguments"),
        ({"notify_on_close": "yes"}, "invalid_arguments"),
        ({"blocks": [section("x" * 3000)] * 90}, "view_too_large"),
    ],
)
def test_sizes_of_modals(
    slack: Slack, web: WebClient, app: Listening, change: Json, answer: str
) -> None:
    """Modals have limits of their own."""
    slack.command()
    trigger = app.next()["trigger_id"]
    assert refusal(web.views_open, trigger_id=trigger, view=modal(**change)) == answer
