"""The world that tests share: one local AWS, one local Slack, one bot and one browser a worker."""

import socket
from collections.abc import Iterator

import pytest
from people import People
from playwright.sync_api import Browser, Page, sync_playwright
from uploader import Ask, ask, person

from local import aws as local_aws
from local import bot as local_bot
from local import chromium
from local.aws import Aws
from local.process import Child
from local.slack import driver
from local.slack.driver import Slack


@pytest.fixture(scope="session")
def aws() -> Iterator[Aws]:
    """MiniStack behind the guard, with our template deployed and the page published."""
    with local_aws.running() as running:
        yield running


@pytest.fixture(scope="session")
def slack_process() -> Iterator[Slack]:
    with driver.running() as running:
        yield running


@pytest.fixture
def slack(slack_process: Slack) -> Slack:
    """The local Slack, with an empty workspace."""
    slack_process.reset()
    return slack_process


@pytest.fixture(scope="session")
def bot(
    aws: Aws, slack_process: Slack, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Child]:
    """The real bot by Socket Mode, between the two."""
    log = tmp_path_factory.mktemp("bot") / "bot.log"
    with local_bot.running({**aws.bot_env, **slack_process.bot_env}, log=log) as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real Chromium."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=chromium.path(), args=list(chromium.FLAGS)
        )
        yield launched
        launched.close()


@pytest.fixture
def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def people(slack: Slack, aws: Aws, bot: Child) -> "People":
    """A requester and an uploader, with the whole product between them."""
    aws.faults.clear()
    slack.wait_for_connections()
    return People(slack, aws, bot)


@pytest.fixture
def asked(aws: Aws) -> Iterator[Ask]:
    """A link of the bot's that nobody has opened, on an AWS where nothing goes wrong afterwards."""
    yield ask(aws)
    aws.faults.clear()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An uploader's browser."""
    with person(browser) as opened:
        yield opened
