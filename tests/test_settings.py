"""The environment: read once, and answered in one message where it is wrong."""

from dataclasses import fields
from datetime import timedelta
from pathlib import Path

import pytest
from dotenv import dotenv_values

from settings import Settings, SettingsError

ROOT = Path(__file__).parent.parent
GOOD = {
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_APP_TOKEN": "xapp-1",
    "AWS_REGION": "eu-central-1",
    "UPLOAD_BUCKET": "b",
    "PAGE_URL": "https://d111.cloudfront.net/",
    "EVENT_QUEUE_URL": "https://sqs.eu-central-1.amazonaws.com/1/q",
    "LINK_TABLE": "t",
}


def test_reads_a_good_environment() -> None:
    """The needed few are enough; the rest has defaults."""
    read = Settings.from_env(GOOD)
    assert read.page_url == "https://d111.cloudfront.net"
    assert read.slack_api_url == "https://slack.com/api/"
    assert read.link_lifetime == timedelta(days=7)
    assert read.port == 3000


def test_names_every_gap_in_one_message() -> None:
    """Nobody has to start the bot seven times to learn seven names."""
    with pytest.raises(SettingsError) as error:
        Settings.from_env({})
    for name in GOOD:
        assert f"{name} is missing: " in str(error.value)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("SLACK_BOT_TOKEN", "xapp-1", "SLACK_BOT_TOKEN does not begin with xoxb-"),
        ("SLACK_APP_TOKEN", "xoxb-1", "SLACK_APP_TOKEN does not begin with xapp-"),
        ("SLACK_API_URL", "slack.com", "SLACK_API_URL is no http(s) address"),
        ("PAGE_URL", "d111.cloudfront.net", "PAGE_URL is no http(s) address"),
        ("EVENT_QUEUE_URL", "q", "EVENT_QUEUE_URL is no http(s) address"),
        ("PORT", "0", "PORT is no port"),
        ("PORT", "http", "PORT is no port"),
        ("LINK_LIFETIME", "8d", "LINK_LIFETIME is no life between 1m and 7d"),
        ("LINK_LIFETIME", "0d", "LINK_LIFETIME is no life"),
        ("LINK_LIFETIME", "a week", "LINK_LIFETIME is no life"),
    ],
)
def test_says_what_is_wrong_with_a_value(name: str, value: str, words: str) -> None:
    """Each wrong value is named, with what would be right."""
    with pytest.raises(SettingsError) as error:
        Settings.from_env({**GOOD, name: value})
    assert words in str(error.value)


def test_never_repeats_a_secret() -> None:
    """A token in the wrong place is still a token."""
    with pytest.raises(SettingsError) as error:
        Settings.from_env({**GOOD, "SLACK_BOT_TOKEN": "xapp-secret"})
    assert "secret" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "life"),
    [
        ("45m", timedelta(minutes=45)),
        ("12h", timedelta(hours=12)),
        ("3 d", timedelta(days=3)),
        ("7d", timedelta(days=7)),
    ],
)
def test_reads_a_life(text: str, life: timedelta) -> None:
    """Minutes, hours and days."""
    assert Settings.from_env({**GOOD, "LINK_LIFETIME": text}).link_lifetime == life


def test_http_needs_a_signing_secret_instead_of_an_app_token() -> None:
    """Either door is enough."""
    http = {**GOOD, "SLACK_APP_TOKEN": "", "SLACK_SIGNING_SECRET": "s"}
    assert Settings.from_env(http).slack_app_token is None


def test_every_setting_is_in_the_example() -> None:
    """`.env.example` names all that the bot reads and nothing that it does not."""
    text = (ROOT / ".env.example").read_text()
    lines = [line.removeprefix("#") for line in text.splitlines() if "=" in line]
    shown = {line.split("=")[0] for line in lines if line.split("=")[0].isupper()}
    aws = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL"}
    assert shown - aws == {field.name.upper() for field in fields(Settings)}
    assert aws <= shown
    assert dotenv_values(ROOT / ".env.example")["SLACK_BOT_TOKEN"] == "xoxb-..."
