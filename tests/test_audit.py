"""Every act, accounted for twice: a line in the log, and an entry in the link's history."""

import json
from datetime import UTC, datetime

from conftest import StartBot
from people import People

from local.aws import Aws
from local.process import Child
from local.slack import seed
from local.slack.driver import Slack, words


def lines(bot: Child, reference: str) -> list[dict[str, str]]:
    """What the log says of a link: one JSON object a line."""
    return [act for act in all_lines(bot) if act.get("link") == reference]


def all_lines(bot: Child) -> list[dict[str, str]]:
    return [
        json.loads(line[line.index("{") :])
        for line in bot.said().splitlines()
        if " INFO audit" in line
    ]


def test_every_act_is_accounted_for(slack: Slack, aws: Aws, start_bot: StartBot) -> None:
    """Made, received, held, downloaded, deleted, refused, extended, closed: by whom, and when."""
    people = People(slack, aws, start_bot(MAX_FILE_SIZE="1kB"))
    begun = datetime.now(UTC).replace(microsecond=0)
    asked = people.ask("audited")
    people.send(asked)
    people.news("audited")
    people.download(user="kenji")
    people.press("extend_link", user="kenji")
    people.slack.click("extend_link")
    people.card("audited", "1 of 20")
    people.send(asked, b"x" * 2000, slot=2)
    people.news("2 files have arrived")
    slack.click("all_files")
    s3 = aws.client("s3")
    s3.delete_object(Bucket=aws.outputs["UploadBucket"], Key=asked.key())
    people.settled()
    people.slack.click("close_link", ts=people.card("Received audited")["ts"])
    people.card("Closed: audited")

    ann, kenji = seed.ANN.id, seed.KENJI.id
    history = people.records.history(asked.reference)
    done = {(act.what, act.who) for act in history}
    assert done == {
        ("received", ""),
        ("downloaded", kenji),
        ("refused", kenji),
        ("extended", ann),
        ("held", ""),
        ("downloaded", ann),
        ("deleted", ""),
        ("closed", ann),
    }
    assert len(history) == len(done)
    assert all(begun <= act.at <= datetime.now(UTC) for act in history)
    assert [act.at for act in history] == sorted(act.at for act in history)
    logged = [(line["act"], line.get("who", "")) for line in lines(people.bot, asked.reference)]
    assert sorted(logged) == sorted([("made", ann), *done])


def test_a_refusal_without_a_link_is_a_line(people: People) -> None:
    """Nobody asked in vain without a trace."""
    people.slack.command("x" * 151)
    people.slack.wait_for("151 characters")
    refused = lines_without_link(people.bot)
    assert {"act": "refused", "who": seed.ANN.id, "detail": "title_too_long"} in refused


def lines_without_link(bot: Child) -> list[dict[str, str]]:
    return [act for act in all_lines(bot) if "link" not in act]


def test_an_event_told_twice_is_one_entry(people: People) -> None:
    """S3 and SQS deliver more than once; the file came once."""
    asked = people.ask("once")
    people.send(asked)
    people.news("once")
    people.queue(people.event(asked), people.event(asked))
    people.settled()
    assert [act.what for act in people.records.history(asked.reference)] == ["received"]
    assert "once" in words(people.card("Received once"))
