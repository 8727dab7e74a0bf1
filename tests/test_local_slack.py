"""The local Slack refuses what Slack refuses, asked by Slack's own clients.

What these tests promise is what every other test and the demo rely on.
"""

import asyncio
import json
import queue
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Coroutine, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar

import pytest
from playwright.sync_api import Browser, Page, expect
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook import WebhookClient

from local.slack import driver, seed
from local.slack.driver import NotSeen, Refused, Slack

Json = dict[str, Any]
T = TypeVar("T")

AXE = Path(__file__).parent.parent / "node_modules/axe-core/axe.min.js"


@pytest.fixture(scope="module")
def process() -> Iterator[Slack]:
    """One of this file's own: at the one that tests share, the bot is listening."""
    with driver.running() as slack:
        yield slack


@pytest.fixture
def slack(process: Slack) -> Slack:
    process.reset()
    process.use_sockets()
    return process


@pytest.fixture
def web(slack: Slack) -> WebClient:
    """Slack's client, without the retry that would hide what happened."""
    return WebClient(seed.BOT_TOKEN, base_url=f"{slack.url}/api/", retry_handlers=[])


class Loop:
    """An event loop in a thread, for Slack's asynchronous clients."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@pytest.fixture(scope="module")
def loop() -> Iterator[Loop]:
    loop = Loop()
    yield loop
    loop.stop()


class Listening:
    """An app in Socket Mode that keeps what it gets, and acknowledges with `body`."""

    def __init__(self, url: str, *, acks: bool) -> None:
        self.got: queue.Queue[Json] = queue.Queue()
        self.body: Json | None = None
        self._acks = acks
        self._web = AsyncWebClient(base_url=f"{url}/api/")

    async def open(self) -> None:
        self._client = SocketModeClient(seed.APP_TOKEN, web_client=self._web)
        self._client.socket_mode_request_listeners.append(self._take)
        await self._client.connect()

    async def close(self) -> None:
        await self._client.close()

    async def _take(self, client: Any, request: Any) -> None:
        self.got.put(request.payload)
        if self._acks:
            response = SocketModeResponse(request.envelope_id, self.body)
            await client.send_socket_mode_response(response)

    def next(self) -> Json:
        return self.got.get(timeout=5)


Listen = Callable[..., Listening]


@pytest.fixture
def listen(slack: Slack, loop: Loop) -> Iterator[Listen]:
    """Connects apps, and disconnects them in the end."""
    apps: list[Listening] = []

    def connect(*, acks: bool = True) -> Listening:
        app = Listening(slack.url, acks=acks)
        loop.run(app.open())
        apps.append(app)
        slack.wait_for_connections(len(apps))
        return app

    yield connect
    for app in apps:
        loop.run(app.close())
    gone(slack)


def gone(slack: Slack) -> None:
    """Wait until no connection of the app before is left."""
    until = time.monotonic() + 5
    while slack.connections():
        assert time.monotonic() < until
        time.sleep(0.005)


@pytest.fixture
def app(listen: Listen) -> Listening:
    return listen()


def refusal(call: Any, **arguments: Any) -> str:
    """The error code with which a call is refused, or "ok"."""
    try:
        call(**arguments)
    except SlackApiError as error:
        return str(error.response["error"])
    return "ok"


def section(text: str) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def button(**more: Any) -> Json:
    text = {"type": "plain_text", "text": "Go"}
    return {"type": "button", "text": text, "action_id": "go", **more}


def modal(**more: Any) -> Json:
    title = {"type": "plain_text", "text": "Ask"}
    return {"type": "modal", "title": title, "blocks": [section("hello")], **more}


# Who may be here


def test_tokens(slack: Slack) -> None:
    """A call needs the right token: none, a wrong one, and one of the wrong kind are told apart."""
    api = f"{slack.url}/api/"
    assert refusal(WebClient(base_url=api).auth_test) == "not_authed"
    assert refusal(WebClient("xoxb-other", base_url=api).auth_test) == "invalid_auth"
    assert refusal(WebClient(seed.APP_TOKEN, base_url=api).auth_test) == "not_allowed_token_type"
    bot = WebClient(seed.BOT_TOKEN, base_url=api)
    assert bot.auth_test()["user_id"] == seed.BOT_USER.id
    assert "chat:write" in bot.auth_test().headers["X-OAuth-Scopes"]


def test_scopes(web: WebClient) -> None:
    """A call without the scope that the manifest must grant is refused, and says which."""
    with pytest.raises(SlackApiError) as caught:
        web.team_info()
    assert caught.value.response["error"] == "missing_scope"
    assert caught.value.response["needed"] == "team:read"
    assert refusal(web.api_call, api_method="chat.sing") == "unknown_method"


@pytest.mark.parametrize(
    ("channel", "answer"),
    [
        pytest.param("C07S1A0G3NR", "ok", id="public, member"),
        pytest.param("C07S2B1R4ND", "ok", id="public, not a member, chat:write.public"),
        pytest.param("C07S3C2A5NN", "restricted_action_read_only_channel", id="read-only"),
        pytest.param("C07S4D3D6LS", "channel_not_found", id="private, not a member"),
        pytest.param("C07S5E4L7NC", "ok", id="private, member"),
        pytest.param("D07T1F5K8AJ", "channel_not_found", id="DM of two people"),
        pytest.param(seed.KENJI.id, "ok", id="a person: DM with the app"),
        pytest.param(seed.SLACKBOT.id, "cannot_dm_bot", id="a bot"),
        pytest.param("C0000000000", "channel_not_found", id="no such channel"),
        pytest.param("U0000000000", "channel_not_found", id="no such person"),
    ],
)
def test_where_the_app_may_post(web: WebClient, channel: str, answer: str) -> None:
    """chat.postMessage goes where Slack lets an app, and nowhere else."""
    assert refusal(web.chat_postMessage, channel=channel, text="hello") == answer


def test_where_the_app_may_no_longer_post(slack: Slack, web: WebClient) -> None:
    """Archived channels and a closed messages tab take no posts."""
    general = slack.change_channel("general", archived=True)
    assert refusal(web.chat_postMessage, channel=general, text="hello") == "is_archived"
    slack.rules(messages_tab=False)
    ann = seed.ANN.id
    assert refusal(web.chat_postMessage, channel=ann, text="hello") == "messages_tab_disabled"


def test_where_the_app_may_read(slack: Slack, web: WebClient) -> None:
    """Reading needs membership, also where posting does not."""
    random = slack.channel_id("random")
    ts = web.chat_postMessage(channel=random, text="hello")["ts"]
    assert refusal(web.conversations_replies, channel=random, ts=ts) == "not_in_channel"
    deals = slack.channel_id("deals")
    assert refusal(web.conversations_history, channel=deals) == "channel_not_found"


def test_messages_of_others(slack: Slack, web: WebClient) -> None:
    """The app changes and deletes only what it wrote, and only by a conversation's id."""
    general, ts = slack.channel_id("general"), slack.say("hello")["ts"]
    assert refusal(web.chat_update, channel=general, ts=ts, text="x") == "cant_update_message"
    assert refusal(web.chat_delete, channel=general, ts=ts) == "cant_delete_message"
    assert refusal(web.chat_update, channel=general, ts="1.0", text="x") == "message_not_found"
    own = web.chat_postMessage(channel=seed.ANN.id, text="hello")
    by_user = refusal(web.chat_update, channel=seed.ANN.id, ts=own["ts"], text="x")
    assert by_user == "channel_not_found"
    web.chat_update(channel=own["channel"], ts=own["ts"], text="changed")
    assert slack.wait_for("changed", channel="@upload-link")["edited"]


