"""What the doctor says: of an installation that is well, and of one that was broken on purpose."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import boto3
import broken  # each adds to BREAKAGES
import broken_storage  # noqa: F401
import guardduty
import pytest
from botocore.exceptions import ClientError
from conftest import UsualBot, forget_links
from guardduty import GuardDuty
from installation import BREAKAGES, Break, World, failures
from operators import lasting

import bot
from cloud.doctor import credentials, policies, table, upload
from cloud.doctor.finding import Verdict
from cloud.doctor.slack import same_app
from cloud.doctor.slack_app import differences
from local.aws import Aws
from local.clients import session
from local.slack import seed
from local.slack.driver import Slack
from uploads.probes import Probes

pytestmark = pytest.mark.usefixtures("localhost")

ROOT = Path(__file__).parent.parent
MANIFEST = json.loads((ROOT / "manifest.json").read_text())

#: What is not asked unless somebody asks.
NOT_ASKED = {"slack.command", "slack.post", "scan.plan"}


@pytest.fixture(scope="module")
def doctor_key(aws: Aws) -> tuple[str, str]:
    """A key with both policies of the template, and nothing else."""
    forget_links(aws)  # whatever others have left
    iam = aws.client("iam")
    iam.create_user(UserName="doctor")
    for policy in ("BotPolicyArn", "DoctorPolicyArn"):
        iam.attach_user_policy(UserName="doctor", PolicyArn=aws.outputs[policy])
    made = iam.create_access_key(UserName="doctor")["AccessKey"]
    return made["AccessKeyId"], made["SecretAccessKey"]


@pytest.fixture
def world(
    aws: Aws,
    slack: Slack,
    doctor_key: tuple[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[World]:
    """Restored in the end."""
    aws.faults.clear()
    it = World(aws, slack, monkeypatch, capsys)
    it.set(**aws.bot_env, **slack.bot_env, PYTHON_DOTENV_DISABLED="1")
    monkeypatch.setattr(boto3, "Session", lasting)
    it.set(AWS_ACCESS_KEY_ID=doctor_key[0], AWS_SECRET_ACCESS_KEY=doctor_key[1])
    with it.undo:
        yield it
    aws.faults.clear()
    left = it.left()
    it.clear()
    assert bool(left) == it.leaves, left


@pytest.fixture
def running(world: World, usual_bot: UsualBot) -> World:
    """With a bot that reads the queue."""
    usual_bot.run()
    return world


# Healthy.


def test_a_healthy_installation(running: World) -> None:
    """Status 0, every check done, in seconds; nothing is left behind, in the queue neither."""
    status, findings = running.examine()
    assert failures(findings) == set()
    assert status == 0
    assert {n for n, said in findings.items() if said["verdict"] == "skipped"} == NOT_ASKED
    assert "a bot answered after" in findings["upload.event"]["result"]
    assert len(findings) > 45
    settled(running)


def settled(world: World) -> None:
    """Wait until the bot has nothing in hand."""
    until, names = time.monotonic() + 10, ["", "NotVisible"]
    names = [f"ApproximateNumberOfMessages{name}" for name in names]
    while True:
        said = world.client("sqs").get_queue_attributes(QueueUrl=world.queue, AttributeNames=names)
        if not sum(map(int, said["Attributes"].values())):
            return
        assert time.monotonic() < until
        time.sleep(0.1)


def test_what_the_bot_makes_of_it(running: World, usual_bot: UsualBot) -> None:
    """It answers, says nothing to anybody, and passes the end of the probe over."""
    before = len(usual_bot.run().said())
    assert running.examine("--only", "upload")[0] == 0
    settled(running)
    said = usual_bot.run().said()[before:]
    assert "a probe that is over" in said
    assert not re.search("WARNING|ERROR|Traceback", said)
    assert running.slack.sees() == []


def test_a_channel_is_tried_and_left_as_it_was(running: World) -> None:
    """The bot posts, and takes it back."""
    channel = running.slack.channel_id("general")
    status, findings = running.examine("--only", "slack", "--channel", channel)
    assert (status, findings["slack.post"]["verdict"]) == (0, "ok")
    assert [c.method for c in running.slack.calls()][-2:] == ["chat.postMessage", "chat.delete"]
    assert running.slack.sees() == []


def test_the_app_is_compared_where_somebody_may_look(running: World) -> None:
    """As it is registered it is what the manifest says."""
    running.set(SLACK_CONFIG_TOKEN=seed.CONFIG_TOKEN)
    assert running.examine("--only", "slack")[1]["slack.command"]["verdict"] == "ok"


def test_an_app_on_http(running: World) -> None:
    """It has no app token to try, and Socket Mode must be off."""
    running.set(SLACK_APP_TOKEN="", SLACK_SIGNING_SECRET="x", SLACK_CONFIG_TOKEN=seed.CONFIG_TOKEN)
    _, findings = running.examine("--only", "slack")
    assert findings["slack.app-token"]["verdict"] == "skipped"
    assert failures(findings) == {"slack.command"}
    assert "Socket Mode is on" in findings["slack.command"]["result"]


def test_a_clock_that_is_a_little_off_is_a_warning(running: World) -> None:
    """Everything works still."""
    date = format_datetime(datetime.now(UTC) + timedelta(minutes=2), usegmt=True)
    running.aws.faults.amend(method="HEAD", path="^/$", headers={"date": date})
    status, findings = running.examine("--only", "clock")
    assert (status, findings["clock.s3"]["verdict"]) == (0, "warning")
    assert "behind it" in findings["clock.s3"]["result"]


def test_settings_may_be_read_by_another(
    running: World, aws: Aws, doctor_key: tuple[str, str], tmp_path: Path
) -> None:
    """With a profile, the bot's identity needs no more rights than the bot."""
    running.set(AWS_ACCESS_KEY_ID=aws.bot_key[0], AWS_SECRET_ACCESS_KEY=aws.bot_key[1])
    file = tmp_path / "credentials"
    key = "aws_access_key_id = {}\naws_secret_access_key = {}".format(*doctor_key)
    file.write_text(f"[reader]\n{key}\n")
    running.set(AWS_SHARED_CREDENTIALS_FILE=str(file), AWS_CONFIG_FILE=str(tmp_path / "none"))
    status, findings = running.examine("--profile", "reader")
    assert failures(findings) == set()
    assert "user/bot" in findings["credentials.identity"]["result"]
    assert status == 0
    status, said = running.run("--profile", "nobody")
    assert status == 2
    assert "nobody" in said


