"""What the bot says: within Slack's limits, and deaf to what strangers write."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from slack_sdk.models.blocks import Block

from handlers.texts import Texts
from handlers.views import asked, form, keeping, mine, news
from handlers.views.blocks import Message
from local.slack.limits import LARGEST_VIEW, check_blocks, check_view
from uploads.desk import Offer
from uploads.disposition import attachment
from uploads.links import Cover, CoverId, File, FileId, IntentId, Link, Place, new_id
from uploads.multipart import Intent, Multipart
from uploads.policy import Policy
from uploads.records import Act
from uploads.shelves import Page
from uploads.signing import ADDRESS_LIMIT

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
GIB = 1024**3
NASTY = "<!channel> <@U1> <https://evil.example|Q3.pdf> *b* `c` & https://evil.example"
EN, JA = Texts("en"), Texts("ja")
MARK = "k3m9x2p7"


def link(title: str = "Q3", **more: Any) -> Link:
    known: dict[str, Any] = {"requester": "U1", "requester_name": "Ann Example", "made_at": NOW}
    known |= {"ends_at": NOW + timedelta(days=7), "files": 20, "place": Place("C1", "1.2")}
    return Link(id=new_id(), title=title, **known | more)


def file(name: str = "a.txt", slot: int = 1, **more: Any) -> File:
    known: dict[str, Any] = {"size": 1234, "content_type": "text/html", "arrived_at": NOW}
    known |= {"mark": MARK, "sitting": 1, "checksum": "rosUhgp5mIg="}
    return File(id=FileId("0" * 32, slot), name=name, **known | more)


def cover(name: str = "Mei, Acme", note: str = "", number: int = 1) -> Cover:
    return Cover(CoverId("0" * 32, number), MARK, name, note, 1, 1234)


def multipart(name: str = "movie.mp4", *, size: int = 10 * GIB, **more: Any) -> Multipart:
    said = f"{attachment(name)}; mark={MARK}.1"
    known: dict[str, Any] = dict.fromkeys(("begun_at", "looked_at", "moved_at"), NOW)
    known |= {"upload_id": "u", "part": 16 * 1024**2, "loaded": size * 2 // 5}
    intent = Intent(IntentId("0" * 32, 1), 1, size, "video/mp4", said, "r" * 22)
    return Multipart(intent=intent, **known | more)


def all_messages(title: str, name: str, t: Texts = EN) -> dict[str, Message]:
    wanted, landed = link(title), file(name)
    received = replace(wanted, received=2, received_bytes=99)
    closed = replace(wanted, closed_at=NOW, closed_by="U2")
    late = NOW + timedelta(days=8)
    many = [file(name, slot) for slot in range(1, 101)]
    covers = [cover(name[:80], name[:500], number) for number in range(1, 21)]
    address = "https://page.example/".ljust(ADDRESS_LIMIT, "A")
    signed = "https://b.example/" + "A" * 2900
    said = {
        f"answer, {place}": asked.answer(t, Offer(replace(wanted, place=place), address))
        for place in (
            Place("C1", "1.2"),
            Place("C1", "1.2", "1.1"),
            Place("C1"),
            Place("D1", "1.2"),
            Place("D1", "1.2", direct=True),
        )
    }
    return said | {
        "card": asked.card(t, wanted, NOW),
        "card, files announced": asked.card(t, replace(wanted, announced=3), NOW),
        "card, under way": asked.card(
            t,
            wanted,
            NOW,
            under_way=[
                multipart(name, speed=12_000_000),
                multipart(name, looked_at=NOW + timedelta(minutes=3)),
                *[multipart(name)] * 9,
            ],
        ),
        "card, received": asked.card(t, received, NOW),
        "card, closed": asked.card(t, closed, NOW),
        "card, expired": asked.card(t, wanted, late),
        "card, expired after files": asked.card(t, received, late),
        "follow-up": news.follow_up(t, wanted, [landed], []),
        "follow-up, held": news.follow_up(t, wanted, [replace(landed, held=True)], covers),
        "follow-up, many": news.follow_up(t, wanted, many, covers),
        "download": news.download(t, landed, signed),
        "reminder": news.reminder(t, wanted, "https://page.example/#" + "A" * 22),
        "ended": news.ended(t, wanted),
        "help": asked.help_text(t, "/upload-link", Policy(), timedelta(days=90)),
    }


@pytest.mark.parametrize("t", [EN, JA], ids=["en", "ja"])
@pytest.mark.parametrize("title", ["", "Q3", "報" * 150, NASTY])
@pytest.mark.parametrize("name", ["", "a.txt", "告" * 199 + ".x", NASTY])
def test_every_message_is_within_slacks_limits(t: Texts, title: str, name: str) -> None:
    """The SDK's own models accept each block, and no text is too long to be posted or updated."""
    for said in all_messages(title, name, t).values():
        assert 0 < len(said["text"]) < 4000
        assert len(said["blocks"]) <= 50
        for block in said["blocks"]:
            parsed = Block.parse(block)
            assert parsed is not None
            parsed.validate_json()


