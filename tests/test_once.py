"""Each thing is said once, whichever bot says it and whatever Slack keeps to itself."""

import secrets
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import StartBot
from people import Asked, People

from bot import SLACK_TIMEOUT
from handlers.doors import CONNECTIONS
from local.aws import Aws
from local.slack.driver import Slack
from uploads import shapes
from uploads.inbox import WAIT_SECONDS
from uploads.news import CLAIM_SECONDS, FRESH_SECONDS, Claim, News, Piece, Said

SITTING = "sitting#1"


def age_claim(aws: Aws, reference: str, what: str = SITTING) -> bool:
    """Let whoever has claimed the news seem lost. False where nobody has."""
    dynamodb = aws.client("dynamodb")
    try:
        dynamodb.update_item(
            TableName=aws.outputs["LinkTable"],
            Key=shapes.key(reference, f"news#{what}"),
            UpdateExpression="SET claimed_at = claimed_at - :long",
            ConditionExpression="attribute_exists(claim)",
            ExpressionAttributeValues={":long": {"N": str(CLAIM_SECONDS + 1)}},
        )
    except dynamodb.exceptions.ConditionalCheckFailedException:
        return False
    return True


def wait_for_log(people: People, asked: Asked, what: str) -> None:
    """Wait until the bot says this of a link's file in its log."""
    people.bot.wait_for(f"{asked.reference}.*{what}", SLACK_TIMEOUT + 5)


@pytest.fixture
def news(aws: Aws) -> News:
    """What was said, in a table that the bot has too."""
    aws.faults.clear()
    return News(aws.client("dynamodb"), aws.outputs["LinkTable"])


@pytest.fixture
def piece() -> Piece:
    """News of a link that nobody knows."""
    return Piece(secrets.token_hex(16), SITTING)


def test_a_claim_is_one_bots_until_it_says_how_it_ended(news: News, piece: Piece) -> None:
    """Nobody else may speak meanwhile; what was not said is anybody's again, what was is nobody's."""
    assert news.claim(piece, "one") is Claim.OURS
    assert news.claim(piece, "one") is Claim.OURS
    assert news.claim(piece, "other") is Claim.TAKEN
    news.release(piece, "one")
    assert news.claim(piece, "other") is Claim.OURS
    assert news.claim(piece, "one") is Claim.TAKEN
    news.record(piece, "C1/1.0")
    assert news.claim(piece, "one") is Claim.SAID


def test_a_message_shows_what_was_announced_last(aws: Aws, news: News, piece: Piece) -> None:
    """Whoever drew something older learns of it, also where somebody died who had announced more."""
    aws.faults.lose_answer(target="UpdateItem")
    assert news.draws(piece, 5)
    aws.faults.lose_answer(target="UpdateItem")
    assert news.drew(piece, "C1/1.0", 5)
    assert aws.faults.left() == []
    assert not news.draws(piece, 5)
    assert news.draws(piece, 6)
    assert not news.drew(piece, "C1/1.0", 5)
    assert news.said(piece) == Said("C1/1.0", 5)
    assert news.draws(piece, 6)
    assert news.drew(piece, "C1/1.0", 6)
    assert news.said(piece) == Said("C1/1.0", 6)


def test_a_doubt_lasts_until_somebody_has_looked(aws: Aws, news: News, piece: Piece) -> None:
    """Also where one who came after could not say it either."""
    assert news.claim(piece, "killed") is Claim.OURS
    assert age_claim(aws, piece.link)
    assert news.claim(piece, "second") is Claim.UNSURE
    news.release(piece, "second")
    assert news.claim(piece, "third") is Claim.UNSURE
    assert news.claim(piece, "third", looked=True) is Claim.OURS
    news.release(piece, "third", unheard=True)
    assert news.claim(piece, "fourth") is Claim.UNSURE
    assert news.claim(piece, "fourth", looked=True) is Claim.OURS
    news.release(piece, "fourth")
    assert news.claim(piece, "fifth") is Claim.OURS


def test_whoever_looked_for_too_long_looks_again(aws: Aws, news: News, piece: Piece) -> None:
    """Another has claimed it meanwhile, perhaps spoken, and was not heard of."""
    assert news.claim(piece, "killed") is Claim.OURS
    assert age_claim(aws, piece.link)
    assert news.claim(piece, "slow") is Claim.UNSURE
    assert age_claim(aws, piece.link)
    assert news.claim(piece, "second") is Claim.UNSURE
    assert news.claim(piece, "second", looked=True) is Claim.OURS
    assert age_claim(aws, piece.link)
    assert news.claim(piece, "slow", looked=True) is Claim.TAKEN
    assert news.claim(piece, "third") is Claim.UNSURE


def test_a_claim_whose_answer_is_lost_is_no_doubt(aws: Aws, news: News, piece: Piece) -> None:
    """AWS is asked again by itself, and finds what it has done."""
    aws.faults.lose_answer(target="UpdateItem")
    assert news.claim(piece, "one") is Claim.OURS
    assert age_claim(aws, piece.link)
    aws.faults.lose_answer(target="UpdateItem")
    assert news.claim(piece, "two") is Claim.UNSURE
    assert aws.faults.left() == []


def test_a_claim_that_was_long_in_the_making_is_made_again(
    aws: Aws, news: News, piece: Piece
) -> None:
    """It would end before the post that follows it."""
    aws.faults.slow(target="UpdateItem", rate=100)  # of some six hundred bytes
    started = time.time()
    assert news.claim(piece, "one") is Claim.OURS
    took = time.time() - started
    assert took > FRESH_SECONDS
    item = aws.client("dynamodb").get_item(
        TableName=aws.outputs["LinkTable"], Key=shapes.key(piece.link, f"news#{piece.what}")
    )["Item"]
    assert int(item["claimed_at"]["N"]) >= started + took - 2