@pytest.mark.parametrize(("how", "failing"), BREAKAGES, ids=[how.__name__ for how, _ in BREAKAGES])
def test_broken_on_purpose(running: World, how: Break, failing: dict[str, str]) -> None:
    """It names the right cause, and no other, says what helps, and its status is for cron."""
    how(running)
    # What is broken in one of these is no matter of any other part.
    parts = {name.partition(".")[0] for name in failing}
    only = ["--only", *parts] if parts in ({"slack"}, {"page"}) else []
    status, findings = running.examine(*only)
    assert failures(findings) == set(failing), {n: findings[n] for n in failures(findings)}
    for name, wanted in failing.items():
        said = f"{findings[name]['result']} {findings[name]['cure']}"
        assert re.search(wanted, said), said
        assert findings[name]["cure"]
    assert status == 1


# GuardDuty.


@pytest.fixture
def scanning(world: World) -> Iterator[GuardDuty]:
    """With GuardDuty, where some other bucket is scanned, too."""
    with guardduty.running() as it:
        it.plans.append(guardduty.plan("another"))
        world.set(MALWARE_SCAN="yes", AWS_ENDPOINT_URL_GUARDDUTY=it.endpoint)
        yield it


def test_files_are_scanned(world: World, scanning: GuardDuty) -> None:
    """By the last plan that it lists; one before it has just been deleted."""
    scanning.plans += [{}, guardduty.plan(world.bucket)]
    del scanning.plans[-1]["statusReasons"]
    status, findings = world.examine("--only", "scan")
    assert (status, findings["scan.plan"]["verdict"]) == (0, "ok")


def test_what_the_scan_warns_of(world: World, scanning: GuardDuty) -> None:
    """It goes on, and somebody should know."""
    reasons = [{"code": "INSUFFICIENT_TEST_OBJECT_PERMISSIONS", "message": "It may not put one."}]
    scanning.plans.append(guardduty.plan(world.bucket, status="WARNING", statusReasons=reasons))
    status, findings = world.examine("--only", "scan")
    assert (status, findings["scan.plan"]["verdict"]) == (0, "warning")
    assert "INSUFFICIENT_TEST_OBJECT_PERMISSIONS" in findings["scan.plan"]["result"]


