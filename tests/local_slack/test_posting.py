"""Who may call what, and where an app may post: asked by Slack's own client."""

import json

import pytest
from slack_app import refusal
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from local.slack import seed
from local.slack.driver import Slack
from local.slack.manifest import MANIFEST


def test_tokens(slack: Slack) -> None:
    """A call needs the right token: none, a wrong one, and one of the wrong kind are told apart."""
    api = f"{slack.url}/api/"
    assert refusal(WebClient(base_url=api).auth_test) == "not_authed"
    assert refusal(WebClient("xoxb-other", base_url=api).auth_test) == "invalid_auth"
    assert refusal(WebClient(seed.APP_TOKEN, base_url=api).auth_test) == "not_allowed_token_type"
    bot = WebClient(seed.BOT_TOKEN, base_url=api)
    assert bot.auth_test()["user_id"] == seed.BOT_USER.id
    assert "chat:write" in bot.auth_test().headers["X-OAuth-Scopes"]


def test_an_app_configuration_token(slack: Slack, web: WebClient) -> None:
    """It shows the app as it is registered, by the app's id, and is good for nothing else."""
    app = web.bots_info(bot=web.auth_test()["bot_id"])["bot"]["app_id"]
    assert app == seed.APP == seed.APP_TOKEN.split("-")[2]
    assert refusal(web.bots_info, bot="B0") == "bot_not_found"
    config = WebClient(seed.CONFIG_TOKEN, base_url=f"{slack.url}/api/", retry_handlers=[])
    manifest = config.apps_manifest_export(app_id=app)["manifest"]
    assert manifest["features"]["slash_commands"][0]["command"] == "/upload-link"
    assert refusal(config.apps_manifest_export, app_id="A0") == "invalid_app_id"
    assert refusal(config.auth_test) == "not_allowed_token_type"
    assert refusal(web.apps_manifest_export, app_id=app) == "not_allowed_token_type"


def test_installed_anew(slack: Slack, web: WebClient) -> None:
    """Another manifest grants other scopes, and registers other things, until the reset."""
    manifest = json.loads(MANIFEST.read_text())
    manifest["oauth_config"]["scopes"]["bot"] = ["commands"]
    slack.reinstall(manifest)
    assert web.auth_test().headers["X-OAuth-Scopes"] == "commands"
    general = slack.channel_id("general")
    assert refusal(web.chat_postMessage, channel=general, text="hello") == "missing_scope"
    slack.reset()
    assert refusal(web.chat_postMessage, channel=general, text="hello") == "ok"


def test_what_comes_too_late(slack: Slack, web: WebClient) -> None:
    """For a channel from before the reset: it is no call of this workspace, and meets no fault."""
    before = slack.channel_id("general")
    slack.reset(general="C0NEW")
    slack.misbehave(method="chat.postMessage", kind="error", error="fatal_error")
    assert refusal(web.chat_postMessage, channel=before, text="late") == "channel_not_found"
    assert slack.calls() == []
    assert refusal(web.chat_postMessage, channel="C0NEW", text="hello") == "fatal_error"


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
