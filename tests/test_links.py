"""A link's life: what its plan tells, how it is closed, extended and kept closed."""

import json
import re
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from conftest import StartBot
from people import ONCE, Asked, People, until

from bot import Product
from handlers.doors import CONNECTIONS
from local.aws import Aws
from local.slack import seed
from local.slack.driver import Slack, words
from uploads import shapes
from uploads.arrivals import Arrival
from uploads.bucket import Bucket
from uploads.errors import Buried, NotThere, Withheld
from uploads.inbox import WAIT_SECONDS
from uploads.links import COVERS, CoverId, File
from uploads.records import Act, Records

SLOTS = 20
DAY = 86_400


def copies(asked: Asked) -> dict[str, str]:
    """Every URL that somebody who has the link can keep for later: by slot or cover."""
    now = asked.plan
    urls = {str(slot): now.put(slot) for slot in now.slots}
    return urls | {f"cover/{number}": now.cover(int(number)) for number in now.said["covers"]}


def statuses(people: People, urls: dict[str, str]) -> set[int]:
    """What S3 answers to all of them."""
    with ThreadPoolExecutor(8) as pool:
        return set(pool.map(lambda url: people.put(url).status, urls.values()))


# The plan.


def test_the_plan_is_all_that_the_page_needs(people: People) -> None:
    """Who asks for what, until when, how much; a signed PUT and HEAD a slot; nothing of Slack."""
    asked = people.ask("決算 <b>")
    said = asked.plan.said
    assert {name: said[name] for name in ("v", "state", "for", "from", "note", "sender")} == {
        "v": 1,
        "state": "open",
        "for": "決算 <b>",
        "from": "Ann",
        "note": "",
        "sender": "ask",
    }
    assert (said["limit"], said["files"]) == (100 * 1024**3, SLOTS)
    assert abs(said["until"] - time.time() - 7 * DAY) < 60
    assert f"<!date^{said['until']}^" in words(asked.answer)
    assert asked.plan.slots == list(range(1, SLOTS + 1))
    assert len(said["covers"]) == COVERS
    text = json.dumps(said)
    for id in (seed.ANN.id, seed.TEAM, seed.APP, people.slack.channel_id("general")):
        assert id not in text
    assert asked.address.partition("#")[2] not in text


def test_the_address_holds_nothing_but_the_id(people: People) -> None:
    """22 characters behind the page's host, where neither server nor log sees them."""
    page, _, id = people.ask("Q3").address.partition("#")
    assert page == people.aws.page_url + "/"
    assert re.fullmatch(r"[\w-]{22}", id)


def test_looking_changes_nothing(people: People) -> None:
    """A mail scanner and a link preview may open the page and the plan as often as they like."""
    asked = people.ask("looked at")
    before, record = asked.plan.said, people.records.find(asked.reference)
    for _ in range(3):
        for method in ("GET", "HEAD"):
            assert people.aws.request(method, asked.address.partition("#")[0]).status == 200
            assert people.aws.request(method, asked.plan.head(1)).status in {403, 404}
    assert asked.plan.said == before
    assert people.records.find(asked.reference) == record
    people.card("Waiting for looked at")


def test_the_plan_offers_only_what_is_free(people: People) -> None:
    """A slot that holds a file is offered to nobody else."""
    asked = people.ask("free")
    people.send(asked, slot=3)
    people.news("free")
    until(lambda: 3 not in asked.plan.slots)
    assert len(asked.plan.slots) == SLOTS - 1


def test_a_full_link_says_so(slack: Slack, aws: Aws, start_bot: StartBot) -> None:
    """No signature is left in its plan, and nobody can extend it."""
    people = People(slack, aws, start_bot(LINK_FILES="2"))
    asked = people.ask("two")
    for slot in (1, 2):
        assert people.send(asked, slot=slot).status == 200
    until(lambda: asked.plan.state == "full")
    assert asked.plan.said == {"v": 1, "state": "full", "for": "two", "from": "Ann"}
    people.news("2 files have arrived")
    card = people.card("Received two", "2 of 2 files")
    assert "extend_link" not in json.dumps(card)
    assert "complete <!date^" in words(card)
    assert "open until" not in words(card)


