"""Shortcuts: global ones, and those in the menu of a message."""

import pytest
from slack_app import Listening, modal
from slack_sdk import WebClient
from slack_sdk.webhook import WebhookClient

from local.slack import seed
from local.slack.driver import Refused, Slack


def test_a_global_shortcut(slack: Slack, web: WebClient, app: Listening) -> None:
    """It says who and which, opens a modal, and does not say where."""
    slack.shortcut("ask_for_file", user="kenji", channel="deals")
    sent = app.next()
    assert (sent["type"], sent["callback_id"]) == ("shortcut", "ask_for_file")
    assert sent["user"]["id"] == seed.KENJI.id
    assert sent["team"]["id"] == seed.TEAM
    assert not {"channel", "response_url", "message"} & set(sent)
    where = {
        "type": "input",
        "block_id": "where",
        "label": {"type": "plain_text", "text": "Where"},
        "element": {
            "type": "conversations_select",
            "action_id": "where",
            "default_to_current_conversation": True,
        },
    }
    submit = {"type": "plain_text", "text": "Send"}
    web.views_open(trigger_id=sent["trigger_id"], view=modal(blocks=[where], submit=submit))
    slack.submit(user="kenji")
    chosen = app.next()["view"]["state"]["values"]["where"]["where"]["selected_conversation"]
    assert chosen == slack.channel_id("deals")  # the client knows where he was looking


def test_a_message_shortcut(slack: Slack, web: WebClient, app: Listening) -> None:
    """It carries the message with its thread, and may answer where the app may not post."""
    root = slack.say("Please send the report", channel="deals")["ts"]
    reply = slack.say("Which one?", channel="deals", user="kenji", thread_ts=root)["ts"]
    slack.message_shortcut("ask_for_file_here", ts=reply, channel="deals")
    sent = app.next()
    assert (sent["type"], sent["callback_id"]) == ("message_action", "ask_for_file_here")
    assert sent["channel"] == {"id": slack.channel_id("deals"), "name": "privategroup"}
    assert sent["message_ts"] == sent["message"]["ts"] == reply
    assert sent["message"]["thread_ts"] == root
    assert sent["message"]["text"] == "Which one?"
    WebhookClient(sent["response_url"]).send(text="psst")
    assert slack.wait_for("psst", channel="deals")["ephemeral"]
    assert [m["text"] for m in slack.sees("kenji", "deals")][-1] == "Which one?"
    assert web.views_open(trigger_id=sent["trigger_id"], view=modal())["ok"]


def test_shortcuts_that_are_not_there(slack: Slack, web: WebClient) -> None:
    """Only what the manifest names; on an ephemeral message, none at all."""
    general = slack.channel_id("general")
    web.chat_postEphemeral(channel=general, user=seed.ANN.id, text="psst")
    (psst,) = slack.sees()
    with pytest.raises(Refused, match="message_not_found"):
        slack.message_shortcut("ask_for_file_here", ts=psst["ts"])
    with pytest.raises(Refused, match="no global shortcut ask_for_file_here"):
        slack.shortcut("ask_for_file_here")


def test_a_shortcut_that_nobody_hears(slack: Slack) -> None:
    """It fails as a click does; nothing is written anywhere."""
    assert slack.shortcut("ask_for_file").error == "dispatch_failed"
    assert slack.sees() == []
