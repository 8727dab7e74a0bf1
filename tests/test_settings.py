"""The environment: read once, and answered in one message where it is wrong."""

from dataclasses import fields
from datetime import timedelta
from pathlib import Path

import pytest
from dotenv import dotenv_values

from handlers.access import Access
from settings import Settings, SettingsError
from uploads.policy import Policy

ROOT = Path(__file__).parent.parent
GOOD = {
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_APP_TOKEN": "xapp-1",
    "AWS_REGION": "eu-central-1",
    "UPLOAD_BUCKET": "b",
    "PAGE_BUCKET": "p",
    "PAGE_URL": "https://d111.cloudfront.net/",
    "EVENT_QUEUE_URL": "https://sqs.eu-central-1.amazonaws.com/1/q",
    "LINK_TABLE": "t",
}


def test_reads_a_good_environment() -> None:
    """The needed few are enough; the rest has defaults."""
    read = Settings.from_env(GOOD)
    assert read.page_url == "https://d111.cloudfront.net"
    assert read.slack_api_url == "https://slack.com/api/"
    assert read.link_style == "short"
    assert read.policy == Policy()
    assert read.access == Access()
    assert read.port == 3000


def test_a_placeholder_is_no_token() -> None:
    """What `.env.example` shows has to be filled in."""
    with pytest.raises(SettingsError, match="SLACK_BOT_TOKEN is still the placeholder"):
        Settings.from_env(GOOD | {"SLACK_BOT_TOKEN": "xoxb-..."})


def test_names_every_gap_in_one_message() -> None:
    """Nobody has to start the bot eight times to learn eight names."""
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
        ("LINK_LIFETIME", "731d", "LINK_LIFETIME is no life between 1m and 730d"),
        ("LINK_LIFETIME", "91d", "LINK_LIFETIME is longer than MAX_LINK_LIFETIME"),
        ("MAX_LINK_LIFETIME", "1y", "MAX_LINK_LIFETIME is no life"),
        ("MAX_FILE_SIZE", "51TB", "MAX_FILE_SIZE is no size up to 50TB"),
        ("MAX_FILE_SIZE", "lots", "MAX_FILE_SIZE is no size"),
        ("LINK_FILES", "0", "LINK_FILES is no number between 1 and 1000"),
        ("MAX_LINK_FILES", "1001", "MAX_LINK_FILES is no number between 1 and 1000"),
        ("MAX_OPEN_LINKS", "-1", "MAX_OPEN_LINKS is no number"),
        ("MAX_LINKS_PER_DAY", "many", "MAX_LINKS_PER_DAY is no number"),
        ("ASK_SENDER", "maybe", "ASK_SENDER is none of ask, require, hide"),
        ("LINK_STYLE", "long", "LINK_STYLE is none of short, embedded"),
        ("WORKSPACE_LOCALE", "fr", "WORKSPACE_LOCALE is none of en, ja"),
        ("ALLOW_GUESTS", "true", "ALLOW_GUESTS is none of yes, no"),
        ("ALLOWED_CHANNELS", "#general", "ALLOWED_CHANNELS holds something that is no id"),
        ("ALLOWED_GROUPS", "C07S1A0G3NR", "ALLOWED_GROUPS holds something that is no id"),
        ("ADMINS", "ann", "ADMINS holds something that is no id"),
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
    assert Settings.from_env({**GOOD, "LINK_LIFETIME": text}).policy.link_lifetime == life


@pytest.mark.parametrize(
    ("text", "size"), [("1kB", 1024), ("500MB", 500 * 1024**2), ("2 GB", 2 * 1024**3)]
)
def test_reads_a_size(text: str, size: int) -> None:
    """By 1024, as the page says it."""
    assert Settings.from_env({**GOOD, "MAX_FILE_SIZE": text}).policy.max_file_size == size


def test_reads_lists_of_ids() -> None:
    """Between commas or spaces, whichever the admin likes."""
    read = Settings.from_env({**GOOD, "ADMINS": "U07Q2F6TZ8A, W07Q7D3MX5N U07R4W9CB2E"})
    assert read.access.admins == {"U07Q2F6TZ8A", "W07Q7D3MX5N", "U07R4W9CB2E"}


def test_the_usual_number_of_files_is_never_above_the_most() -> None:
    """Whoever lowers the one need not think of the other."""
    assert Settings.from_env({**GOOD, "MAX_LINK_FILES": "5"}).policy.link_files == 5


def test_an_embedded_link_is_one_signature() -> None:
    """For one file and seven days: a larger limit is lowered, a longer life is refused."""
    embedded = {**GOOD, "LINK_STYLE": "embedded"}
    policy = Settings.from_env({**embedded, "LINK_LIFETIME": "2d"}).policy
    assert (policy.link_files, policy.max_link_files) == (1, 1)
    assert (policy.link_lifetime, policy.max_link_lifetime) == (
        timedelta(days=2),
        timedelta(days=7),
    )
    with pytest.raises(SettingsError, match="LINK_LIFETIME is longer than the 7d"):
        Settings.from_env({**embedded, "LINK_LIFETIME": "8d"})


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
    nested = {"access", "policy"}
    settings = {field.name for kind in (Settings, Access, Policy) for field in fields(kind)}
    assert shown - aws == {name.upper() for name in settings - nested}
    assert aws <= shown
    assert dotenv_values(ROOT / ".env.example")["SLACK_BOT_TOKEN"] == "xoxb-..."
