"""My links: the Home tab, and the answer to `/upload-link list`."""

import json
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from people import People, is_card

from handlers.doors import CONNECTIONS
from local.aws import Aws
from local.process import Child
from local.slack.driver import Slack, words
from uploads import shapes
from uploads.links import Link, Place, new_id

StartBot = Callable[..., Child]
View = dict[str, Any]


def buttons(shown: View, action: str) -> list[str]:
    """The values of all buttons of one kind, from top to bottom."""
    return [
        element.get("value", "")
        for block in shown["blocks"]
        for element in block.get("elements", [])
        if element.get("action_id") == action
    ]


def titles(shown: View) -> list[str]:
    """The first line of every link."""
    found = re.findall(
        r"(?:Waiting for |Received |Closed: |Nothing came for )\n([^\n]+)", words(shown)
    )
    return [str(title) for title in found]


def give(people: People, count: int, *, over: bool = False, user: str = "ann") -> None:
    """Let somebody have so many links, a minute apart, titled by number: 1 is the newest."""
    id = people.slack.change_user(user)["id"]
    table = people.aws.outputs["LinkTable"]
    now = datetime.now(UTC).replace(microsecond=0)
    items = []
    for number in range(1, count + 1):
        made_at = now - timedelta(minutes=number)
        link = Link(
            id=new_id(),
            title=f"{'over' if over else 'open'} {number:04}",
            requester=id,
            requester_name="Ann",
            made_at=made_at,
            ends_at=made_at + timedelta(days=7),
            files=20,
            place=Place("C1"),
        )
        item = {**shapes.link_item(link), **shapes.shelf(link, over=over)}
        if over:
            item |= {"closed_at": shapes.number(now), "closed_by": {"S": id}}
        items.append({"PutRequest": {"Item": item}})
    for start in range(0, count, 25):
        some = {table: items[start : start + 25]}
        people.aws.client("dynamodb").batch_write_item(RequestItems=some)


def home_of(people: People, user: str = "ann", text: str = "") -> View:
    """The Home tab as it is when somebody opens it now, with `text` in it.

    One that was drawn for an earlier change may still be on its way.
    """
    before = people.slack.home(user)
    people.slack.open_home(user=user)
    return people.slack.wait_for_home(
        lambda home: (before is None or home["hash"] != before["hash"]) and text in words(home),
        user=user,
    )


def list_of(people: People, user: str = "ann") -> View:
    people.slack.command("list", user=user)
    return people.slack.wait_for(
        lambda m: m["ephemeral"] and buttons(m, "show_link") + buttons(m, "ask_for_file"), user=user
    )


def modal(people: People, text: str, user: str = "ann") -> View:
    """The modal that comes to hold this text."""
    end = time.monotonic() + 10
    while True:
        view = people.slack.view(user)
        if view and text in words(view):
            return view
        assert time.monotonic() < end, view
        time.sleep(0.02)


def test_empty_it_teaches(people: People) -> None:
    """How to ask, and a button that opens the form; a person's own, in their language."""
    home = home_of(people)
    assert "You have no upload links yet" in words(home)
    assert "/upload-link Q3 report" in words(home)
    people.slack.click_in_home("ask_for_file")
    modal(people, "only")
    assert "アップロード用リンクはまだありません" in words(home_of(people, "kenji"))
    people.slack.command("list")
    people.slack.wait_for("You have no upload links yet")


def test_it_shows_what_there_is_to_know(people: People) -> None:
    """State, what has come of how much and from whom, and how long is left; open ones first."""
    closed = people.ask("a closed one --files 1")
    got = people.ask("the report --files 3 --expires 3d")
    people.ask("the other")
    people.slack.click("close_link", value=closed.reference)
    people.card("Closed: ")
    people.introduce(got)
    people.send(got, b"x" * 12_345)
    people.news("Q3.pdf")
    for shown in (home_of(people, text="12 kB"), list_of(people)):
        said = words(shown)
        assert sorted(titles(shown)[:2]) == ["the other", "the report"]
        assert titles(shown)[2:] == ["a closed one"]
        assert "1 of 3 files, 12 kB · 3 days left, until <!date^" in said
        assert "from Mei, Acme" in said
        assert said.index("*Open*") < said.index("*Over*") < said.index("a closed one")
        assert "Closed by <@" in said or "closed by <@" in said
        assert got.reference in buttons(shown, "close_link")
        assert closed.reference not in buttons(shown, "close_link")


