"""The requester: `/upload-link` typed in Slack, and what comes of it."""

import json
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from people import People

from local.slack.driver import words


def test_answers_with_a_link(people: People) -> None:
    """In private, well under a second: the link as a button and as text, its end, what is next."""
    people.ask("warm up")
    people.slack.command("Q3 report from Acme")
    answer = people.slack.wait_for("Your upload link for Q3 report from Acme")
    link = next(
        line.strip("`") for line in words(answer).splitlines() if line.startswith("```http")
    )
    assert answer["ephemeral"]
    assert link in json.dumps(answer["blocks"][2])  # the button opens the very same address
    assert link.startswith(people.aws.page_url + "/#")
    assert "open until <!date^" in words(answer)
    assert "up to 20 files of 100 GB each" in words(answer)
    assert "This channel hears of it" in words(answer)
    assert answer["unfurl_links"] is False
    assert people.slack.sees("kenji") == [m for m in people.slack.sees() if not m["ephemeral"]]


def test_a_card_waits_in_the_channel(people: People) -> None:
    """Everybody sees what is waited for, and nobody the link."""
    people.ask("Q3 report")
    card = people.slack.wait_for("Waiting for ", user="kenji")
    assert "Q3 report" in words(card)
    assert re.search(r"asked for by <@U\w+> · open until <!date\^", words(card))
    assert people.aws.page_url not in json.dumps(card)


def test_without_words_it_is_for_a_file(people: People) -> None:
    """Saying what it is for is optional."""
    assert "Your upload link for files" in words(people.ask("").answer)
    people.card("Waiting for files")


@pytest.mark.parametrize("text", ["help", "HELP", "--help", "?"])
def test_help_is_a_screenful(people: People, text: str) -> None:
    """And makes no link."""
    people.slack.command(text)
    answer = people.slack.wait_for("What happens")
    assert answer["ephemeral"]
    assert "`/upload-link`" in words(answer)
    assert len(words(answer)) < 1500
    assert not people.slack.calls("chat.postMessage")


@pytest.mark.parametrize(
    ("channel", "cannot"),
    [
        ("deals", "channel_not_found"),
        ("@kenji", "channel_not_found"),
        ("announcements", "read_only"),
    ],
)
def test_where_it_may_not_post_it_says_so_and_writes_directly(
    people: People, channel: str, cannot: str
) -> None:
    """The requester learns at once that the news comes by direct message; and it does."""
    asked = people.ask("Q3", channel=channel)
    assert "I write to you directly" in words(asked.answer)
    assert cannot in str(people.slack.calls("chat.postMessage")[0].error)
    people.slack.wait_for("Waiting for ", channel="@upload-link")
    assert people.send(asked).status == 200
    people.news("Q3.pdf", channel="@upload-link")
    assert people.download(channel="@upload-link").body == b"hello"


def test_where_nobody_would_hear_there_is_no_link(people: People) -> None:
    """Neither the channel nor a direct message: better no link than silence later."""
    people.slack.rules(messages_tab=0)
    people.slack.command("Q3", channel="deals")
    answer = people.slack.wait_for("cannot send you a direct message", channel="deals")
    assert "/invite" in words(answer)
    assert people.aws.page_url not in json.dumps(answer)


def test_a_public_channel_needs_no_invitation(people: People) -> None:
    """`chat:write.public` lets the bot post where it is not a member."""
    assert people.send(people.ask("Q3", channel="random")).status == 200
    people.news("Q3.pdf", channel="random")


@pytest.mark.parametrize(
    "title", ["<!channel> <@U1>", "<https://evil.example|click>", "*a* _b_ & `c`", "報告\u202e書"]
)
def test_nasty_titles_are_only_text(people: People, title: str) -> None:
    """What a person types is shown, and does nothing."""
    people.send(people.ask(title))
    people.news("Q3.pdf")
    for message in people.slack.sees():
        assert "<!channel>" not in message["text"]
        assert "<https://evil" not in message["text"]
        assert "\u202e" not in json.dumps(message, ensure_ascii=False)


def test_a_title_that_is_too_long_is_answered(people: People) -> None:
    """With the length, and what would do."""
    people.slack.command("x" * 151)
    assert "150 or fewer" in words(people.slack.wait_for("151 characters"))
    assert not people.slack.calls("chat.postMessage")


def test_an_answer_that_slack_does_not_take_is_written_directly(people: People) -> None:
    """The link is not lost with the way it was to come."""
    people.slack.misbehave(method="response_url", kind="http_500")
    people.slack.command("detour")
    assert people.slack.wait_for("Your upload link for detour", channel="@upload-link")


def test_an_answer_that_was_lost_is_written_directly_too(people: People) -> None:
    """Nobody can tell whether it was shown: rather twice than never, and never twice at one place."""
    people.slack.misbehave(method="response_url", kind="drop_reply")
    people.slack.command("perhaps shown")
    people.slack.wait_for("Your upload link for perhaps shown", channel="@upload-link")
    assert len([m for m in people.slack.sees() if m["ephemeral"]]) == 1


def test_an_aws_outage_is_answered_and_leaves_no_card(people: People) -> None:
    """A sentence for the requester; the card that would wait for ever is taken back."""
    people.aws.faults.add(target="DynamoDB", times=9, status=500, code="InternalServerError")
    people.slack.command("Q3")
    people.slack.wait_for("AWS is too busy")
    people.aws.faults.clear()
    assert [call.error for call in people.slack.calls("chat.delete")] == [None]
    assert not [m for m in people.slack.sees() if not m["ephemeral"]]


def test_a_lost_answer_posts_no_second_card(people: People) -> None:
    """Slack accepts the card and the answer is lost: the bot looks, and goes on with that one."""
    people.slack.misbehave(method="chat.postMessage", kind="drop_reply")
    people.send(people.ask("Q3"))
    news = people.news("Q3.pdf")
    cards = [m for m in people.slack.sees() if "Received" in m["text"] or "Waiting" in m["text"]]
    assert len(cards) == 1
    assert news["thread_ts"] == cards[0]["ts"]


def test_a_busy_channel_costs_the_card_and_not_the_link(people: People) -> None:
    """Twenty people at once in one channel: every command is acknowledged, and has its link."""
    with ThreadPoolExecutor(20) as pool:
        done = list(pool.map(lambda n: people.slack.command(f"file {n}"), range(20)))
    assert [d.error for d in done] == [None] * 20
    for number in range(20):
        people.slack.wait_for(f"Your upload link for file {number}:")
