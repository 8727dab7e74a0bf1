"""What the bot says: within Slack's limits, and deaf to what strangers write."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from slack_sdk.models.blocks import Block

from handlers import views
from uploads.desk import Offer
from uploads.links import File, FileId, Link, Place, new_id
from uploads.signing import ADDRESS_LIMIT

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
NASTY = "<!channel> <@U1> <https://evil.example|Q3.pdf> *b* `c` & https://evil.example"


def link(title: str) -> Link:
    return Link(new_id(), title, "U1", "Ann Example", NOW, NOW + timedelta(days=7))


def file(name: str, size: int = 1234) -> File:
    return File(FileId(new_id(), 1), name, size, "text/html", NOW)


def all_messages(title: str, name: str) -> dict[str, views.Message]:
    wanted, landed = link(title), file(name)
    offer = Offer(wanted, "https://page.example/".ljust(ADDRESS_LIMIT, "A"))
    return {
        "answer": views.answer(offer, Place("C1", "1.2")),
        "answer, direct": views.answer(offer, Place("D1", "1.2", direct=True)),
        "card": views.card(wanted),
        "card, received": views.card(wanted, landed),
        "follow-up": views.follow_up(wanted, landed),
        "download": views.download(landed, "https://b.example/" + "A" * 2900),
        "help": views.help_text("/upload-link"),
    }


@pytest.mark.parametrize("title", ["", "Q3", "報" * 150, NASTY])
@pytest.mark.parametrize("name", ["", "a.txt", "告" * 199 + ".x", NASTY])
def test_every_message_is_within_slacks_limits(title: str, name: str) -> None:
    """The SDK's own models accept each block, and no text is too long to be posted."""
    for said in all_messages(title, name).values():
        assert 0 < len(said["text"]) < 4000
        assert len(said["blocks"]) <= 50
        for block in said["blocks"]:
            parsed = Block.parse(block)
            assert parsed is not None
            parsed.validate_json()


def markup(node: Any) -> list[str]:
    """Every string in a message that Slack reads as markup."""
    if isinstance(node, list):
        return [text for item in node for text in markup(item)]
    if not isinstance(node, dict):
        return []
    own = [node["text"]] if node.get("type") == "mrkdwn" or "blocks" in node else []
    return own + [text for value in node.values() for text in markup(value)]


def test_a_strangers_words_never_come_to_life() -> None:
    """No mention, link or format in a title or a file name reaches Slack as markup."""
    for said in all_messages(NASTY, NASTY).values():
        for text in markup(said):
            assert "<!channel>" not in text
            assert "<https://evil" not in text
        assert "parse" not in said


def test_a_name_is_shown_as_it_is() -> None:
    """What is not markup needs no escaping, and gets none."""
    assert json.dumps(NASTY) in json.dumps(views.follow_up(link("Q3"), file(NASTY))["blocks"])


def test_only_the_answer_holds_the_link() -> None:
    """The card in the channel waits; it does not invite."""
    said = all_messages("Q3", "a.txt")
    assert "page.example" in json.dumps(said.pop("answer"))
    said.pop("answer, direct")
    assert "page.example" not in json.dumps(said)


def test_nothing_is_unfurled() -> None:
    """Slack's crawler has no business at an address of ours."""
    for name, said in all_messages("Q3", "a.txt").items():
        if "https://" in json.dumps(said):
            assert said["unfurl_links"] is False, name
            assert said["unfurl_media"] is False, name


def test_a_follow_up_says_all_there_is_to_know() -> None:
    """Name, size, kind, who asked, for what, and the button."""
    said = json.dumps(views.follow_up(link("Q3 report"), file("数字.csv")), ensure_ascii=False)
    for part in ["数字.csv", "1 kB", "Q3 report", '"user_id": "U1"', '"action_id": "download"']:
        assert part in said
