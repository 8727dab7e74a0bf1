"""Credentials that end before the links that they sign: what is signed is signed anew in time."""

import random
import time
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from conftest import StartBot
from people import People, until
from playwright.sync_api import Browser, Response
from sender import Sender
from uploader import ARRIVED, outcome, sending

from handlers.doors import CONNECTIONS
from local.aws import Aws
from local.slack.driver import Slack, words
from uploads.multipart import SMALLEST_PART

#: Seconds that the credentials below are good for. Shorter ones sign nothing.
LIFE = 40

PROCESS = """\
#!/bin/sh
printf '{{"Version": 1, "AccessKeyId": "{id}", "SecretAccessKey": "{secret}", "Expiration": "%s"}}' \
  "$(date -u -d '+{life} seconds' +%Y-%m-%dT%H:%M:%SZ)"
"""


def short_lived(aws: Aws, folder: Path, life: int = LIFE) -> dict[str, str]:
    """Settings with which the bot is given its key for `life` seconds at a time."""
    script, config = folder / "credentials", folder / "config"
    script.write_text(PROCESS.format(id=aws.bot_key[0], secret=aws.bot_key[1], life=life))
    script.chmod(0o700)
    config.write_text(f"[default]\ncredential_process = {script}\n")
    keys = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
    return {**keys, "AWS_CONFIG_FILE": str(config)}


@pytest.mark.long(60)
def test_a_link_outlives_the_credentials_that_signed_it(
    slack: Slack, aws: Aws, start_bot: StartBot, tmp_path: Path
) -> None:
    """They last less than a minute; its plan is signed anew again and again, each time by one bot."""
    settings = short_lived(aws, tmp_path)
    bots = [start_bot(**settings) for _ in range(2)]
    slack.wait_for_connections(2 * CONNECTIONS)
    people = People(slack, aws, bots[0])
    asked = people.ask("outlives")
    sender = Sender(people, asked, slot=2)
    parts = sender.begin()
    etags = sender.send(parts, 1)
    first = asked.plan
    assert int(first.said["query"].partition("X-Amz-Expires=")[2]) <= LIFE
    begun, queries = time.monotonic(), {first.said["query"]}
    while people.aws.request("HEAD", first.head(1)).status != 403 or len(queries) < 3:
        queries.add(asked.plan.said["query"])
        assert time.monotonic() - begun < 75
        time.sleep(0.2)
    assert b"expired" in people.put(first.put(1)).body.lower()
    people.verify(asked)
    assert people.send(asked).status == 200
    people.news("outlives")
    assert people.download().body == b"hello"

    # So is what goes in parts: the page goes on from what S3 has. It may have been signed later.
    until(lambda: people.aws.request("HEAD", parts.head).status == 403, LIFE)
    assert sender.put(parts, 2).status == 403
    parts = sender.answer()
    assert sender.complete(parts, etags | sender.send(parts, 2, 3)).status == 200
    people.news("movie.mp4")

    looked = sum(bot.said().count(f"looked after link {asked.reference}") for bot in bots)
    assert looked <= len(queries)


#: Parts of a file that takes longer than its first signatures live: of six on their way at a time,
#: the third round begins when these are dead.
COUNT = 14


@pytest.mark.long(70)
def test_a_large_file_outlives_the_credentials_that_signed_it(
    browser: Browser, slack: Slack, aws: Aws, start_bot: StartBot, tmp_path: Path
) -> None:
    """Its page goes on with the bot's new signatures, and sends no part again for it."""
    people = People(slack, aws, start_bot(**short_lived(aws, tmp_path)))
    asked = people.ask("outlives --files 1")
    film = tmp_path / "film.bin"
    film.write_bytes(random.Random(1).randbytes(COUNT * SMALLEST_PART))
    sent: list[tuple[str, str]] = []
    dead: list[str] = []

    def note(answer: Response) -> None:
        said = dict(parse_qsl(urlsplit(answer.url).query))
        if answer.status == 403:
            dead.append(said["X-Amz-Date"])
        elif answer.request.method == "PUT" and "partNumber" in said:
            sent.append((said["partNumber"], said["X-Amz-Date"]))

    with sending(browser, asked, film, rate=COUNT * SMALLEST_PART // (LIFE + 10)) as (page, _):
        page.on("response", note)
        page.set_default_timeout(3000 * LIFE)
        assert outcome(page) == ARRIVED["en-GB"]
    assert dead
    assert len({date for _, date in sent}) > 1
    assert sorted(int(number) for number, _ in sent) == list(range(1, COUNT + 1))
    got = aws.client("s3").get_object(Bucket=aws.outputs["UploadBucket"], Key=asked.key())
    assert got["Body"].read() == film.read_bytes()


@pytest.mark.parametrize(
    ("life", "longest", "answer"),
    [(LIFE, "1 minute at most", "about to be renewed"), (150, "2 minutes at most", "open until")],
)
def test_an_embedded_link_promises_no_more_than_its_credentials(
    slack: Slack,
    aws: Aws,
    start_bot: StartBot,
    tmp_path: Path,
    life: int,
    longest: str,
    answer: str,
) -> None:
    """It is signed once. Help says how long that can be, and none is made that ends at once."""
    start_bot(**short_lived(aws, tmp_path, life), LINK_STYLE="embedded")
    slack.command("help")
    assert longest in words(slack.wait_for("What happens"))
    slack.command("ends soon")
    slack.wait_for(lambda m: m["ephemeral"] and answer in words(m))
