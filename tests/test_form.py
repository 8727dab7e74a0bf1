"""Asking by a form: opened by command, shortcut or button, and what it makes."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from people import Asked, People, is_card

from handlers.doors import CONNECTIONS
from local.aws import Aws
from local.process import Child
from local.slack.driver import Refused, Slack, words

StartBot = Callable[..., Child]
State = dict[str, Any]


def state(**fields: object) -> State:
    """What is put into the inputs of the form, by their names."""
    kinds: dict[str, Callable[[Any], State]] = {
        "what": lambda v: {"value": v},
        "note": lambda v: {"value": v},
        "files": lambda v: {"value": str(v)},
        "until": lambda v: {"selected_date_time": int(v.timestamp())},
        "size": lambda v: {"selected_option": {"value": str(v)}},
        "sender": lambda v: {"selected_option": {"value": v}},
        "where": lambda v: {"selected_conversation": v},
        "private": lambda v: {"selected_options": [{"value": "yes"}] if v else []},
    }
    return {name: {name: kinds[name](value)} for name, value in fields.items()}


def opened(people: People, user: str = "ann") -> State:
    """The form that somebody has before them."""
    return until(lambda: people.slack.view(user), lambda view: view["callback_id"] == "ask")


def until(look: Callable[[], State | None], wanted: Callable[[State], bool]) -> State:
    """What is seen, once it is as wanted."""
    end = time.monotonic() + 10
    while True:
        seen = look()
        if seen and wanted(seen):
            return seen
        assert time.monotonic() < end, seen
        time.sleep(0.02)


def made(people: People, user: str = "ann") -> Asked:
    """The link that a form was made into, out of the modal that shows it."""
    view = until(
        lambda: people.slack.view(user), lambda v: "/#" in words(v) and v["callback_id"] == ""
    )
    (url,) = (
        element["url"]
        for block in view["blocks"]
        for element in block.get("elements", [])
        if "url" in element
    )
    asked = Asked.at(view, url)
    people.verify(asked)
    return asked


def cards(people: People, channel: str = "general", user: str = "ann") -> list[State]:
    return [m for m in people.slack.sees(user, channel) if is_card(m)]


def test_by_command(people: People) -> None:
    """`/upload-link new` opens the form; sent, it shows the link, and the card waits where it says."""
    people.slack.command("new")
    opened(people)
    end = datetime.now(UTC) + timedelta(days=2)
    people.slack.submit(
        state(
            what="Q3 report",
            note="Signed,\nplease",
            files=3,
            size=100 * 1024**2,
            until=end,
            sender="require",
            where="random",
        )
    )
    asked = made(people)
    said = asked.plan.said
    assert (said["for"], said["note"], said["files"]) == ("Q3 report", "Signed,\nplease", 3)
    assert (said["limit"], said["sender"]) == (100 * 1024**2, "require")
    assert said["until"] == int(end.timestamp())
    people.card("Q3 report", channel="random")
    assert not cards(people)
    assert people.send(asked).status == 200
    people.news("Q3.pdf", channel="random")


def test_as_it_stands_it_makes_the_usual_link(people: People) -> None:
    """Nothing need be filled in: the defaults of the command, and the channel one is in."""
    people.slack.shortcut("ask_for_file")
    opened(people)
    people.slack.submit()
    said, typed = made(people).plan.said, people.ask().plan.said
    for name in ("for", "note", "files", "limit", "sender"):
        assert said[name] == typed[name]
    assert abs(said["until"] - typed["until"]) < 60
    assert len(cards(people)) == 2


def test_from_a_thread_the_news_comes_back_into_it(people: People) -> None:
    """By the shortcut of a message, be it the first or a reply: card and follow-up below it."""
    root = people.slack.say("Can Acme send us the report?")["ts"]
    reply = people.slack.say("I shall ask", user="kenji", thread_ts=root)["ts"]
    for ts in (root, reply):
        people.slack.message_shortcut("ask_for_file_here", ts=ts)
        assert "thread" in words(opened(people))
        people.slack.submit(state(what="Q3"))
        asked = made(people)
        assert "This thread hears of it" in words(asked.answer)
        assert people.send(asked, name=f"{ts}.pdf").status == 200
        assert people.news(f"{ts}.pdf")["thread_ts"] == root
        people.slack.close_view()
    assert [card["thread_ts"] for card in cards(people)] == [root, root]


def test_news_whose_answer_was_lost_is_found_in_a_long_thread(people: People) -> None:
    """What was posted is looked for on every page, and so told once."""
    root = people.slack.say("Can Acme send us the report?")["ts"]
    people.slack.message_shortcut("ask_for_file_here", ts=root)
    opened(people)
    people.slack.submit(state(what="Q3"))
    asked = made(people)
    for number in range(210):
        people.slack.say(f"talk {number}", thread_ts=root)
    people.slack.misbehave(method="chat.postMessage", kind="drop_reply")
    people.send(asked)
    people.card("Received ", seconds=25)
    people.settled()
    assert len(people.all_news("Q3.pdf")) == 1


def test_no_acknowledgement_overwrites_an_answer(people: People) -> None:
    """The one goes by a socket, the other by HTTP: the answer leaves when the first is there."""
    people.slack.command("new")
    opened(people)
    sent = time.monotonic()
    people.slack.submit(state(what="Q3"))
    made(people)
    [answer] = people.slack.calls("views.update")
    assert answer.monotonic - sent >= 0.5


def test_in_private(people: People) -> None:
    """ "Only me" tells only me, also from a thread; so does a form that names no place."""
    root = people.slack.say("Salaries?")["ts"]
    people.slack.message_shortcut("ask_for_file_here", ts=root)
    opened(people)
    people.slack.submit(state(what="salaries", private=True))
    assert "Only you hear of it" in words(made(people).answer)
    people.card("salaries", channel="@upload-link")
    people.slack.close_view()
    people.slack.shortcut("ask_for_file", channel="@upload-link")
    opened(people)
    people.slack.submit(state(what="bonuses"))
    assert "Only you hear of it" in words(made(people).answer)
    people.card("bonuses", channel="@upload-link")
    assert not cards(people)


def test_where_it_may_not_post_it_says_so(people: People) -> None:
    """The modal shows the link, and that the news comes by direct message."""
    people.slack.command("new", channel="deals")
    opened(people)
    people.slack.submit(state(what="Q3"))
    assert "not here" in words(made(people).answer)
    people.card("Q3", channel="@upload-link")


@pytest.mark.parametrize(
    ("fields", "beside", "said"),
    [
        ({"until": datetime.now(UTC) - timedelta(days=1)}, "until", "too near or past"),
        ({"until": datetime.now(UTC) + timedelta(days=91)}, "until", "90 days at most"),
    ],
)
def test_errors_stand_at_the_field(people: People, fields: State, beside: str, said: str) -> None:
    """What the policy refuses is said beside the input; nothing typed is lost, and no card posted."""
    people.slack.command("new")
    opened(people)
    sent = people.slack.submit(state(what="Q3", **fields))
    assert sent.errors is not None
    assert list(sent.errors) == [beside]
    assert said in sent.errors[beside]
    assert not cards(people)
    people.slack.submit(state(until=datetime.now(UTC) + timedelta(days=1)))
    assert made(people).plan.said["for"] == "Q3"


def test_the_form_itself_knows_the_numbers(people: People) -> None:
    """Slack's client refuses what is too many, too long or no number, before it is sent."""
    people.slack.command("new")
    opened(people)
    for wrong in (state(files=101), state(files=0), state(what="x" * 151), state(note="x" * 501)):
        with pytest.raises(Refused):
            people.slack.submit(wrong)


