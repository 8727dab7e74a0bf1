"""Files of one sitting grow one message, whatever comes in between."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from conftest import StartBot
from people import MARK, People
from slack_sdk import WebClient

from local.aws import Aws
from local.slack.driver import Slack, words
from uploads.errors import NotThere
from uploads.intake import QUIET, read_cover, sitting
from uploads.links import CoverId, Link, new_id

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
COVER = CoverId("0" * 32, 1)


@pytest.mark.parametrize(
    ("since", "before", "after"),
    [
        (None, 0, 1),
        (timedelta(), 1, 1),
        (QUIET, 3, 3),
        (QUIET + timedelta(seconds=1), 3, 4),
        (timedelta(days=3), 1, 2),
    ],
)
def test_a_new_message_only_after_a_quiet_time(
    since: timedelta | None, before: int, after: int
) -> None:
    """The next file belongs to the sitting of the latest, unless that is long ago."""
    link = Link(
        id=new_id(),
        title="",
        requester="U1",
        requester_name="",
        made_at=NOW,
        ends_at=NOW,
        sitting=before,
        last_at=None if since is None else NOW - since,
    )
    assert sitting(link, NOW) == after


def note(**changes: Any) -> bytes:
    said: dict[str, Any] = {"v": 1, "mark": MARK, "name": "Mei", "note": "", "files": 1, "bytes": 5}
    return json.dumps(said | changes).encode()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nonsense",
        b"\xff\xfe",
        b"[]",
        b"null",
        b'"text"',
        b"[" * 4000,
        b'{"mark": ' * 400,
        b"{}",
        note(mark="short"),
        note(mark="m" * 17),
        note(mark="<!channel"),
        note(mark="ｋ３ｍ９ｘ２ｐ７"),
        note(mark=None),
        note(files=-1),
        note(files=10_001),
        note(files="many"),
        note(files=None),
        note(files=[1]),
        note(bytes=-1),
        note(bytes=2**53),
        note(bytes=float("inf")),
        note(files=float("nan")),
    ],
    ids=lambda body: body[:24],
)
def test_what_is_no_cover_note_is_none(body: bytes) -> None:
    """Whatever a stranger writes, the bot goes on."""
    with pytest.raises(NotThere):
        read_cover(COVER, body)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ({"name": "x" * 100}, {"name": "x" * 79 + "…"}),
        ({"note": "x" * 600}, {"note": "x" * 499 + "…"}),
        ({"name": "a\u202eb\nc\x00"}, {"name": "ab c"}),
        ({"note": "a\u202e\n\n\n\nb"}, {"note": "a\n\nb"}),
        ({"name": "<!channel> <@U1>"}, {"name": "<!channel> <@U1>"}),
        ({"name": 7, "note": None}, {"name": "7"}),
        ({"name": "\ud800"}, {"name": ""}),
        ({"more": {"deep": []}}, {}),
    ],
)
def test_a_cover_note_is_cut_and_cleaned(said: dict[str, Any], shown: dict[str, str]) -> None:
    """One plain line for a name, plain lines for a note; escaping is for whoever shows it."""
    cover = read_cover(COVER, note(**said))
    assert {name: getattr(cover, name) for name in shown} == shown
    assert (cover.mark, cover.files, cover.size) == (MARK, 1, 5)


# Through the real doors.


def test_files_of_one_sitting_grow_one_message(people: People) -> None:
    """The first is told at once; the others join it, with their number and size."""
    asked = people.ask("grows")
    people.send(asked, name="1.txt")
    first = people.news("grows", "1.txt has arrived")
    for slot in (2, 3, 4):
        people.send(asked, slot=slot, name=f"{slot}.txt")
    grown = people.news("grows", "4 files have arrived, 20 bytes")
    assert grown["ts"] == first["ts"]
    assert grown["thread_ts"] == first["thread_ts"]
    assert all(f"{slot}.txt" in words(grown) for slot in (1, 2, 3, 4))
    people.card("grows", "4 of 20 files, 20 bytes")
    assert len(people.all_news("grows")) == 1


def test_each_file_of_a_list_can_be_fetched(people: People) -> None:
    """By a button beside it, and all by a list of signed links of their own."""
    asked = people.ask("fetch")
    for slot in (1, 2, 3):
        people.send(asked, f"body {slot}".encode(), slot=slot, name=f"{slot}.txt")
    people.news("fetch", "3 files have arrived")
    people.slack.click("all_files")
    assert bodies(people, all_urls(people.slack)) == {b"body 1", b"body 2", b"body 3"}
    assert people.download().body in {b"body 1", b"body 2", b"body 3"}


def test_a_list_offers_nothing_that_was_deleted(people: People) -> None:
    """It says so of the file, and leads to the others only."""
    asked = people.ask("cleared away")
    for slot in (1, 2):
        people.send(asked, f"body {slot}".encode(), slot=slot, name=f"{slot}.txt")
    people.news("cleared away", "2 files have arrived")
    people.aws.client("s3").delete_object(
        Bucket=people.aws.outputs["UploadBucket"], Key=asked.key(1)
    )
    people.settled()
    people.slack.click("all_files", ts=people.news("cleared away")["ts"])
    assert bodies(people, all_urls(people.slack)) == {b"body 2"}
    assert "deleted since" in json.dumps(people.slack.view())


def all_urls(slack: Slack) -> list[str]:
    """Every signed link of the list, page by page."""
    urls: list[str] = []
    while True:
        until = time.monotonic() + 10
        while not (view := slack.view()) or any(url in urls for url in urls_of(view)):
            assert time.monotonic() < until
            time.sleep(0.02)
        urls += urls_of(view)
        if "files_page_next" not in json.dumps(view):
            return urls
        slack.click_in_view("files_page_next")


def urls_of(view: dict[str, Any]) -> list[str]:
    return [block["accessory"]["url"] for block in view["blocks"] if "accessory" in block]


def bodies(people: People, urls: list[str]) -> set[bytes]:
    return {people.aws.request("GET", url).body for url in urls}


@pytest.mark.parametrize("when", ["before", "between", "after"])
def test_whoever_sends_may_say_who_they_are(people: People, when: str) -> None:
    """Before, between or after the files: their name and their words stand with them."""
    asked = people.ask(when)
    said = {"name": "Mei, <!here>", "note": "Page 3 is a *draft*", "files": 2, "bytes": 10}
    if when == "before":
        people.introduce(asked, said)
        people.card("Files are on their way", when)
    people.send(asked)
    if when == "between":
        people.introduce(asked, said)
    people.send(asked, slot=2)
    if when == "after":
        people.news(when, "2 files have arrived")
        people.introduce(asked, said)
    news = people.news(when, "Mei, &lt;!here&gt; sent 2 files, 10 bytes")
    assert "Page 3 is a *draft*" in json.dumps(news["blocks"])
    assert '"rich_text_quote"' in json.dumps(news["blocks"])
    people.settled()
    assert len(people.all_news(when)) == 1


def test_several_senders_are_all_named(people: People) -> None:
    """Three use one link at the same time, one without a name: each file is its sender's."""
    asked = people.ask("two of them")
    for number, (name, mark) in enumerate((("Mei", "m" * 8), ("Bo", "b" * 8)), 1):
        people.introduce(asked, {"name": name, "mark": mark}, number=number)
        people.send(asked, slot=number, mark=mark)
    people.introduce(asked, {"name": "Nobody", "mark": "n" * 8}, number=3)
    people.send(asked, slot=3, mark="a" * 8, name="nameless.pdf")
    people.news("two of them", "sent 3 files")
    people.settled()
    (news,) = people.all_news("two of them")
    assert "Mei, Bo and somebody else sent 3 files" in news["text"]
    lines = [block["text"]["text"] for block in news["blocks"] if block["type"] == "section"]
    said = [line.partition(" · from ")[2] for line in lines]
    assert sorted(said) == ["", "Bo", "Mei"]
    assert "nameless" in lines[said.index("")]
    assert "Nobody" not in words(news)


