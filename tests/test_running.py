"""The bot as a process: its two doors, its start, its stop, and what it may never log."""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from conftest import StartBot, stop
from people import People, until

from handlers.doors import CONNECTIONS
from local import bot as local_bot
from local.aws import Aws
from local.bot import PATIENCE
from local.process import Child, ChildError, child
from local.slack import seed
from local.slack.driver import Slack, words
from uploads.inbox import WAIT_SECONDS

ROOT = Path(__file__).parent.parent
SIGNING_SECRET = "8f742231b10e8888abcd99yyyzzz85a5"


@pytest.fixture
def http_bot(slack: Slack, start_bot: StartBot, free_port: int) -> Iterator[Child]:
    """A bot that Slack reaches by signed HTTP."""
    running = start_bot(
        SLACK_SIGNING_SECRET=SIGNING_SECRET, SLACK_APP_TOKEN="", PORT=str(free_port)
    )
    slack.use_http(f"http://127.0.0.1:{free_port}/slack/events", SIGNING_SECRET)
    yield running
    slack.use_sockets()


def ask_http(port: int, method: str, path: str, body: str = "", **headers: str) -> tuple[int, str]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def test_the_road_by_http(slack: Slack, aws: Aws, http_bot: Child) -> None:
    """Command, link, file, follow-up and download, all by signed requests."""
    people = People(slack, aws, http_bot)
    assert people.send(people.ask("by HTTP")).status == 200
    people.news("by HTTP")
    assert people.download().body == b"hello"


@pytest.mark.usefixtures("start_bot")  # for it alone: the usual bot steps aside
def test_the_road_by_socket_mode(slack: Slack, aws: Aws, tmp_path: Path) -> None:
    """The same by `python bot.py` as everybody runs it, where other tests fork their bots."""
    env = {**aws.bot_env, **slack.bot_env}
    with local_bot.running(env, log=tmp_path / "log") as running:
        people = People(slack, aws, running)
        assert people.send(people.ask("by sockets")).status == 200
        people.news("by sockets")
        assert people.download().body == b"hello"
        stop(aws, [running])
        assert running.wait(0) == 0


@pytest.mark.usefixtures("http_bot")
def test_http_refuses_what_slack_did_not_sign(free_port: int) -> None:
    """No signature, a wrong one, and a right one that is too old."""
    now = str(int(time.time()))
    body = "command=%2Fupload-link&user_id=U1&text="
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert ask_http(free_port, "POST", "/slack/events", body, **form)[0] == 401
    for stamp in (now, "1700000000"):
        signed = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": "v0=" + "0" * 64}
        assert ask_http(free_port, "POST", "/slack/events", body, **form, **signed)[0] == 401


@pytest.mark.usefixtures("http_bot")
def test_health_tells_whether_the_queue_is_read(free_port: int) -> None:
    """For whatever platform runs the bot."""
    status, body = ask_http(free_port, "GET", "/healthz")
    assert status == 200
    assert json.loads(body)["ok"] is True


@pytest.fixture
def watched(
    slack: Slack, aws: Aws, start_bot: StartBot, free_port: int
) -> Iterator[tuple[People, int]]:
    """A bot in Socket Mode whose log is for machines, and the port where it can be watched."""
    bot = start_bot(METRICS_PORT=str(free_port), LOG_FORMAT="json")
    slack.wait_for_connections(CONNECTIONS)
    return People(slack, aws, bot), free_port


def health(port: int) -> dict[str, Any]:
    status, body = ask_http(port, "GET", "/healthz")
    said: dict[str, Any] = json.loads(body)
    assert (status == 200) == said["ok"]
    return said


def test_it_can_be_watched(watched: tuple[People, int]) -> None:
    """Health, figures for Prometheus, and a log in which each line says what it is about."""
    people, port = watched
    asked = people.ask("watched")
    people.send(asked)
    people.news("watched")
    people.settled()
    said = health(port)
    assert said["slack_connections"] == CONNECTIONS
    assert said["queue_silence_seconds"] < 5
    assert said["events_in_hand"] == said["oldest_unannounced_seconds"] == 0
    figures = ask_http(port, "GET", "/metrics")[1]
    for line in (
        'upload_link_acts_total{act="made"} 1.0',
        'upload_link_acts_total{act="received"} 1.0',
        "upload_link_slack_request_seconds_count 1.0",
        "upload_link_announcing_seconds_count 1.0",
        f"upload_link_slack_connections {float(CONNECTIONS)}",
    ):
        assert f"\n{line}\n" in figures, figures
    lines = [json.loads(line) for line in people.bot.said().splitlines()]
    about = [line for line in lines if line.get("link") == asked.reference]
    assert len({line["request"] for line in about}) == 2  # the command's, and the event's
    acts = [line["audit"]["act"] for line in about if line["logger"] == "audit"]
    assert acts == ["made", "received"]