@pytest.mark.parametrize(
    ("said", "result", "cure"),
    [
        (None, "none is for .*, so that no file is ever released", "--malware-scan no"),
        (
            {"status": "ERROR", "statusReasons": [{"code": "ROLE_GONE", "message": "!"}]},
            "ERROR, ROLE_GONE: no file is released",
            "Troubleshooting",
        ),
        ({"actions": {"tagging": {"status": "DISABLED"}}}, "no tags", "MalwareProtection.Actions"),
        (
            {"protectedResource": {"s3Bucket": {"objectPrefixes": ["in/"]}}},
            "does not scan all of uploads/",
            "MalwareProtection.ProtectedResource",
        ),
    ],
)
def test_files_are_not_scanned(
    world: World, scanning: GuardDuty, said: dict[str, Any] | None, result: str, cure: str
) -> None:
    """Then none is ever released."""
    if said is not None:
        plan = guardduty.plan(world.bucket, **said)
        plan["protectedResource"]["s3Bucket"]["bucketName"] = world.bucket
        scanning.plans.append(plan)
    status, findings = world.examine("--only", "scan")
    assert (status, findings["scan.plan"]["verdict"]) == (1, "bad")
    assert re.search(result, findings["scan.plan"]["result"])
    assert cure in findings["scan.plan"]["cure"]


@pytest.mark.parametrize("call", ["ListMalwareProtectionPlans", "GetMalwareProtectionPlan"])
def test_whether_files_are_scanned_is_not_seen(
    world: World, scanning: GuardDuty, call: str
) -> None:
    """Without either right to look, nobody may call it healthy."""
    scanning.denied.add(call)
    status, findings = world.examine("--only", "scan")
    assert (status, findings["scan.plan"]["verdict"]) == (1, "unseen")
    assert "DoctorPolicyArn" in findings["scan.plan"]["cure"]


# A bucket that was there before.


def test_what_is_its_owners_to_decide(running: World) -> None:
    """Whoever shares their bucket is told, and is not called ill for ever."""
    s3, name = running.client("s3"), "theirs"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    running.undo.callback(s3.delete_bucket, Bucket=name)
    s3.delete_public_access_block(Bucket=name)
    s3.put_bucket_ownership_controls(
        Bucket=name, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    )
    may = {"Action": ["s3:Get*", "s3:List*"], "Resource": "arn:aws:s3:::theirs*"}
    document = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", **may}}
    iam, policy = running.client("iam"), {"UserName": "doctor", "PolicyName": "theirs"}
    iam.put_user_policy(**policy, PolicyDocument=json.dumps(document))
    running.undo.callback(iam.delete_user_policy, **policy)
    running.set(UPLOAD_BUCKET=name)
    _, findings = running.examine("--only", "bucket")
    for check in ("bucket.public-acls", "bucket.ownership"):
        assert findings[check]["verdict"] == "warning"
        assert "If others need it so, it may stay" in findings[check]["cure"]
    for check in ("bucket.public-access", "bucket.write-once"):
        assert findings[check]["verdict"] == "bad"


# With no bot that reads the queue.


@pytest.mark.usefixtures("start_bot")
def test_no_bot_reads_the_queue(world: World) -> None:
    """The event came, and nobody is told of files."""
    world.client("sqs").purge_queue(QueueUrl=world.queue)  # S3's test events wait in it, too
    status, findings = world.examine("--patience", "0.5", "--only", "upload")
    assert failures(findings) == {"upload.event"}
    event = findings["upload.event"]
    assert "the event came, but no bot answered" in event["result"]
    assert "Start the bot" in event["cure"]
    assert status == 1


