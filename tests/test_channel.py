"""The channel: told once of every file, whatever S3, SQS, Slack or the bot do."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import pytest
from people import People

from bot import SLACK_TIMEOUT
from local.slack.driver import words


@pytest.mark.parametrize(
    "name",
    [
        "Q3 report.pdf",
        "月次報告（第3四半期）.xlsx",
        "<!channel> & <b>.txt",
        "a'b\"c;d=e%20.txt",
        "👩‍💻.md",
    ],
)
def test_a_follow_up_says_what_came(people: People, name: str) -> None:
    """Name, size, kind, who asked, for what: under the card, and in the channel too."""
    people.send(people.ask("the figures"), b"x" * 12_345, name=name)
    news = people.news("has arrived", user="kenji")
    shown = json.dumps(news["blocks"], ensure_ascii=False)
    assert json.dumps(name, ensure_ascii=False) in shown
    assert "12 kB" in shown
    assert "PDF document" in shown
    assert '"type": "user"' in shown
    assert "the figures" in shown
    card = people.slack.wait_for("Received ", user="kenji")
    assert news["thread_ts"] == card["ts"]
    assert news["reply_broadcast"]


def test_download_is_the_file_itself(people: People) -> None:
    """Signed at the click, for five minutes, forced to be saved under its own name."""
    people.send(people.ask(), b"\x00\x01", name="月次.bin", content_type="text/html")
    people.news("月次.bin")
    got = people.download()
    assert got.body == b"\x00\x01"
    assert got.headers["content-type"] == "application/octet-stream"
    assert "filename*=UTF-8''%E6%9C%88%E6%AC%A1.bin" in got.headers["content-disposition"]
    offer = people.slack.wait_for("Save the file")
    assert offer["ephemeral"]
    assert "X-Amz-Expires=300" in json.dumps(offer)


def test_each_click_signs_anew(people: People) -> None:
    """Anyone who sees the follow-up may fetch the file, any number of times."""
    people.send(people.ask())
    people.news("Q3.pdf")
    for user in ("ann", "kenji", "ann"):
        assert people.download(user=user).body == b"hello"


def test_an_empty_file_is_a_file(people: People) -> None:
    """Zero bytes are announced like any other number."""
    people.send(people.ask(), b"", name="empty.txt")
    assert "empty · " in words(people.news("empty.txt"))


def test_a_file_without_a_name_is_announced(people: People) -> None:
    """Somebody sent it with a bare tool."""
    asked = people.ask("raw")
    people.aws.request("PUT", asked.put_url(), headers={"If-None-Match": "*"}, body=b"1")
    assert "A file without a name" in words(people.news("raw"))
    assert people.download().body == b"1"


def test_events_that_come_twice_are_told_once(people: People) -> None:
    """Duplicates, in a row and at once, and in other envelopes."""
    asked = people.ask("twice")
    people.send(asked)
    people.news("twice")
    again = people.event(asked)
    sns = {"Type": "Notification", "Message": json.dumps(again)}
    bridge = {
        "detail-type": "Object Created",
        "detail": {
            "bucket": again["Records"][0]["s3"]["bucket"],
            "object": again["Records"][0]["s3"]["object"],
        },
    }
    both = {"Records": again["Records"] * 2}
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda b: people.queue(b), [again, again, sns, bridge, both]))
    people.settled()
    assert len(people.all_news("twice")) == 1


def test_events_may_come_in_any_order(people: People) -> None:
    """The last first, and all of them again."""
    asked = [people.ask(f"order {n}") for n in range(2)]
    for one in asked:
        people.aws.request("PUT", one.put_url(), headers={"If-None-Match": "*"}, body=b"x")
    people.queue(*(people.event(one) for one in reversed(asked)))
    for n in range(2):
        people.news(f"order {n}")
    people.settled()
    assert len(people.all_news("order")) == 2


def test_a_deleted_card_costs_the_thread_and_not_the_news(people: People) -> None:
    """The channel is told all the same."""
    asked = people.ask("no card")
    people.slack.misbehave(method="chat.postMessage", kind="error", error="cannot_reply_to_message")
    people.send(asked)
    assert "thread_ts" not in people.news("no card")


@pytest.mark.parametrize(
    "header", ["attachment; filename*=undefined''x", "attachment; filename*=%zz''", "=?="]
)
def test_a_malicious_header_cannot_silence_the_news(people: People, header: str) -> None:
    """Whatever an uploader sends as a name, the file is announced."""
    asked = people.ask("malice")
    headers = {"If-None-Match": "*", "Content-Disposition": header}
    assert people.aws.request("PUT", asked.put_url(), headers=headers, body=b"x").status == 200
    people.news("malice")
    assert people.download().body == b"x"


def test_foreign_events_do_no_harm(people: People) -> None:
    """Ignored with a line in the log, each saying why; real ones behind them still get through."""
    before = len(people.bot.said())
    asked = people.ask("real")
    other = people.event(asked)
    other["Records"][0]["s3"]["bucket"]["name"] = "somebody-elses"
    folder = people.event(asked)
    folder["Records"][0]["s3"]["object"]["key"] = "uploads/2026/"
    people.queue(
        {"Service": "Amazon S3", "Event": "s3:TestEvent"},
        other,
        folder,
        people.event(asked, "ObjectTagging:Put"),
        "nonsense",
    )
    bucket = people.aws.outputs["UploadBucket"]
    unknown, elsewhere = f"{'a' * 32}/1", f"{asked.reference}/9"
    for key in (f"uploads/2026/11/24/{unknown}", f"uploads/2001/01/01/{elsewhere}"):
        people.aws.client("s3").put_object(Bucket=bucket, Key=key, Body=b"x", IfNoneMatch="*")
    people.send(asked)
    people.news("real")
    people.settled(left=1)
    log = people.bot.said()[before:]
    for why in ("test event", "another bucket", "folder marker", "neither a"):
        assert why in log, why
    for what in (unknown, elsewhere):
        assert f"ignored {what}: no_such_link" in log
    assert "no_event" in log  # and that one stays for the dead-letter queue
    assert len(people.all_news("real")) == 1
    # It would come again, amid the tests after this one.
    people.aws.client("sqs").purge_queue(QueueUrl=people.aws.outputs["EventQueueUrl"])
    people.settled()


@pytest.mark.parametrize("status", [404, 403])
def test_an_event_without_its_object_is_no_news(people: People, status: int) -> None:
    """It was deleted meanwhile, or never there; S3 says 403 to whoever may not list."""
    asked = people.ask("never sent")
    people.aws.faults.add(method="HEAD", status=status, code="AccessDenied")
    people.queue(people.event(asked))
    people.settled()
    assert not people.aws.faults.left()
    assert not people.all_news("never sent")


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        ("drop_reply", ""),
        ("garbled", "slack_trouble"),
        ("http_429", "slack_slow_down"),
        ("http_500", "slack_trouble"),
        ("http_502", "slack_trouble"),
        ("http_503", "slack_trouble"),
        ("http_504", ""),
        ("ratelimited", "slack_slow_down"),
        ("slow", ""),
    ],
)
def test_slacks_trouble_neither_loses_nor_doubles(people: People, kind: str, word: str) -> None:
    """Accepted but the answer lost, refused for now, or late: told once, and soon.

    `word` is why it was tried again; "" where looking for the message was enough.
    """
    asked = people.ask("trouble")
    before = len(people.bot.said())
    # Longer than the bot waits for an answer, so that it has to look for the message.
    how: dict[str, Any] = {"slow": {"seconds": SLACK_TIMEOUT + 15}}.get(kind, {})
    people.slack.misbehave(method="chat.postMessage", kind=kind, **how)
    people.send(asked)
    people.news("trouble", seconds=10)
    people.card("Received ", seconds=SLACK_TIMEOUT + 5)
    people.settled()
    assert len(people.all_news("trouble")) == 1
    said = people.bot.said()[before:]
    assert word in said
    assert ("is not told of yet" in said) == bool(word)


def test_an_aws_outage_only_delays_the_news(people: People) -> None:
    """DynamoDB and S3 fail for a moment: the message is kept and tried again."""
    asked = people.ask("later")
    people.aws.faults.add(target="DynamoDB", times=4, status=500, code="InternalServerError")
    people.aws.faults.add(method="HEAD", times=4, status=503, code="SlowDown")
    people.send(asked)
    people.news("later", seconds=30)


def test_a_lost_right_only_delays_the_news(people: People) -> None:
    """AWS denies and Slack has revoked, for a moment: no file is given up for that."""
    asked, before = people.ask("denied"), len(people.bot.said())
    people.aws.faults.add(target="DynamoDB", status=400, code="AccessDeniedException")
    people.aws.faults.add(method="HEAD", status=403, code="AccessDenied", times=2)
    people.slack.misbehave(method="chat.postMessage", kind="error", error="token_revoked")
    people.send(asked)
    people.news("denied", seconds=30)
    said = people.bot.said()[before:]
    for why in ("slack_locks_out", "(code AccessDeniedException)", "(code AccessDenied)"):
        assert why in said


def test_a_cover_note_that_may_not_be_read_is_read_later(people: People) -> None:
    """S3 says the same of it as of one that is gone; but its key takes no tombstone."""
    asked = people.ask("denied note")
    people.aws.faults.add(
        method="GET", path=f"{asked.folder}cover/", status=403, code="AccessDenied"
    )
    people.introduce(asked)
    people.send(asked)
    people.news("denied note", "Mei, Acme", seconds=20)
    assert people.aws.faults.left() == []


@pytest.mark.parametrize("change", [{"archived": True}, {"bot": False, "read_only": True}])
def test_a_channel_that_closed_since_sends_the_news_directly(
    people: People, change: dict[str, bool]
) -> None:
    """The file is not forgotten because the channel was."""
    asked = people.ask("Q3")
    people.slack.change_channel("general", **change)
    people.send(asked)
    people.news("Q3.pdf", channel="@upload-link")


def test_keeps_slacks_measure(people: People) -> None:
    """Many files for one channel: one post a second, and Slack never has to say no."""
    asked = [people.ask(f"number {n}") for n in range(3)]
    time.sleep(2)  # Slack's own second for the last of the cards
    for one in asked:
        people.send(one)
    for n in range(3):
        people.news(f"number {n}", seconds=20)
    posts = [call.monotonic for call in people.slack.calls("chat.postMessage")]
    assert min(b - a for a, b in pairwise(posts)) >= 1
    assert not [c for c in people.slack.calls() if c.status == 429]