#: The bot, with hands for one message.
ONE_HAND = (
    "from handlers import arrivals; arrivals.AT_ONCE = 1; import bot, sys; sys.exit(bot.main())"
)


@pytest.mark.usefixtures("start_bot")  # no other reads the queue
def test_hands_that_are_full_read_nothing(
    slack: Slack, aws: Aws, free_port: int, tmp_path: Path
) -> None:
    """While nothing of it gets done, either; a bot that hangs is not taken for one with much to do."""
    env = {**aws.bot_env, **slack.bot_env, "METRICS_PORT": str(free_port)}
    event = {"bucket": {"name": aws.outputs["UploadBucket"]}}
    event["object"] = {"key": f"uploads/2026/11/27/{'0' * 32}/1", "sequencer": "0A"}
    body = json.dumps({"Records": [{"eventName": "ObjectCreated:Put", "s3": event}]})

    def silent() -> bool:
        said = health(free_port)
        full = said["events_in_hand"] >= 1
        return full and float(said["queue_silence_seconds"]) > WAIT_SECONDS + 2

    command = [sys.executable, "-c", ONE_HAND]
    env = local_bot.environment(env)
    with child("the bot", command, env=env, log=tmp_path / "log", patience=PATIENCE) as running:
        local_bot.wait_until_ready(running)
        slack.wait_for_connections(CONNECTIONS)
        aws.faults.add(method="HEAD", path="/uploads/", times=1000)
        aws.client("sqs").send_message(QueueUrl=aws.outputs["EventQueueUrl"], MessageBody=body)
        until(silent, WAIT_SECONDS + 10)
        running.signal(signal.SIGTERM)
        assert running.wait(PATIENCE) == 0


def test_where_slack_is_out_of_reach_the_queue_is_left_alone(watched: tuple[People, int]) -> None:
    """No socket lives: events stay where another bot can take them, and come when Slack is back."""
    people, port = watched
    asked = people.ask("out of reach")
    people.slack.misbehave(method="apps.connections.open", kind="http_503", times=1000)
    people.slack.reset_socket()
    until(lambda: not health(port)["slack_connections"], seconds=30)
    time.sleep(WAIT_SECONDS + 0.5)  # the receive that was under way
    people.send(asked)
    time.sleep(2)
    sqs, queue = people.aws.client("sqs"), people.aws.outputs["EventQueueUrl"]
    [event] = sqs.receive_message(
        QueueUrl=queue, VisibilityTimeout=0, MessageSystemAttributeNames=["All"]
    )["Messages"]
    assert event["Attributes"]["ApproximateReceiveCount"] == "1"
    people.slack.behave()
    people.news("out of reach", seconds=60)


def test_where_slack_lets_nobody_in_only_a_handful_is_held(
    slack: Slack, aws: Aws, start_bot: StartBot
) -> None:
    """What it finds out by trying, it tries once more and again, and takes nothing besides."""
    people = People(slack, aws, start_bot())
    channels = slack.add_channels(13)  # each takes one message a second
    asked = [people.ask("locked", channel=channel) for channel in channels]
    slack.misbehave(method="chat.postMessage", kind="error", error="token_revoked", times=1000)
    people.send(asked[0])
    until(lambda: "slack_locks_out" in people.bot.said())
    for one in asked[1:]:
        people.send(one)
    time.sleep(WAIT_SECONDS + 0.5)
    assert people.in_queue()[0] >= 2  # SQS hands out ten at a time
    slack.behave()
    for channel in channels:
        people.news("locked", channel=channel, seconds=60)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_finishes_what_is_in_hand(slack: Slack, start_bot: StartBot, number: int) -> None:
    """A command that came before the signal is answered after it, and the exit status is 0."""
    bot = start_bot()
    slack.misbehave(method="chat.postMessage", kind="slow", seconds=1)
    slack.command("last minute")
    bot.signal(number)
    slack.wait_for("Your upload link for last minute")
    assert bot.wait(30) == 0
    assert "stopped" in bot.said()


def test_a_file_that_lands_while_the_bot_is_down_is_announced_later(
    slack: Slack, aws: Aws, start_bot: StartBot
) -> None:
    """The queue keeps it."""
    people = People(slack, aws, start_bot())
    asked = people.ask("overnight")
    people.bot.stop(30)
    assert people.send(asked).status == 200
    start_bot()
    people.news("overnight")