# Closing.


def test_closing_is_real(people: People) -> None:
    """Every copy of every signature gets 412; what was received stays, and can be fetched."""
    asked = people.ask("to close")
    kept = copies(asked)
    people.send(asked, b"received")
    people.news("to close")
    people.slack.click("close_link")
    card = people.card("Closed: to close")
    assert f"closed by <@{seed.ANN.id}>" in words(card)
    assert "close_link" not in json.dumps(card)
    assert len(kept) == SLOTS + COVERS
    assert statuses(people, kept) == {412}
    assert asked.plan.said == {"v": 1, "state": "closed", "for": "to close", "from": "Ann"}
    assert people.download().body == b"received"
    people.settled()
    assert len(people.all_news("to close")) == 1


def test_what_shuts_a_closed_link_is_nothing_to_record(people: People, product: Product) -> None:
    """S3 tells of each of forty tombstones as of a file, or a note: one look is enough for each."""
    asked = people.ask("shut")
    people.slack.click("close_link")
    people.card("Closed: shut")
    without_records: Any = None
    intake = replace(product.intake, records=without_records)
    with pytest.raises(Buried):
        intake.take(Arrival(asked.file(), asked.key()))
    with pytest.raises(NotThere):
        intake.take(Arrival(CoverId(asked.reference, 1), asked.key("cover/1")))


def test_what_is_on_its_way_counts_fully_or_is_refused(people: People) -> None:
    """A link is closed while a file is being sent: it is told of, or it was answered 412."""
    asked = people.ask("in flight --files 1")
    people.aws.faults.slow(method="PUT", path=rf"{asked.reference}/1$", rate=400_000)
    url = asked.put_url(1)
    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(people.put, url, b"x" * 600_000)
        people.aws.faults.wait_until_begun()
        people.slack.click("close_link")
        people.card("Closed: in flight")
        status = sending.result().status
    assert status in {200, 412}
    stored = people.stored(asked, 1)
    assert stored
    assert ("tombstone" in stored["Metadata"]) == (status == 412)
    people.settled()
    assert len(people.all_news("in flight")) == (status == 200)


def test_two_people_and_two_bots_close_it_once(slack: Slack, aws: Aws, start_bot: StartBot) -> None:
    """At the same moment, and again: one of them closed it, and everything is shut."""
    bots = [start_bot(ADMINS=seed.KENJI.id) for _ in range(2)]
    slack.wait_for_connections(2 * CONNECTIONS)
    people = People(slack, aws, bots[0])
    asked = people.ask("both")
    kept = copies(asked)
    ts = people.card("Waiting for both")["ts"]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda user: slack.click("close_link", user=user, ts=ts), ("ann", "kenji")))
    people.card("Closed: both")
    until(lambda: people.stored(asked, "cover/20") is not None)
    assert statuses(people, kept) == {412}
    assert [a.what for a in people.records.history(asked.reference)] == ["closed"]
    said = [line for bot in bots for line in bot.said().splitlines() if '"act": "closed"' in line]
    assert len(said) == 1
    by = people.records.find(asked.reference).closed_by
    assert f"closed by <@{by}>" in words(people.card("Closed: both"))


def test_what_a_killed_bot_began_to_close_the_next_one_closes(
    slack: Slack, aws: Aws, start_bot: StartBot
) -> None:
    """SIGKILL between the record and the last key: nobody need press again."""
    people = People(slack, aws, start_bot())
    asked = people.ask("half closed --files 2")
    kept = copies(asked)
    aws.faults.add(method="PUT", path=rf"{asked.reference}/", times=500)
    slack.click("close_link")
    until(lambda: asked.plan.state == "closed")
    people.bot.signal(signal.SIGKILL)
    people.bot.wait(10)
    time.sleep(WAIT_SECONDS + 0.5)  # the receive of the dead bot would swallow the next message
    aws.faults.clear()
    people.set_time(asked, due_at=datetime.now(UTC))
    start_bot()
    people.card("Closed: half closed", seconds=30)
    until(lambda: all(people.stored(asked, key) for key in kept))
    assert statuses(people, kept) == {412}
    assert [act.what for act in people.records.history(asked.reference)] == ["closed"]