def test_everybody_sees_their_own(people: People) -> None:
    """What others ask for is nobody else's list."""
    people.ask("mine")
    people.ask("his", user="kenji")
    assert titles(home_of(people)) == ["mine"]
    assert "his" in words(home_of(people, "kenji"))
    assert "mine" not in words(home_of(people, "kenji"))


@pytest.mark.parametrize("where", ["home", "list"])
def test_what_one_does_shows_at_once(people: People, where: str) -> None:
    """Extended and closed from where it is shown: there, on the card, and in fact."""
    asked = people.ask("Q3 --files 1 --expires 1h")
    ends = asked.plan.said["until"]

    if where == "home":
        home_of(people)
        click: Any = people.slack.click_in_home
        wait: Any = people.slack.wait_for_home
    else:
        list_of(people)
        click, wait = people.slack.click, people.slack.wait_for

    click("extend_link", value=asked.reference)
    wait(lambda shown: "3 days left" in words(shown) and buttons(shown, "show_link"))
    assert asked.plan.said["until"] == ends + 3 * 24 * 3600
    people.card(f"<!date^{ends + 3 * 24 * 3600}^")

    click("show_link", value=asked.reference)
    assert asked.address in words(modal(people, asked.address))
    people.slack.close_view()

    click("close_link", value=asked.reference)
    wait(lambda shown: "Closed: " in words(shown) and buttons(shown, "link_history"))
    people.card("Closed: ")
    assert asked.plan.state == "closed"


def test_files_history_and_again(people: People) -> None:
    """All files with a way to each; who did what when; the form with the same settings."""
    asked = people.ask('Q3 --files 5 --max 1GB --note "Signed" --expires 20d')
    people.introduce(asked)
    for slot in (1, 2):
        people.send(asked, slot=slot, name=f"{slot}.pdf")
    people.news("2.pdf")
    home_of(people)
    people.slack.click_in_home("all_files", value=f"{asked.reference}/0")
    view = modal(people, "2.pdf")
    assert "1.pdf" in words(view)
    assert len([b for b in view["blocks"] if "url" in b.get("accessory", {})]) == 2
    people.slack.close_view()

    people.slack.click_in_home("link_more", value=f"history/{asked.reference}")
    said = words(modal(people, "made the link"))
    assert "file 1 came from somebody outside" in said
    assert "downloaded all files" in said
    people.slack.close_view()

    people.slack.click_in_home("link_more", value=f"again/{asked.reference}")
    view = modal(people, "only")
    first = {b["block_id"]: b["element"] for b in view["blocks"] if b["type"] == "input"}
    assert first["what"]["initial_value"] == "Q3"
    assert first["note"]["initial_value"] == "Signed"
    assert first["files"]["initial_value"] == "5"
    assert first["size"]["initial_option"]["value"] == str(1024**3)
    life = first["until"]["initial_date_time"] - datetime.now(UTC).timestamp()
    assert abs(life - 20 * 24 * 3600) < 60
    assert first["where"]["initial_conversation"] == people.slack.channel_id("general")
    people.slack.submit()
    modal(people, "Your upload link for")
    people.slack.wait_for_home(lambda home: titles(home).count("Q3") == 2)


def test_others_may_not(people: People) -> None:
    """Whoever is neither the requester nor an admin is told so, from wherever they press."""
    asked = people.ask("Q3", user="ann")
    people.card("Q3", user="kenji")
    people.slack.click("close_link", user="kenji", value=asked.reference)
    people.slack.wait_for(lambda m: m["ephemeral"] and ":warning:" in words(m), user="kenji")
    assert asked.plan.state == "open"


def test_an_error_in_the_home_tab_is_told(people: People) -> None:
    """There is no message to answer: a modal says it."""
    asked = people.ask("Q3 --expires 90d")
    home_of(people)
    people.slack.click_in_home("extend_link", value=asked.reference)
    modal(people, "90 days at most")


def test_when_the_links_cannot_be_read_it_says_so(people: People) -> None:
    """With a button to try again."""
    people.ask("Q3")
    people.aws.faults.add(target="DynamoDB", times=9, status=500, code="InternalServerError")
    assert "AWS is too busy" in words(home_of(people))
    people.aws.faults.clear()
    people.slack.click_in_home("links_again")
    people.slack.wait_for_home("Waiting for ")