@pytest.mark.parametrize(
    "body",
    [b"x" * 5000, b"nonsense", b"[" * 4000, note(name="<!channel>\u202e", mark="other000")],
    ids=["huge", "not JSON", "deep", "another's"],
)
def test_a_malicious_cover_note_does_no_harm(people: People, body: bytes) -> None:
    """It is no note, or nobody's; the files are told of all the same."""
    asked = people.ask("malice")
    assert people.introduce(asked, body).status == 200
    people.send(asked)
    news = people.news("malice", "Q3.pdf has arrived")
    assert "<!channel>" not in json.dumps(news)
    people.settled()
    assert len(people.all_news("malice")) == 1


def test_what_is_too_large_is_held(slack: Slack, aws: Aws, start_bot: StartBot) -> None:
    """Sent past the page: said in the follow-up, refused in words at Download, and still there."""
    people = People(slack, aws, start_bot(MAX_FILE_SIZE="1kB"))
    asked = people.ask("small ones")
    assert asked.plan.said["limit"] == 1024
    people.send(asked, b"x" * 1025, name="large.bin")
    news = people.news("small ones", "large.bin has arrived")
    assert "kept back" in words(news)
    assert '"download"' not in json.dumps(news)
    card = people.card("small ones", "1 file too large and kept back")
    assert "white_check_mark" not in json.dumps(card)
    people.send(asked, b"x" * 1024, slot=2, name="right.bin")
    grown = people.news("small ones", "2 files have arrived")
    assert "kept back: too large" in words(grown)
    card = people.card("small ones", "2 of 20 files", "1 file too large and kept back")
    assert "white_check_mark" in json.dumps(card)
    assert people.download().body == b"x" * 1024
    slack.click("all_files")
    assert bodies(people, all_urls(slack)) == {b"x" * 1024}
    stored = people.stored(asked)
    assert stored
    assert stored["ContentLength"] == 1025
    assert people.records.file(asked.file()).held  # type: ignore[union-attr]


