"""What time does: signatures renewed, requesters reminded, ends told; once, whichever bot."""

import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from conftest import StartBot
from people import Asked, People, until
from sender import Sender

from bot import Product
from local.aws import Aws
from local.slack.driver import Slack, words
from uploads.agenda import LEASE, Agenda, Due
from uploads.links import Link, new_id
from uploads.moments import next_moment, only_looked_at, remind_at, resign_at
from uploads.multipart import STALLED_AFTER
from uploads.multiparts import Multiparts
from uploads.records import Act

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DM = "@upload-link"


def link(**more: Any) -> Link:
    known: dict[str, Any] = {"requester": "U1", "requester_name": "Ann", "title": "Q3"}
    known |= {"made_at": NOW, "ends_at": NOW + timedelta(days=7), "files": 20}
    return Link(id=new_id(), **known | more)


@pytest.mark.parametrize(
    ("signed", "ends", "after"),
    [
        (timedelta(days=7), timedelta(days=7), None),
        (timedelta(days=7), timedelta(days=90), timedelta(days=7, minutes=-10)),
        (timedelta(hours=1), timedelta(days=7), timedelta(minutes=50)),
        (timedelta(minutes=1), timedelta(days=7), timedelta(seconds=30)),
        (None, timedelta(days=7), None),
    ],
)
def test_a_plan_is_signed_anew_in_time(
    signed: timedelta | None, ends: timedelta, after: timedelta | None
) -> None:
    """Before its signatures end: ten minutes, or half of a short life; never after its last."""
    wanted = link(ends_at=NOW + ends, signed_until=None if signed is None else NOW + signed)
    assert resign_at(wanted, NOW) == (None if after is None else NOW + after)


@pytest.mark.parametrize(
    ("life", "more", "before"),
    [
        (timedelta(days=7), {}, timedelta(days=1)),
        (timedelta(days=2), {}, timedelta(hours=12)),
        (timedelta(hours=1), {}, timedelta(minutes=15)),
        (timedelta(minutes=59), {}, None),
        (timedelta(days=7), {"received": 1}, None),
        (timedelta(days=7), {"reminded": True}, None),
    ],
)
def test_a_reminder_comes_while_there_is_time(
    life: timedelta, more: dict[str, Any], before: timedelta | None
) -> None:
    """A day before the end, or a quarter of a short life; not for a used link, and not twice."""
    wanted = link(ends_at=NOW + life, **more)
    assert remind_at(wanted) == (None if before is None else wanted.ends_at - before)


@pytest.mark.parametrize(
    ("more", "moment"),
    [
        ({}, timedelta(days=6)),
        ({"reminded": True}, timedelta(days=7)),
        ({"signed_until": NOW + timedelta(hours=1)}, timedelta(minutes=50)),
        ({"closed_at": NOW}, None),
        ({"received": 20}, None),
    ],
)
def test_the_next_moment_is_the_first_of_all(
    more: dict[str, Any], moment: timedelta | None
) -> None:
    """Renewal, reminder or end; none for a link that nothing can happen to."""
    assert next_moment(link(**more), NOW) == (None if moment is None else NOW + moment)


@pytest.mark.parametrize(
    ("more", "only"),
    [
        ({}, True),
        ({"look_at": None}, False),
        ({"look_at": NOW + timedelta(seconds=1)}, False),
        ({"signed_until": None}, False),  # extended, and nobody lived to publish that
        ({"signed_until": NOW + timedelta(minutes=10)}, False),
        (
            {"signed_until": NOW + timedelta(minutes=10), "ends_at": NOW + timedelta(minutes=9)},
            True,
        ),
        ({"closed_at": NOW}, False),
        ({"received": 20}, False),
        ({"ends_at": NOW}, False),
        ({"reminded": False, "ends_at": NOW + timedelta(hours=1)}, False),
    ],
)
def test_a_look_at_parts_renews_nothing(more: dict[str, Any], only: bool) -> None:
    """Every ten seconds a plan need not be signed; but what else is due is not put off."""
    known = {"look_at": NOW, "signed_until": NOW + timedelta(days=7), "reminded": True}
    known |= {"made_at": NOW - timedelta(hours=5)}
    assert only_looked_at(link(**known | more), NOW) is only


def test_a_moment_belongs_to_one_bot(people: People) -> None:
    """Two look at the same time: one of them takes it up, and if it dies, the next does."""
    asked = people.ask("mine")
    agenda = Agenda(people.aws.client("dynamodb"), people.aws.outputs["LinkTable"])
    past = datetime.now(UTC).replace(microsecond=0) + timedelta(days=30)
    people.set_time(asked, due_at=past)
    due = Due(asked.reference, past)
    assert due in agenda.due(past, 1000)
    later = past + LEASE
    assert [agenda.move(due, later) for _ in range(3)] == [True, False, False]
    assert Due(asked.reference, later) in agenda.due(later, 1000)


