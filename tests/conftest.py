"""The world that tests share: one local AWS, one local Slack, one bot and one browser a worker."""

import gc
import secrets
import shlex
import signal
import socket
import zlib
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import boto3
import bots
import brotli
import forks
import pytest
from operators import Operator, lasting
from people import People
from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import Error as PlaywrightError
from uploader import Ask, ask, person

import cloud.deploy
import cloud.doctor.page
import cloud.page
from bot import Product, build
from cloud.page import Asset
from cloud.stack import Stack
from handlers.health import Metrics
from local import aws as local_aws
from local import chromium
from local.aws import Aws
from local.bot import PATIENCE
from local.process import Child
from local.slack import driver
from local.slack.driver import Slack
from settings import Settings

#: About how many seconds a test takes, by the fixture that it has; `long` says it of one.
SECONDS = {"start_bot": 4.0, "bot": 2.0, "browser": 2.0, "operator": 1.0, "world": 0.5}


def pytest_configure(config: pytest.Config) -> None:
    """Fork the test processes that there are to be from one that has imported everything."""
    option = config.option
    if getattr(option, "tx", None) and not option.collectonly:
        python = shlex.join(forks.STAND_IN)
        option.tx = [f"popen//python={python}" if to == "popen" else to for to in option.tx]
        forking = ExitStack()
        forking.enter_context(forks.running(*config.args))
        config.add_cleanup(forking.close)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Order the files so that two processors are busy from first to last: the longest come first.

    In a file, tests that start bots come first: the usual bot steps aside for them once.

    xdist hands a process its next file when it has only two tests left, so that the one that
    begins with a single long test has another file behind it from the start: the shortest.
    """

    def seconds(item: pytest.Item) -> float:
        if long := item.get_closest_marker("long"):
            return float(long.args[0])
        known = getattr(item, "fixturenames", ())
        return next((SECONDS[name] for name in SECONDS if name in known), 0.1)

    files: dict[Path, list[pytest.Item]] = {}
    for item in sorted(items, key=lambda item: seconds(item) < SECONDS["start_bot"]):
        files.setdefault(item.path, []).append(item)
    order = sorted(files.values(), key=lambda file: sum(map(seconds, file)), reverse=True)
    if order:  # what cannot be imported is not among them
        processes: int = getattr(config, "workerinput", {}).get("workercount", 1)
        order.insert(processes, order.pop())
    items[:] = chain.from_iterable(order)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Let no garbage collection go through all that is imported, now or later: it stays."""
    gc.disable()
    collected = yield
    gc.freeze()
    gc.enable()
    return collected


@pytest.fixture(scope="session", autouse=True)
def _put_together_once() -> Iterator[None]:
    """The page is the same in every test, and to pack it well takes longer than to publish it."""

    @cache
    def once(*folder: Path, upload_prefix: str) -> list[Asset]:
        with pytest.MonkeyPatch.context() as packing:
            packing.setattr(
                cloud.page, "_brotli", lambda text: brotli.compress(text.encode(), quality=5)
            )
            return cloud.page.assemble(*folder, upload_prefix=upload_prefix)

    with pytest.MonkeyPatch.context() as patch:
        for module in (cloud.deploy, cloud.doctor.page, local_aws):
            patch.setattr(module, "assemble", once)
        yield


@pytest.fixture(scope="session")
def aws() -> Iterator[Aws]:
    """MiniStack behind the guard, with our template deployed and the page published.

    Whatever the tests make the bot do, it has every right that it takes.
    """
    with local_aws.running() as running:
        yield running
        assert [told for told in running.denials if told.key == running.bot_key[0]] == []


@pytest.fixture(scope="session")
def slack_process() -> Iterator[Slack]:
    with driver.running() as running:
        yield running


@pytest.fixture
def slack(slack_process: Slack) -> Slack:
    """The local Slack, with an empty workspace."""
    empty(slack_process)
    return slack_process


def empty(slack: Slack) -> None:
    """Leave nothing there, and take nothing more in the general channel of earlier tests.

    In that of now no bot has posted, so that none waits for its next second.
    """
    slack.reset(general=f"C{secrets.token_hex(5).upper()}")


class UsualBot:
    """The bot that most tests share. It steps aside for tests that have bots of their own.

    Bots share the queue and the workspace, so that nobody could tell which of
    them does what is asked.
    """

    def __init__(self, aws: Aws, slack: Slack, folder: Path) -> None:
        self._aws = aws
        self._env = {**aws.bot_env, **slack.bot_env}
        self._folder = folder
        self._stack = ExitStack()
        self._running: Child | None = None
        self._count = 0

    def run(self) -> Child:
        if self._running is None:
            self._count += 1
            log = self._folder / f"{self._count}.log"
            self._running = self._stack.enter_context(bots.running(self._env, log=log))
        return self._running

    def stop(self) -> None:
        running, self._running = self._running, None
        with self._stack:  # killed, if it does not stop: no other test shall have it
            if running:
                stop(self._aws, [running])