@pytest.mark.long(30)
def test_three_hundred_files_are_one_readable_message(
    slack: Slack, aws: Aws, start_bot: StartBot
) -> None:
    """Sent in one go: every file in it, at Slack's pace, and never a 429."""
    people = People(slack, aws, start_bot(MAX_LINK_FILES="300", LINK_FILES="300"))
    asked = people.ask("all of it")
    people.introduce(asked, {"files": 300, "bytes": 300})
    now = asked.plan
    with ThreadPoolExecutor(8) as pool:
        sent = pool.map(
            lambda slot: (
                people.put(now.put(slot), b"x", name=f"{slot}.txt", mark=f"{MARK}.{slot}").status
            ),
            now.slots,
        )
    assert set(sent) == {200}
    news = people.news("Mei, Acme sent 300 files, 300 bytes", seconds=90)
    people.card("all of it", "300 of 300 files", seconds=30)
    assert "and 290 more" in words(news)
    assert len(people.all_news()) == 1
    slack.click("all_files")
    assert len(set(all_urls(slack))) == 300
    assert {file.id.slot for file in people.records.files(asked.reference)} == set(range(1, 301))
    posts = [call.monotonic for call in slack.calls("chat.postMessage")]
    assert min(after - before for before, after in pairwise(posts)) >= 1
    assert not [call for call in slack.calls() if call.status == 429]
    assert asked.plan.state == "full"


@pytest.mark.parametrize("kind", ["drop_reply", "http_503", "ratelimited"])
@pytest.mark.parametrize("method", ["chat.postMessage", "chat.update"])
def test_slacks_trouble_neither_loses_nor_doubles(people: People, method: str, kind: str) -> None:
    """The answer to the first post or to an update is lost, or Slack asks to wait."""
    asked = people.ask(f"{kind} {method}")
    how = {"retry_after": 1} if kind == "ratelimited" else {}
    if method == "chat.postMessage":
        people.slack.misbehave(method=method, kind=kind, **how)
    people.send(asked)
    people.news(asked.plan.said["for"], seconds=30)
    if method == "chat.update":
        people.slack.misbehave(method=method, kind=kind, **how)
    people.send(asked, slot=2)
    people.news(asked.plan.said["for"], "2 files have arrived", seconds=30)
    people.card(asked.plan.said["for"], "2 of 20 files", seconds=30)
    assert len(people.all_news(asked.plan.said["for"])) == 1


def test_after_a_quiet_time_there_is_a_new_message(people: People) -> None:
    """Yesterday's message stays as it was."""
    asked = people.ask("days apart")
    people.send(asked, name="monday.txt")
    first = people.news("days apart", "monday.txt")
    people.card("Received days apart")
    people.set_time(asked, last_at=datetime.now(UTC) - QUIET - timedelta(seconds=2))
    people.send(asked, slot=2, name="tuesday.txt")
    second = people.news("days apart", "tuesday.txt has arrived")
    assert second["ts"] != first["ts"]
    assert second["thread_ts"] == first["thread_ts"]
    assert "tuesday" not in words(people.news("monday.txt"))
    people.card("days apart", "2 of 20 files")


def test_a_deleted_message_does_not_swallow_what_comes_after(people: People) -> None:
    """Somebody has removed the follow-up: the next file of the sitting is told in a new one."""
    asked = people.ask("swallow nothing")
    people.send(asked, slot=1, name="first.txt")
    told = people.news("first.txt")
    env = people.slack.bot_env
    client = WebClient(env["SLACK_BOT_TOKEN"], env["SLACK_API_URL"])
    client.chat_delete(channel=told["channel"], ts=told["ts"])
    people.send(asked, slot=2, name="second.txt")
    again = people.news("first.txt", "second.txt", seconds=20)
    assert again["ts"] != told["ts"]
    assert len(people.all_news("first.txt")) == 1
