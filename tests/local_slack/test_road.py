"""The road between Slack and an app: Socket Mode, signed HTTP, bad days."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable

import pytest
from slack_app import HttpApp, Json, Listening, Loop, gone, refusal
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from local.loopback import request
from local.slack import seed
from local.slack.driver import NotSeen, Slack

Listen = Callable[..., Listening]


def test_one_envelope_goes_to_one_connection(slack: Slack, listen: Listen) -> None:
    """With several connections, each command reaches exactly one of them."""
    one, two = listen(), listen()
    for number in range(6):
        slack.command(str(number))
    got = [app.got.get_nowait()["text"] for app in (one, two) for _ in range(app.got.qsize())]
    assert sorted(got) == [str(number) for number in range(6)]


@pytest.mark.parametrize("trouble", ["refresh_socket", "close_socket", "reset_socket"])
def test_a_real_bolt_app_comes_back(slack: Slack, loop: Loop, trouble: str) -> None:
    """Bolt in Socket Mode answers, is asked to reconnect or cut off, and answers again."""

    async def connect() -> AsyncSocketModeHandler:
        client = AsyncWebClient(seed.BOT_TOKEN, base_url=f"{slack.url}/api/")
        bolt = AsyncApp(client=client)

        @bolt.command("/upload-link")
        async def hear(ack: AsyncAck, command: Json) -> None:
            await ack(f"heard {command['text']}")

        handler = AsyncSocketModeHandler(bolt, seed.APP_TOKEN, ping_interval=0.2)
        await handler.connect_async()
        return handler

    handler = loop.run(connect())
    try:
        slack.wait_for_connections(1)
        assert not slack.command("one").timed_out
        (first,) = slack.connections()
        getattr(slack, trouble)()
        until = time.monotonic() + 10
        while not [c for c in slack.connections() if c["id"] != first["id"]]:
            assert time.monotonic() < until
            time.sleep(0.01)
        assert not slack.command("two").timed_out
        assert {"heard one", "heard two"} <= {m["text"] for m in slack.sees()}
    finally:
        loop.run(handler.close_async())
        gone(slack)


def test_http_is_signed(slack: Slack, http_app: type[HttpApp]) -> None:
    """Over HTTP each request bears a signature that Slack's verifier accepts, and no other does."""
    assert slack.command("by post").acked_ms is not None
    slack.wait_for("hello")
    body, headers = http_app.got.get(timeout=5)
    assert SignatureVerifier("a secret").is_valid_request(body, headers)
    assert not SignatureVerifier("another").is_valid_request(body, headers)
    http_app.status = 500
    assert slack.command().error == "dispatch_failed"


def test_too_many_posts(slack: Slack, web: WebClient) -> None:
    """More than a short burst in one channel is 429 with Retry-After; other channels go on."""
    general, random = slack.channel_id("general"), slack.channel_id("random")
    for _ in range(3):
        web.chat_postMessage(channel=general, text="x")
    with pytest.raises(SlackApiError) as caught:
        web.chat_postMessage(channel=general, text="x")
    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "1"
    assert refusal(web.chat_postMessage, channel=random, text="x") == "ok"
    assert [call.status for call in slack.calls("chat.postMessage")] == [200, 200, 200, 429, 200]
    slack.rules(posts_per_second=0)
    assert refusal(web.chat_postMessage, channel=general, text="x") == "ok"


def test_too_many_updates(slack: Slack, web: WebClient) -> None:
    """A burst of updates meets 429 after the fiftieth, wherever they go."""
    slack.rules(posts_per_second=0)
    places = [slack.channel_id(name) for name in ("general", "launch")]
    posts = [(place, web.chat_postMessage(channel=place, text="0")["ts"]) for place in places]
    answers = [
        refusal(web.chat_update, channel=place, ts=ts, text=str(number))
        for number in range(26)
        for place, ts in posts
    ]
    assert answers[:50] == ["ok"] * 50
    slack.rules(updates_per_minute=1)  # a slow machine may have earned one more by now
    with pytest.raises(SlackApiError) as caught:
        web.chat_update(channel=posts[0][0], ts=posts[0][1], text="last")
    assert caught.value.response.status_code == 429
    assert 1 <= int(caught.value.response.headers["Retry-After"]) <= 60
    assert slack.calls("chat.update")[-1].error == "ratelimited"


