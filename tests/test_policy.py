"""Who may make links, and what links may be: every refusal, in its own words."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from conftest import StartBot
from people import People

from handlers.access import Access, Person
from handlers.calls import Unsure
from local.aws import Aws
from local.slack import seed
from local.slack.driver import Slack, words
from uploads.errors import Forbidden
from uploads.links import Link, Sender, new_id
from uploads.policy import Policy, Wish
from uploads.records import Records

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
MB = 1024**2


def later(**life: float) -> datetime:
    return NOW + timedelta(**life)


@pytest.mark.parametrize(
    ("wish", "key"),
    [
        (Wish(title="x" * 151), "title_too_long"),
        (Wish(note="x" * 501), "note_too_long"),
        (Wish(files=0), "too_many_files"),
        (Wish(files=101), "too_many_files"),
        (Wish(max_size=0), "size_too_large"),
        (Wish(max_size=101 * 1024**3), "size_too_large"),
        (Wish(ends_at=later(seconds=59)), "ends_too_soon"),
        (Wish(ends_at=later(days=-1)), "ends_too_soon"),
        (Wish(ends_at=later(days=90, seconds=1)), "ends_too_late"),
    ],
)
def test_a_wish_that_goes_too_far(wish: Wish, key: str) -> None:
    """Each limit has its own refusal."""
    with pytest.raises(Forbidden) as refused:
        Policy().grant(wish, NOW)
    assert refused.value.key == key


@pytest.mark.parametrize(
    "wish",
    [
        Wish(title="x" * 150, note="x" * 500, files=100, max_size=5 * 1024**3),
        Wish(files=1, max_size=1, ends_at=later(minutes=1)),
        Wish(ends_at=later(days=90)),
    ],
)
def test_a_wish_up_to_the_limit(wish: Wish) -> None:
    """What the refusals promise is granted."""
    Policy().grant(wish, NOW)


def test_what_nobody_wishes_is_as_usual() -> None:
    """The admin's defaults, and a title and a note fit to be shown."""
    policy = Policy(
        link_lifetime=timedelta(hours=1), link_files=3, max_file_size=MB, ask_sender=Sender.REQUIRE
    )
    terms = policy.grant(Wish(title="a\u202e\nb ", note="a\n\n\n\nb\x00"), NOW)
    assert (terms.title, terms.note) == ("a b", "a\n\nb")
    assert (terms.files, terms.max_size, terms.ends_at) == (3, MB, later(hours=1))
    assert terms.sender is Sender.REQUIRE


ANN = Person("U1", "Ann")
GUEST = Person("U2", "Guest", guest=True)
UNKNOWN = Person("U3", "", unknown=True)


@pytest.mark.parametrize(
    ("access", "person", "channel", "groups", "key"),
    [
        ({}, ANN, "C1", set(), None),
        ({}, GUEST, "C1", set(), "no_guests"),
        ({"allow_guests": True}, GUEST, "C1", set(), None),
        ({"allow_guests": True}, UNKNOWN, "C1", set(), None),
        ({"allowed_channels": frozenset({"C1"})}, ANN, "C1", set(), None),
        ({"allowed_channels": frozenset({"C1"})}, ANN, "C2", set(), "not_in_this_channel"),
        ({"allowed_groups": frozenset({"S1"})}, ANN, "C1", {"S1"}, None),
        ({"allowed_groups": frozenset({"S1"})}, ANN, "C1", set(), "not_in_a_group"),
    ],
)
def test_who_may_make_links(
    access: dict[str, Any], person: Person, channel: str, groups: set[str], key: str | None
) -> None:
    """By channel, group and standing, as the admin has said."""
    if key is None:
        Access(**access).check(person, channel, groups)
        return
    with pytest.raises(Forbidden) as refused:
        Access(**access).check(person, channel, groups)
    assert refused.value.key == key


def test_who_cannot_be_told_from_a_guest_is_asked_to_come_again() -> None:
    """Slack's silence is no permission."""
    with pytest.raises(Unsure):
        Access().check(UNKNOWN, "C1", set())


@pytest.mark.parametrize(
    ("person", "may"),
    [
        (ANN, True),
        (Person("U9", "Admin", admin=True), True),
        (Person("U8", "Named"), True),
        (Person("U7", "Kenji"), False),
        (UNKNOWN, False),
    ],
)
def test_who_may_manage_a_link(person: Person, may: bool) -> None:
    """Its requester, Slack's admins, and those whom the admin names."""
    link = Link(
        id=new_id(),
        title="",
        requester="U1",
        requester_name="Ann",
        made_at=NOW,
        ends_at=later(days=1),
    )
    assert Access(admins=frozenset({"U8"})).may_manage(person, link) is may


