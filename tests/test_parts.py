"""Files that go in parts: announced, begun by the bot, sent to S3, and told of like any other."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from conftest import StartBot
from people import MARK, ONCE, People, until
from sender import BODY, MIB, Sender
from sigv4 import refusal

from local import plan
from local.aws import Aws
from local.slack.driver import Slack, words
from uploads import shapes
from uploads.disposition import original_name
from uploads.multipart import SMALLEST_PART


def test_a_file_in_parts(people: People) -> None:
    """Announced, begun, sent, completed, told of with its own name, and fetched whole."""
    sender = Sender(people, people.ask("Q3 film"), name="決算 Q3.mp4")
    parts = sender.begin()
    assert parts.lengths == [SMALLEST_PART, SMALLEST_PART, 3 * MIB]
    assert sender.complete(parts, sender.send(parts)).status == 200
    told = people.news("Q3 film", "決算 Q3.mp4", "13 MB")
    assert "<@" in words(told)
    fetched = people.download()
    assert fetched.body == BODY
    assert original_name(fetched.headers["content-disposition"]) == "決算 Q3.mp4"
    stored = people.stored(sender.asked)
    assert stored is not None
    assert stored["ContentType"] == "video/mp4"
    assert sender.answer("arrived").said == {"v": 1, "state": "arrived"}
    assert sender.unfinished() == 0


def test_every_signature_is_good_for_its_own_request_alone(people: People) -> None:
    """Checked by our own verifier, and by S3: a part of another length is refused."""
    sender = Sender(people, people.ask("signed"))
    intent = sender.asked.plan.intent(1)
    assert refusal("PUT", intent, ONCE, people.secrets) is None
    parts = sender.begin()
    for number, length in enumerate(parts.lengths, 1):
        for said, wrong in ((length, None), (length + 1, "wrong signature")):
            sent = {"Content-Length": str(said)}
            assert refusal("PUT", parts.part(number), sent, people.secrets) == wrong
    for method, url, headers in (
        ("GET", parts.list(), {}),
        ("POST", parts.complete, ONCE),
        ("DELETE", parts.abort, {}),
        ("HEAD", parts.head, {}),
    ):
        assert refusal(method, url, headers, people.secrets) is None, method
    shorter = people.aws.request("PUT", parts.part(1), body=BODY[:MIB])
    assert (shorter.status, b"SignatureDoesNotMatch" in shorter.body) == (403, True)
    plain = people.aws.request("POST", parts.complete, body=b"<CompleteMultipartUpload/>")
    assert plain.status == 403


def test_the_list_says_what_is_there(people: People) -> None:
    """So that a page which comes back sends no part twice."""
    sender = Sender(people, people.ask("listed"))
    parts = sender.begin()
    etags = sender.send(parts, 1, 3)
    said = people.aws.request("GET", parts.list()).body.decode()
    assert re.findall(r"<PartNumber>(\d+)<", said) == ["1", "3"]
    for etag in etags.values():
        assert etag.strip('"') in said


def test_it_completes_once(people: People) -> None:
    """A second time makes no second file, whether S3 remembers the first (200) or not."""
    sender = Sender(people, people.ask("once"))
    parts = sender.begin()
    etags = sender.send(parts)
    assert sender.complete(parts, etags).status == 200
    assert sender.complete(parts, etags).status in {200, 404, 412}
    people.news("once")
    bucket = people.aws.outputs["UploadBucket"]
    versions = people.aws.client("s3").list_object_versions(
        Bucket=bucket, Prefix=sender.asked.key()
    )
    assert len(versions["Versions"]) == 1
    assert len(people.all_news("once")) == 1


def test_nothing_is_begun_that_is_larger_than_the_link_allows(people: People) -> None:
    """The page is told, and not a byte of the file exists."""
    sender = Sender(people, people.ask("small --max 12MB"))
    assert sender.announce().status == 200
    assert sender.answer("refused").said == {"v": 1, "state": "refused", "why": "tooLarge"}
    assert sender.unfinished() == 0


@pytest.mark.parametrize(
    "said",
    [
        {"slot": 2},  # the link takes one file
        {"slot": 0},
        {"size": 0},
        {"size": 10**15},
        {"size": "large"},
        {"disposition": "inline"},
        {
            "disposition": "attachment; filename*=UTF-8''a\r\nx-amz-acl: public-read; mark=abcdefgh.1"
        },
        {"disposition": f"attachment; filename*=UTF-8''{'a' * 3000}; mark=abcdefgh.1"},
        {"disposition": None},
        {"type": "x" * 5000},
    ],
)
def test_what_is_no_announcement_begins_nothing(people: People, said: dict[str, Any]) -> None:
    """Anyone who has the link can write one."""
    sender = Sender(people, people.ask("strange --files 1"))
    assert sender.announce(**said).status == 200
    people.settled()
    assert sender.look() is None
    assert sender.unfinished() == 0


def test_a_strange_type_becomes_none(people: People) -> None:
    """And the file comes all the same."""
    sender = Sender(people, people.ask("typed"))
    assert sender.announce(type="text/html\r\nx: y").status == 200
    parts = sender.answer()
    assert sender.complete(parts, sender.send(parts)).status == 200
    people.news("typed")
    stored = people.stored(sender.asked)
    assert stored is not None
    assert stored["ContentType"] == "application/octet-stream"


def test_an_announcement_told_of_twice_begins_one_upload(people: People) -> None:
    """S3 delivers at least once."""
    sender = Sender(people, people.ask("twice"))
    parts = sender.begin()
    people.queue(*[people.event(sender.asked, slot="intent/1")] * 3)
    people.settled()
    assert sender.unfinished() == 1
    assert sender.answer().said["upload"] == parts.said["upload"]


def test_two_bots_at_one_announcement_begin_one_upload(
    slack: Slack, aws: Aws, start_bot: StartBot
) -> None:
    """Both are told of it in the same moment, again and again; all but one upload are thrown away."""
    people = People(slack, aws, start_bot())
    start_bot()
    sender = Sender(people, people.ask("both"))
    people.queue(*[people.event(sender.asked, slot="intent/1")] * 20)
    parts = sender.begin()
    people.queue(*[people.event(sender.asked, slot="intent/1")] * 20)
    people.settled()
    assert sender.unfinished() == 1
    again = sender.answer()
    assert again.said["upload"] == parts.said["upload"]
    assert sender.complete(again, sender.send(again)).status == 200
    people.news("both")
    assert len(people.all_news("both")) == 1


def test_a_number_is_offered_once(people: People) -> None:
    """What was announced under it is not announced over."""
    sender = Sender(people, people.ask("numbered"))
    url = sender.asked.plan.intent(1)
    sender.begin()
    assert people.aws.request("PUT", url, headers=ONCE, body=b"{}").status == 412
    sender.complete(parts := sender.answer(), sender.send(parts))
    people.news("numbered")
    people.settled()
    assert sender.asked.plan.intents == list(range(2, 22))


def test_of_two_in_one_slot_exactly_one_wins(people: People) -> None:
    """The other's parts are thrown away, and its page is told."""
    asked = people.ask("raced")
    first = Sender(people, asked, number=1, name="first.mp4")
    second = Sender(people, asked, number=2, name="second.mp4", body=BODY[::-1], mark="zzzzzzzz.1")
    one, two = first.begin(), second.begin()
    ones, twos = first.send(one), second.send(two)
    assert second.complete(two, twos).status == 200
    assert first.complete(one, ones).status in {404, 412}
    people.news("raced", "second.mp4")
    assert first.answer("taken", "arrived").state == "taken"
    assert second.answer("taken", "arrived").state == "arrived"
    assert first.unfinished() == 0
    assert people.download().body == BODY[::-1]
    assert len(people.all_news("raced")) == 1