@pytest.mark.parametrize("again", [False, True], ids=["by the clock", "by pressing again"])
def test_an_outage_amid_closing_is_told_and_made_good(people: People, again: bool) -> None:
    """Whoever pressed hears of it, and the bot finishes what it has begun."""
    asked = people.ask("outage --files 2")
    kept = copies(asked)
    people.aws.faults.add(method="PUT", path=rf"{asked.reference}/", times=500)
    assert "AWS is too busy" in words(people.press("close_link"))
    people.aws.faults.clear()
    if again:  # as it says; and the clock, which is the other way, would be much too late
        people.slack.click("close_link")
    else:
        people.set_time(asked, due_at=datetime.now(UTC))
    people.card("Closed: outage", seconds=20)
    until(lambda: all(people.stored(asked, key) for key in kept))
    assert statuses(people, kept) == {412}


def test_slacks_outage_keeps_no_closed_link_usable(people: People) -> None:
    """A bot died when it had recorded the closing; the next buries first, and tells when it can."""
    asked = people.ask("closed in the dark --files 1")
    url = asked.put_url()
    people.slack.misbehave(method="chat.update", kind="error", error="token_revoked", times=99)
    link = people.records.find(asked.reference)
    people.records.close(
        link, Act("closed", link.requester, datetime.now(UTC) - timedelta(minutes=5))
    )
    until(lambda: people.stored(asked) is not None)
    assert people.put(url).status == 412
    assert asked.plan.state == "closed"


def test_a_link_that_could_not_be_given_is_no_link(people: People) -> None:
    """It was kept, and every answer was lost: whoever is told that it failed has none."""
    people.aws.faults.lose_answer(target="PutItem", times=3)
    people.slack.command("a ghost --files 1")
    people.slack.wait_for(lambda m: m["ephemeral"] and "Try again" in words(m), seconds=20)
    [link] = [
        link
        for link in people.records.shelf(seed.ANN.id, over=True, limit=100)
        if link.title == "a ghost"
    ]
    assert link.closed_at
    assert not [
        link
        for link in people.records.shelf(seed.ANN.id, over=False, limit=100)
        if link.title == "a ghost"
    ]


def test_a_lost_answer_costs_no_line_of_the_history(people: People) -> None:
    """What was done and what is told of it are one stroke, which may be repeated."""
    asked = people.ask("repeated --files 1")
    people.aws.faults.lose_answer(target="TransactWriteItems", times=2)
    people.slack.click("close_link")
    people.card("Closed: repeated", seconds=20)
    assert not people.aws.faults.left()
    assert [act.what for act in people.records.history(asked.reference)] == ["closed"]


# The reverse trap: under a key that is free again, every copy of its URL would work again.


@pytest.mark.parametrize("how", ["marker", "version"])
def test_a_deleted_file_makes_no_room_for_another(people: People, how: str) -> None:
    """By hand, under a delete marker or for good: the same signed URL stays used."""
    asked = people.ask(f"deleted by {how}")
    url = asked.put_url()
    people.send(asked, b"first")
    people.news(f"deleted by {how}")
    s3 = people.aws.client("s3")
    where = {"Bucket": people.aws.outputs["UploadBucket"], "Key": asked.key()}
    if how == "version":
        where["VersionId"] = s3.head_object(**where)["VersionId"]
    s3.delete_object(**where)
    until(lambda: people.stored(asked) is not None)
    assert "tombstone" in people.stored(asked)["Metadata"]
    assert people.put(url, b"second").status == 412
    assert "has been deleted" in words(people.press("download"))
    people.settled()
    assert len(people.all_news(f"deleted by {how}")) == 1