# Through the door.


def refusal(slack: Slack, **who: str) -> str:
    """What somebody is answered who asks for a link and must not have one."""
    before = {m["ts"] for m in slack.sees(**who)}
    slack.command("Q3", **who)
    answer = slack.wait_for(lambda m: m["ts"] not in before, **who)
    assert answer["ephemeral"]
    assert "#" not in words(answer)
    return words(answer)


def test_guests_are_refused_by_default(slack: Slack, start_bot: StartBot) -> None:
    """And told who decides; nothing is posted, and nothing kept."""
    start_bot()  # the usual one may remember her as she was
    slack.change_user("mei", locale="en-GB")
    said = refusal(slack, user="mei")
    assert "Guests may not make upload links here" in said
    assert "admin" in said
    assert not slack.calls("chat.postMessage")


def test_the_admins_settings_decide(slack: Slack, aws: Aws, start_bot: StartBot) -> None:
    """Only here, only these: each refusal names whom to ask. Admission is by group and channel."""
    for user in ("kenji", "mei"):
        slack.change_user(user, locale="en-GB")
    general = slack.channel_id("general")
    bot = start_bot(
        ALLOWED_CHANNELS=general,
        ALLOWED_GROUPS="S08FINANCE01",
        ALLOW_GUESTS="yes",
        ADMINS=seed.ANN.id,
    )
    people = People(slack, aws, bot)
    boss = f"<@{seed.ANN.id}> can change that"
    for user in ("ann", "mei"):
        said = refusal(slack, user=user, channel="general")
        assert "Only some people may" in said
        assert boss in said
    said = refusal(slack, user="kenji", channel="random")
    assert "not be made in this channel" in said
    assert boss in said
    people.ask("Q3", user="kenji", channel="general")


def test_one_person_may_have_so_many(slack: Slack, aws: Aws, start_bot: StartBot) -> None:
    """Open at a time; closing one makes room. Others have their own number."""
    slack.change_user("kenji", locale="en-GB")
    slack.change_user("mei", is_restricted=False)
    people = People(slack, aws, start_bot(MAX_OPEN_LINKS="2"))
    for number in range(2):
        people.ask(f"open {number} --files 1", user="kenji")
    assert "You have 2 open links, which is the most" in refusal(slack, user="kenji")
    people.ask("mei's", user="mei")
    slack.click("close_link", user="kenji", ts=people.card("Waiting for open 0")["ts"])
    people.card("Closed: open 0")
    people.ask("room again", user="kenji")


def test_links_are_counted_to_the_last(aws: Aws) -> None:
    """DynamoDB hands out a megabyte at a time (Query, "Paginating the results")."""
    records = Records(aws.client("dynamodb"), aws.outputs["LinkTable"])
    who = f"U{secrets.token_hex(5).upper()}"
    for _ in range(5):
        named = Link(
            id=new_id(), title="", note="x" * 300_000, requester=who, requester_name="",
            made_at=NOW, ends_at=NOW,
        )  # fmt: skip
        records.keep(named, later(days=9000))
    assert records.count(who, over=False) == 5
    assert records.count(who, over=False, since=NOW) == 5


def test_one_person_may_make_so_many_in_a_day(slack: Slack, aws: Aws, start_bot: StartBot) -> None:
    """Closed ones count too; yesterday's do not."""
    slack.change_user("mei", is_restricted=False, locale="en-GB")
    people = People(slack, aws, start_bot(MAX_LINKS_PER_DAY="1"))
    asked = people.ask("today's", user="mei")
    slack.click("close_link", user="mei")
    people.card("Closed: today's")
    assert "a day is the most" in refusal(slack, user="mei")
    people.set_time(asked, made_at=datetime.now(UTC) - timedelta(hours=25))
    people.ask("the next day", user="mei")


def test_slacks_silence_costs_the_link_or_only_the_name(
    slack: Slack, aws: Aws, start_bot: StartBot
) -> None:
    """Where guests are refused, who is unknown comes again; where they are not, nobody waits."""
    strict = start_bot()
    slack.misbehave(method="users.info", kind="ratelimited", retry_after=30, times=2)
    assert "Slack did not answer" in refusal(slack, user="ann")
    strict.stop(30)
    people = People(slack, aws, start_bot(ALLOW_GUESTS="yes"))
    slack.misbehave(method="users.info", kind="ratelimited", retry_after=30)
    people.ask("nameless")
