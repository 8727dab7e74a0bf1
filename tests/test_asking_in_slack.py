"""Asking by a typed line: options, words that are wrong, news in private, languages."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from conftest import StartBot
from people import People

from local.slack.driver import Slack, words

ROOT = Path(__file__).parent.parent


def test_a_line_says_all_there_is_to_say(people: People) -> None:
    """Number, size, end and note reach the page; what is left is the title."""
    asked = people.ask("Q3 report —files 3 --max 2GB --expires 3d --note “Signed, please”")
    said = asked.plan.said
    assert (said["for"], said["files"], said["limit"]) == ("Q3 report", 3, 2 * 1024**3)
    assert said["note"] == "Signed, please"
    left = said["until"] - datetime.now(UTC).timestamp()
    assert timedelta(days=3) - timedelta(minutes=1) < timedelta(seconds=left) <= timedelta(days=3)
    assert "up to 3 files of 2 GB each" in words(asked.answer)


@pytest.mark.parametrize(("user", "zone"), [("ann", "Europe/Berlin"), ("kenji", "Asia/Tokyo")])
def test_the_requesters_zone_decides_what_tomorrow_is(people: People, user: str, zone: str) -> None:
    """The end of their day, not of ours."""
    until = people.ask("Q3 --until tomorrow", user=user).plan.said["until"]
    here = datetime.fromtimestamp(until, ZoneInfo(zone))
    assert (here.hour, here.minute) == (23, 59)
    assert here.date() == (datetime.now(ZoneInfo(zone)) + timedelta(days=1)).date()


def test_a_wrong_word_is_answered_with_the_line_corrected(people: People) -> None:
    """What was wrong, word for word, and a line that works when it is pasted; no link is made."""
    people.slack.command("Q3 *report* --file 3 --max 2QB --nonsense")
    answer = people.slack.wait_for("I made no link")
    assert answer["ephemeral"]
    said = words(answer).replace("\n", "")
    assert "--file is not quite an option; --files is." in said
    assert "2QB is no size for --max" in said
    assert "There is no option --nonsense." in said
    assert not people.slack.calls("chat.postMessage")
    (corrected,) = (
        part["text"]
        for block in answer["blocks"]
        for section in block.get("elements", [])
        if section["type"] == "rich_text_preformatted"
        for part in section["elements"]
    )
    assert corrected.startswith("/upload-link Q3 *report* --files 3")
    asked = people.ask(corrected.removeprefix("/upload-link "))
    assert asked.plan.said["files"] == 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Q3 --files 101", "takes between 1 and 100 files"),
        ("Q3 --expires 91d", "90 days at most"),
        ("Q3 --max 101GB", "between 1 byte and 100 GB"),
    ],
)
def test_what_is_understood_may_still_go_too_far(people: People, text: str, said: str) -> None:
    """A sentence with the limit, and neither link nor card."""
    people.slack.command(text)
    people.slack.wait_for(said)
    assert not people.slack.calls("chat.postMessage")


def test_in_private_the_news_is_between_the_two_of_us(people: People) -> None:
    """Nothing in the channel: card and follow-up come by direct message."""
    asked = people.ask("salaries --private")
    assert "Only you hear of it" in words(asked.answer)
    people.card("salaries", channel="@upload-link")
    assert people.send(asked).status == 200
    people.news("Q3.pdf", channel="@upload-link")
    assert not people.slack.sees("kenji")


@pytest.mark.parametrize(
    "text",
    ["help", "list", "Q3 --file 3 --files nine --until 31.2.2027", "Q3 --expires 900d", "Q3"],
)
def test_a_japanese_person_reads_japanese(people: People, text: str) -> None:
    """Every answer to Kenji is in his language; only commands and what he typed are not."""
    people.slack.command(text, user="kenji")
    answer = people.slack.wait_for(lambda m: m["ephemeral"], user="kenji")
    for line in words(answer).splitlines():
        line = re.sub(r"`[^`]*`|:\w+:|/upload-link.*|https?://\S+|<[^>]*>|--\w+|_[\w ]+_", "", line)
        letters = re.findall(r"[A-Za-z]{4,}", line)
        assert set(letters) <= {"Slack", "Friday", "nine", "report"}, line


def test_help_tells_what_there_is(people: People) -> None:
    """Commands, shortcuts and options that help names are there, and the admins' limits."""
    people.slack.command("help")
    said = words(people.slack.wait_for("What happens"))
    assert "up to 100 files of 100 GB each" in said
    assert "90 days at most" in said
    for name in ("new", "list", "help"):
        assert f"`/upload-link {name}`" in said
    manifest = json.loads((ROOT / "manifest.json").read_text())
    for shortcut in manifest["features"]["shortcuts"]:
        assert shortcut["name"] in said
    for option in ("--files 3", "--expires 3d", "--until Friday", "--max 2GB", "--private"):
        assert option in said
        people.ask(f"Q3 {option}")


@pytest.mark.parametrize(
    ("settings", "life", "too_long"),
    [
        ({"LINK_LIFETIME": "1h", "MAX_LINK_LIFETIME": "12h"}, "12 hours", "13h"),
        ({"LINK_STYLE": "embedded"}, "7 days", "8d"),
    ],
)
def test_help_promises_what_is_granted(
    slack: Slack, start_bot: StartBot, settings: dict[str, str], life: str, too_long: str
) -> None:
    """A life in the admins' own measure, and no more than a signature lives where it must."""
    start_bot(**settings)
    slack.command("help")
    assert f"may be open for {life} at most" in words(slack.wait_for("What happens"))
    slack.command(f"Q3 --expires {too_long}")
    slack.wait_for(f"A link may be open for {life} at most. ")


def test_what_fails_at_once_was_acknowledged(people: People) -> None:
    """Slack does not say that it timed out, beside our own answer."""
    # The first is slow enough for Bolt: the bot has to ask who Ann is.
    typed = [people.slack.command("--files 9999") for _ in range(4)]
    assert [line.error for line in typed] == [None] * 4
    people.slack.wait_for("between 1 and 100 files")