def markup(node: Any) -> list[str]:
    """Every string in blocks that Slack reads as markup."""
    if isinstance(node, list):
        return [text for item in node for text in markup(item)]
    if not isinstance(node, dict):
        return []
    own = [node["text"]] if node.get("type") == "mrkdwn" else []
    return own + [text for value in node.values() for text in markup(value)]


@pytest.mark.parametrize("t", [EN, JA], ids=["en", "ja"])
def test_a_strangers_words_never_come_to_life(t: Texts) -> None:
    """No mention, link or format in a title, a file name or a cover note reaches Slack as markup."""
    for name, said in all_messages(NASTY, NASTY, t).items():
        assert not [text for text in markup(said) if "evil" in text], name
        # The notification is markup, too, and can be nothing else.
        assert "<!channel>" not in said["text"]
        assert "<https://evil" not in said["text"]
        assert "parse" not in said


@pytest.mark.parametrize(
    ("known", "shown"),
    [
        ({}, "`██████░░░░░░░░░░`  *40%* · 4 GB of 10 GB"),
        ({"speed": 12 * 1024**2}, " · 12 MB/s · about 9 minutes left"),
        ({"speed": 200 * 1024}, " · 200 kB/s · about 9 hours left"),
        ({"looked_at": NOW + timedelta(minutes=1)}, " · stalled since <!date^"),
        ({"loaded": 10 * GIB, "speed": 9}, "`████████████████`  *100%* · 10 GB of 10 GB"),
        ({"loaded": 1}, "`░░░░░░░░░░░░░░░░`  *0%* · 1 byte of 10 GB"),
    ],
)
def test_a_card_shows_what_is_under_way(known: dict[str, Any], shown: str) -> None:
    """A bar, percent, bytes, speed and time left; or since when nothing comes."""
    drawn = asked.card(EN, link(), NOW, under_way=[multipart(**known)])
    [_, _, name, progress, _] = drawn["blocks"]
    assert "movie.mp4" in json.dumps(name)
    assert shown in progress["elements"][0]["text"]
    assert " 0 " not in progress["elements"][0]["text"]


def test_a_card_that_is_over_shows_nothing_under_way() -> None:
    """Nothing of it can come any more."""
    drawn = asked.card(EN, link(closed_at=NOW), NOW, under_way=[multipart()])
    assert "movie.mp4" not in json.dumps(drawn)


def test_a_name_is_shown_as_it_is() -> None:
    """What is not markup needs no escaping, and gets none."""
    shown = news.follow_up(EN, link(), [file(NASTY)], [cover(note=NASTY)])
    assert json.dumps(shown["blocks"]).count(json.dumps(NASTY)) == 2


def test_only_the_answer_and_the_reminder_hold_the_link() -> None:
    """The card in the channel waits; it does not invite."""
    holding = {
        name for name, said in all_messages("Q3", "a.txt").items() if "page.ex" in json.dumps(said)
    }
    assert holding == {name for name in holding if name.startswith("answer")} | {"reminder"}
    assert len(holding) == 6


def test_nothing_is_unfurled() -> None:
    """Slack's crawler has no business at an address of ours."""
    for name, said in all_messages("Q3", "a.txt").items():
        if "https://" in json.dumps(said):
            assert said["unfurl_links"] is False, name
            assert said["unfurl_media"] is False, name