def test_who_may_not_is_told_in_the_form(start_bot: StartBot, slack: Slack, aws: Aws) -> None:
    """A channel that is not allowed at its field, a guest at the first; by name, not by markup."""
    ann, random = slack.change_user("ann")["id"], slack.channel_id("random")
    bot = start_bot(ALLOWED_CHANNELS=random, ADMINS=ann)
    people = People(slack, aws, bot)
    people.slack.command("new")
    opened(people)
    errors = people.slack.submit(state(what="Q3")).errors
    assert errors is not None
    assert list(errors) == ["where"]
    assert "Ann" in errors["where"]
    assert "<@" not in errors["where"]
    people.slack.submit(state(where="random"))
    made(people)
    people.slack.close_view()
    people.slack.command("new", user="mei")
    opened(people, "mei")
    errors = people.slack.submit(state(what="Q3"), user="mei").errors
    assert errors is not None
    assert "Guests may not" in errors["what"]


def test_one_too_many_is_said_in_the_form(start_bot: StartBot, slack: Slack, aws: Aws) -> None:
    """How many links one may have, before anything is posted."""
    people = People(slack, aws, start_bot(MAX_OPEN_LINKS="1"))
    people.ask("first")
    before = len(cards(people))
    slack.command("new")
    opened(people)
    errors = slack.submit(state(what="Q4")).errors
    assert errors is not None
    assert "You have an open link already" in errors["what"]
    assert "`" not in errors["what"]
    assert len(cards(people)) == before