def test_a_dropped_reply_was_accepted(slack: Slack, web: WebClient) -> None:
    """drop_reply posts and then says nothing: the trap that makes careless apps post twice."""
    general = slack.channel_id("general")
    slack.misbehave(method="chat.postMessage", kind="drop_reply")
    with pytest.raises(ConnectionError):
        web.chat_postMessage(channel=general, text="once")
    assert [m["text"] for m in slack.sees()] == ["once"]
    (call,) = slack.calls("chat.postMessage")
    assert (call.status, call.fault) == (0, "drop_reply")


@pytest.mark.parametrize(
    ("kind", "how", "status", "error"),
    [
        ("http_500", {}, 500, "internal_error"),
        ("http_503", {}, 503, "service_unavailable"),
        ("ratelimited", {"retry_after": 7}, 429, "ratelimited"),
        ("error", {"error": "is_archived"}, 200, "is_archived"),
    ],
)
def test_ordered_faults(
    slack: Slack, web: WebClient, kind: str, how: Json, status: int, error: str
) -> None:
    """An ordered fault happens as often as ordered, does nothing, and is written down."""
    slack.misbehave(method="chat.postMessage", kind=kind, **how)
    post = {"channel": slack.channel_id("general"), "text": "x"}
    assert refusal(web.chat_postMessage, **post) == error
    assert refusal(web.chat_postMessage, **post) == "ok"
    assert [m["text"] for m in slack.sees()] == ["x"]
    first = slack.calls("chat.postMessage")[0]
    assert (first.status, first.error, first.args["text"]) == (status, error, "x")
    assert seed.BOT_TOKEN not in json.dumps([call.args for call in slack.calls()])


@pytest.mark.parametrize(
    ("kind", "status", "said", "done"),
    [
        ("http_429", 429, "Too many requests", []),
        ("http_502", 502, "<h1>Bad gateway</h1>", []),
        ("http_504", 504, "<h1>Gateway timeout</h1>", ["x"]),
        ("garbled", 200, '{"ok": true, "channel"', ["x"]),
    ],
)
def test_what_stands_between_knows_no_json(
    slack: Slack, kind: str, status: int, said: str, done: list[str]
) -> None:
    """A proxy has its own words for "later"; an answer may break off."""
    slack.misbehave(method="chat.postMessage", kind=kind)
    answer = request(
        "POST",
        slack.bot_env["SLACK_API_URL"] + "chat.postMessage",
        headers={
            "Authorization": f"Bearer {seed.BOT_TOKEN}",
            "Content-Type": "application/json",
        },
        body=json.dumps({"channel": slack.channel_id("general"), "text": "x"}),
    )
    assert answer.status == status
    assert answer.body.decode().startswith(said)
    with pytest.raises(ValueError, match="line 1"):
        json.loads(answer.body)
    assert [m["text"] for m in slack.sees()] == done


def test_silence_does_nothing(slack: Slack, web: WebClient) -> None:
    """hang takes a call, does not do it, and says nothing for so long."""
    slack.misbehave(method="chat.postMessage", kind="hang", seconds=0.1)
    with pytest.raises(ConnectionError):
        web.chat_postMessage(channel=slack.channel_id("general"), text="never")
    assert slack.sees() == []


def test_a_missing_message_is_described(slack: Slack) -> None:
    """What was awaited in vain says what was there instead."""
    slack.say("something else")
    with pytest.raises(NotSeen, match=r"not see 'hello' in general, but:\n.*something else"):
        slack.wait_for("hello", seconds=0.1)


def test_only_json_acts(slack: Slack) -> None:
    """A form on some other page in the same browser cannot act for a person here."""
    ask = urllib.request.Request(f"{slack.url}/control/reset", b"{}", method="POST")
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(ask)
    caught.value.close()
    assert caught.value.code == 415