def test_killed_before_it_is_done_it_is_still_told_once(
    slack: Slack, aws: Aws, start_bot: StartBot
) -> None:
    """SIGKILL after Slack has the news and before the card is true: the next one goes on."""
    people = People(slack, aws, start_bot())
    asked = people.ask("killed")
    slack.misbehave(method="chat.update", kind="drop_reply")
    people.send(asked)
    people.card("Received ")
    people.bot.signal(signal.SIGKILL)
    people.bot.wait(10)
    time.sleep(WAIT_SECONDS + 0.5)  # the receive of the dead bot would swallow the next message
    people.queue(people.event(asked))
    start_bot()
    people.card("Received ", seconds=60)
    assert len(people.all_news()) == 1


@pytest.mark.usefixtures("start_bot")  # no other is connected
def test_a_forked_bot_dies_with_whoever_started_it(slack: Slack, aws: Aws, tmp_path: Path) -> None:
    """Not even a killed test process leaves a bot behind, to answer in the next one's stead."""
    env = json.dumps({**aws.bot_env, **slack.bot_env})
    with subprocess.Popen(
        [sys.executable, "-c", STARTER, env, tmp_path / "forked.log"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "tests")},
        stdout=subprocess.PIPE,
        text=True,
    ) as starter:
        assert starter.stdout
        starter.stdout.readline()
        slack.wait_for_connections(CONNECTIONS)
        starter.kill()
        until = time.monotonic() + 10
        while slack.connections():
            assert time.monotonic() < until
            time.sleep(0.05)
    time.sleep(WAIT_SECONDS + 0.5)  # the receive of the dead bot would swallow another's message


STARTER = """
import bots, json, pathlib, signal, sys
with bots.running(json.loads(sys.argv[1]), log=pathlib.Path(sys.argv[2])):
    print("ready", flush=True)
    signal.pause()
"""


def test_two_bots_answer_and_announce_once(slack: Slack, aws: Aws, start_bot: StartBot) -> None:
    """Run more of them and nothing changes."""
    people = People(slack, aws, start_bot())
    start_bot()
    slack.wait_for_connections(2 * CONNECTIONS)
    for number in range(2):
        people.send(people.ask(f"shared {number}"))
    for number in range(2):
        people.news(f"shared {number}")
        people.card("Received ", f"shared {number}")
    assert len(people.all_news()) == 2
    assert len([m for m in slack.sees() if "Your upload link" in words(m)]) == 2


@pytest.mark.parametrize(
    "trouble", ["reset_socket", "close_socket", "mute_socket", "refresh_socket"]
)
def test_a_broken_socket_is_replaced(people: People, trouble: str) -> None:
    """Seconds later, commands are answered again."""
    getattr(people.slack, trouble)()
    deadline = time.monotonic() + 60
    while people.slack.command("again").error and time.monotonic() < deadline:
        time.sleep(0.1)
    people.slack.wait_for("Your upload link for again")


def test_while_one_socket_is_replaced_the_other_serves(people: People) -> None:
    """Nobody notices."""
    people.slack.wait_for_connections(CONNECTIONS)
    people.slack.reset_socket(1)
    for number in range(4):
        assert people.slack.command(f"meanwhile {number}").error is None
    people.slack.wait_for("Your upload link for meanwhile 3")


def test_a_wrong_environment_stops_the_start() -> None:
    """Exit status 2, one message, no traceback."""
    done = subprocess.run(
        [sys.executable, "bot.py"],
        env={"PYTHON_DOTENV_DISABLED": "1"},
        cwd=local_bot.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "SLACK_BOT_TOKEN is missing" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_token_stops_the_start(start_bot: StartBot) -> None:
    """Slack's own word for it, and where to get a right one."""
    with pytest.raises(ChildError, match="ended with 2") as error:
        start_bot(SLACK_BOT_TOKEN="xoxb-wrong")
    assert "invalid_auth" in str(error.value)
    assert "Traceback" not in str(error.value)


def test_no_secret_reaches_the_log(people: People) -> None:
    """After every act and failure: no link, signature, token or signed URL."""
    asked = people.ask("secret")
    people.send(asked)
    people.introduce(asked)
    people.news("secret", "Mei, Acme")
    people.download()
    people.send(asked, slot=2)
    people.news("sent 2 files")
    people.slack.click("all_files")
    people.slack.click("extend_link")
    people.slack.click("close_link")
    people.card("Closed: secret")
    people.slack.misbehave(method="chat.postMessage", kind="error", error="fatal_error")
    people.slack.command("again")
    people.slack.wait_for("again")
    log = people.bot.said()
    assert "told sitting#1" in log
    assert '"act": "closed"' in log
    secrets = [*people.secrets.values(), seed.BOT_TOKEN, seed.APP_TOKEN]
    for secret in (*secrets, asked.address.partition("#")[2]):
        assert secret not in log
    assert not re.search(r"X-Amz-Signature|s3_url=|xox[bp]-|xapp-|/hooks/|[0-9a-f]{64}", log)
    assert not re.search(r"/p/[\w-]{22}|#[\w-]{22}", log)