def test_two_bots_never_double_a_message(slack: Slack, aws: Aws, start_bot: StartBot) -> None:
    """Both take events of the same sittings, at once: each has one message with all its files."""
    bots = [start_bot(), start_bot()]
    people = People(slack, aws, bots[0])
    slack.wait_for_connections(2 * CONNECTIONS)
    asked = [people.ask(f"link {number}") for number in range(2)]
    plans = [one.plan for one in asked]
    sent = 0

    def both_work() -> bool:  # SQS decides who gets which event
        return all(any(one.reference in bot.said() for one in asked) for bot in bots)

    with ThreadPoolExecutor(8) as pool:
        while sent < 10 or (sent < 20 and not both_work()):
            slots = range(sent + 1, sent + 6)
            urls = [plan.put(slot) for plan in plans for slot in slots]
            list(pool.map(people.put, urls))
            sent += 5
    for number in range(2):
        people.news(f"link {number}", f"{sent} files have arrived", seconds=30)
        people.card(f"link {number}", f"{sent} of 20 files", seconds=30)
    people.settled()
    for number in range(2):
        assert len(people.all_news(f"link {number}")) == 1
    assert both_work()


@pytest.mark.parametrize(
    ("kind", "before"), [("slow", 1), ("hang", 0)], ids=["after the post", "before the post"]
)
def test_killed_with_a_claim_in_hand(
    slack: Slack, aws: Aws, start_bot: StartBot, kind: str, before: int
) -> None:
    """The next bot finds what the dead one has said, and goes on with that; or says it."""
    people = People(slack, aws, start_bot())
    asked = people.ask("killed")
    slack.misbehave(method="chat.postMessage", kind=kind, seconds=8)
    people.send(asked)
    until = time.monotonic() + 10
    while kind not in {call.fault for call in slack.calls("chat.postMessage")}:
        assert time.monotonic() < until
        time.sleep(0.02)
    people.bot.signal(signal.SIGKILL)
    people.bot.wait(10)
    dead = people.all_news("killed")
    assert len(dead) == before
    time.sleep(WAIT_SECONDS + 0.5)  # the receive of the dead bot would swallow the next message
    assert age_claim(aws, asked.reference)
    start_bot()
    people.send(asked, slot=2)
    grown = people.news("killed", "2 files have arrived", seconds=60)
    assert [m["ts"] for m in dead] in ([], [grown["ts"]])
    assert len(people.all_news("killed")) == 1


@pytest.mark.long(20)
def test_where_slack_is_silent_nothing_is_said_again_too_soon(people: People) -> None:
    """It may be at it still: only when it cannot be any more, the bot looks and says it again."""
    asked = people.ask("silence")
    slack = people.slack
    known = len(slack.calls("chat.postMessage"))
    slack.misbehave(method="chat.postMessage", kind="hang", seconds=SLACK_TIMEOUT + 5)
    people.send(asked)
    wait_for_log(people, asked, "slack_silent")
    wait_for_log(people, asked, "told of soon")
    assert len(slack.calls("chat.postMessage")) == known + 1
    assert age_claim(people.aws, asked.reference)
    people.news("silence", seconds=10)
    people.settled()
    assert len(people.all_news("silence")) == 1


@pytest.mark.parametrize("kind", ["drop_reply", "garbled"])
def test_a_look_that_fails_is_not_a_look_in_vain(people: People, kind: str) -> None:
    """Nobody knows of a post, and Slack does not let us look: we do not speak again blindly.

    After silence for as long as Slack may be at it; after an answer we look again soon.
    """
    asked = people.ask("blind")
    people.slack.misbehave(method="chat.postMessage", kind=kind)
    people.slack.misbehave(method="conversations.replies", kind="http_503", times=2)
    people.send(asked)
    if kind == "drop_reply":
        wait_for_log(people, asked, "slack_trouble")
        wait_for_log(people, asked, "told of soon")
        assert age_claim(people.aws, asked.reference)
    people.card("Received blind", seconds=20)
    people.settled()
    assert len(people.all_news("blind")) == 1


def test_what_could_not_be_recorded_is_not_said_again(people: People) -> None:
    """In a public channel without the bot, where it cannot look for what it has said."""
    people.slack.change_channel("general", bot=False)
    asked = people.ask("unrecorded")
    people.slack.misbehave(method="chat.postMessage", kind="slow", seconds=2)
    people.send(asked)
    people.news("unrecorded")
    people.aws.faults.add(target="UpdateItem", times=3, status=500, code="InternalServerError")
    people.aws.faults.wait_until_begun()
    assert age_claim(people.aws, asked.reference)
    people.card("Received unrecorded", seconds=20)
    people.settled()
    assert len(people.all_news("unrecorded")) == 1


@pytest.mark.long(20)
def test_a_claim_is_not_held_while_slack_is_asked_where(
    slack: Slack, aws: Aws, start_bot: StartBot
) -> None:
    """Slack lets one bot wait for the requester's conversation; another tells meanwhile, once."""
    people = People(slack, aws, start_bot())
    asked = people.ask("slow look-up --private")
    people.bot.signal(signal.SIGTERM)
    people.bot.wait(15)
    bots = [start_bot(), start_bot()]  # neither knows the conversation yet
    slack.wait_for_connections(2 * CONNECTIONS)
    slack.misbehave(method="conversations.open", kind="ratelimited", retry_after=10)
    known = len(slack.calls("conversations.open"))
    people.send(asked)
    until = time.monotonic() + 8
    while len(slack.calls("conversations.open")) == known:
        assert time.monotonic() < until
        time.sleep(0.02)
    assert not age_claim(aws, asked.reference)
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
