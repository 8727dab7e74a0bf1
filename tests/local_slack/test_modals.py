"""Modals: opened, filled in, refused, sent."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from slack_app import Json, Listening, modal, refusal, section
from slack_sdk import WebClient
from slack_sdk.webhook import WebhookClient

from local.slack.driver import Refused, Slack


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


def ask(block_id: str, element: Json, **more: Any) -> Json:
    """An input whose block and action bear the same name."""
    label = {"type": "plain_text", "text": block_id.title()}
    element = {"action_id": block_id, **element}
    return {"type": "input", "block_id": block_id, "label": label, "element": element, **more}


def choices(*values: str) -> list[Json]:
    return [{"text": {"type": "plain_text", "text": v.upper()}, "value": v} for v in values]


FORM = [
    ask("what", {"type": "plain_text_input", "max_length": 10}),
    ask("note", {"type": "plain_text_input", "multiline": True}, optional=True),
    ask(
        "files",
        {
            "type": "number_input",
            "is_decimal_allowed": False,
            "min_value": "1",
            "max_value": "20",
            "initial_value": "3",
        },
    ),
    ask("day", {"type": "datepicker", "initial_date": "2026-12-01"}),
    ask("time", {"type": "timepicker"}, optional=True),
    ask("until", {"type": "datetimepicker"}, optional=True),
    ask("size", {"type": "static_select", "options": choices("mb", "gb")}, optional=True),
    ask("sender", {"type": "radio_buttons", "options": choices("ask", "hide")}, optional=True),
    ask("more", {"type": "checkboxes", "options": choices("a", "b")}, optional=True),
    ask("person", {"type": "users_select"}, optional=True),
    ask(
        "where",
        {
            "type": "conversations_select",
            "default_to_current_conversation": True,
            "response_url_enabled": True,
            "filter": {"include": ["public", "private"], "exclude_bot_users": True},
        },
    ),
]


@pytest.fixture
def form(slack: Slack, web: WebClient, app: Listening) -> Json:
    """A modal with every kind of input, opened in #general."""
    slack.command()
    submit = {"type": "plain_text", "text": "Send"}
    view = modal(blocks=FORM, submit=submit, callback_id="ask")
    opened = web.views_open(trigger_id=app.next()["trigger_id"], view=view)
    return dict(opened["view"])


@pytest.mark.usefixtures("form")
def test_what_is_filled_in(slack: Slack, app: Listening) -> None:
    """The app gets the state of every input, touched or not, and a response_url if it asked."""
    app.body = {"response_action": "errors", "errors": {"what": "Too vague"}}
    slack.submit({"what": {"what": {"value": "Q3"}}, "more": {"more": _chosen("b")}})
    sent = app.next()
    values = {block: dict(*actions.values()) for block, actions in _values(sent).items()}
    general = slack.channel_id("general")
    assert values == {
        "what": {"type": "plain_text_input", "value": "Q3"},
        "note": {"type": "plain_text_input", "value": None},
        "files": {"type": "number_input", "value": "3"},
        "day": {"type": "datepicker", "selected_date": "2026-12-01"},
        "time": {"type": "timepicker", "selected_time": None},
        "until": {"type": "datetimepicker", "selected_date_time": None},
        "size": {"type": "static_select", "selected_option": None},
        "sender": {"type": "radio_buttons", "selected_option": None},
        "more": {"type": "checkboxes", "selected_options": choices("b")},
        "person": {"type": "users_select", "selected_user": None},
        "where": {"type": "conversations_select", "selected_conversation": general},
    }
    (answer,) = sent["response_urls"]
    assert (answer["block_id"], answer["channel_id"]) == ("where", general)
    WebhookClient(answer["response_url"]).send(text="Made")
    assert slack.wait_for("Made")["ephemeral"]

    app.body = None
    slack.submit({"where": {"where": {"selected_conversation": "deals"}}})
    sent = app.next()
    assert _values(sent)["what"]["what"]["value"] == "Q3"  # nothing typed is lost to an error
    assert sent["response_urls"][0]["channel_id"] == slack.channel_id("deals")


def _values(sent: Json) -> Json:
    return dict(sent["view"]["state"]["values"])


def _chosen(*values: str) -> Json:
    return {"selected_options": [{"value": value} for value in values]}