def test_what_others_do_shows_while_it_is_open(people: People) -> None:
    """Files that arrive and links that are made appear in an open Home tab by themselves."""
    home_of(people)
    asked = people.ask("Q3")
    people.slack.wait_for_home("Waiting for ")
    people.introduce(asked)
    people.slack.wait_for_home("Files are on their way")
    people.send(asked)
    people.slack.wait_for_home("1 of 20 files")


def test_what_ends_shows_while_it_is_open(people: People) -> None:
    """A link that expires goes below the others by itself, on the list of what is over."""
    asked = people.ask("Q3 --expires 1m")
    assert "1 minute left" in words(home_of(people))
    end(people, asked.reference)
    people.slack.wait_for_home("Nothing came for ", seconds=20)
    people.slack.wait_for("Nothing came for", channel="@upload-link")
    people.slack.click("ask_again", channel="@upload-link")
    modal(people, "only")


def end(people: People, reference: str) -> None:
    """Let a link's time be over."""
    people.aws.client("dynamodb").update_item(
        TableName=people.aws.outputs["LinkTable"],
        Key=shapes.key(reference, "link"),
        UpdateExpression="SET ends_at = :then, due_at = :then",
        ExpressionAttributeValues={":then": shapes.number(datetime.now(UTC))},
    )


def test_two_bots_show_the_same(start_bot: StartBot, slack: Slack, aws: Aws) -> None:
    """Whichever bot hears of it, the Home tab comes to show everything, and each card is one."""
    people = People(slack, aws, start_bot())
    start_bot()
    slack.wait_for_connections(2 * CONNECTIONS)
    home_of(people)
    asked = [people.ask(f"link {number}") for number in range(6)]
    for one in asked:
        people.send(one)
    slack.wait_for_home(
        lambda home: len(titles(home)) == 6 and words(home).count("1 of 20 files") == 6, seconds=20
    )
    cards = [words(m) for m in slack.sees() if is_card(m)]
    assert len(cards) == len(set(cards)) >= 3  # a busy channel may cost a card, and never gets two


def test_pages(people: People) -> None:
    """Forth and back, each link once, open ones before those that are over."""
    give(people, 25)
    give(people, 30, over=True)
    expected = [f"open {n:04}" for n in range(1, 26)] + [f"over {n:04}" for n in range(1, 31)]
    pages = [titles(home_of(people))]
    while (home := people.slack.home()) and buttons(home, "links_next"):
        people.slack.click_in_home("links_next")
        pages.append(titles(people.slack.wait_for_home(lambda v, h=home: titles(v) != titles(h))))
    assert [len(page) for page in pages] == [20, 20, 15]
    assert [title for page in pages for title in page] == expected
    back = []
    while (home := people.slack.home()) and buttons(home, "links_prev"):
        people.slack.click_in_home("links_prev")
        back.append(titles(people.slack.wait_for_home(lambda v, h=home: titles(v) != titles(h))))
    assert back == [pages[1], pages[0]]

    shown = list_of(people)
    assert titles(shown) == expected[:8]
    people.slack.click("links_next")
    people.slack.wait_for(lambda m: m["ephemeral"] and titles(m) == expected[8:16])
    people.slack.click("links_prev")
    people.slack.wait_for(lambda m: m["ephemeral"] and titles(m) == expected[:8])


def test_a_thousand_links(people: People) -> None:
    """Shown in under a second. What it reads does not grow: see `test_shelves`."""
    give(people, 500)
    give(people, 500, over=True)
    home_of(people)
    times = []
    for _ in range(5):
        before = len(people.slack.calls("views.publish"))
        asked_at = time.monotonic()
        people.slack.open_home()
        while len(people.slack.calls("views.publish")) == before:
            time.sleep(0.002)
        times.append(time.monotonic() - asked_at)
    assert sorted(times)[2] < 1, times
    assert titles(people.slack.wait_for_home("open 0001"))[0] == "open 0001"


def test_it_is_within_slacks_limits(people: People) -> None:
    """A full page of the longest titles, as the local Slack checks it: it is published."""
    give(people, 60)
    home = home_of(people)
    assert len(home["blocks"]) <= 100
    assert len(json.dumps(home)) < 250_000