# Through the real doors, with time turned forward in the records.


def to_requester(people: People, text: str, user: str = "ann") -> list[dict[str, Any]]:
    """What the bot wrote to somebody alone."""
    return [m for m in people.slack.sees(user, DM) if text in words(m)]


@pytest.fixture
def down(slack: Slack, aws: Aws, start_bot: StartBot) -> tuple[People, StartBot]:
    """A workspace in which a bot answers, and can be stopped."""
    return People(slack, aws, start_bot()), start_bot


def overnight(people: People, asked: Asked, *, made: timedelta, ends: timedelta) -> None:
    """Let the bot be down while a link grows old."""
    now = datetime.now(UTC)
    people.set_time(asked, made_at=now + made, ends_at=now + ends, due_at=now + made)


@pytest.mark.parametrize("closed", [False, True], ids=["expired", "closed"])
def test_a_file_is_told_of_although_its_event_was_lost(
    down: tuple[People, StartBot], *, closed: bool
) -> None:
    """At the end of a link, somebody looks what is there, and tells of it though Slack says no once."""
    people, start_bot = down
    asked = people.ask("overlooked")
    people.bot.stop(30)
    people.send(asked, slot=7)
    until(lambda: sum(people.in_queue()) > 0)  # else it would come after all
    people.aws.client("sqs").purge_queue(QueueUrl=people.aws.outputs["EventQueueUrl"])
    if closed:
        link = people.records.find(asked.reference)
        people.records.close(link, Act("closed", link.requester, datetime.now(UTC) - LEASE))
    else:
        past = datetime.now(UTC) - timedelta(hours=2)
        people.set_time(asked, ends_at=past, due_at=past)
    people.slack.misbehave(method="chat.postMessage", kind="error", error="token_revoked")
    bot = start_bot()
    until(lambda: "is left for another try" in bot.said())
    people.set_time(asked, due_at=datetime.now(UTC))  # somebody's turn has passed
    people.news("overlooked", seconds=20)
    people.card("overlooked", "1 of 20 files", seconds=20)
    assert not to_requester(people, "Nothing came")


def test_a_large_file_is_told_of_although_its_event_was_lost(
    down: tuple[People, StartBot],
) -> None:
    """A minute after it was complete, while its link is open: whoever looks how far it is sees it.

    It joins the message of what came with it, though Slack says no at first.
    """
    people, start_bot = down
    sender = Sender(people, people.ask("unheard"))
    people.send(sender.asked, slot=2)
    people.news("unheard", "Q3.pdf")
    parts = sender.begin()
    etags = sender.send(parts)
    people.bot.stop(30)
    assert sender.complete(parts, etags).status == 200
    until(lambda: sum(people.in_queue()) > 0)
    people.aws.client("sqs").purge_queue(QueueUrl=people.aws.outputs["EventQueueUrl"])
    multiparts = Multiparts(people.aws.client("dynamodb"), people.aws.outputs["LinkTable"])
    [known] = multiparts.of(sender.asked.reference)
    now = datetime.now(UTC).replace(microsecond=0)
    moments = {"looked_at": now, "moved_at": now - STALLED_AFTER}
    multiparts.looked(replace(known, loaded=known.intent.size, **moments))
    people.slack.misbehave(method="chat.update", kind="error", error="token_revoked")
    bot = start_bot()
    people.set_time(sender.asked, look_at=now, due_at=now)
    until(lambda: "is left for another try" in bot.said())
    people.set_time(sender.asked, due_at=datetime.now(UTC))  # somebody's turn has passed
    people.news("unheard", "movie.mp4", "2 files", seconds=20)
    people.card("unheard", "2 of 20 files", seconds=20)
    assert len(people.all_news("unheard")) == 1