@pytest.fixture(scope="session")
def usual_bot(
    aws: Aws, slack_process: Slack, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[UsualBot]:
    with forks.running():
        usual = UsualBot(aws, slack_process, tmp_path_factory.mktemp("bot"))
        yield usual
        usual.stop()


@pytest.fixture
def bot(usual_bot: UsualBot) -> Child:
    """The real bot by Socket Mode, between the two."""
    return usual_bot.run()


def stop(aws: Aws, started: list[Child]) -> None:
    """Stop bots together, and leave nothing in the queue that one of them has held."""
    queue = aws.outputs["EventQueueUrl"]
    for bot in started:
        bot.signal(signal.SIGTERM)
        # Each waits for the queue's last answer. Here it is.
        aws.client("sqs").send_message(QueueUrl=queue, MessageBody="{}")
    try:
        for bot in started:
            bot.wait(PATIENCE)  # a second SIGTERM could kill it as it ends
    finally:
        aws.client("sqs").purge_queue(QueueUrl=queue)


#: Starts a bot with settings of its own, given as `NAME="value"`.
StartBot = Callable[..., Child]


@pytest.fixture
def start_bot(usual_bot: UsualBot, slack: Slack, aws: Aws, tmp_path: Path) -> Iterator[StartBot]:
    """Bots with settings of their own, and none besides them. They are stopped in the end."""
    aws.faults.clear()
    usual_bot.stop()
    empty(slack)  # whatever the usual bot has just finished belongs to another test
    started: list[Child] = []
    with ExitStack() as running:

        def start(**settings: str) -> Child:
            env = {**aws.bot_env, **slack.bot_env, **settings}
            log = tmp_path / f"bot-{len(started)}.log"
            started.append(running.enter_context(bots.running(env, log=log)))
            return started[-1]

        yield start
        aws.faults.clear()
        try:
            stop(aws, started)
        finally:
            forget_links(aws)


#: Fewer processes: the pages of a test are few, and need no protection from each other.
FEW_PROCESSES = (
    "--in-process-gpu",
    "--renderer-process-limit=1",
    "--disable-site-isolation-trials",
)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real Chromium."""
    with sync_playwright() as playwright:

        def launch() -> Browser:
            return playwright.chromium.launch(
                executable_path=chromium.path(), args=[*chromium.FLAGS, *FEW_PROCESSES]
            )

        try:
            launched = launch()
        except PlaywrightError:  # now and then one crashes as it starts, where ten begin at once
            launched = launch()
        yield launched
        launched.close()


@pytest.fixture
def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def localhost(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names under `localhost` lead here, as in a browser (RFC 6761, 6.3); libc knows only itself."""
    ask: Callable[..., Any] = socket.getaddrinfo

    def answer(host: str, *how: Any, **more: Any) -> Any:
        return ask("127.0.0.1" if str(host).endswith(".localhost") else host, *how, **more)

    monkeypatch.setattr(socket, "getaddrinfo", answer)


def forget_links(aws: Aws) -> None:
    """Empty the table, so that no other test finds a link, and no bot still looks after one.

    It does so a minute after a link was closed, and would meet what others let go wrong.
    """
    dynamodb, table = aws.client("dynamodb"), aws.outputs["LinkTable"]
    for page in dynamodb.get_paginator("scan").paginate(
        TableName=table, ProjectionExpression="pk, sk"
    ):
        for start in range(0, len(page["Items"]), 25):
            some = [{"DeleteRequest": {"Key": key}} for key in page["Items"][start : start + 25]]
            dynamodb.batch_write_item(RequestItems={table: some})


@pytest.fixture
def people(slack: Slack, aws: Aws, bot: Child) -> "Iterator[People]":
    """A requester and an uploader, with the whole product between them."""
    aws.faults.clear()
    slack.wait_for_connections()
    known = People(slack, aws, bot)
    yield known
    aws.faults.clear()
    try:
        known.settled()  # so that no news of theirs falls into the next test
    finally:
        forget_links(aws)


@pytest.fixture
def product(people: "People", monkeypatch: pytest.MonkeyPatch) -> Product:
    """The product as the bot makes it, in this process: for moments that no door can choose."""
    told = {**people.aws.bot_env, **people.slack.bot_env}
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(boto3, "Session", lasting)
    return build(Settings.from_env(told), Metrics())


@pytest.fixture
def operator(
    aws: Aws,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    localhost: None,  # noqa: ARG001 -- the page is asked for by its own name
) -> Iterator[Operator]:
    """An operator with a stack of the test's own, which is not there yet."""
    aws.faults.clear()
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws.endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", aws.root_key[0])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", aws.root_key[1])
    monkeypatch.setitem(Stack.__init__.__kwdefaults__, "every", 0.05)
    monkeypatch.setattr(boto3, "Session", lasting)
    name = f"t{zlib.crc32(request.node.name.encode())}"
    yield Operator(aws, name, tmp_path, capsys)
    aws.faults.clear()


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
