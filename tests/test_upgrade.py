"""From the version before to this one, with links open, files on their way and both bots running."""

import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from conftest import StartBot, UsualBot, empty
from people import People, until

import cloud.stack
from handlers.doors import CONNECTIONS
from local import aws as local_aws
from local.aws import ACCOUNT, Aws
from local.bot import PATIENCE, environment, wait_until_ready
from local.process import child
from local.slack.driver import Slack, words
from uploads import shapes

ROOT = Path(__file__).parent.parent

#: What somebody may be running: the last state of main that was handed on. No release is tagged yet.
BEFORE = "a9e6df5"
STACK = "upgraded"


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The version before, unpacked out of this repository's history."""
    folder = tmp_path_factory.mktemp("before")
    for command in (
        ["clone", "--quiet", "--no-checkout", "--shared", ROOT, folder],
        ["-C", folder, "checkout", "--quiet", BEFORE],
    ):
        done = subprocess.run(["git", *command], capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"the version before, {BEFORE}, cannot be had: {done.stderr.strip()}")
    return folder


@pytest.fixture
def old(
    aws: Aws, slack: Slack, usual_bot: UsualBot, before: Path, monkeypatch: pytest.MonkeyPatch
) -> Aws:
    """A stack of the version before."""
    usual_bot.stop()
    empty(slack)
    with monkeypatch.context() as then:
        then.setattr(cloud.stack, "TEMPLATE", before / "cloud" / "template.yaml")
        outputs = bring_up(aws)
    key = local_aws.key_for(aws.client("iam"), STACK, outputs["BotPolicyArn"])
    return local_aws.installed(
        aws.endpoint, outputs, bot_key=key, twin_key=aws.twin_key, root_key=aws.root_key
    )


def bring_up(aws: Aws) -> dict[str, str]:
    """The stack as the template says, with the addresses that things have here."""
    cloudformation = aws.client("cloudformation")
    first = cloud.stack.deploy(cloudformation, ACCOUNT, STACK, every=0.05)
    here = local_aws.origins(first, urlsplit(aws.endpoint).netloc)
    return cloud.stack.deploy(cloudformation, ACCOUNT, STACK, here, every=0.05)


@pytest.mark.long(15)
def test_old_and_new_run_side_by_side(
    aws: Aws, old: Aws, slack: Slack, before: Path, tmp_path: Path, start_bot: StartBot
) -> None:
    """Nothing is lost, nothing is said twice, and what the old one made the new one closes."""
    with ExitStack() as running:
        command = [sys.executable, str(before / "bot.py")]
        env = environment({**old.bot_env, **slack.bot_env})
        log = tmp_path / "old.log"
        old_bot = running.enter_context(
            child("the old bot", command, env=env, log=log, patience=PATIENCE)
        )
        wait_until_ready(old_bot)
        slack.wait_for_connections()
        people = People(slack, old, old_bot)
        asked = people.ask("made before")
        copied = asked.put_url(20)
        people.send(asked)
        people.news("made before")

        after = cloud.stack.deploy(aws.client("cloudformation"), ACCOUNT, STACK, every=0.05)
        assert old.outputs.items() <= after.items()  # no name has changed
        new_bot = start_bot(**old.bot_env)
        slack.wait_for_connections(1 + CONNECTIONS)
        for slot in range(2, 8):
            people.send(asked, slot=slot)
        people.news("7 files", seconds=20)
        both = [people.ask(f"made meanwhile {number}") for number in range(4)]
        for number, one in enumerate(both):
            people.send(one)
            people.news(f"made meanwhile {number}", seconds=20)
        people.settled()
        assert len(people.all_news("made before")) == 1
        assert len(people.all_news("made meanwhile")) == len(both)
        for bot in (old_bot, new_bot):
            assert '"act": "made"' in bot.said()

        old_bot.stop(PATIENCE)
        people.slack.click("close_link", ts=people.card("Received made before")["ts"])
        people.card("Closed: made before", seconds=20)
        until(lambda: people.put(copied).status == 412)
        people.send(both[0], slot=2)
        people.news("2 files", "made meanwhile 0")
        assert people.download().body == b"hello"
        acts = [act.what for act in people.records.history(asked.reference)]
        assert sorted(acts) == ["closed", *["received"] * 7]


def test_what_a_newer_one_wrote_is_left_to_it(people: People) -> None:
    """A record of a later version is neither misread nor touched, and its news stays in the queue."""
    asked = people.ask("from tomorrow")
    people.aws.client("dynamodb").update_item(
        TableName=people.aws.outputs["LinkTable"],
        Key=shapes.key(asked.reference, "link"),
        UpdateExpression="SET v = :v",
        ExpressionAttributeValues={":v": {"N": str(shapes.VERSION + 1)}},
    )
    people.send(asked)
    until(lambda: "is left for another try: newer_record" in people.bot.said())
    assert people.in_queue() == (0, 1)
    assert "a newer version of upload-link" in words(people.press("close_link"))
    assert people.stored(asked)
    # Nobody newer is here to take it.
    people.aws.client("sqs").purge_queue(QueueUrl=people.aws.outputs["EventQueueUrl"])
