"""Commands and clicks, their answers, and the threads they stand in."""

from collections.abc import Callable

import pytest
from slack_app import Listening, button, refusal
from slack_sdk import WebClient
from slack_sdk.webhook import WebhookClient

from local.slack import seed
from local.slack.driver import Refused, Slack

Listen = Callable[..., Listening]


def test_command(slack: Slack, app: Listening) -> None:
    """A command carries what Slack sends, and nothing that it does not."""
    done = slack.command("  Q3 <report> & more", user="kenji", channel="deals")
    sent = app.next()
    assert sent["text"] == "  Q3 <report> & more"
    assert (sent["user_name"], sent["channel_name"]) == ("kenji", "privategroup")
    assert "thread_ts" not in sent
    assert not done.timed_out
    assert done.acked_ms is not None
    slack.command(channel="@upload-link")
    assert app.next()["channel_name"] == "directmessage"


def test_answers_are_ephemeral_by_default(slack: Slack, app: Listening) -> None:
    """What answers a command is seen by one person, unless it says in_channel."""
    app.body = {"text": "by acknowledgement"}
    done = slack.command(channel="deals")
    hook = WebhookClient(app.next()["response_url"])
    assert hook.send(text="by response_url").status_code == 200
    assert hook.send(text="for all", response_type="in_channel").status_code == 200
    ann = [(m["text"], m["ephemeral"]) for m in slack.sees("ann", "deals")]
    assert ann == [("by acknowledgement", True), ("by response_url", True), ("for all", False)]
    assert [m["text"] for m in slack.sees("kenji", "deals")] == ["for all"]
    assert slack.interaction(done.id).seen_ms


def test_response_url_is_used_up(slack: Slack, app: Listening) -> None:
    """A response_url works five times, for half an hour, and then is 404."""
    slack.command()
    hook = WebhookClient(app.next()["response_url"])
    assert [hook.send(text="x").status_code for _ in range(6)] == [200] * 5 + [404]
    assert "used_url" in hook.send(text="x").body
    slack.rules(response_url_seconds=0)
    slack.command()
    assert "expired_url" in WebhookClient(app.next()["response_url"]).send(text="x").body


def test_silence_is_shown(slack: Slack, listen: Listen) -> None:
    """An app that does not acknowledge in three seconds is named to the person, and to nobody."""
    listen(acks=False)
    done = slack.command()
    assert done.timed_out
    assert done.acked_ms is None
    shown = slack.wait_for('/upload-link failed with the error "operation_timeout"')
    assert shown["ephemeral"]
    assert 2.9 < float(shown["ts"]) - done.sent_at < 4
    assert slack.sees("kenji") == []


def test_no_app_is_shown(slack: Slack) -> None:
    """A command without an app fails at once."""
    assert slack.command().error == "dispatch_failed"
    slack.wait_for('/upload-link failed with the error "dispatch_failed"')


@pytest.mark.parametrize(
    ("user", "channel", "answer"),
    [("kenji", "announcements", "restricted_action_read_only_channel"), ("mei", "random", None)],
)
def test_where_people_may_type(slack: Slack, user: str, channel: str, answer: str | None) -> None:
    """People have no box to type in where Slack gives them none."""
    with pytest.raises(Refused, match=answer or "channel_not_found"):
        slack.command(user=user, channel=channel)


def test_click(slack: Slack, web: WebClient, app: Listening) -> None:
    """A click names the message, and its answer may replace it; an ephemeral has no message."""
    blocks = [{"type": "actions", "elements": [button(value="7", url="https://example.com")]}]
    general = slack.channel_id("general")
    ts = web.chat_postMessage(channel=general, text="press", blocks=blocks)["ts"]
    slack.click("go", user="kenji")
    sent = app.next()
    assert sent["container"]["message_ts"] == sent["message"]["ts"] == ts
    assert sent["actions"][0]["value"] == "7"
    assert sent["actions"][0]["block_id"]
    hook = WebhookClient(sent["response_url"])
    hook.send_dict({"text": "only you", "replace_original": False})
    hook.send_dict({"text": "pressed", "replace_original": True, "blocks": []})
    assert [m["text"] for m in slack.sees("ann")] == ["pressed"]
    assert [m["text"] for m in slack.sees("kenji")] == ["pressed", "only you"]

    web.chat_postEphemeral(channel=general, user=seed.ANN.id, text="psst", blocks=blocks)
    slack.click("go")
    sent = app.next()
    assert sent["container"]["is_ephemeral"]
    assert "message" not in sent
    WebhookClient(sent["response_url"]).send_dict({"delete_original": True})
    assert [m["text"] for m in slack.sees("ann")] == ["pressed"]


def test_threads(slack: Slack, web: WebClient) -> None:
    """Replies, broadcast or not, and metadata come back as they were sent."""
    slack.rules(posts_per_second=0)
    general = slack.channel_id("general")
    root = web.chat_postMessage(channel=general, text="root")["ts"]
    mark = {"event_type": "done", "event_payload": {"n": 1}}
    reply = {"channel": general, "thread_ts": root}
    web.chat_postMessage(**reply, text="quiet")
    web.chat_postMessage(**reply, text="loud", reply_broadcast=True, metadata=mark)
    thread = web.conversations_replies(channel=general, ts=root, include_all_metadata=True)
    assert [m["text"] for m in thread["messages"]] == ["root", "quiet", "loud"]
    assert thread["messages"][0]["reply_count"] == 2
    assert thread["messages"][2]["metadata"] == mark
    bare = web.conversations_replies(channel=general, ts=root)
    assert "metadata" not in bare["messages"][2]
    in_channel = web.conversations_history(channel=general)["messages"]
    assert [m["text"] for m in in_channel] == ["loud", "root"]
    page = web.conversations_history(channel=general, limit=1)
    assert page["has_more"]
    older = web.conversations_history(
        channel=general, limit=1, cursor=page["response_metadata"]["next_cursor"]
    )
    assert older["messages"][0]["text"] == "root"
    missing = refusal(web.chat_postMessage, channel=general, thread_ts="1.0", text="x")
    assert missing == "thread_not_found"


def test_updates(slack: Slack, web: WebClient) -> None:
    """An update keeps what it does not name, and shows a broadcast reply in both places anew."""
    slack.rules(posts_per_second=0)
    general = slack.channel_id("general")
    root = web.chat_postMessage(channel=general, text="root")["ts"]
    mark = {"event_type": "done", "event_payload": {"n": 1}}
    reply = {"channel": general, "thread_ts": root, "metadata": mark}
    loud = web.chat_postMessage(**reply, text="one file", reply_broadcast=True)["ts"]
    quiet = web.chat_postMessage(**reply, text="quiet")["ts"]
    changed = web.chat_update(channel=general, ts=loud, text="two files")
    assert changed["message"]["metadata"] == mark
    thread = web.conversations_replies(channel=general, ts=root)["messages"]
    assert [m["text"] for m in thread] == ["root", "two files", "quiet"]
    in_channel = web.conversations_history(channel=general)["messages"]
    assert [m["text"] for m in in_channel] == ["two files", "root"]
    web.chat_update(channel=general, ts=quiet, text="quiet", reply_broadcast=True)
    assert len(web.conversations_history(channel=general)["messages"]) == 3
    web.chat_delete(channel=general, ts=loud)
    assert len(web.conversations_replies(channel=general, ts=root)["messages"]) == 2