@pytest.mark.long(20)
def test_reminder_and_end_are_told_once(down: tuple[People, StartBot]) -> None:
    """After a night down, by whichever of two bots: each once, to whom it concerns, in their words."""
    people, start_bot = down
    slack = people.slack
    ending, ended = people.ask("ends soon"), people.ask("has ended")
    theirs, used = people.ask("kenji's", user="kenji"), people.ask("was used")
    people.send(used)
    people.news("was used")
    people.bot.stop(30)
    week = timedelta(days=-6)
    overnight(people, ending, made=week, ends=timedelta(hours=2))
    overnight(people, theirs, made=week, ends=timedelta(hours=2))
    overnight(people, ended, made=week, ends=timedelta(hours=-2))
    overnight(people, used, made=week, ends=timedelta(hours=-2))
    start_bot()
    start_bot()

    reminder = slack.wait_for("Nothing has come yet for ends soon", channel=DM, seconds=20)
    assert ending.address in words(reminder)
    assert '"extend_link"' in json.dumps(reminder)
    end = slack.wait_for("Nothing came for has ended", channel=DM, seconds=20)
    assert ended.address not in words(end)
    people.card("Nothing came for has ended", "ended <!date^", seconds=20)
    people.card("Received was used", "ended <!date^", seconds=20)
    slack.wait_for(lambda m: theirs.address in words(m), user="kenji", channel=DM, seconds=20)
    assert ended.plan.state == used.plan.state == "expired"
    assert ending.plan.state == theirs.plan.state == "open"

    # Two more rounds of both bots, in which all of it is due again.
    for asked in (ending, theirs, ended, used):
        if "due_at" in raw(people, asked):
            people.set_time(asked, due_at=datetime.now(UTC))
    people.settled()
    time.sleep(6)  # longer than a tick
    assert len(to_requester(people, "ends soon")) == 1
    assert len(to_requester(people, "has ended")) == 1
    assert not to_requester(people, "was used")
    assert not to_requester(people, "kenji's")
    assert len(to_requester(people, theirs.address, "kenji")) == 1


def raw(people: People, asked: Asked) -> dict[str, Any]:
    """The record of a link as it lies in the table."""
    item: dict[str, Any] = people.aws.client("dynamodb").get_item(
        TableName=people.aws.outputs["LinkTable"],
        Key={"pk": {"S": f"link#{asked.reference}"}, "sk": {"S": "link"}},
    )["Item"]
    return item


def test_the_reminder_can_extend(down: tuple[People, StartBot]) -> None:
    """One press beside it, and the other side has three days more; nobody is reminded of the old end."""
    people, _ = down
    asked = people.ask("a little longer")
    overnight(people, asked, made=timedelta(days=-6), ends=timedelta(hours=2))
    reminder = people.slack.wait_for("a little longer", channel=DM, seconds=20)
    before = people.records.find(asked.reference).ends_at
    people.slack.click("extend_link", channel=DM, ts=reminder["ts"])
    after = before + timedelta(days=3)
    people.card("a little longer", f"<!date^{int(after.timestamp())}^")
    said = people.slack.wait_for("Extended: a little longer", channel=DM)
    assert said["ephemeral"]
    assert f"<!date^{int(after.timestamp())}^" in said["text"]
    assert asked.plan.said["until"] == int(after.timestamp())


def test_whoever_has_left_stops_no_clock(down: tuple[People, StartBot]) -> None:
    """Slack takes no message to them; the link ends all the same, and so do those behind it."""
    people, _ = down
    asked = people.ask("for nobody")
    people.slack.misbehave(method="conversations.open", kind="error", error="user_disabled")
    overnight(people, asked, made=timedelta(days=-7), ends=timedelta(minutes=-1))
    people.card("Nothing came for for nobody", seconds=20)
    patience = time.monotonic() + 10
    while "clock" in raw(people, asked):  # it leaves the clock after the card has said so
        assert time.monotonic() < patience
        time.sleep(0.1)


def test_the_mark_of_a_reminder_is_for_one_end(people: People) -> None:
    """Whoever extends the link while it is written is reminded of the new end, too."""
    asked = people.ask("extended meanwhile")
    agenda = Agenda(people.aws.client("dynamodb"), people.aws.outputs["LinkTable"])
    link = people.records.find(asked.reference)
    ends_at = link.ends_at + timedelta(days=3)
    people.records.extend(link, ends_at, Act("extended", link.requester, datetime.now(UTC)))
    agenda.reminded(link)
    later = people.records.find(asked.reference)
    assert not later.reminded
    agenda.reminded(later)
    assert people.records.find(asked.reference).reminded


def test_a_link_that_is_closed_under_its_hands_stays_on_the_clock(
    people: People, product: Product
) -> None:
    """Whoever closes it may die before its copied signatures are dead: then the clock goes on."""
    clock = product.clock
    asked = people.ask("closed under its hands")
    read = clock.secure(people.records.find(asked.reference))
    closed = Act("closed", "U1", datetime.now(UTC), "")
    people.records.close(people.records.find(asked.reference), closed)
    clock.settle(read)
    waiting = clock.agenda.due(datetime.now(UTC) + 2 * LEASE, 1000)
    assert asked.reference in {due.link for due in waiting}
