"""Outages as long as they are in life, in the middle of a large file."""

import random
import time
from pathlib import Path

import pytest
from conftest import StartBot
from people import People
from playwright.sync_api import Browser, expect
from uploader import ARRIVED, outcome, sending

from local.aws import Aws
from local.bot import PATIENCE
from local.slack.driver import Slack
from uploads.multipart import SMALLEST_PART

SIZE = 18 * SMALLEST_PART
#: A line on which what is left after the cut takes nearly two minutes, in bytes a second. Chromium
#: slows down what the page hears of its requests, so that the six on their way are soon there.
RATE = 12 * SMALLEST_PART // 115
#: How long there is no network, and no bot, in seconds.
CUT, AWAY = 30, 120


@pytest.mark.long(140)
@pytest.mark.timeout(300)
def test_half_a_minute_without_network_and_two_without_a_bot(
    browser: Browser, slack: Slack, aws: Aws, start_bot: StartBot, tmp_path: Path
) -> None:
    """The file goes on as soon as it can, arrives whole, and is told of once the bot is back."""
    bot = start_bot()
    people = People(slack, aws, bot)
    asked = people.ask("patience --files 1")
    film = tmp_path / "film.mp4"
    film.write_bytes(random.Random(2).randbytes(SIZE))
    with sending(browser, asked, film, rate=RATE) as (page, line):
        page.set_default_timeout(AWAY * 1000)
        bot.stop(PATIENCE)
        gone = time.monotonic()
        page.wait_for_timeout(5000)
        line.be(offline=True)
        expect(page.locator("#pace")).to_contain_text("You are offline", timeout=CUT * 1000)
        page.wait_for_timeout((gone + 5 + CUT - time.monotonic()) * 1000)
        line.be(RATE)
        expect(page.locator("#pace")).to_contain_text("/s", timeout=CUT * 1000)
        page.wait_for_timeout((gone + AWAY - time.monotonic()) * 1000)
        assert page.locator("body:is(.done, .failed)").count() == 0, page.inner_text("main")
        line.be()  # it was long enough
        start_bot()
        assert outcome(page) == ARRIVED["en-GB"]
    got = aws.client("s3").get_object(Bucket=aws.outputs["UploadBucket"], Key=asked.key())
    assert got["Body"].read() == film.read_bytes()
    people.news("patience", "film.mp4", seconds=30)
    assert len(people.all_news("patience")) == 1