@pytest.mark.usefixtures("start_bot")
def test_what_waits_for_a_bot_is_not_touched(world: World) -> None:
    """The doctor counts the events that wait, and receives none: that would use up their tries."""
    sqs = world.client("sqs")
    sqs.purge_queue(QueueUrl=world.queue)
    for body in ("1", "2"):
        sqs.send_message(QueueUrl=world.queue, MessageBody=body)
    _, findings = world.examine("--patience", "0.5", "--only", "upload")
    assert failures(findings) == {"upload.event"}
    assert "about 3 events wait in the queue" in findings["upload.event"]["result"]
    received = sqs.receive_message(
        QueueUrl=world.queue,
        MaxNumberOfMessages=10,
        MessageSystemAttributeNames=["ApproximateReceiveCount"],
    )["Messages"]
    assert {m["Attributes"]["ApproximateReceiveCount"] for m in received} == {"1"}


@pytest.mark.usefixtures("start_bot")
def test_a_link_that_waits_for_a_bot(world: World) -> None:
    """Its signatures are not renewed, its end not told."""
    table = {"TableName": world.aws.outputs["LinkTable"]}
    key = {"pk": {"S": "link#overdue"}, "sk": {"S": "link"}}
    due = {"clock": {"S": "due"}, "due_at": {"N": str(int(time.time()) - 1200)}}
    world.client("dynamodb").put_item(**table, Item=key | due)
    world.undo.callback(world.client("dynamodb").delete_item, **table, Key=key)
    _, findings = world.examine("--only", "table")
    assert failures(findings) == {"table.overdue"}
    assert "has waited since" in findings["table.overdue"]["result"]
    assert "Start the bot" in findings["table.overdue"]["cure"]


#: Whoever is started in the background of a shell has Ctrl-C turned off.
DOCTOR = """
import signal, socket, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
ask = socket.getaddrinfo
socket.getaddrinfo = lambda host, *how, **more: ask(
    "127.0.0.1" if str(host).endswith(".localhost") else host, *how, **more
)
import bot
sys.exit(bot.main(sys.argv[1:]))
"""