def test_a_tombstone_tells_of_a_deletion_that_nobody_recorded(people: People) -> None:
    """One bot had taken in the deletion before another had recorded the file."""
    asked = people.ask("overtaken")
    people.send(asked)
    people.news("overtaken")
    where = {"Bucket": people.aws.outputs["UploadBucket"], "Key": asked.key()}
    people.aws.client("s3").delete_object(**where)

    def gone() -> bool:
        return [file.gone for file in people.records.files(asked.reference)] == [True]

    until(gone)
    people.settled()
    people.aws.client("dynamodb").update_item(
        TableName=people.aws.outputs["LinkTable"],
        Key=shapes.key(asked.reference, "file#0001"),
        UpdateExpression="REMOVE gone",
    )
    people.queue(people.event(asked))
    until(gone)


@pytest.mark.parametrize("then", [None, Withheld("AccessDenied")], ids=["back", "unseen"])
def test_a_tombstone_that_is_taken_away_meanwhile_deletes_nothing(
    people: People, product: Product, monkeypatch: pytest.MonkeyPatch, then: Exception | None
) -> None:
    """Seen before the link was read, and not after: the file is back, or is looked for again."""
    asked = people.ask("back again")
    people.send(asked)
    people.news("back again")
    people.settled()
    seen, describe = [then, Buried("U1")], Bucket.describe

    def described(*it: Any) -> File:
        if seen and (error := seen.pop()):
            raise error
        return describe(*it)

    monkeypatch.setattr(Bucket, "describe", described)
    product.intake.take(Arrival(asked.file(), asked.key()))
    assert seen == []
    assert [file.gone for file in people.records.files(asked.reference)] == [False]


@pytest.mark.parametrize(("status", "code"), [(403, "AccessDenied"), (404, "NoSuchKey")])
def test_what_is_recorded_is_told_although_it_is_gone(
    people: People, product: Product, status: int, code: str
) -> None:
    """A bot died before it told, and S3 shows nothing any more to the one that tells."""
    asked = people.ask("gone since")
    people.send(asked)
    people.news("gone since")
    people.settled()
    people.aws.faults.add(method="HEAD", path=asked.key(), status=status, code=code)
    _, sitting = product.intake.take(Arrival(asked.file(), asked.key()))
    assert sitting == 1
    assert people.aws.faults.left() == []


@pytest.mark.parametrize("gone", [False, True], ids=["there", "gone since"])
def test_what_another_bot_has_just_recorded_is_told(
    people: People, product: Product, monkeypatch: pytest.MonkeyPatch, *, gone: bool
) -> None:
    """Of the link as it is with the file, also by the one that had read it without."""
    asked = people.ask("a moment before")
    before = people.records.find(asked.reference)
    people.send(asked)
    people.news("a moment before")
    people.settled()
    if gone:
        people.aws.faults.add(method="HEAD", path=asked.key(), status=403, code="AccessDenied")
    read, find = [before], Records.find
    monkeypatch.setattr(Records, "find", lambda *it: read.pop() if read else find(*it))
    link, sitting = product.intake.take(Arrival(asked.file(), asked.key()))
    assert (link.received, sitting) == (1, 1)
    assert people.aws.faults.left() == []


# Extending.


def test_its_requester_extends_a_link(people: People) -> None:
    """Three days longer, in the card, in the plan and in every signature that it holds."""
    asked = people.ask("longer")
    before = asked.plan.said["until"]
    people.slack.click("extend_link")
    after = before + 3 * DAY
    people.card("longer", f"open until <!date^{after}^")
    until(lambda: asked.plan.said["until"] == after)
    assert people.send(asked).status == 200


def test_others_are_told_that_they_may_not(people: People) -> None:
    """Neither extend nor close what somebody else asked for; admins may."""
    asked = people.ask("mine", user="ann")
    for button in ("extend_link", "close_link"):
        assert f"<@{seed.ANN.id}>" in words(people.press(button, user="kenji"))
    record = people.records.find(asked.reference)
    assert (record.rev, record.closed_at) == (0, None)
    refused = people.records.history(asked.reference)
    assert [(act.what, act.who) for act in refused] == [("refused", seed.KENJI.id)] * 2
    theirs = people.ask("theirs --files 1", user="kenji")
    people.slack.click("close_link", user="ann")
    people.card("Closed: theirs")
    assert theirs.plan.state == "closed"


