"""The app's Home tab, and the event that tells of its opening."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from people import until
from slack_app import HttpApp, Json, Listening, button, modal, refusal, section
from slack_sdk import WebClient
from slack_sdk.signature import SignatureVerifier

from local.slack import driver, seed
from local.slack.driver import NotSeen, Refused, Slack

Listen = Callable[..., Listening]


def home(*blocks: Json, **more: Any) -> Json:
    return {"type": "home", "blocks": list(blocks), **more}


def test_opening_it(slack: Slack, web: WebClient, app: Listening) -> None:
    """The app hears who opened which tab, with the view that was there before."""
    opened = slack.open_home(user="kenji")
    sent = app.next()
    assert (sent["type"], sent["team_id"], sent["api_app_id"]) == (
        "event_callback",
        seed.TEAM,
        seed.APP,
    )
    event = sent["event"]
    assert (event["type"], event["user"], event["tab"]) == (
        "app_home_opened",
        seed.KENJI.id,
        "home",
    )
    assert event["channel"].startswith("D")
    assert "view" not in event
    assert sent["authorizations"][0]["user_id"] == seed.BOT_USER.id
    web.views_publish(user_id=seed.KENJI.id, view=home(section("Your links")))
    assert slack.wait_for_home("Your links", user="kenji")["type"] == "home"
    # Slack's answer to the app and the app's acknowledgement pass each other on their ways.
    until(lambda: slack.interaction(opened.id).acked_ms is not None)

    slack.open_home(user="kenji")
    assert app.next()["event"]["view"]["blocks"][0]["text"]["text"] == "Your links"
    slack.open_home(user="kenji", tab="messages")
    event = app.next()["event"]
    assert event["tab"] == "messages"
    assert "view" not in event


def test_events_come_again(slack: Slack, listen: Listen) -> None:
    """An event that is not acknowledged is sent three times more, and says so; then never."""
    slack.rules(ack_seconds=0.1, event_retry_seconds=[0, 0, 0])
    app = listen(acks=False)
    slack.open_home()
    ids = {app.next()["event_id"] for _ in range(4)}
    assert len(ids) == 1
    assert [(r.retry_attempt, r.retry_reason) for r in app.requests] == [
        (0, ""),
        (1, "timeout"),
        (2, "timeout"),
        (3, "timeout"),
    ]
    assert {r.type for r in app.requests} == {"events_api"}


def test_events_over_http(slack: Slack, http_app: type[HttpApp]) -> None:
    """Events are signed JSON, come again after a failure, and not if the app has had enough."""
    slack.rules(event_retry_seconds=[0, 0, 0])
    http_app.status = 500
    slack.open_home()
    got = [http_app.got.get(timeout=5) for _ in range(4)]
    assert [h.get("X-Slack-Retry-Num") for _, h in got] == [None, "1", "2", "3"]
    assert {h.get("X-Slack-Retry-Reason") for _, h in got[1:]} == {"http_error"}
    for body, headers in got:
        assert headers["Content-Type"].startswith("application/json")
        assert SignatureVerifier("a secret").is_valid_request(body, headers)
    http_app.enough = True
    slack.open_home()
    http_app.got.get(timeout=5)
    http_app.status, http_app.enough = 200, False
    slack.command()
    assert b"command=" in http_app.got.get(timeout=5)[0]


def test_clicks_in_it(slack: Slack, web: WebClient, app: Listening) -> None:
    """A click names the view, no message and no channel, and may open a modal."""
    rows = [
        {"type": "actions", "block_id": name, "elements": [button(action_id="b", value=value)]}
        for name, value in [("first", "1"), ("second", "2"), ("third", "2")]
    ]
    shown = web.views_publish(user_id=seed.ANN.id, view=home(*rows))["view"]
    slack.click_in_home("b", value="2")
    sent = app.next()
    assert sent["type"] == "block_actions"
    assert sent["container"] == {"type": "view", "view_id": shown["id"]}
    assert sent["view"]["hash"] == shown["hash"]
    assert (sent["actions"][0]["value"], sent["actions"][0]["block_id"]) == ("2", "second")
    assert not {"response_url", "channel", "message"} & set(sent)
    assert refusal(web.views_open, trigger_id=sent["trigger_id"], view=modal()) == "ok"
    slack.click_in_home("b", block_id="third")
    assert app.next()["actions"][0]["block_id"] == "third"
    with pytest.raises(Refused, match="nothing_to_click"):
        slack.click_in_home("b", user="kenji")


def test_publishing_it(slack: Slack, web: WebClient) -> None:
    """A stale hash is refused, a person's own view stays their own, and sizes are Slack's."""
    first = web.views_publish(user_id=seed.ANN.id, view=home(section("one")))["view"]
    publish = {"user_id": seed.ANN.id, "view": home(section("two"))}
    assert refusal(web.views_publish, hash=first["hash"], **publish) == "ok"
    assert refusal(web.views_publish, hash=first["hash"], **publish) == "hash_conflict"
    assert slack.home("kenji") is None
    with pytest.raises(NotSeen, match=r"does not hold 'three', but:\n.*two"):
        slack.wait_for_home("three", seconds=0.1)
    for view, answer in [
        (home(*[section("x")] * 100), "ok"),
        (home(*[section("x")] * 101), "invalid_arguments"),
        (home(*[section("x" * 3000)] * 90), "view_too_large"),
        (home(section("x"), private_metadata="x" * 3001), "invalid_arguments"),
        (modal(), "invalid_arguments"),
    ]:
        assert refusal(web.views_publish, user_id=seed.ANN.id, view=view) == answer


def test_an_app_without_one(granted: Path, tmp_path: Path) -> None:
    """Where the manifest does not switch it on, it cannot be opened nor published."""
    app = json.loads(granted.read_text(encoding="utf-8"))
    app["features"]["app_home"]["home_tab_enabled"] = False
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps(app), encoding="utf-8")
    with driver.running(manifest=manifest) as plain:
        web = WebClient(seed.BOT_TOKEN, base_url=f"{plain.url}/api/", retry_handlers=[])
        view = home(section("x"))
        assert refusal(web.views_publish, user_id=seed.ANN.id, view=view) == "not_enabled"
        with pytest.raises(Refused, match="no Home tab"):
            plain.open_home()