# Sizes


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


# Commands and answers


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


# Buttons, threads, modals


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


def test_a_trigger_opens_one_modal(slack: Slack, web: WebClient, app: Listening) -> None:
    """A trigger_id works once, and for three seconds."""
    slack.command()
    trigger = app.next()["trigger_id"]
    assert refusal(web.views_open, trigger_id=trigger, view=modal()) == "ok"
    assert refusal(web.views_open, trigger_id=trigger, view=modal()) == "exchanged_trigger_id"
    assert refusal(web.views_open, trigger_id="1.2.x", view=modal()) == "invalid_trigger_id"
    slack.rules(trigger_seconds=0)
    slack.command()
    late = refusal(web.views_open, trigger_id=app.next()["trigger_id"], view=modal())
    assert late == "expired_trigger_id"


def test_modal(slack: Slack, web: WebClient, app: Listening) -> None:
    """A modal is sent with its state, shows errors, and closes when the app agrees."""
    asked = {
        "type": "input",
        "block_id": "name",
        "label": {"type": "plain_text", "text": "Name"},
        "element": {"type": "plain_text_input", "action_id": "text"},
    }
    submit = {"type": "plain_text", "text": "Send"}
    slack.command()
    view = modal(blocks=[asked], submit=submit, callback_id="ask", private_metadata="kept")
    web.views_open(trigger_id=app.next()["trigger_id"], view=view)
    app.body = {"response_action": "errors", "errors": {"name": "Too short"}}
    state = {"name": {"text": {"type": "plain_text_input", "value": "x"}}}
    assert slack.submit(state).errors == {"name": "Too short"}
    sent = app.next()
    assert sent["type"] == "view_submission"
    assert sent["view"]["state"]["values"] == state
    assert sent["view"]["private_metadata"] == "kept"
    app.body = None
    slack.submit(state)
    assert slack.view() is None


# The road itself


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


class _Door(BaseHTTPRequestHandler):
    """An app on HTTP that keeps what it gets."""

    got: "queue.Queue[tuple[bytes, dict[str, str]]]" = queue.Queue()
    status = 200

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.got.put((body, dict(self.headers)))
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(b'{"text": "hello"}')

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@pytest.fixture
def http_app(slack: Slack) -> Iterator[type[_Door]]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Door)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    slack.use_http(f"http://127.0.0.1:{server.server_address[1]}/slack/events", "a secret")
    yield _Door
    _Door.status = 200
    server.shutdown()
    thread.join()
    server.server_close()


def test_http_is_signed(slack: Slack, http_app: type[_Door]) -> None:
    """Over HTTP each request bears a signature that Slack's verifier accepts, and no other does."""
    assert slack.command("by post").acked_ms is not None
    slack.wait_for("hello")
    body, headers = http_app.got.get(timeout=5)
    assert SignatureVerifier("a secret").is_valid_request(body, headers)
    assert not SignatureVerifier("another").is_valid_request(body, headers)
    http_app.status = 500
    assert slack.command().error == "dispatch_failed"


# Bad days


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


# The page


@pytest.fixture(scope="module")
def tab(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(bypass_csp=True)  # axe is put into the page
    yield context.new_page()
    context.close()


@pytest.fixture
def page(slack: Slack, tab: Page) -> Iterator[Page]:
    """The page as Ann sees it; any script error fails the test."""
    errors: list[str] = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.goto("about:blank")
    tab.goto(slack.url)
    tab.get_by_role("textbox", name="Message #general").wait_for()
    yield tab
    assert errors == []


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
    expect(page.get_by_text("November 24, 2026 at 1:00 PM")).to_be_visible()
    page.get_by_text("Kenji", exact=True).click()
    expect(page.get_by_text("2026年11月24日 at 21:00")).to_be_visible()