def test_nobody_extends_beyond_the_longest_life(
    slack: Slack, aws: Aws, start_bot: StartBot
) -> None:
    """The admin's word, counted from when the link was made."""
    people = People(slack, aws, start_bot(MAX_LINK_LIFETIME="8d"))
    asked = people.ask("long enough")
    people.slack.click("extend_link")
    most = int(people.records.find(asked.reference).made_at.timestamp()) + 8 * DAY
    until(lambda: asked.plan.said["until"] == most)  # a day, not three
    before = asked.plan.said
    assert "8 days at most" in words(people.press("extend_link"))
    assert asked.plan.said == before


def test_an_expired_link_can_be_given_more_time(people: People) -> None:
    """By whoever may extend it; the address is the same, and takes files again."""
    asked = people.ask("too late")
    past = datetime.now(UTC) - timedelta(minutes=5)
    people.slack.misbehave(method="chat.update", kind="error", error="cant_update_message")
    people.set_time(asked, ends_at=past, due_at=past)
    until(lambda: asked.plan.state == "expired")
    assert asked.plan.said == {"v": 1, "state": "expired", "for": "too late", "from": "Ann"}
    people.slack.click("extend_link")  # on a card that does not show it yet
    until(lambda: asked.plan.state == "open")
    assert abs(asked.plan.said["until"] - time.time() - 3 * DAY) < 60
    people.verify(asked)
    assert people.send(asked).status == 200
    people.news("too late")


def test_a_card_that_was_drawn_too_late_is_drawn_again(people: People) -> None:
    """Slack lets an older state wait until a newer one stands: the newer one stands in the end."""
    people.ask("overtaken --files 1")

    def drawn() -> list[bool]:
        """Whether each drawing that Slack has not refused says that the link is closed."""
        calls = people.slack.calls("chat.update")
        return ["Closed" in call.args["text"] for call in calls if not call.fault]

    people.slack.misbehave(method="chat.update", kind="ratelimited", retry_after=5)
    people.slack.click("extend_link")
    until(lambda: bool(people.slack.calls("chat.update")))
    people.slack.click("close_link")
    people.card("Closed: overtaken")
    until(lambda: drawn()[-2:] == [False, True])
    people.card("Closed: overtaken")


def test_a_closed_link_stays_closed(people: People) -> None:
    """A card that does not show it yet cannot open it again."""
    asked = people.ask("closed for good --files 1")
    people.slack.misbehave(method="chat.update", kind="error", error="cant_update_message")
    people.slack.click("close_link")
    until(lambda: asked.plan.state == "closed")
    assert "takes no more files" in words(people.press("extend_link"))
    assert asked.plan.state == "closed"


# The recipe's form.


def test_the_recipes_form_still_works(slack: Slack, aws: Aws, start_bot: StartBot) -> None:
    """The signature in the address, one file, no plan; closed it is as shut as any other."""
    people = People(slack, aws, start_bot(LINK_STYLE="embedded"))
    asked = people.ask("the old way")
    assert asked.address.startswith(people.aws.page_url + "/?s3_url=")
    assert "one file of up to 5 GB" in words(asked.answer)
    slack.command("two of them --files 2")
    slack.wait_for("takes 1 file here")
    assert "extend_link" not in json.dumps(people.card("Waiting for the old way"))
    assert people.send(asked, b"old").status == 200
    people.news("the old way")
    assert people.download().body == b"old"
    assert people.aws.request("PUT", asked.put_url(), headers=ONCE, body=b"x").status == 412

    other = people.ask("closed early")
    people.slack.click("close_link")
    people.card("Closed: closed early")
    assert people.put(other.put_url()).status == 412
    people.settled()
    assert not people.all_news("closed early")