def test_a_follow_up_says_all_there_is_to_know() -> None:
    """Name, size, kind, sum, who asked, for what, who sent it, and the button."""
    said = json.dumps(
        news.follow_up(
            EN, link("Q3 report"), [file("数字.csv")], [cover(note="Page 3 is a draft")]
        ),
        ensure_ascii=False,
    )
    for part in (
        "数字.csv",
        "1 kB",
        "rosUhgp5mIg=",
        "Q3 report",
        '"user_id": "U1"',
        '"action_id": "download"',
        "Mei, Acme",
        "Page 3 is a draft",
    ):
        assert part in said


@pytest.mark.parametrize(
    ("files", "covers", "title"),
    [
        (1, [], "a.txt has arrived"),
        (1, [cover("Mei")], "a.txt has arrived from Mei"),
        (2, [], "2 files have arrived, 2 kB"),
        (12, [cover("Mei, Acme")], "Mei, Acme sent 12 files, 14 kB"),
        (
            2,
            [cover("Mei"), cover("Bo", number=2), cover("Mei", number=3)],
            "Mei and Bo sent 2 files",
        ),
        (2, [cover("")], "2 files have arrived, 2 kB"),
    ],
)
def test_a_follow_up_grows_in_words_too(files: int, covers: list[Cover], title: str) -> None:
    """One file by its name, several by their number and size, and whoever said who they are."""
    landed = [file(slot=slot) for slot in range(1, files + 1)]
    assert news.follow_up(EN, link(), landed, covers)["text"].startswith(title)


@pytest.mark.parametrize(("files", "listed", "folded"), [(2, 2, ""), (10, 10, ""), (11, 10, "1")])
def test_a_long_list_is_folded(files: int, listed: int, folded: str) -> None:
    """Ten files with a button each, the number of the rest, and all of them behind one."""
    landed = [file(slot=slot) for slot in range(1, files + 1)]
    said = json.dumps(news.follow_up(EN, link(), landed, []))
    assert said.count('"action_id": "download"') == listed
    assert said.count('"action_id": "all_files"') == 1
    assert (f"and {folded} more" in said) == bool(folded)


@pytest.mark.parametrize(("page", "here", "turns"), [(0, 40, 1), (1, 40, 2), (2, 20, 1)])
def test_all_files_are_a_modal_of_pages(page: int, here: int, turns: int) -> None:
    """Forty a page, each with its own signed address, within Slack's blocks and bytes."""
    signed = "https://b.example/" + "A" * 2900
    files = [(file("告" * 199 + ".x", slot), signed) for slot in range(1, 101)]
    view = news.all_files(EN, link(), files, page, 1)
    said = json.dumps(view, ensure_ascii=False)
    assert said.count('"url"') == here
    assert said.count("files_page_") == turns
    assert len(view["blocks"]) <= 100
    assert len(said.encode()) < 250_000


def test_what_is_held_has_no_way_to_it() -> None:
    """Neither alone nor among others nor in the list of all; it is said in words."""
    held = file("big.bin", held=True)
    alone = json.dumps(news.follow_up(EN, link(), [held], []))
    assert "kept back" in alone
    assert '"download"' not in alone
    both = json.dumps(news.follow_up(EN, link(), [held, file(slot=2)], []))
    assert "kept back" in both
    assert both.count('"action_id": "download"') == 1
    assert '"url"' not in json.dumps(news.all_files(EN, link(), [(held, None)], 0, 1))


def thousand(name: str) -> list[File]:
    """As many files as a link may have."""
    return [file(name, slot=n) for n in range(1, 1001)]


def test_each_of_a_thousand_files_can_be_chosen() -> None:
    """In groups, each with its name, or with as much of it as there is room for."""
    form = keeping.draw(EN, link(), thousand("report.pdf"), 30)
    [chosen] = [b["element"] for b in form["blocks"] if b.get("block_id") == "files"]
    groups = chosen["option_groups"]
    assert [group["label"]["text"] for group in groups][:2] == ["1–100", "101–200"]
    options = [option for group in groups for option in group["options"]]
    assert {option["value"] for option in options} == {str(n) for n in range(1, 1001)}
    assert {option["text"]["text"] for option in options} == {"report.pdf · 1 kB"}