@pytest.mark.usefixtures("start_bot")
def test_interrupted_it_takes_away_what_it_put(world: World) -> None:
    """Ctrl-C while it waits for a bot."""
    command = [sys.executable, "-c", DOCTOR, "doctor", "--patience", "60"]
    with subprocess.Popen(
        command, cwd=ROOT, env=dict(os.environ), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as doctor:
        until = time.monotonic() + 30
        while not any(name.startswith("uploads/") for name in world.left()):
            assert time.monotonic() < until
            time.sleep(0.05)
        doctor.send_signal(signal.SIGINT)
        said, errors = doctor.communicate(timeout=20)
    assert doctor.returncode == 130
    assert b"Interrupted" in errors
    assert b"Traceback" not in errors
    assert "✓ settings" in said.decode()
    assert world.left() == []


def test_interrupted_while_its_parts_begin(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C in the moment before it waits for them: none goes on, and it ends at once."""
    submit = ThreadPoolExecutor.submit

    def last_of_all(self: ThreadPoolExecutor, run: Any, part: Any, *rest: Any) -> Any:
        running = submit(self, run, part, *rest)
        if part is upload.examine:
            raise KeyboardInterrupt
        return running

    monkeypatch.setattr(ThreadPoolExecutor, "submit", last_of_all)
    begun = time.monotonic()
    assert bot.main(["doctor", "--patience", "60"]) == 130
    assert time.monotonic() - begun < 20
    assert "Interrupted" in world.capsys.readouterr().err
    assert world.left() == []


# How it is told.


def test_lines_for_people(running: World) -> None:
    """What was tried, what came of it, what helps; plain here, in colours in a terminal."""
    running.set(SLACK_APP_TOKEN="xapp-wrong")
    status, said = running.run("--only", "slack")
    assert status == 1
    assert "  ✓ slack.bot-token  auth.test: it is upload-link in Example\n" in said
    assert "  ✗ slack.app-token  apps.connections.open: Slack says invalid_auth\n      → " in said
    assert "\nNot healthy: slack.app-token (" in said
    assert "\x1b" not in said
    running.set(FORCE_COLOR="1")
    assert "\x1b[31m" in running.run("--only", "slack")[1]


def test_no_secret_is_told(running: World, doctor_key: tuple[str, str]) -> None:
    """No token, no key, no signature; neither where all is well nor where nothing is."""
    said = running.run()[1]
    for method in ("PUT", "OPTIONS", "HEAD", "GET"):
        running.aws.faults.hang_up(method=method, path="uploads/doctor|^/p/|^/$", times=3)
    running.slack.misbehave(method="*", kind="error", error="fatal_error", times=9)
    said += running.run("--patience", "0.5")[1]
    assert "no answer" in said
    for secret in (doctor_key[1], seed.BOT_TOKEN, seed.APP_TOKEN, "X-Amz-", "Signature="):
        assert secret not in said


def test_without_settings_it_says_which(tmp_path: Path) -> None:
    """Status 2, for people and for machines."""
    env = {"HOME": str(tmp_path), "PYTHON_DOTENV_DISABLED": "1", "AWS_REGION": "eu-central-1"}
    for how in ([], ["--json"]):
        command = [sys.executable, "bot.py", "doctor", *how]
        done = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 2
        assert done.stderr == ""
        assert "SLACK_BOT_TOKEN is missing" in done.stdout
        assert not how or json.loads(done.stdout)["healthy"] is False


def test_settings_come_from_a_file(running: World, tmp_path: Path) -> None:
    """The bot's own, by whatever name."""
    told = {"LINK_TABLE": running.aws.outputs["LinkTable"], "UPLOAD_BUCKET": running.bucket}
    for name in told:
        running.patch.delenv(name)
    running.patch.delenv("PYTHON_DOTENV_DISABLED")
    env = tmp_path / "settings"
    env.write_text("".join(f"{name}={value}\n" for name, value in told.items()))
    status, findings = running.examine("--env", str(env), "--only", "table")
    for name in told:
        os.environ.pop(name)
    assert status == 0
    assert findings["table.there"]["result"] == told["LINK_TABLE"]


# What it may do, and what it makes of what it reads.


def test_its_policy_lets_it_look_and_no_more(aws: Aws) -> None:
    """It sees no file, changes no setting, and deletes nothing but its own."""
    iam = aws.client("iam")
    iam.create_user(UserName="looker")
    iam.attach_user_policy(UserName="looker", PolicyArn=aws.outputs["DoctorPolicyArn"])
    key = iam.create_access_key(UserName="looker")["AccessKey"]
    looker = session(key["AccessKeyId"], key["SecretAccessKey"], region=aws.region)

    def client(service: str) -> object:
        return looker.client(service, endpoint_url=aws.endpoint)  # type: ignore[call-overload]

    s3, sqs, dynamodb = client("s3"), client("sqs"), client("dynamodb")
    bucket, page = aws.outputs["UploadBucket"], aws.outputs["PageBucket"]
    queue, links = aws.outputs["EventQueueUrl"], aws.outputs["LinkTable"]
    file = "uploads/2026/01/01/1/1"
    for call, arguments in (
        (s3.get_object, {"Bucket": bucket, "Key": file}),
        (s3.put_object, {"Bucket": bucket, "Key": "uploads/doctor/1", "IfNoneMatch": "*"}),
        (s3.delete_object, {"Bucket": bucket, "Key": file}),
        (s3.list_objects_v2, {"Bucket": bucket}),
        (s3.list_object_versions, {"Bucket": bucket, "Prefix": "uploads/"}),
        (s3.put_bucket_versioning, {"Bucket": bucket, "VersioningConfiguration": {}}),
        (s3.delete_object, {"Bucket": page, "Key": "page/index.html"}),
        (s3.delete_object, {"Bucket": page, "Key": "page/p/abc.json"}),
        (sqs.receive_message, {"QueueUrl": queue}),
        (sqs.purge_queue, {"QueueUrl": queue}),
        (dynamodb.scan, {"TableName": links}),
        (dynamodb.get_item, {"TableName": links, "Key": {"pk": {"S": "1"}, "sk": {"S": "1"}}}),
    ):
        with pytest.raises(ClientError, match="AccessDenied"):
            call(**arguments)


def test_its_policy_holds_nothing_that_it_does_not_ask_for(
    running: World, doctor_key: tuple[str, str]
) -> None:
    """With none of its own rights it is denied each of them, and nothing else.

    What it has put it deletes by version only if it may see which there are.
    """
    iam, arn = running.client("iam"), running.aws.outputs["DoctorPolicyArn"]
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    said = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    actions = [s["Action"] for s in said["Statement"]]
    rights = {right for some in actions for right in ([some] if isinstance(some, str) else some)}
    before = len(running.aws.denials)
    broken.the_doctor_may_read_nothing(running)
    running.examine()
    seeing = {"Effect": "Allow", "Action": "s3:ListBucketVersions", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": seeing})
    iam.put_user_policy(UserName="doctor", PolicyName="seeing", PolicyDocument=policy)
    running.undo.callback(iam.delete_user_policy, UserName="doctor", PolicyName="seeing")
    running.examine()
    later = running.aws.denials[before:]
    assert {told.action for told in later if told.key == doctor_key[0]} == rights


def test_a_late_answer_leaves_nothing(aws: Aws) -> None:
    """A bot answers a question, and none that is no longer asked."""
    probes = Probes(aws.client("dynamodb"), aws.outputs["LinkTable"])
    probes.ask("1")
    assert not probes.answered("1")
    probes.answer("1", datetime.now(UTC))
    assert probes.answered("1")
    probes.forget("1")
    probes.answer("1", datetime.now(UTC))
    assert not probes.answered("1")


@pytest.mark.parametrize(
    ("minutes", "renewed", "embedded", "wrong", "good"),
    [
        (None, True, False, "", "do not end; links are signed anew"),
        (None, True, True, "", "a link lives 7 days at most"),
        (60, True, False, "", "1 h 0 min and are renewed; links are signed anew before"),
        (60, True, True, "", "a link lives no longer than what signed it"),
        (60, False, False, "nobody renews them", ""),
        (60, False, True, "nobody renews them", ""),
    ],
)
def test_what_credentials_mean_for_links(
    minutes: int | None, renewed: bool, embedded: bool, wrong: str, good: str
) -> None:
    """By their end, by who renews them, and by the style of links."""
    now = datetime.now(UTC)
    end = None if minutes is None else now + timedelta(minutes=minutes)
    said = credentials.life(end, now, renewed=renewed, embedded=embedded)
    assert wrong in said[0]
    assert good in said[1]
    assert bool(said[0]) == bool(wrong)


def test_both_tokens_are_of_one_app() -> None:
    """An app-level token names its app."""
    assert same_app("xapp-1-A07NB6X2R4T-1-2", "A07NB6X2R4T").verdict is Verdict.OK
    other = same_app("xapp-1-A00000000-1-2", "A07NB6X2R4T")
    assert other.verdict is Verdict.BAD
    assert "another" in other.result


def test_the_manifest_lacks_nothing_that_it_says() -> None:
    """And whatever is taken from it is missed."""
    assert differences(MANIFEST, socket_mode=True) == []
    found = " ".join(differences({}, socket_mode=True))
    for missed in ("/upload-link", "Ask for a file here", "home_tab", "interactivity", "app_home"):
        assert missed in found


@pytest.mark.parametrize("status", ["CREATING", "DELETING"])
def test_an_index_that_is_not_ready(status: str) -> None:
    """It is there, and of no use yet."""
    shelf = {"IndexName": "shelf", "KeySchema": keys("shelf", "made_at"), "IndexStatus": status}
    clock = {"IndexName": "clock", "KeySchema": keys("clock", "made_at")}
    found = list(table.indexes({"GlobalSecondaryIndexes": [shelf, clock]}))
    assert status in found[0].result
    assert "its key is clock, made_at" in found[1].result


def keys(*names: str) -> list[dict[str, str]]:
    return [{"AttributeName": name} for name in names]


def test_a_policy_may_say_it_otherwise() -> None:
    """Another name, another partition, more than is needed; but not for fewer people or keys."""
    tls = {
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": ["s3:*"],
        "Resource": ["arn:aws-cn:s3:::b", "arn:aws-cn:s3:::b/*"],
        "Condition": {"Bool": {"AWS:SecureTransport": ["false"]}},
    }

    def missing(**change: object) -> bool:
        return policies.missing_rules(json.dumps({"Statement": tls | change}), "b")["tls"]

    assert not missing()
    for change in (
        {"Effect": "Allow"},
        {"Principal": {"AWS": "arn:aws:iam::1:user/x"}},
        {"Action": "s3:GetObject"},
        {"Resource": "arn:aws:s3:::b/some/*"},
        {"Resource": "arn:aws:s3:::other/*"},
        {"Condition": {"Bool": {"aws:SecureTransport": "true"}}},
        {"Condition": {}},
    ):
        assert missing(**change), change
