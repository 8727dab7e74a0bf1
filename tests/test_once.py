"""Each thing is said once, whichever bot says it and whatever Slack keeps to itself."""

import signal
import time
from concurrent.futures import ThreadPoolExecutor

from conftest import StartBot
from people import Asked, People

from local.aws import Aws
from local.slack.driver import Slack
from uploads import shapes
from uploads.inbox import WAIT_SECONDS


def age_claim(aws: Aws, asked: Asked) -> bool:
    """Let whoever has claimed the news seem lost. False where nobody has."""
    dynamodb = aws.client("dynamodb")
    try:
        dynamodb.update_item(
            TableName=aws.outputs["LinkTable"],
            Key=shapes.key(asked.reference, "news#sitting#1"),
            UpdateExpression="SET claimed_at = claimed_at - :long",
            ConditionExpression="attribute_exists(claim)",
            ExpressionAttributeValues={":long": {"N": "60"}},
        )
    except dynamodb.exceptions.ConditionalCheckFailedException:
        return False
    return True


def test_two_bots_never_double_a_message(slack: Slack, aws: Aws, start_bot: StartBot) -> None:
    """Both take events of the same sittings, at once: each has one message with all its files."""
    people = People(slack, aws, start_bot())
    start_bot()
    slack.wait_for_connections(2)
    asked = [people.ask(f"link {number}") for number in range(2)]
    plans = [(one.plan, slot) for one in asked for slot in range(1, 11)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda where: people.put(where[0].put(where[1])), plans))
    for number in range(2):
        people.news(f"link {number}", "10 files have arrived, 50 bytes", seconds=30)
        people.card(f"link {number}", "10 of 20 files", seconds=30)
    people.settled()
    for number in range(2):
        assert len(people.all_news(f"link {number}")) == 1


def test_killed_between_post_and_record_the_message_still_grows(
    slack: Slack, aws: Aws, start_bot: StartBot
) -> None:
    """The next bot finds what the dead one has said, and goes on with that."""
    people = People(slack, aws, start_bot())
    asked = people.ask("killed")
    slack.misbehave(method="chat.postMessage", kind="slow", seconds=8)
    people.send(asked)
    first = people.news("killed")
    people.bot.signal(signal.SIGKILL)
    people.bot.wait(10)
    time.sleep(WAIT_SECONDS + 0.5)  # the receive of the dead bot would swallow the next message
    assert age_claim(aws, asked)
    start_bot()
    people.send(asked, slot=2)
    grown = people.news("killed", "2 files have arrived", seconds=60)
    assert grown["ts"] == first["ts"]
    assert len(people.all_news("killed")) == 1


def test_a_claim_is_not_held_while_slack_is_asked_where(
    slack: Slack, aws: Aws, start_bot: StartBot
) -> None:
    """Slack lets one bot wait for the requester's conversation; another tells meanwhile, once."""
    people = People(slack, aws, start_bot())
    asked = people.ask("slow look-up --private")
    people.bot.signal(signal.SIGTERM)
    people.bot.wait(15)
    bots = [start_bot(), start_bot()]  # neither knows the conversation yet
    slack.wait_for_connections(2)
    slack.misbehave(method="conversations.open", kind="ratelimited", retry_after=10)
    known = len(slack.calls("conversations.open"))
    people.send(asked)
    until = time.monotonic() + 8
    while len(slack.calls("conversations.open")) == known:
        assert time.monotonic() < until
        time.sleep(0.02)
    age_claim(aws, asked)
    for _ in range(12):  # for either of them
        people.queue(people.event(asked))
        time.sleep(0.1)
    people.news("slow look-up", channel="@upload-link", seconds=5)
    people.settled()
    assert len(people.all_news("slow look-up", channel="@upload-link")) == 1
    assert sum("told sitting#1" in bot.said() for bot in bots) == 1


def test_an_answer_lost_at_the_last_resort_is_told_once(people: People) -> None:
    """Neither under the card nor in the channel, and where it is, it is found again."""
    asked = people.ask("last resort")
    people.slack.misbehave(
        method="chat.postMessage", kind="error", times=2, error="restricted_action"
    )
    people.slack.misbehave(method="chat.postMessage", kind="drop_reply")
    people.send(asked)
    people.news("last resort", channel="@upload-link")
    people.card("Received ", seconds=25)
    people.settled()
    assert len(people.all_news("last resort", channel="@upload-link")) == 1
    assert not people.all_news("last resort")