def test_sent_twice_it_makes_one_link(start_bot: StartBot, slack: Slack, aws: Aws) -> None:
    """By two bots, or by one: what was sent a second time while the first is under way is nothing."""
    people = People(slack, aws, start_bot())
    start_bot()
    slack.wait_for_connections(2 * CONNECTIONS)
    people.slack.command("new")
    opened(people)
    people.slack.submit(state(what="Q3"), times=4)
    asked = made(people)
    assert len(cards(people)) == 1
    assert len(asked.plan.slots) == 20


def test_when_it_fails_the_form_comes_back(people: People) -> None:
    """With a sentence and all that was filled in; sent again, it makes the link."""
    people.slack.command("new")
    opened(people)
    people.aws.faults.add(target="PutItem", times=9, status=500, code="InternalServerError")
    people.slack.submit(state(what="Q3", note="please", files=7))
    view = until(lambda: people.slack.view(), lambda v: "AWS is too busy" in words(v))
    people.aws.faults.clear()
    assert not cards(people)
    initial = {b["block_id"]: b["element"] for b in view["blocks"] if b["type"] == "input"}
    assert initial["what"]["initial_value"] == "Q3"
    assert initial["note"]["initial_value"] == "please"
    assert initial["files"]["initial_value"] == "7"
    people.slack.submit()
    assert made(people).plan.said["files"] == 7


def test_closed_too_soon_the_link_is_not_lost(people: People) -> None:
    """Whoever closes the modal before the link is made gets it by direct message."""
    people.slack.command("new")
    opened(people)
    people.slack.misbehave(method="chat.postMessage", kind="slow", seconds=1)
    people.slack.submit(state(what="Q3"))
    people.slack.close_view()
    answer = people.slack.wait_for(lambda m: "/#" in words(m), channel="@upload-link")
    assert people.send(Asked.at(answer, _address(answer))).status == 200


def _address(message: State) -> str:
    return next(
        str(element["url"])
        for block in message["blocks"]
        for element in block.get("elements", [])
        if "url" in element
    )


def test_a_japanese_form(people: People) -> None:
    """Every label, hint and button is Kenji's language."""
    people.slack.shortcut("ask_for_file", user="kenji")
    view = json.dumps(opened(people, "kenji"), ensure_ascii=False)
    for part in ("ファイルを依頼", "リンクを作成", "受付期限", "お知らせ先"):
        assert part in view
    people.slack.submit(state(what="決算"), user="kenji")
    assert "決算" in words(made(people, "kenji").answer)


def test_it_opens_in_time_where_slack_is_slow(start_bot: StartBot, slack: Slack, aws: Aws) -> None:
    """Slack does not say soon who somebody is: the form is there before the trigger is spent."""
    people = People(slack, aws, start_bot())
    slack.misbehave(method="users.info", kind="slow", seconds=2.5, times=2)
    slack.command("new")
    opened(people)
    assert [call.error for call in slack.calls("views.open")] == [None]