def all_views(title: str, name: str, t: Texts) -> dict[str, Message]:
    """Every modal and Home tab, and the answers that hold many links."""
    wanted = link(title, note=name[:500], senders=(name[:80],) * 5, received=1, last_at=NOW)
    closed = replace(wanted, closed_at=NOW, closed_by="U2")
    full = replace(wanted, received=20)
    some = [
        replace(one, id=new_id())
        for one in [wanted, closed, full, replace(wanted, ends_at=NOW)] * 5
    ]
    page = Page(some[:9], some[9:], "after.open.1.ff", "before.open.1.ff", "after.over.1.ff")
    acts = [Act(what, "U1", NOW, "3") for what in ("made", "closed", "refused", "downloaded")]
    acts += [Act("extended", "U1", NOW, NOW.isoformat()), Act("downloaded", "U1", NOW, "all")]
    acts += [Act(what, "", NOW, "3") for what in ("received", "held", "deleted")]
    acts += [Act(what, "U1", NOW, "3") for what in ("kept", "deleted")]
    acts += [Act(what, "", NOW, "3") for what in ("scanned_clean", "scanned_unknown")]
    policy = Policy()
    draft = form.again(wanted, new_id(), policy, NOW)
    offer = Offer(wanted, "https://page.example/".ljust(ADDRESS_LIMIT, "A"))
    return {
        "home": mine.home(t, page, NOW),
        "home, empty": mine.home(t, Page([], []), NOW),
        "home, trouble": mine.home_trouble(t, "x"),
        "history": mine.history(t, wanted, acts * 30),
        "form": form.draw(t, draft, policy, NOW, embedded=False),
        "form, embedded": form.draw(t, draft, policy, NOW, embedded=True, trouble="x"),
        "form, in a thread": form.draw(
            t, replace(draft, thread="1.1"), policy, NOW, embedded=False
        ),
        "answer": asked.answer_view(t, offer),
        "address": asked.address_view(t, offer),
        "working": form.working(t),
        "waiting": form.waiting(t),
        "trouble": form.trouble(t, "x"),
        "keeping": keeping.draw(t, wanted, [file(name, slot=n) for n in range(1, 200)], 30),
        "keeping, a thousand": keeping.draw(t, wanted, thousand("😀" * 200), 30),
        "keeping, for ever": keeping.draw(t, wanted, [file(name)], 0),
        "keeping, nothing": keeping.draw(t, wanted, [file(name, gone=True)], 30),
        "kept": keeping.done(t, keeping.Choice("r", frozenset({1, 2}), delete=False), 1),
    }


@pytest.mark.parametrize("t", [EN, JA], ids=["en", "ja"])
@pytest.mark.parametrize("title", ["", "Q3", "報" * 150, NASTY])
def test_every_view_is_within_slacks_limits(t: Texts, title: str) -> None:
    """Blocks, titles, labels and bytes, as the local Slack checks them; strangers' words stay dead."""
    for name, view in all_views(title, NASTY, t).items():
        assert check_view(view)["type"] in {"modal", "home"}, name
        assert len(json.dumps(view)) <= LARGEST_VIEW, name  # escaped, as the SDK sends it
        assert not [text for text in markup(view) if "evil" in text], name
    some = [link(title) for _ in range(mine.LIST_PAGE)]
    listed = mine.listed(t, Page(some, [], "", None, "after.open.1.f"), NOW)
    assert len(listed["blocks"]) <= 50
    assert check_blocks(listed["blocks"])


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (timedelta(days=7, seconds=-1), "7 days"),
        (timedelta(days=2, seconds=-9), "2 days"),
        (timedelta(hours=47), "47 hours"),
        (timedelta(minutes=90), "90 minutes"),
        (timedelta(minutes=1, seconds=10), "1 minute"),
        (timedelta(seconds=1), "1 minute"),
    ],
)
def test_time_left_is_what_people_say(left: timedelta, said: str) -> None:
    """In the largest unit that tells enough."""
    assert mine.time_left(EN, left) == said


def test_a_form_reads_what_it_draws() -> None:
    """Sent as it stands, it asks for what it was filled in with."""
    draft = form.again(link("Q3", note="Signed"), new_id(), Policy(), NOW)
    view = form.draw(EN, draft, Policy(), NOW, embedded=False)
    held = {}
    for block in view["blocks"]:
        element = dict(block["element"])
        fields = {
            "initial_value": "value",
            "initial_date_time": "selected_date_time",
            "initial_option": "selected_option",
            "initial_options": "selected_options",
            "initial_conversation": "selected_conversation",
        }
        named = {fields[name]: value for name, value in element.items() if name in fields}
        held[block["block_id"]] = {element["action_id"]: named}
    assert form.read({**view, "state": {"values": held}}) == draft