def test_places_that_a_large_file_goes_to_are_named(people: People) -> None:
    """So that a small one from somebody else does not take the place of hours of work."""
    asked = people.ask("crowded")
    sender = Sender(people, asked, slot=7)
    parts = sender.begin()
    until(lambda: asked.plan.said["going"] == [7])
    assert 7 in asked.plan.slots
    sender.complete(parts, sender.send(parts))
    people.news("crowded")
    people.settled()
    assert asked.plan.said["going"] == []


def test_so_many_are_under_way_to_one_place(people: People) -> None:
    """Three: of more, the bucket would fill with what can never arrive."""
    asked = people.ask("queue")
    senders = [Sender(people, asked, number=number) for number in range(1, 5)]
    for sender in senders[:3]:
        sender.begin()
    assert senders[3].announce().status == 200
    assert senders[3].answer("taken").state == "taken"
    assert senders[0].unfinished() == 3


def test_only_its_own_page_is_answered(people: People) -> None:
    """Whoever else has the link can read no announcement, and so finds no signature of its parts."""
    sender = Sender(people, people.ask("secret"))
    sender.begin()
    said = json.dumps(sender.asked.plan.said)
    assert sender.reply not in said
    for name in ("1", "01", sender.reply[:-1], sender.reply.swapcase()):
        assert plan.fetch_parts(sender.asked.address, name) is None
    intent = sender.asked.key("intent/1")
    url = f"{people.aws.outputs['UploadOrigin']}/{intent}"
    assert people.aws.request("GET", url).status == 403


def test_no_news_waits_for_what_cannot_be_thrown_away(people: People) -> None:
    """A bot that has lost the right to abort tells of files all the same, and tries again later."""
    sender = Sender(people, people.ask("stubborn"))
    parts = sender.begin()
    sender.send(parts, 1)
    refusal = {"method": "DELETE", "status": 403, "code": "AccessDenied", "times": 99}
    people.aws.faults.add(path=sender.asked.key(), **refusal)
    assert people.send(sender.asked, BODY, name=sender.name).status == 200
    people.news("stubborn")
    assert sender.unfinished() == 1
    people.aws.faults.clear()
    look(people, sender)
    sender.answer("arrived", "taken", seconds=15)
    assert sender.unfinished() == 0


