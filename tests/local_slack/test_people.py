"""Who people are: locale, zone, standing, user groups."""

import pytest
from slack_app import refusal
from slack_sdk import WebClient

from local.slack import seed
from local.slack.driver import Slack


@pytest.mark.parametrize(
    ("user", "locale", "zone", "offset"),
    [
        (seed.ANN, "en-GB", "Europe/Berlin", {3600, 7200}),
        (seed.KENJI, "ja-JP", "Asia/Tokyo", {32400}),
    ],
)
def test_locale_and_zone(
    web: WebClient, user: seed.User, locale: str, zone: str, offset: set[int]
) -> None:
    """users.info tells the zone always, and the locale only if it is asked."""
    plain = web.users_info(user=user.id)["user"]
    assert plain["tz"] == zone
    assert plain["tz_offset"] in offset
    assert plain["tz_label"]
    assert "locale" not in plain
    assert web.users_info(user=user.id, include_locale=True)["user"]["locale"] == locale


def test_standing(slack: Slack, web: WebClient) -> None:
    """One admin, one guest, one bot; what a person is can change, until the reset."""

    def standing(user: seed.User) -> set[str]:
        told = web.users_info(user=user.id)["user"]
        flags = {name for name, value in told.items() if name.startswith("is_") and value}
        return flags | ({"deleted"} if told["deleted"] else set())

    assert standing(seed.ANN) == {"is_admin"}
    assert standing(seed.KENJI) == set()
    assert standing(seed.MEI) == {"is_restricted"}
    assert standing(seed.BOT_USER) == {"is_bot"}
    changed = slack.change_user("ann", locale="ja-JP", is_restricted=True, is_admin=False)
    assert changed["locale"] == "ja-JP"
    slack.change_user("kenji", tz="America/New_York", deleted=True)
    assert standing(seed.ANN) == {"is_restricted"}
    assert standing(seed.KENJI) == {"deleted"}
    assert web.users_info(user=seed.KENJI.id)["user"]["tz_label"].startswith("Eastern")
    slack.reset()
    assert standing(seed.ANN) == {"is_admin"}


def test_guests_are_members_where_they_were_let_in(slack: Slack) -> None:
    """The guest is in #general, and finds no other channel."""
    assert slack.channel_id("general", user="mei") == slack.channel_id("general")


def test_user_groups(slack: Slack, web: WebClient) -> None:
    """A group's people by its id; a group that is not there, or disabled, has Slack's error."""
    finance = "S08FINANCE01"
    assert web.usergroups_users_list(usergroup=finance)["users"] == [seed.KENJI.id]
    (group,) = web.usergroups_list(include_count=True)["usergroups"]
    assert (group["id"], group["handle"], group["user_count"]) == (finance, "finance", 1)
    assert "users" not in group
    missing = refusal(web.usergroups_users_list, usergroup="S0000000000")
    assert missing == "no_such_subteam"
    assert slack.change_usergroup("finance", users=["ann", "mei"]) == finance
    users = web.usergroups_list(include_users=True)["usergroups"][0]["users"]
    assert users == [seed.ANN.id, seed.MEI.id]
    slack.change_usergroup("finance", disabled=True)
    assert refusal(web.usergroups_users_list, usergroup=finance) == "no_such_subteam"
    assert web.usergroups_users_list(usergroup=finance, include_disabled=True)["users"]


def test_channels(slack: Slack, web: WebClient) -> None:
    """conversations.info needs the scope of the channel's own kind, and names which."""
    channel = web.conversations_info(channel=slack.channel_id("general"))["channel"]
    assert (channel["name"], channel["is_private"], channel["is_im"]) == ("general", False, False)
    assert "locale" not in channel
    private = slack.channel_id("launch")
    assert refusal(web.conversations_info, channel=private) == "missing_scope"
    assert slack.calls("conversations.info")[-1].error == "missing_scope"