@pytest.mark.usefixtures("form")
@pytest.mark.parametrize(
    ("change", "answer"),
    [
        ({}, "what must be filled in"),
        ({"what": {"value": ""}}, "what must be filled in"),
        ({"what": {"value": "longer than ten"}}, "does not take"),
        ({"what": {"value": "two\nlines"}}, "does not take"),
        ({"what": {"selected_date": "2026-12-01"}}, "does not hold"),
        ({"what": {"type": "number_input", "value": "1"}}, "does not hold"),
        ({"why": {"value": "x"}}, "no such input: why why"),
        ({"files": {"value": "21"}}, "does not take"),
        ({"files": {"value": "1.5"}}, "does not take"),
        ({"files": {"value": 2}}, "does not take"),
        ({"day": {"selected_date": "1 December"}}, "does not take"),
        ({"what": {"value": "Q3"}, "day": {"selected_date": None}}, "day must be filled in"),
        ({"time": {"selected_time": "24:00"}}, "does not take"),
        ({"until": {"selected_date_time": "2026-12-01"}}, "does not take"),
        ({"size": {"selected_option": {"value": "tb"}}}, "does not take"),
        ({"sender": {"selected_option": {"value": "shout"}}}, "does not take"),
        ({"more": {"selected_options": {"value": "a"}}}, "does not take"),
        ({"person": {"selected_user": "nobody"}}, "user_not_found"),
        ({"where": {"selected_conversation": "@kenji"}}, "does not take"),
        ({"where": {"selected_conversation": "nowhere"}}, "channel_not_found"),
    ],
)
def test_what_the_client_does_not_send(
    slack: Slack, app: Listening, change: Json, answer: str
) -> None:
    """An input that is not there, is empty though required, or holds another kind of thing."""
    with pytest.raises(Refused, match=answer):
        slack.submit({name: {name: put} for name, put in change.items()})
    assert app.got.empty()


def test_a_modal_that_changes_while_open(
    slack: Slack, web: WebClient, app: Listening, form: Json
) -> None:
    """An update keeps what was filled into the inputs that stay, and a stale hash is refused."""
    sender = ask("sender", FORM[7]["element"], dispatch_action=True)
    again = modal(blocks=[FORM[0], sender], submit=form["submit"], callback_id="ask")
    updated = web.views_update(view_id=form["id"], hash=form["hash"], view=again)["view"]
    assert updated["id"] == form["id"]
    stale = refusal(web.views_update, view_id=form["id"], hash=form["hash"], view=again)
    assert stale == "hash_conflict"

    slack.click_in_view("sender", value="hide")
    sent = app.next()
    assert sent["container"] == {"type": "view", "view_id": form["id"]}
    assert sent["actions"][0]["selected_option"] == choices("hide")[0]
    with pytest.raises(Refused, match="tells the app nothing"):
        slack.click_in_view("what", chosen={"value": "Q3"})

    other = modal(blocks=[sender, section("more")], submit=form["submit"], callback_id="ask")
    web.views_update(view_id=form["id"], view=other)
    slack.submit()
    assert _values(app.next())["sender"]["sender"]["selected_option"] == choices("hide")[0]


@pytest.mark.usefixtures("form")
def test_an_answer_that_slack_cannot_follow(slack: Slack, app: Listening) -> None:
    """Errors for no input, and views that are none, leave the modal open with a complaint."""
    state = {"what": {"what": {"value": "Q3"}}}
    app.body = {"response_action": "errors", "errors": {"nowhere": "x"}}
    assert slack.submit(state).error == "errors_of_no_input"
    app.body = {"response_action": "update", "view": {"type": "modal"}}
    assert slack.submit(state).error == "invalid_arguments"
    app.body = {"response_action": "jump"}
    assert slack.submit(state).error == "unknown_response_action"
    assert slack.view()


@pytest.mark.usefixtures("form")
def test_a_modal_is_sent_once(slack: Slack, app: Listening) -> None:
    """Sending again while the app has not answered is impossible, as the button is disabled."""
    app.wait = 0.4
    state = {"what": {"what": {"value": "Q3"}}}
    with ThreadPoolExecutor(1) as other:
        first = other.submit(slack.submit, state)
        app.next()
        with pytest.raises(Refused, match="being sent"):
            slack.submit(state)
        assert first.result().error is None
    assert slack.view() is None


def test_menus(slack: Slack, web: WebClient, app: Listening) -> None:
    """An overflow menu sends the option that was picked, from a message and from a modal."""
    menu = {"type": "overflow", "action_id": "more", "options": choices("close", "extend")}
    blocks = [{**section("a link"), "accessory": menu}]
    web.chat_postMessage(channel=slack.channel_id("general"), text="a link", blocks=blocks)
    slack.click("more", value="extend", user="kenji")
    sent = app.next()
    assert sent["actions"][0]["type"] == "overflow"
    assert sent["actions"][0]["selected_option"] == choices("extend")[0]
    assert sent["state"] == {"values": {}}
    with pytest.raises(Refused, match="does not take"):
        slack.click("more", chosen={"selected_option": {"value": "burn"}})
    with pytest.raises(Refused, match="nothing_to_click"):
        slack.click("more", value="burn")
    web.views_open(trigger_id=sent["trigger_id"], view=modal(blocks=blocks))
    slack.click_in_view("more", chosen={"selected_option": {"value": "close"}}, user="kenji")
    sent = app.next()
    assert sent["actions"][0]["selected_option"] == choices("close")[0]
    assert "response_url" not in sent