def test_a_closed_link_is_shut_before_its_uploads_are_thrown_away(people: People) -> None:
    """Though S3 aborts nothing for a while, no part of it becomes a file."""
    sender = Sender(people, people.ask("shut first --files 1"))
    parts = sender.begin()
    etags = sender.send(parts)
    refusal = {"method": "DELETE", "status": 503, "times": 99}
    people.aws.faults.add(path=sender.asked.key(), **refusal)
    people.slack.click("close_link", user="ann", channel="general")
    until(lambda: people.stored(sender.asked) is not None)  # the tombstone
    assert sender.complete(parts, etags).status == 412
    people.aws.faults.clear()
    past = datetime.now(UTC) - timedelta(seconds=1)
    people.set_time(sender.asked, due_at=past)
    sender.answer("closed", seconds=20)
    assert sender.unfinished() == 0


def test_a_single_put_may_be_faster(people: People) -> None:
    """A page may send a file whole while it waits for the answer; then its parts are superfluous."""
    sender = Sender(people, people.ask("whole"))
    parts = sender.begin()
    sender.send(parts, 1)
    sent = people.send(sender.asked, BODY, name=sender.name, content_type="video/mp4", mark=MARK)
    assert sent.status == 200
    people.news("whole")
    assert sender.answer("arrived").state == "arrived"
    assert sender.unfinished() == 0
    assert sender.put(parts, 2).status == 404


def test_closing_ends_what_is_under_way(people: People) -> None:
    """Within a moment: parts are refused, completing is, the page is told, and nothing lands."""
    sender = Sender(people, people.ask("shut --files 1"))
    parts = sender.begin()
    etags = sender.send(parts, 1, 2)
    people.slack.click("close_link", user="ann", channel="general")
    sender.answer("closed")
    assert sender.put(parts, 3).status == 404
    assert sender.complete(parts, etags).status in {404, 412}
    assert sender.unfinished() == 0
    people.settled()
    assert people.all_news("shut") == []


def test_the_end_of_a_link_ends_what_is_under_way(people: People) -> None:
    """Left-over parts cost nobody anything for long."""
    sender = Sender(people, people.ask("late"))
    parts = sender.begin()
    sender.send(parts, 1)
    past = datetime.now(UTC) - timedelta(seconds=1)
    people.set_time(sender.asked, ends_at=past, due_at=past)
    sender.answer("closed", seconds=15)
    assert sender.unfinished() == 0
    assert sender.put(parts, 2).status == 404


def test_the_card_tells_how_far_a_large_file_is(people: People) -> None:
    """A bar, percent, bytes and speed while parts come; "stalled" when none do; then the news."""
    sender = Sender(people, people.ask("watched"))
    parts = sender.begin()
    etags = sender.send(parts, 1)
    look(people, sender)
    card = people.card("watched", "movie.mp4", "38%", "5 MB of 13 MB", "/s", seconds=20)
    assert "██████░░░░░░░░░░" in words(card)
    look(people, sender, moved_at=datetime.now(UTC) - timedelta(seconds=65))
    people.card("watched", "movie.mp4", "38%", "stalled since", seconds=20)
    etags |= sender.send(parts, 2)
    look(people, sender)
    people.card("watched", "76%", "10 MB of 13 MB", seconds=20)
    etags |= sender.send(parts, 3)
    sender.complete(parts, etags)
    people.news("watched", "movie.mp4")
    assert "movie.mp4" not in words(people.card("Received", "watched"))
    assert len(people.all_news("watched")) == 1


def look(people: People, sender: Sender, **moments: datetime) -> None:
    """Let the bot look now, as if it had looked before at these moments."""
    dynamodb, table = people.aws.client("dynamodb"), people.aws.outputs["LinkTable"]
    now = datetime.now(UTC)
    for name, at in {"looked_at": now - timedelta(seconds=11), **moments}.items():
        dynamodb.update_item(
            TableName=table,
            Key=shapes.key(sender.asked.reference, f"intent#{sender.number:04}"),
            UpdateExpression=f"SET {name} = :at",
            ExpressionAttributeValues={":at": shapes.number(at)},
        )
    people.set_time(sender.asked, due_at=now, look_at=now)


def test_a_cancelled_upload_is_forgotten(people: People) -> None:
    """The page threw its parts away: the bot's next look finds none, and the card is as before."""
    sender = Sender(people, people.ask("changed my mind"))
    parts = sender.begin()
    sender.send(parts, 1)
    look(people, sender)
    people.card("changed my mind", "movie.mp4", seconds=20)
    assert people.aws.request("DELETE", parts.abort).status == 204
    look(people, sender)
    sender.answer("cancelled", seconds=15)
    until(lambda: "movie.mp4" not in words(people.card("changed my mind")))
    record = people.records.find(sender.asked.reference)
    until(lambda: people.records.find(record.reference).look_at is None)


def test_ordinary_files_cause_no_look(people: People) -> None:
    """Nothing is recorded, looked at or drawn for a file that went by a single PUT."""
    asked = people.ask("ordinary")
    people.send(asked)
    people.news("ordinary")
    assert people.records.find(asked.reference).look_at is None
