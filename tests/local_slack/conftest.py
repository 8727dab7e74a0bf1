"""A local Slack of this folder's own: at the one that other tests share, the bot is listening."""

import json
import queue
import threading
from collections.abc import Callable, Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from slack_app import HttpApp, Listening, Loop, gone
from slack_sdk import WebClient

from local.slack import driver, manifest, seed
from local.slack.driver import Slack


@pytest.fixture(scope="session")
def granted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A manifest of everything that the local Slack can do."""
    app = json.loads(manifest.MANIFEST.read_text(encoding="utf-8"))
    app["features"]["app_home"]["home_tab_enabled"] = True
    app["features"]["shortcuts"] = [
        {
            "name": "Ask for a file",
            "type": "global",
            "callback_id": "ask_for_file",
            "description": "Make a link with which anyone can send you a file",
        },
        {
            "name": "Ask for a file here",
            "type": "message",
            "callback_id": "ask_for_file_here",
            "description": "Ask for a file, and have it announced in this thread",
        },
    ]
    app["settings"]["event_subscriptions"] = {"bot_events": ["app_home_opened"]}
    scopes = {*app["oauth_config"]["scopes"]["bot"], "usergroups:read", "channels:read"}
    app["oauth_config"]["scopes"]["bot"] = sorted(scopes)
    path = tmp_path_factory.mktemp("granted") / "manifest.json"
    path.write_text(json.dumps(app), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def process(granted: Path) -> Iterator[Slack]:
    with driver.running(manifest=granted) as slack:
        yield slack


@pytest.fixture
def slack(process: Slack) -> Slack:
    process.reset()
    process.use_sockets()
    return process


@pytest.fixture
def web(slack: Slack) -> WebClient:
    """Slack's client, without the retry that would hide what happened."""
    return WebClient(seed.BOT_TOKEN, base_url=f"{slack.url}/api/", retry_handlers=[])


@pytest.fixture(scope="session")
def loop() -> Iterator[Loop]:
    loop = Loop()
    yield loop
    loop.stop()


Listen = Callable[..., Listening]


@pytest.fixture
def listen(slack: Slack, loop: Loop) -> Iterator[Listen]:
    """Connects apps, and disconnects them in the end."""
    apps: list[Listening] = []

    def connect(*, acks: bool = True) -> Listening:
        app = Listening(slack.url, acks=acks)
        loop.run(app.open())
        apps.append(app)
        slack.wait_for_connections(len(apps))
        return app

    yield connect
    for app in apps:
        loop.run(app.close())
    gone(slack)


@pytest.fixture
def app(listen: Listen) -> Listening:
    return listen()


@pytest.fixture
def http_app(slack: Slack) -> Iterator[type[HttpApp]]:
    class App(HttpApp):
        got: "queue.Queue[tuple[bytes, dict[str, str]]]" = queue.Queue()

    server = ThreadingHTTPServer(("127.0.0.1", 0), App)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    slack.use_http(f"http://127.0.0.1:{server.server_address[1]}/slack/events", "a secret")
    yield App
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def tab(browser: Browser) -> Iterator[Page]:
    # axe is put into the page, and what fades in has its colours at once.
    context = browser.new_context(bypass_csp=True, reduced_motion="reduce")
    yield context.new_page()
    context.close()


@pytest.fixture
def page(slack: Slack, tab: Page) -> Iterator[Page]:
    """The page as Ann sees it; any script error fails the test."""
    errors: list[str] = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.goto("about:blank")
    tab.goto(slack.url)
    tab.get_by_role("textbox", name="Message #general").wait_for()
    yield tab
    assert errors == []
