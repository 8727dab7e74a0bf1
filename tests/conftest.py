"""The world that tests share: one local AWS, one local Slack, one bot and one browser a worker."""

import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that have bots of their own come together, and first, since some wait for long.

    The usual bot need not start again for each test between them.
    """
    items.sort(key=lambda item: "start_bot" not in getattr(item, "fixturenames", ()))


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


class UsualBot:
    """The bot that most tests share. It steps aside for tests that have bots of their own.

    Bots share the queue and the workspace, so that nobody could tell which of
    them does what is asked.
    """

    def __init__(self, env: dict[str, str], folder: Path) -> None:
        self._env = env
        self._folder = folder
        self._stack = ExitStack()
        self._running: Child | None = None
        self._count = 0

    def run(self) -> Child:
        if self._running is None:
            self._count += 1
            log = self._folder / f"{self._count}.log"
            self._running = self._stack.enter_context(local_bot.running(self._env, log=log))
        return self._running

    def stop(self) -> None:
        self._stack.close()
        self._running = None


@pytest.fixture(scope="session")
def usual_bot(
    aws: Aws, slack_process: Slack, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[UsualBot]:
    usual = UsualBot({**aws.bot_env, **slack_process.bot_env}, tmp_path_factory.mktemp("bot"))
    yield usual
    usual.stop()


@pytest.fixture
def bot(usual_bot: UsualBot) -> Child:
    """The real bot by Socket Mode, between the two."""
    return usual_bot.run()


#: Starts a bot with settings of its own, given as `NAME="value"`.
StartBot = Callable[..., Child]


@pytest.fixture
def start_bot(usual_bot: UsualBot, slack: Slack, aws: Aws, tmp_path: Path) -> Iterator[StartBot]:
    """Bots with settings of their own, and none besides them. They are stopped in the end."""
    usual_bot.stop()
    aws.faults.clear()
    bots: list[Child] = []
    with ExitStack() as running:

        def start(**settings: str) -> Child:
            env = {**aws.bot_env, **slack.bot_env, **settings}
            log = tmp_path / f"bot-{len(bots)}.log"
            bots.append(running.enter_context(local_bot.running(env, log=log)))
            return bots[-1]

        yield start
        for bot in bots:  # together: each waits a moment for the queue's last answer
            bot.signal(signal.SIGTERM)
    aws.faults.clear()
    # What a killed bot held would come back amid later tests.
    aws.client("sqs").purge_queue(QueueUrl=aws.outputs["EventQueueUrl"])


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
